"""`suanzhang withdraw`: a delivery is taken back."""

import click

from pipelines.commands.common import instant, say
from pipelines.errors import WrongUse
from pipelines.home import Home


@click.command(epilog='Example: suanzhang withdraw 3f0c2a --reason "sent to the wrong network"')
@click.argument("landing")
@click.option("--reason", required=True, help="Why, in a sentence: it is kept.")
@click.option("--received-at", help="When this was known, ISO 8601; by default now.")
def withdraw(landing: str, reason: str, received_at: str | None) -> None:
    """Take a delivery back: from now on its rows count for nothing. Its bytes stay."""
    from pipelines.landing import withdraw as take_back

    if not reason.strip():
        raise WrongUse("--reason is empty: say in a sentence why the delivery is taken back.")
    event = take_back(Home.from_environment(), landing, reason, instant(received_at))
    click.echo(f"Landing {event.landing_id} of {event.source_id} ({event.dataset}) is withdrawn: {reason}")
    say("Next: suanzhang materialize")
