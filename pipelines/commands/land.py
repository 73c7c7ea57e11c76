"""`suanzhang land`: a delivery arrives."""

from pathlib import Path

import click

from pipelines.commands.common import instant, say, show
from pipelines.errors import WrongUse
from pipelines.home import Home


@click.command(
    epilog="Example: suanzhang land --source nscc-zz --dataset job_records --format slurm_sacct jobs.psv"
)
@click.option(
    "--source", "--site", "source_id", required=True, help="Who sends it: a site or another source."
)
@click.option("--dataset", required=True, help="Which dataset it is for.")
@click.option("--format", "format_name", help="How to read it; by default as the source's feed says.")
@click.option("--columns", help="The file's columns, comma separated, where it has no header.")
@click.option(
    "--option", "options", multiple=True, metavar="K=V", help="An option of the format; may be repeated."
)
@click.option("--received-at", help="When it was received, ISO 8601; by default now.")
@click.option("--replaces", metavar="LANDING", help="The landing that it takes the place of.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def land(
    source_id: str,
    dataset: str,
    format_name: str | None,
    columns: str | None,
    options: tuple[str, ...],
    received_at: str | None,
    replaces: str | None,
    as_json: bool,
    files: tuple[Path, ...],
) -> int:
    """Take a delivery: store the bytes with a receipt, read them, and say what became of every record.

    Exit status 1 if something was rejected; `suanzhang quarantine show` has each row and why.
    """
    from pipelines.deliver import deliver

    given = dict(_option(each) for each in options)
    if columns:
        given["columns"] = columns
    if replaces and len(files) > 1:
        raise WrongUse("--replaces goes with one file.")
    for path in files:
        if not path.is_file():
            raise WrongUse(
                f"{path} is {'a folder, not a file' if path.is_dir() else 'not there'}. Nothing was landed."
            )
    results = [
        deliver(
            Home.from_environment(),
            path,
            source_id=source_id,
            dataset=dataset,
            format_name=format_name,
            options=given,
            received_at=instant(received_at),
            replaces=replaces,
        )
        for path in files
    ]
    if as_json:
        show([result.as_dict() for result in results])
    else:
        for result in results:
            click.echo(result.text())
        say("Next: suanzhang materialize")
    return 1 if any(result.ingest.quarantined for result in results) else 0


def _option(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise WrongUse(f"--option takes K=V, not '{text}'.")
    return key, value
