"""From counts of cards to capacity: one statement per pool where its number of cards changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from pipelines.formats.base import ReadContext, Tally, flag, unreadable
from pipelines.formats.cluster_minutes.rules import RULES

DECLARED = ("compute_class", "model", "cards_per_node", "cores_per_node")
"""What a statement of capacity holds and no count of cards says."""


@dataclass
class Pools:
    """What a feed says of its pools, and the newest count of each while its file is read."""

    site_id: str | None
    said: Mapping[str, str]
    cards_per_node: int
    cores_per_node: int
    newest: dict[str, tuple[datetime, int]] = field(default_factory=dict)


def declared(context: ReadContext) -> Pools:
    """What the options say of the pools; Unreadable where they do not say all."""
    missing = [name for name in DECLARED if not context.options.get(name)]
    if missing:
        raise unreadable(RULES, "file.declared", ", ".join(missing) + ".", "、".join(missing) + "。")
    return Pools(
        context.site_id,
        context.options,
        _count(context, "cards_per_node", 1),
        _count(context, "cores_per_node", 0),
    )


def _count(context: ReadContext, name: str, least: int) -> int:
    text = context.options[name].strip()
    if not (text.isdecimal() and text.isascii() and len(text) < 7 and int(text) >= least):
        raise unreadable(RULES, "file.options", f"{name} is {text}, which is no such number.")
    return int(text)


def statements(counts: pl.DataFrame, pools: Pools, tally: Tally) -> pl.DataFrame:
    """Rows for capacity_inventory of counts (`_row`, `_raw`, `at`, `pool`, `cards` and the flags `bad_…`).

    A count that repeats its pool's newest one is folded; one that is faulty is a row and no newest count.
    """
    kept, disordered = [], []
    sound = ~counts.select(pl.any_horizontal("^bad_.*$")).to_series()
    for place, (at, pool, cards, is_sound) in enumerate(
        zip(counts["at"], counts["pool"], counts["cards"], sound, strict=True)
    ):
        newest = pools.newest.get(pool)
        late = is_sound and newest is not None and at <= newest[0]
        if is_sound and not late:
            pools.newest[pool] = (at, cards)
        if not is_sound or late or newest is None or newest[1] != cards:
            kept.append(place)
            disordered.append(late)
    tally.folded += counts.height - len(kept)
    return _rows(counts[kept], pl.Series(disordered, dtype=pl.Boolean), pools)


def _rows(counts: pl.DataFrame, disordered: pl.Series, pools: Pools) -> pl.DataFrame:
    nodes = pl.col("cards") // pools.cards_per_node
    rows = counts.select(
        "_row",
        "_raw",
        pl.lit(pools.site_id, pl.String).alias("site_id"),
        pl.col("pool").alias("resource_pool"),
        pl.lit(pools.said["model"]).alias("model"),
        pl.lit("in_service").alias("state"),
        pl.col("at").alias("valid_from"),
        pl.lit(pools.said["compute_class"]).alias("compute_class"),
        nodes.alias("nodes"),
        pl.col("cards").alias("devices"),
        (nodes * pools.cores_per_node).alias("cores"),
    )
    broken = {
        "cards.unreadable": counts["bad_cards"],
        "cards.contradiction": counts["bad_total"],
        "time.unreadable": counts["bad_time"],
        "time.nonexistent": counts["bad_hour"],
        "time.order": disordered,
        "nodes.fraction": counts["cards"] % pools.cards_per_node != 0,
    }
    for rule, flags in broken.items():
        rows = flag(rows, rule, flags)
    return rows
