"""What several commands share: instants as people type them, progress, JSON."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from pipelines.errors import WrongUse
from pipelines.home import BUSINESS_ZONE

EARLIEST, LATEST = 2000, 2100


def instant(text: str | None) -> datetime:
    """An instant from ISO 8601 text, of Asia/Shanghai where it names no zone; now if there is none.

    Raises WrongUse for any other text.
    """
    if text is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text)
        at = (at if at.tzinfo else at.replace(tzinfo=BUSINESS_ZONE)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WrongUse(f"'{text}' is no instant: write it like 2026-11-01T02:30:00+08:00.") from error
    if not EARLIEST <= at.year <= LATEST:
        raise WrongUse(f"'{text}' cannot be meant: instants lie between the years {EARLIEST} and {LATEST}.")
    return at


def say(text: str) -> None:
    """Progress for people, apart from results."""
    click.echo(text, err=True)


def show(value: Any) -> None:
    """A result as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))
