"""Where things are under `SUANZHANG_HOME`. Paths only: nothing here reads or writes."""

import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.errors import WrongUse

PERIOD = re.compile(r"(20|21)[0-9]{2}-(0[1-9]|1[0-2])")
BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
"""Billing periods, business days and received days are days of this zone (domain.md)."""


@dataclass(frozen=True)
class Home:
    """The one folder that a run writes to."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """The home that `SUANZHANG_HOME` names, by default `./var`. Raises WrongUse for a pattern or a file."""
        root = Path(os.environ.get("SUANZHANG_HOME") or "var").absolute()
        if set(str(root)) & set("*?[]"):
            raise WrongUse(f"SUANZHANG_HOME is {root}: choose a path without * ? [ ].")
        if root.exists() and not root.is_dir():
            raise WrongUse(f"SUANZHANG_HOME is {root}, which is not a folder: name another.")
        return cls(root)

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def transports(self) -> Path:
        return self.root / "transports"

    @property
    def objects(self) -> Path:
        return self.root / "landing" / "objects"

    @property
    def log(self) -> Path:
        return self.root / "landing" / "log"

    @property
    def bronze(self) -> Path:
        return self.root / "bronze"

    @property
    def stats(self) -> Path:
        return self.root / "bronze" / "_stats"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def close_packs(self) -> Path:
        """What was closed, by period; written once."""
        return self.published / "close_packs"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def simulated(self) -> Path:
        return self.root / "simulated"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    def object(self, content_sha256: str) -> Path:
        """The landed bytes with this sha256."""
        return self.objects / content_sha256[:2] / content_sha256


def business_day(at: datetime) -> date:
    """The Asia/Shanghai day in which the instant `at` (with zone) lies."""
    return at.astimezone(BUSINESS_ZONE).date()


def day_start(day: date) -> datetime:
    """The instant (UTC) at which a business day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=BUSINESS_ZONE).astimezone(UTC)


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def month_bounds(period: str) -> tuple[date, date]:
    """First day of the billing period `YYYY-MM` and first day of the next. Raises WrongUse on any other text."""
    if not PERIOD.fullmatch(period):
        raise WrongUse(f"'{period}' is no billing period: write YYYY-MM, like 2026-10.")
    first = date(int(period[:4]), int(period[5:]), 1)
    return first, (first + timedelta(days=32)).replace(day=1)
