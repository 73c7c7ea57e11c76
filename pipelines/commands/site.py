"""`suanzhang site`: a new site's folder, and what a site should know before its first day."""

from pathlib import Path

import click

from pipelines.commands.common import instant, show
from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.onboarding.folder import USUAL_FEEDS, sample_files, site_document, write_site
from pipelines.words import plain

MARKS = {"ok": "✓", "remark": "!", "problem": "✗"}


@click.group(epilog="Example: suanzhang site check hami jobs.psv")
def site() -> None:
    """Prepare a new site: write its folder, look at its files before they are sent."""


@site.command(
    epilog="Example: suanzhang site new luoyang --name-en 'Luoyang pole' --name-zh 洛阳算力节点 --kind ai_centre "
    "--region luoyang --operator 洛阳 --partition gpu:gpu:intelligent:nvidia-a800-80g"
)
@click.argument("site_id")
@click.option("--name-en", prompt="Name in English", help="Name in English.")
@click.option("--name-zh", prompt="Name in Chinese", help="Name in Chinese.")
@click.option("--kind", prompt=True, type=click.Choice(list(USUAL_FEEDS)), help="What kind of place it is.")
@click.option("--region", prompt=True, help="Region of the network, such as zhengzhou.")
@click.option("--operator", prompt=True, help="Who runs it.")
@click.option("--city", help="City, if it is in one.")
@click.option("--province", help="Province.")
@click.option("--time-zone", default="Asia/Shanghai", show_default=True, help="Zone of its clocks.")
@click.option("--currency", default="CNY", show_default=True, help="Currency of its prices.")
@click.option("--provider-party", help="Party that owns it; by default party-SITE_ID.")
@click.option("--operator-party", default="party-zhengsuan", show_default=True, help="Party that runs it.")
@click.option(
    "--partition",
    "partitions",
    multiple=True,
    metavar="NAME:POOL:CLASS[:MODEL]",
    help="A scheduler's partition.",
)
@click.option(
    "--feed",
    "feeds",
    multiple=True,
    metavar="DATASET:FORMAT",
    help="What it sends; by default what its kind usually does.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of sites; by default pipelines/sites.",
)
def new(site_id: str, into: Path | None, **answers: object) -> None:
    """Write a site's folder from flags; what is missing is asked for."""
    folder = write_site(site_document(site_id, **answers), into)  # type: ignore[arg-type]
    click.echo(
        f"Wrote {folder / 'site.yaml'}. Put a day's files in {folder / 'sample'}, named by their datasets, then:"
    )
    more = f"SUANZHANG_SITES={into} " if into else ""
    click.echo(f"  {more}suanzhang site check {site_id}")


@site.command(epilog="Example: suanzhang site check hami jobs.psv meters.csv")
@click.argument("site_id")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dataset", help="Which dataset the files are for, where neither name nor content says it.")
@click.option("--at", "moment", help="The instant to look from, ISO 8601; by default now.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(
    site_id: str, files: tuple[Path, ...], dataset: str | None, moment: str | None, as_json: bool
) -> int:
    """Look at a site's files (by default its samples) without landing them: what a first day would bring.

    Exit status 1 if something would be lost or could not be billed.
    """
    from pipelines.arrivals import require_dataset
    from pipelines.onboarding.accounts import owned_accounts
    from pipelines.onboarding.examination import as_dict, examine
    from pipelines.sites_config import load_sources

    sources = load_sources()
    if site_id not in sources:
        raise WrongUse(f"There is no site '{site_id}'. Sites: {', '.join(sources)}.")
    if dataset:
        require_dataset(dataset)
    paths = files or sample_files(site_id)
    if not paths:
        raise Finding(f"{site_id} has no sample files: name files, or put some in its folder's `sample`.")
    owned = owned_accounts(Home.from_environment(), site_id)
    results = [examine(path, sources[site_id], dataset, owned, instant(moment)) for path in paths]
    if as_json:
        show([as_dict(each) for each in results])
    else:
        for each in results:
            click.echo(f"{plain(each.file)}: {each.dataset or '?'} · {each.format or '?'} · {each.verdict}")
            for remark in each.remarks:
                click.echo(
                    f"  {MARKS[remark.level]} {plain(remark.topic)}: {plain(remark.en)} {plain(remark.zh)}"
                )
    return 1 if any(each.verdict == "problems" for each in results) else 0


@site.command(epilog="Example: suanzhang site formats prometheus_text")
@click.argument("names", nargs=-1)
def formats(names: tuple[str, ...]) -> None:
    """List the wire formats: what each reads, for which datasets, and its options."""
    from pipelines.formats import FORMATS, described

    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise WrongUse(f"There is no format '{unknown[0]}'. Formats: {', '.join(FORMATS)}.")
    for name in names or FORMATS:
        click.echo(f"{name} → {', '.join(FORMATS[name].datasets)}")
        if names:
            click.echo(f"\n{described(name)}\n")
            for option, meaning in FORMATS[name].options.items():
                click.echo(f"  --option {option}=…  {meaning}")
        else:
            click.echo(f"    {described(name).splitlines()[0]}")
