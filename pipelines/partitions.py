"""The partitions that Dagster shows: received days, business days, billing periods, all of Asia/Shanghai.

Each ends one later than the clock, so that today and the open month are known keys.
"""

from collections.abc import Collection
from datetime import date, timedelta

import dagster as dg

from data_contracts.contract import Contract

FIRST_DAY = "2010-01-01"
ZONE = "Asia/Shanghai"

received_days = dg.DailyPartitionsDefinition(start_date=FIRST_DAY, timezone=ZONE, end_offset=1)
business_days = dg.DailyPartitionsDefinition(start_date=FIRST_DAY, timezone=ZONE, end_offset=1)
billing_periods = dg.MonthlyPartitionsDefinition(start_date=FIRST_DAY, timezone=ZONE, end_offset=1)

DAY_COLUMNS = {
    "day": "{}",
    "hour": f"cast(timezone('{ZONE}', {{}}) as date)",
    "as_of": "{}",
    "received_day": "{}",
}
PERIOD_COLUMNS = {"period": "cast({} || '-01' as date)", "billing_period": "cast({} || '-01' as date)"}
PARTITION_KEYS = {**DAY_COLUMNS, **PERIOD_COLUMNS}
"""The columns that say which partition a row belongs to, and how, in DuckDB's words; the first that a table has."""


def partitions_of(contract: Contract) -> dg.PartitionsDefinition | None:
    """How a published table is partitioned, from its contract: by day where it has one, else by period, else not."""
    names = set(contract.column_names)
    if names & DAY_COLUMNS.keys():
        return business_days
    return billing_periods if names & PERIOD_COLUMNS.keys() else None


def days_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> list[date]:
    """The days of a run's partition or range of partitions."""
    return [date.fromisoformat(key) for key in context.partition_keys]


def known_days(days: Collection[date]) -> list[date]:
    """Those of some days that are partitions: others are shown in the tables, but not in the UI."""
    last = date.fromisoformat(business_days.get_last_partition_key() or FIRST_DAY)
    return [day for day in sorted(days) if date.fromisoformat(FIRST_DAY) <= day <= last]


def consecutive(days: Collection[date]) -> list[tuple[date, date]]:
    """Days as spans without gaps: first and last of each."""
    spans: list[tuple[date, date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans
