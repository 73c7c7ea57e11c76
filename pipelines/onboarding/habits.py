"""What the rows of a new site show that no single row does: its clock, its cards, its accounts, what a bill would lack.

Pure functions over accepted rows. Each remark is ok, a remark, or a problem that would cost somebody money.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import polars as pl

from data_contracts.contract import Contract
from pipelines.sites_config import Source

Level = Literal["ok", "remark", "problem"]
CLOCK_SLACK = timedelta(minutes=10)
ENOUGH_ROWS = 200
"""Fewer submissions than these say nothing of working hours."""
NIGHT, WORKING_HOURS = range(6), range(9, 16)
SHOWN = 5
BILLED_BY = {
    "job_records": ("account", "start_time", "elapsed_s", "cpu_cores", "accelerators"),
    "instance_records": ("account", "vcpus", "accelerator_milli"),
    "storage_records": ("account", "used_bytes"),
    "network_usage": ("account", "bytes_out"),
    "cloud_charges": ("billed_cost", "billing_currency", "tax_included"),
}
"""What a charge is made of, by dataset: where it is unknown, nothing can be charged."""
SUBMITTED = {"job_records": "submit_time", "dispatch_orders": "requested_at"}


@dataclass(frozen=True)
class Remark:
    """One thing to know, in English and Chinese, and the topic that it is about."""

    level: Level
    topic: str
    en: str
    zh: str


def remarks(
    rows: pl.DataFrame, contract: Contract, source: Source, mapped: pl.DataFrame | None, now: datetime
) -> Iterator[Remark]:
    """All that is remarkable in the accepted rows of one file.

    `mapped` has account, valid_from and valid_to (dates) of the site's accounts; None where nobody says who owns them.
    """
    if rows.is_empty():
        return
    yield from _clock(rows, contract, source, now)
    if contract.name == "job_records":
        yield from _cards(rows, source)
        yield from _partitions(rows, source)
    if contract.name == "instance_records":
        yield from _instances(rows, source)
    yield from _lacking(rows, contract)
    if "account" in contract.column_names and contract.name in BILLED_BY:
        yield from _accounts(rows, mapped)


def _clock(rows: pl.DataFrame, contract: Contract, source: Source, now: datetime) -> Iterator[Remark]:
    """Whether the zone is plausible: nothing lies in the future, and people work by day."""
    newest = [
        (name, value)
        for name in contract.column_names
        if contract.column(name).type == "timestamp" and name not in {"valid_from", "valid_to"}
        if isinstance(value := rows[name].max(), datetime)
    ]
    if not newest:
        return
    late = [(name, value) for name, value in newest if value > now + CLOCK_SLACK]
    if late:
        name, value = max(late, key=lambda each: each[1])
        yield Remark(
            "problem",
            "zone",
            f"{name} reaches {value:%Y-%m-%d %H:%M} UTC, which is still to come: is the zone {source.time_zone}?",
            f"{name} 最晚为 {value:%Y-%m-%d %H:%M} UTC，尚未到来：时区确为 {source.time_zone} 吗？",
        )
    submitted = SUBMITTED.get(contract.name)
    if submitted and _works_by_night(rows[submitted], source.time_zone):
        yield Remark(
            "remark",
            "zone",
            f"Far more is submitted by night than by day in {source.time_zone}: is the zone right?",
            f"按 {source.time_zone}，夜间提交远多于白天：时区是否正确？",
        )
    elif not late:
        yield Remark(
            "ok",
            "zone",
            f"The times are plausible in {source.time_zone}.",
            f"时间在 {source.time_zone} 下合理。",
        )


def _works_by_night(times: pl.Series, zone: str) -> bool:
    """Whether an hour of the night has over twice the submissions of a working hour; False for too few rows."""
    hours = times.drop_nulls().dt.convert_time_zone(zone).dt.hour()
    night, day = (
        hours.is_in([*NIGHT]).sum() / len(NIGHT),
        hours.is_in([*WORKING_HOURS]).sum() / len(WORKING_HOURS),
    )
    return len(hours) >= ENOUGH_ROWS and night > 2 * day


def _cards(rows: pl.DataFrame, source: Source) -> Iterator[Remark]:
    """Whether jobs in partitions with cards say how many they held."""
    equipped = [each.partition for each in source.partitions if each.accelerator_model]
    ran = rows.filter(pl.col("partition").is_in(equipped) & (pl.col("elapsed_s") > 0))
    if ran.is_empty():
        return
    unknown, none = int(ran["accelerators"].is_null().sum()), int((ran["accelerators"] == 0).sum())
    if unknown + none == ran.height:
        yield Remark(
            "problem",
            "accelerators",
            f"None of {ran.height:,} jobs in partitions with cards says how many it held: does the scheduler account "
            "for gres/gpu (AccountingStorageTRES), and is AllocTRES among the columns?",
            f"加速卡分区中的 {ran.height:,} 个作业均未给出卡数：调度系统是否记录 gres/gpu（AccountingStorageTRES），"
            "列中是否含 AllocTRES？",
        )
    elif unknown:
        yield Remark(
            "remark",
            "accelerators",
            f"{unknown:,} of {ran.height:,} jobs in partitions with cards do not say how many they held.",
            f"加速卡分区的 {ran.height:,} 个作业中有 {unknown:,} 个未给出卡数。",
        )
    else:
        yield Remark("ok", "accelerators", "Jobs say how many cards they held.", "作业给出了占用的卡数。")


def _partitions(rows: pl.DataFrame, source: Source) -> Iterator[Remark]:
    """Partitions that site.yaml does not know: their usage would have no class and no pool."""
    configured = [each.partition for each in source.partitions]
    strange = rows.filter(~pl.col("partition").is_in(configured))["partition"].unique().drop_nulls().sort()
    if len(strange):
        names = ", ".join(strange.head(SHOWN)) + (", …" if len(strange) > SHOWN else "")
        yield Remark(
            "problem",
            "partitions",
            f"site.yaml does not know these partitions: {names}.",
            f"site.yaml 中没有这些分区：{names}。",
        )


def _instances(rows: pl.DataFrame, source: Source) -> Iterator[Remark]:
    """Nodes and flavors for which site.yaml has no rule: the class of their usage follows from its cards alone."""
    places = (
        rows.filter(pl.col("state") != "PENDING")
        .select("node", "flavor")
        .unique()
        .sort("node", "flavor")
        .rows()
    )
    strange = [
        node or flavor or "?"
        for node, flavor in places
        if not any(rule.fits(node, flavor) for rule in source.instances)
    ]
    if strange:
        names = ", ".join(strange[:SHOWN]) + (", …" if len(strange) > SHOWN else "")
        yield Remark(
            "remark",
            "instances",
            f"site.yaml (instances) has no rule for {len(strange):,} of {len(places):,} nodes and flavors: {names}.",
            f"site.yaml（instances）未覆盖 {len(places):,} 个主机与规格中的 {len(strange):,} 个：{names}。",
        )
    elif places:
        yield Remark(
            "ok", "instances", "Every node has a pool and a class.", "所有主机均有资源池和算力类型。"
        )


def _lacking(rows: pl.DataFrame, contract: Contract) -> Iterator[Remark]:
    """Columns without which a row cannot be billed; a job that never ran has nothing to bill."""
    if contract.name == "job_records":
        rows = rows.filter(pl.col("elapsed_s").is_null() | (pl.col("elapsed_s") > 0))
    for name in BILLED_BY.get(contract.name, ()):
        missing = rows[name].null_count()
        if missing:
            column = contract.column(name)
            level: Level = "problem" if missing == rows.height else "remark"
            share = f"{missing:,} of {rows.height:,} rows"
            yield Remark(
                level,
                name,
                f"{column.name_en} ({name}) is unknown in {share}: they cannot be billed by it.",
                f"{rows.height:,} 行中有 {missing:,} 行未给出{column.name_zh}（{name}），无法据此计费。",
            )


def _accounts(rows: pl.DataFrame, mapped: pl.DataFrame | None) -> Iterator[Remark]:
    """Accounts that nobody owns: their usage would stand unattributed."""
    if mapped is None:
        yield Remark(
            "remark",
            "accounts",
            "Nobody has said yet who owns this site's accounts (tenant_accounts): all usage would be unattributed.",
            "尚无本节点的租户账号对应（tenant_accounts）：全部用量将无人认领。",
        )
        return
    sent = rows["account"].drop_nulls()
    unowned = sent.filter(~sent.is_in(mapped["account"].unique().implode()))
    if len(unowned):
        names = unowned.value_counts(sort=True)["account"].head(SHOWN).to_list()
        said = ", ".join(names) + (", …" if unowned.n_unique() > SHOWN else "")
        yield Remark(
            "remark",
            "accounts",
            f"{unowned.n_unique():,} accounts in {len(unowned):,} rows belong to nobody: {said}.",
            f"{len(unowned):,} 行中的 {unowned.n_unique():,} 个账号无人认领：{said}。",
        )
    else:
        yield Remark("ok", "accounts", "Every account belongs to a tenant.", "所有账号均有所属租户。")
