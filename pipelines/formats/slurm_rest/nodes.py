"""From a document's nodes to capacity: what each pool has in service and down, counted by the kind of its cards.

A node counts in its first partition, or in the pool that the feed names. Every pool is stated in both states, also
with nothing: else a state that was said once would hold for ever.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.formats.base import ReadContext, Tally, cut_raw, unreadable
from pipelines.formats.json_records import Record, at, read_documents, text_of
from pipelines.formats.slurm_jobs import job_settings
from pipelines.formats.slurm_rest.documents import around, errors, number
from pipelines.formats.slurm_rest.rules import RULES
from pipelines.formats.slurm_tres import from_gres, read_tres
from pipelines.formats.times import INSTANT, read_instants

CPU = "CPU"
"""The model of nodes without accelerators, whose processors Slurm does not name."""

IN_SERVICE, DOWN = "in_service", "down"
_DOWN = frozenset(
    {"DOWN", "ERROR", "UNKNOWN", "FAIL", "FAILING", "NOT_RESPONDING", "MAINT", "MAINTENANCE", "DRAINED"}
)
_HELD = frozenset({"ALLOCATED", "ALLOC", "MIXED", "MIX", "DRAINING"})
_UP = frozenset({"IDLE", *_HELD})
_COUNTS = ("nodes", "devices", "cores")
_NO_GRES = frozenset({"", "(null)", "N/A"})


@dataclass
class _Held:
    """What a pool has of one model in one state."""

    row: int = 0
    names: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    broken: set[str] = field(default_factory=set)


_Pools = dict[tuple[str | None, str], dict[str, _Held]]


def capacity_rows(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """The one frame of a document's pools. A record is a node, or a state in which a pool has none."""
    classes = _classes(context)
    valid_from = _valid_from(path, context)
    pools: _Pools = {}
    seen: set[str] = set()
    read = 0
    for batch in read_documents(path, RULES, tally, ("nodes",)):
        _check(batch, path, tally)
        cards = _cards(batch, context)
        for each, (model, devices, is_broken) in zip(batch, cards, strict=True):
            _count(pools, seen, each, (model, devices, is_broken), context, tally)
        read += len(batch)
    if not read:
        _refuse_errors(path)
        return
    rows = _rows(pools, context, classes, valid_from)
    none = sum(not held.names for states in pools.values() for held in states.values())
    tally.records_read += none
    tally.folded += read + none - rows.height - sum(tally.set_aside.values())
    tally.label("state without nodes", none)
    yield rows


def _check(batch: list[Record], path: Path, tally: Tally) -> None:
    """Refuses what is no whole list of nodes."""
    first = batch[0].document
    if first is not None and "name" not in first:
        tally.records_read -= len(batch)
        _refuse_errors(path)
        raise unreadable(RULES, "file.format")
    if any(each.document is None for each in batch):
        tally.records_read -= len(batch)
        raise unreadable(RULES, "file.cut")


def _refuse_errors(path: Path) -> None:
    said = errors(path)
    if said:
        raise unreadable(RULES, "file.answer", "; ".join(said[:3]))


def _classes(context: ReadContext) -> Mapping[str, str]:
    """The compute class by pool; the one of all others under the empty name."""
    given = context.options.get("compute_class", "")
    classes = {}
    for part in given.split(","):
        pool, _, name = part.rpartition(":")
        classes[pool.strip()] = name.strip()
    if not any(classes.values()):
        raise unreadable(RULES, "file.compute_class")
    return classes


def _valid_from(path: Path, context: ReadContext) -> datetime:
    """When the nodes were last changed, as the document says, else as the feed says."""
    for said in around(path, "last_update"):
        instant = _instant(number(said) or "", context)
        if instant is not None:
            return instant
    given = context.options.get("valid_from", "")
    instant = _instant(given, context)
    if instant is None and given:
        raise unreadable(RULES, "file.options", f"valid_from is {given}, which is no instant.")
    if instant is None:
        raise unreadable(RULES, "file.observed")
    return instant


def _instant(text: str, context: ReadContext) -> datetime | None:
    zone = job_settings(context, RULES).zone
    return read_instants(pl.Series([text], dtype=pl.String), zone, ("", "0")).earliest.item()


