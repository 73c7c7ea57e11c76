"""`suanzhang quarantine`: what was rejected and why; a replay after a correction."""

from pathlib import Path

import click

from pipelines.commands.common import instant, say
from pipelines.errors import Finding, WrongUse
from pipelines.home import Home
from pipelines.words import plain


@click.group(epilog="Example: suanzhang quarantine list")
def quarantine() -> None:
    """See what was rejected and why; replay it after a contract or a format was corrected."""


@quarantine.command("list", epilog="Example: suanzhang quarantine list --source nscc-zz")
@click.option("--source", "source_id", help="Of this source only.")
@click.option("--dataset", help="Of this dataset only.")
def list_(source_id: str | None, dataset: str | None) -> None:
    """Count rejected rows by source, dataset and reason."""
    import polars as pl

    from pipelines.quarantine import rejected, with_reasons

    home = Home.from_environment()
    rows = with_reasons(rejected(home), home)
    for column, value in (("source_id", source_id), ("dataset", dataset)):
        rows = rows.filter(pl.col(column) == value) if value else rows
    counted = rows.group_by("source_id", "dataset", "rules", "reason_en", "reason_zh").len("rows").collect()
    for source, name, rules, en, zh, count in counted.sort("source_id", "dataset", "rules").iter_rows():
        click.echo(f"{source:14} {name:20} {count:>8,}  {rules}\n{'':45}{en}\n{'':45}{zh}")
    click.echo(f"{counted['rows'].sum():,} rejected rows in all.")


@quarantine.command(epilog="Example: suanzhang quarantine show 3f0c2a --limit 5")
@click.argument("landing")
@click.option("--limit", default=20, show_default=True, help="How many rows.")
def show(landing: str, limit: int) -> None:
    """Show a landing's rejected rows as they were sent, each with its reasons."""
    from pipelines.landing import read_events, resolve
    from pipelines.quarantine import rejected, with_reasons

    home = Home.from_environment()
    receipt = resolve(read_events(home), landing)
    rows = with_reasons(rejected(home, [receipt.landing_id]), home).sort("landing_row").collect()
    for row in rows.head(limit).iter_rows(named=True):
        if not row["landing_row"]:
            click.echo(f"the file as a whole: {plain(row['raw'])}")
            continue
        click.echo(
            f"row {row['landing_row']}: {row['reason_en']} {row['reason_zh']}\n    {plain(row['raw'])}"
        )
    click.echo(f"{rows.height:,} rejected rows in {plain(receipt.name)} (landing {receipt.landing_id}).")


@quarantine.command(epilog="Example: suanzhang quarantine replay --dataset job_records")
@click.option("--landing", help="Of this landing only.")
@click.option("--dataset", help="Of this dataset only.")
@click.option("--received-at", help="When the correction was known, ISO 8601; by default now.")
def replay(landing: str | None, dataset: str | None, received_at: str | None) -> None:
    """Read quarantined rows again under the present contracts; those that pass now are known from now on."""
    from pipelines.quarantine import replay as read_again
    from pipelines.sites_config import load_sources

    events = read_again(Home.from_environment(), load_sources(), instant(received_at), landing, dataset)
    click.echo(f"{sum(len(event.rows) for event in events):,} rows of {len(events)} landings are released.")
    say("Next: suanzhang materialize")


@quarantine.command(epilog="Example: suanzhang quarantine export --out rejected.csv")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The CSV to write."
)
@click.option("--source", "source_id", help="Of this source only.")
def export(out: Path, source_id: str | None) -> None:
    """Write rejected rows with their reasons as CSV, for the sender."""
    import polars as pl

    from pipelines.certificates.rejected import inert
    from pipelines.quarantine import rejected, with_reasons

    home = Home.from_environment()
    rows = with_reasons(rejected(home), home)
    frame = (rows.filter(pl.col("source_id") == source_id) if source_id else rows).collect()
    if frame.is_empty():
        raise Finding(
            f"Nothing {'of ' + source_id + ' ' if source_id else ''}is in quarantine: no file was written."
        )
    if not out.absolute().parent.is_dir():
        raise WrongUse(f"There is no folder {out.absolute().parent} to write to.")
    safe = frame.with_columns(pl.col("raw").map_elements(inert, return_dtype=pl.String))
    safe.write_csv(out, include_bom=True)
    click.echo(f"{frame.height:,} rows in {out}")
