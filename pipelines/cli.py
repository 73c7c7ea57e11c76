"""The command line `suanzhang`: finds the command, runs it, and turns what went wrong into one sentence and a status.

Exit status: 0 done, 1 findings, 2 wrong use. Commands live in `pipelines.commands`, each loaded when it is asked for.
"""

import os
import sys
import traceback
from datetime import UTC, datetime
from importlib import import_module

import click

from pipelines.errors import Finding, WrongUse
from pipelines.home import Home

COMMANDS = {
    "run": "Simulate a month of the network and take it all the way to a closed, published month.",
    "simulate": "Write a simulated network's deliveries in their native formats.",
    "land": "Take a delivery: a file from a source.",
    "fetch": "Get what is new from wherever sources have it.",
    "withdraw": "Take a delivery back.",
    "materialize": "Bring everything that is due to a release.",
    "close": "Propose and approve the close of a billing period.",
    "prove": "Prove a charge of a closed period, down to the records that it rests on.",
    "decide": "Record a decision: a late tariff, an incomplete feed, a note.",
    "whatif": "Say what a month would come to under another tariff.",
    "dispute": "Open, settle and list disputes.",
    "sql": "Ask the current release.",
    "serve": "Load the current release into PostgreSQL, for people outside; say who may read it.",
    "releases": "See which releases are kept; delete old ones.",
    "statement": "Write a party's statement of a period as PDF and Excel, drafts too.",
    "report": "Write a regulator's file for a month.",
    "status": "Show freshness, completeness, quarantine; periods and what blocks their close.",
    "quarantine": "See what was rejected and why; replay it after a correction.",
    "certify": "Hold deliveries against their contract again.",
    "site": "Write a new site's folder; look at its files before they are sent.",
    "contracts": "Render, check and compare data contracts.",
}


class Lazy(click.Group):
    """A group whose commands are imported only when one of them is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"pipelines.commands.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="suanzhang", message="suanzhang %(version)s")
def suanzhang() -> None:
    """算账: keeps the books of a computing-power network.

    Everything is kept under SUANZHANG_HOME (./var by default).

    \b
    Example:
      suanzhang land --source nscc-zz --dataset job_records jobs.psv
      suanzhang materialize
      suanzhang sql "select * from utilisation_daily limit 5"
    """


def main() -> None:
    """The entry point: findings end with status 1, wrong use with 2, each in one sentence."""
    try:
        sys.exit(suanzhang.main(standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        _end(_misuse(error), 2)
    except click.Abort:
        _end("Stopped.", 1)
    except Finding as finding:
        _end(str(finding), 1)
    except WrongUse as misuse:
        _end(str(misuse), 2)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _end(f"{where}{error.strerror or error}. Details: {_log(error)}", 1)
    except Exception as error:
        _end(f"This is a bug, not your doing: {type(error).__name__}. Details: {_log(error)}", 1)


def _end(sentence: str, status: int) -> None:
    click.echo(f"suanzhang: {sentence}", err=True)
    sys.exit(status)


def _misuse(error: click.ClickException) -> str:
    """What was wrong with the command line, and where its help is."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "suanzhang"
    return f"{' '.join(error.format_message().split())} See `{path} --help`."


def _log(error: Exception) -> str:
    """Writes the traceback of an unexpected error to the home's logs; returns where, or why it could not."""
    text = "".join(traceback.format_exception(error))
    folder = Home.from_environment().logs
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{' '.join(sys.argv)}\n{text}", encoding="utf-8", errors="backslashreplace")
    except OSError as unwritable:
        return f"(no log could be written: {unwritable.strerror}) {traceback.format_exception_only(error)[-1].strip()}"
    return str(path)
