"""One instant from one text, for formats that read documents: ISO 8601, or epoch seconds."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)
_NOTHING = {None, "", "None", "null", "0001-01-01T00:00:00Z"}
_YEARS = range(1900, 2200)


def instant(text: str | None) -> tuple[datetime | None, bool]:
    """A time in UTC (without an offset it is taken as UTC), and False if the text is none; nothing sent is no time.

    Nothing is also Go's zero time. Years outside 1900 to 2199 are no times of records.
    """
    if text is None or text in _NOTHING:
        return None, True
    try:
        if _SECONDS.fullmatch(text):
            found = _EPOCH + timedelta(microseconds=int(Decimal(text) * 1_000_000))
        else:
            found = datetime.fromisoformat(text.strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, ArithmeticError):
        return None, False
    return (found, True) if found.year in _YEARS else (None, False)
