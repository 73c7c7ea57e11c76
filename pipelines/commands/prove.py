"""`suanzhang prove`: a charge of a closed period is proved, down to the records that it rests on."""

from pathlib import Path

import click

from pipelines.commands.common import show
from pipelines.home import Home


@click.command(epilog="Example: suanzhang prove 1c0f6d0e8a9b4c5d6e7f8091a2b3c4d5 --pack close_packs/2026-10")
@click.argument("charge_id")
@click.option(
    "--pack",
    type=click.Path(file_okay=False, path_type=Path),
    help="The pack's folder: it alone is read, and no home is needed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the proof as JSON, with leaves and audit paths.")
def prove(charge_id: str, pack: Path | None, as_json: bool) -> None:
    """Prove a charge of a closed period: what was charged, of which records, on which line, under which root.

    Without --pack, the home's pack is also held against the ledger, and each record against bronze and the delivered
    bytes. Exit status 1 if anything in the pack is not as it was closed.
    """
    from pipelines.closing import proving

    proof = proving.prove(charge_id, pack, None if pack else Home.from_environment())
    if as_json:
        show(proving.as_dict(proof))
    else:
        click.echo(proving.text_of(proof))
