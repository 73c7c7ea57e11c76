"""`suanzhang dispute`: what is disputed of the books, with frozen evidence, and how it was settled."""

import click

from pipelines.commands.common import instant, say, show
from pipelines.commands.decide import recorded
from pipelines.home import Home
from pipelines.words import yuan

OUTCOMES = ("upheld", "partly_upheld", "rejected", "withdrawn")


@click.group(epilog="Example: suanzhang dispute list --open")
def dispute() -> None:
    """Open, settle and list disputes about statement lines and charges; a material one holds up the close."""


@dispute.command(
    "open",
    epilog="Example: suanzhang dispute open 3f0c2a91 --amount 120.50 --by 'Li Ming' --reason 'the job had failed'",
)
@click.argument("line_or_charge")
@click.option("--amount", required=True, help="What is disputed of it, in yuan.")
@recorded
def open_(line_or_charge: str, amount: str, by: str, reason: str, at: str | None, as_json: bool) -> None:
    """Open a dispute about a statement line or a charge: the row as it stands is kept with its hash."""
    from pipelines.closing.recording import fen, open_dispute

    row = open_dispute(Home.from_environment(), line_or_charge, fen(amount), by, reason, instant(at))
    if as_json:
        show(row)
    else:
        holds = f"; it holds up the close of {row['period']}" if row["material"] else ""
        click.echo(f"Dispute {row['dispute_id']} over {yuan(row['amount_fen'])} 元 is open{holds}.")
        click.echo(f"  evidence {row['evidence_sha256']}")
    say("Next: suanzhang materialize")


@dispute.command(
    epilog="Example: suanzhang dispute settle 5be1d9 --outcome rejected --by 'Wang Fang' --reason 'it did run'"
)
@click.argument("dispute_id", metavar="DISPUTE")
@click.option("--outcome", required=True, type=click.Choice(OUTCOMES), help="How it ended.")
@recorded
def settle(dispute_id: str, outcome: str, by: str, reason: str, at: str | None, as_json: bool) -> None:
    """Settle an open dispute. What is to be booked for it comes as data, like any correction."""
    from pipelines.closing.recording import settle_dispute

    row = settle_dispute(Home.from_environment(), dispute_id, outcome, by, reason, instant(at))
    if as_json:
        show(row)
    else:
        click.echo(f"Dispute {row['dispute_id']} is settled by {row['settled_by']}: {row['outcome']}.")
    say("Next: suanzhang materialize")


@dispute.command("list", epilog="Example: suanzhang dispute list --open")
@click.option("--open", "only_open", is_flag=True, help="Only those that are open.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def list_(only_open: bool, as_json: bool) -> int:
    """List disputes; exit status 1 if an open one holds up a close."""
    from pipelines import ledger, ledger_acts

    rows = ledger_acts.disputes(ledger.entries(Home.from_environment()))
    rows = [row for row in rows if row["state"] == "open" or not only_open]
    if as_json:
        show(rows)
    else:
        for row in rows:
            subject = f"charge {row['charge_id']}" if row["charge_id"] else f"line {row['line_id']}"
            ended = f", {row['outcome']} by {row['settled_by']}" if row["state"] == "settled" else ""
            click.echo(
                f"{row['dispute_id'][:8]} {row['period']} {row['state']}{ended}: {yuan(row['amount_fen'])} 元 "
                f"of {subject}, by {row['opened_by']}: {row['reason']}"
            )
        click.echo(f"{len(rows)} disputes.")
    return 1 if any(row["state"] == "open" and row["material"] for row in rows) else 0
