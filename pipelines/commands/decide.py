"""`suanzhang decide`: a decision is recorded in the ledger, with who, when and why."""

from collections.abc import Callable
from typing import Any

import click

from pipelines.commands.common import instant, say, show
from pipelines.home import Home


def recorded(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every decision and every act in a dispute has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        click.option("--at", help="When, ISO 8601; by default now."),
        click.option("--reason", required=True, help="Why, in a sentence: it is kept."),
        click.option("--by", required=True, help="Who acts."),
    ):
        command = option(command)
    return command


ACCEPTS = click.option("--accept/--refuse", "accept", required=True, help="What is decided.")


@click.group(
    epilog="Example: suanzhang decide late-tariff nscc-2026 v2 --accept --by 'Wang Fang' --reason 'agreed on 3 Nov'"
)
def decide() -> None:
    """Record a decision in the ledger: append-only, chained, published in the table decisions."""


@decide.command(
    "late-tariff",
    epilog="Example: suanzhang decide late-tariff nscc-2026 v2 --refuse --by 'Wang Fang' --reason 'not agreed'",
)
@click.argument("tariff")
@click.argument("version")
@ACCEPTS
@recorded
def late_tariff(
    tariff: str, version: str, accept: bool, by: str, reason: str, at: str | None, as_json: bool
) -> None:
    """Accept or refuse a tariff version that arrived after the close of a period that it touches.

    Without a decision it is refused: it holds from the next open period only. Accepted, it prices the closed period
    too, and the difference is booked in an open one.
    """
    from pipelines.closing.recording import decide_tariff

    outcome = "accepted" if accept else "refused"
    row = decide_tariff(Home.from_environment(), tariff, version, outcome, by, reason, instant(at))
    _tell(row, f"Version {version} of tariff {tariff} is {outcome} in closed periods", as_json)


@decide.command(
    epilog="Example: suanzhang decide incomplete 2026-10 nscc-zz job_records --accept --by 'Wang Fang' "
    "--reason 'seven records are lost for good'"
)
@click.argument("period", metavar="YYYY-MM")
@click.argument("source")
@click.argument("dataset")
@ACCEPTS
@recorded
def incomplete(
    period: str, source: str, dataset: str, accept: bool, by: str, reason: str, at: str | None, as_json: bool
) -> None:
    """Accept or refuse to close a period without all that a feed declared."""
    from pipelines.closing.recording import decide_incomplete

    outcome = "accepted" if accept else "refused"
    home = Home.from_environment()
    row = decide_incomplete(home, period, source, dataset, outcome, by, reason, instant(at))
    _tell(row, f"That {dataset} of {source} is incomplete in {period} is {outcome}", as_json)


@decide.command(
    epilog="Example: suanzhang decide note --by 'Wang Fang' --reason 'auditors were here on 12 Nov'"
)
@recorded
def note(by: str, reason: str, at: str | None, as_json: bool) -> None:
    """Record a note: free text that stays."""
    from pipelines.closing.recording import decide as record

    _tell(record(Home.from_environment(), "note", by, reason, instant(at)), "A note is recorded", as_json)


@decide.command("list", epilog="Example: suanzhang decide list")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def list_(as_json: bool) -> int:
    """List the decisions, and the tariffs that arrived late; exit status 1 if one of these is undecided."""
    from pipelines import ledger, ledger_acts
    from pipelines.late_tariffs import late

    home = Home.from_environment()
    rows, tariffs = ledger_acts.decisions(ledger.entries(home)), late(home)
    undecided = [each for each in tariffs if each.outcome == "undecided"]
    if as_json:
        show({"decisions": rows, "late_tariffs": [vars(each) for each in tariffs]})
        return 1 if undecided else 0
    for row in rows:
        about = " ".join(str(row[name]) for name in ABOUT if row.get(name))
        what = " ".join(each for each in (row["kind"], about, row.get("outcome")) if each)
        click.echo(
            f"{row['entry_no']:>4} {row['decided_at']:%Y-%m-%d %H:%M}Z {row['decided_by']}: {what}: {row['reason']}"
        )
    for each in undecided:
        click.echo(
            f"   ! tariff {each.tariff_id} {each.version} came after the close of {each.period}: refused, undecided"
        )
    click.echo(f"{len(rows)} decisions; {len(undecided)} late tariffs undecided.")
    return 1 if undecided else 0


ABOUT = ("tariff_id", "tariff_version", "period", "source_id", "dataset")


def _tell(row: dict[str, Any], sentence: str, as_json: bool) -> None:
    if as_json:
        show(row)
    else:
        click.echo(
            f"{sentence}: decision {row['decision_id']}, by {row['decided_by']}, entry {row['entry_no']}."
        )
    say("Next: suanzhang materialize")
