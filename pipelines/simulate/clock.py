"""Time for the simulation: epoch seconds, business days (Asia/Shanghai) and local wall clocks as senders write them.

Only arithmetic on integers and `datetime`; the wall clock of the machine is never read.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI_OFFSET = 8 * 3600
HOUR = 3600
DAY = 86400
EPOCH = date(1970, 1, 1)


def day_start(day: date) -> int:
    """The instant (epoch seconds) at which business day `day` begins."""
    return (day - EPOCH).days * DAY - SHANGHAI_OFFSET


def day_number(instant: int) -> int:
    """The business day of an instant, as days since 1970-01-01."""
    return (instant + SHANGHAI_OFFSET) // DAY


def number_start(number: int) -> int:
    """The instant at which the business day with that number begins."""
    return number * DAY - SHANGHAI_OFFSET


@lru_cache(maxsize=8192)
def day_of_number(number: int) -> date:
    """The business day with that number."""
    return EPOCH + timedelta(days=number)


@lru_cache(maxsize=8192)
def day_text(number: int) -> str:
    """The business day with that number, as YYYY-MM-DD."""
    return day_of_number(number).isoformat()


def business_day(instant: int) -> date:
    """The business day of an instant."""
    return day_of_number(day_number(instant))


def days_between(first: date, last: date) -> list[date]:
    """The days from `first` to `last`, both included."""
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


@lru_cache(maxsize=65536)
def utc_text(instant: int) -> str:
    """An instant as ISO 8601 in UTC with `Z`."""
    number, rest = divmod(instant, DAY)
    return f"{day_text(number)}T{rest // HOUR:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}Z"


@lru_cache(maxsize=65536)
def utc_seconds(text: str) -> int:
    """The instant that `utc_text` wrote."""
    return int(datetime.fromisoformat(text).timestamp())


@lru_cache(maxsize=65536)
def _offset(zone: str, quarter: int) -> int:
    """The zone's offset in seconds during a quarter of an hour since the epoch (offsets change on quarters)."""
    offset = datetime.fromtimestamp(quarter * 900, ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def local_text(instant: int, zone: str, separator: str = "T") -> str:
    """An instant as a sender in `zone` writes it: local, without offset, to the second."""
    number, rest = divmod(instant + _offset(zone, instant // 900), DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, seconds = divmod(rest, 60)
    return f"{day_text(number)}{separator}{hours:02d}:{minutes:02d}:{seconds:02d}"


def duration_text(seconds: int) -> str:
    """A duration as Slurm writes it: [D-]HH:MM:SS."""
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, 60)
    clock = f"{hours:02d}:{minutes:02d}:{rest:02d}"
    return f"{days}-{clock}" if days else clock


def month_start(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month after that of `day`."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
