"""What a site's file says before it is ever landed: read by its format and held against its contract, in memory.

Nothing is written anywhere. What is remarkable in the rows themselves is `habits`'s matter.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from data_contracts.contract import Contract, contract_names, load_contract
from pipelines.bronze import read_context
from pipelines.conform import Origin, conform, empty_accepted, rule_counts
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from pipelines.onboarding.habits import Remark, remarks
from pipelines.quarantine import reasons
from pipelines.sites_config import Source

HEAD = 1 << 16
MOST_ROWS = 1_000_000
REASONS_SHOWN = 5


@dataclass(frozen=True)
class Examined:
    """One file looked at. `verdict` is ok, remarks or problems; counts are those that landing it would give."""

    file: str
    dataset: str | None
    format: str | None
    rows_in: int = 0
    accepted: int = 0
    rejected: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)
    remarks: Sequence[Remark] = ()

    @property
    def verdict(self) -> Literal["ok", "remarks", "problems"]:
        if any(each.level == "problem" for each in self.remarks):
            return "problems"
        return "remarks" if any(each.level == "remark" for each in self.remarks) else "ok"


def examine(
    path: Path, source: Source, dataset: str | None, owned: pl.DataFrame | None, now: datetime
) -> Examined:
    """Reads a file as its format and contract would; raises OSError if it cannot be opened.

    `owned` are the accounts of `accounts.owned_accounts`.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    formats = [name for name, each in FORMATS.items() if each.sniff(head)]
    chosen, found = _choose(path, source, dataset, formats)
    if chosen is None:
        return Examined(path.name, dataset, None, remarks=found)
    dataset, name = chosen
    contract, options = load_contract(dataset), _options(source, dataset, name)
    tally, batches = Tally(), [empty_accepted(contract)]
    rules: Counter[str] = Counter()
    try:
        for accepted, rejected in _read(path, source, contract, name, options, tally, now):
            batches.append(accepted)
            rules.update(rejected["rules"].to_list())
    except Unreadable as refusal:
        said = Remark(
            "problem", "format", f"No row can be read. {refusal.en}", f"无法读取任何一行。{refusal.zh}"
        )
        return Examined(path.name, dataset, name, remarks=(*found, said))
    rows = pl.concat(batches)
    rejected_rows = sum(rules.values())
    return Examined(
        path.name,
        dataset,
        name,
        rows.height + rejected_rows,
        rows.height,
        rejected_rows,
        dict(tally.set_aside),
        (
            *found,
            *_rejections(dataset, name, rules, rows.height),
            *remarks(rows, contract, source, owned, now),
        ),
    )


def _read(
    path: Path,
    source: Source,
    contract: Contract,
    name: str,
    options: Mapping[str, str],
    tally: Tally,
    now: datetime,
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Accepted and rejected rows, at most about a million of them: habits show in these."""
    context, origin = read_context(source, contract, options), Origin(source.source_id, "0" * 32, now)
    seen = 0
    for batch in FORMATS[name].read(path, context, tally):
        yield conform(batch, contract, origin)
        seen += batch.height
        if seen >= MOST_ROWS:
            return


def _options(source: Source, dataset: str, name: str) -> Mapping[str, str]:
    feed = source.feed(dataset, name)
    return feed.options if feed else {}


def _choose(
    path: Path, source: Source, dataset: str | None, formats: Sequence[str]
) -> tuple[tuple[str, str] | None, list[Remark]]:
    """The dataset and the format to read with, and what is to be said of the choice."""
    dataset = dataset or _named(path)
    candidates = [
        (each, name)
        for name in formats
        for each in FORMATS[name].datasets
        if dataset in (None, each)
        and (dataset or source.feed(each, name) or len(FORMATS[name].datasets) == 1)
    ]
    expected = [pair for pair in candidates if source.feed(*pair)]
    if len({*expected}) == 1 or (expected and dataset):
        return expected[0], [
            Remark(
                "ok",
                "format",
                f"Recognised as {expected[0][1]}, as site.yaml says.",
                f"识别为 {expected[0][1]}，与 site.yaml 一致。",
            )
        ]
    if candidates:
        return candidates[0], [_unexpected(source, candidates[0])]
    configured = [feed.format for feed in source.feeds_of(dataset)] if dataset else []
    if dataset and configured:
        said = "、".join(configured)
        return (dataset, configured[0]), [
            Remark(
                "problem",
                "format",
                f"Not recognised as {', '.join(configured)}, which site.yaml says.",
                f"未识别为 site.yaml 所写的 {said}。",
            )
        ]
    return None, [
        Remark(
            "problem",
            "format",
            "No format recognises this file for a dataset of this site: say --dataset, or look at its first lines.",
            "没有格式能识别该文件属于本节点的哪个数据集：请用 --dataset 指明，或检查文件开头。",
        )
    ]


def _named(path: Path) -> str | None:
    """The dataset that a file's name or folder names, as in a sample or an inbox."""
    names = contract_names()
    return next(
        (
            each
            for each in (path.stem, path.parent.name)
            if each in names and load_contract(each).kind == "input"
        ),
        None,
    )


def _unexpected(source: Source, pair: tuple[str, str]) -> Remark:
    dataset, name = pair
    return Remark(
        "problem",
        "format",
        f"Recognised as {name} for {dataset}, but {source.source_id}'s site.yaml has no such feed: add it.",
        f"识别为 {dataset} 的 {name}，但 {source.source_id} 的 site.yaml 没有该供给，请添加。",
    )


def _rejections(dataset: str, name: str, rules: Mapping[str, int], accepted: int) -> Iterator[Remark]:
    """The share of rows that the contract rejects, and the reasons that most of them have."""
    rejected = sum(rules.values())
    total = accepted + rejected
    if not total:
        yield Remark("problem", "rows", "The file holds no row of the dataset.", "文件中没有该数据集的行。")
        return
    level: Literal["ok", "problem"] = "problem" if rejected else "ok"
    share = f"{100 * rejected / total:.1f} %"
    yield Remark(
        level,
        "rows",
        f"{rejected:,} of {total:,} rows ({share}) would be rejected.",
        f"{total:,} 行中将有 {rejected:,} 行（{share}）被拒收。",
    )
    for rule, count in list(rule_counts(rules).items())[:REASONS_SHOWN]:
        en, zh = reasons(dataset, name, rule)
        yield Remark("problem", rule, f"{count:,} × {en}", f"{count:,} × {zh}")


def as_dict(examined: Examined) -> dict[str, Any]:
    """The figures for a script."""
    return {
        "file": examined.file,
        "dataset": examined.dataset,
        "format": examined.format,
        "verdict": examined.verdict,
        "rows_in": examined.rows_in,
        "accepted": examined.accepted,
        "rejected": examined.rejected,
        "set_aside": dict(examined.set_aside),
        "remarks": [vars(each) for each in examined.remarks],
    }