def _cards(batch: list[Record], context: ReadContext) -> Iterator[tuple[str, int, bool]]:
    """Per node the model of its cards (several joined by +), their number, and whether that is unreadable."""
    said = [text_of(at(each.document, "gres")) or "" for each in batch]
    lists = pl.Series(["" if text in _NO_GRES else text for text in said], dtype=pl.String)
    kinds = job_settings(context, RULES).gres
    found = read_tres(from_gres(lists), kinds)
    for text, model, number_, broken in zip(
        lists,
        found["model"],
        found["accelerators"],
        found["unreadable"] | found["contradiction"],
        strict=True,
    ):
        cards = number_ or 0
        plain = next((kind for kind in kinds if text.startswith(kind)), CPU) if cards else CPU
        yield model or plain, cards, bool(broken)


def _count(
    pools: _Pools,
    seen: set[str],
    each: Record,
    cards: tuple[str, int, bool],
    context: ReadContext,
    tally: Tally,
) -> None:
    node = each.document or {}
    words = _words(node.get("state")) | _words(node.get("state_flags"))
    if "FUTURE" in words:
        tally.put_aside("node that does not exist yet", 1)
        return
    model, devices, is_broken = cards
    pool = context.options.get("pool") or text_of(at(node, "partitions", 0))
    states = pools.setdefault((pool, model), {IN_SERVICE: _Held(each.row), DOWN: _Held(each.row)})
    held = states[DOWN if _is_down(words) else IN_SERVICE]
    held.row = held.row if held.names else each.row
    name, cores = str(text_of(node.get("name"))), number(node.get("cpus")) or ""
    broken = {
        "resource_pool.unknown": pool is None,
        "state.unknown": not words & (_DOWN | _UP),
        "cores.unreadable": not (cores.isdigit() and len(cores) < 10),
        "devices.unreadable": is_broken,
        "nodes.repeated": name in seen,
    }
    seen.add(name)
    held.names.append(name)
    held.broken.update(rule for rule, is_so in broken.items() if is_so)
    held.counts["nodes"] += 1
    held.counts["devices"] += devices
    held.counts["cores"] += 0 if broken["cores.unreadable"] else int(cores)


def _words(state: Any) -> set[str]:
    """A state's words: text of 22.05 (`mixed`), or the list of newer Slurms, flags included."""
    words = state if isinstance(state, list) else str(text_of(state) or "").split("+")
    return {str(text_of(word)).strip("*~#!%$@^- ").upper() for word in words} - {"", "NONE"}


def _is_down(words: set[str]) -> bool:
    """Whether a node gives no service. One that drains serves until what it holds ends."""
    return bool(words & _DOWN) or ("DRAIN" in words and not words & _HELD)


def _rows(
    pools: _Pools, context: ReadContext, classes: Mapping[str, str], valid_from: datetime
) -> pl.DataFrame:
    stated = [
        (pool, model, state, held)
        for (pool, model), states in pools.items()
        for state, held in states.items()
    ]
    every = [held for *_, held in stated]
    rows = pl.DataFrame(
        [
            pl.Series("_row", [held.row for held in every], dtype=pl.Int64),
            cut_raw(pl.Series("_raw", [",".join(held.names) for held in every], dtype=pl.String)),
            pl.Series("site_id", [context.site_id] * len(every), dtype=pl.String),
            pl.Series("resource_pool", [pool for pool, *_ in stated], dtype=pl.String),
            pl.Series("model", [model for _, model, *_ in stated], dtype=pl.String),
            pl.Series("state", [state for *_, state, _ in stated], dtype=pl.String),
            pl.Series("valid_from", [valid_from] * len(every), dtype=INSTANT),
            pl.Series(
                "compute_class",
                [classes.get(pool or "") or classes.get("") for pool, *_ in stated],
                dtype=pl.String,
            ),
            *(pl.Series(name, [held.counts[name] for held in every], dtype=pl.Int64) for name in _COUNTS),
        ]
    )
    for rule in sorted({rule for held in every for rule in held.broken}):
        rows = rows.with_columns(
            pl.Series(f"!{rule}", [rule in held.broken for held in every], dtype=pl.Boolean)
        )
    return rows
