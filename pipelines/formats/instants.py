"""One instant from one text, for formats that read documents: ISO 8601, or epoch seconds."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING = {None, "", "None", "null"}


def instant(text: str | None) -> tuple[datetime | None, bool]:
    """A time in UTC (without an offset it is taken as UTC), and False if the text is none; nothing sent is no time."""
    if text is None or text in _NOTHING:
        return None, True
    try:
        if text[:1].isdigit() and "-" not in text[:5]:
            return _EPOCH + timedelta(microseconds=int(Decimal(text) * 1_000_000)), True
        found = datetime.fromisoformat(text.strip())
        return (found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)), True
    except (ValueError, ArithmeticError):
        return None, False
