"""TRES lists such as `billing=4,cpu=4,gres/gpu:a100=2,gres/gpu=2,mem=62.50G,node=1`, one value per list.

What counts as an accelerator is said by the feed (option accelerator_gres); all other kinds are read over.
"""

from collections.abc import Collection
from functools import partial

import polars as pl

from pipelines.formats.slurm_amounts import by_value, counts, mebibytes

_GRES = r"^gres/([^:]+)(?::(.+))?$"
_TYPED = {
    "cpu": pl.Int64,
    "nodes": pl.Int64,
    "memory_mib": pl.Int64,
    "accelerators": pl.Int64,
    "model": pl.String,
}


def read_tres(lists: pl.Series, gres: Collection[str]) -> pl.DataFrame:
    """Per list: `cpu`, `nodes`, `memory_mib`, `accelerators`, `model` (its cards' types, joined by + where several),
    and the flags `unreadable`, `memory_unreadable`, `contradiction`. An empty list has NULL everywhere."""
    return by_value(lists.replace("", None), partial(_read, gres=gres))


def from_gres(lists: pl.Series) -> pl.Series:
    """Lists of AllocGRES (`gpu:2`, `gpu:a100:2`, `gres:gpu:2(IDX:0-1)`) in the words of a TRES list."""
    item = pl.element().str.replace(r"\(.*$", "").str.replace(r"^gres[:/]", "")
    named = item.str.replace(r"^([^:]+)$", "$1:1").str.replace(r"^(.*):([0-9]+)$", "gres/$1=$2")
    parts = lists.str.replace_all(r"\([^)]*\)", "").str.split(",")
    return parts.list.eval(named).list.join(",")


def _read(lists: pl.Series, gres: Collection[str]) -> pl.DataFrame:
    items = (
        pl.DataFrame({"list": lists})
        .with_row_index("at")
        .drop_nulls("list")
        .with_columns(pl.col("list").str.split(",").alias("item"))
        .explode("item", empty_as_null=True)
        .select(
            "at",
            key=pl.col("item").str.extract(r"^([^=]+)="),
            said=pl.col("item").str.extract(r"=(.*)$").fill_null(""),
        )
    )
    items = items.with_columns(
        kind=pl.col("key").str.extract(_GRES, 1), type=pl.col("key").str.extract(_GRES, 2)
    ).with_columns(card=pl.col("kind").is_in(list(gres)))
    counted = items.filter(pl.col("card") | pl.col("key").is_in(["cpu", "node"]) | pl.col("key").is_null())
    value, unreadable = counts(counted["said"])
    counted = counted.with_columns(
        value=value, unreadable=unreadable | counted["key"].is_null() | (counted["said"] == "")
    )
    said = pl.lit(lists.is_not_null())
    return (
        pl.DataFrame({"at": pl.int_range(lists.len(), eager=True, dtype=pl.get_index_type())})
        .join(_plain(counted), on="at", how="left", maintain_order="left")
        .join(_cards(counted), on="at", how="left", maintain_order="left")
        .join(_memory(items), on="at", how="left", maintain_order="left")
        .select(
            *(
                pl.col(name).cast(dtype)
                for name, dtype in _TYPED.items()
                if name not in {"accelerators", "model"}
            ),
            pl.when(said & ~pl.col("unreadable").fill_null(False)).then(pl.col("accelerators").fill_null(0)),
            "model",
            *(pl.col(name).fill_null(False) for name in ("unreadable", "memory_unreadable", "contradiction")),
        )
    )


def _plain(counted: pl.DataFrame) -> pl.DataFrame:
    def of(key: str) -> pl.Expr:
        return pl.col("value").filter(pl.col("key") == key).first()

    return counted.group_by("at").agg(
        cpu=of("cpu"),
        nodes=of("node"),
        unreadable=pl.col("unreadable").any()
        | (pl.col("key").drop_nulls().n_unique() < pl.col("key").count()),
    )


def _cards(counted: pl.DataFrame) -> pl.DataFrame:
    """Cards per list. Typed counts (`gres/gpu:a100=2`) are part of the untyped one (`gres/gpu=2`) where it is there."""
    typed = pl.col("type").is_not_null()
    value = pl.col("value")
    kinds = (
        counted.filter("card")
        .group_by("at", "kind")
        .agg(
            whole=value.filter(~typed).first(),
            parts=value.filter(typed).sum(),
            types=pl.col("type").filter(typed & (value > 0)),
        )
        .with_columns(number=pl.coalesce("whole", "parts"))
    )
    names = pl.col("types").explode(empty_as_null=False).unique().sort().str.join("+")
    all_typed = pl.col("parts").sum() == pl.col("number").sum()
    return kinds.group_by("at").agg(
        accelerators=pl.col("number").sum(),
        model=pl.when(all_typed & (pl.col("number").sum() > 0)).then(names),
        contradiction=(pl.col("whole") < pl.col("parts")).any(),
    )


def _memory(items: pl.DataFrame) -> pl.DataFrame:
    memory = items.filter(pl.col("key") == "mem")
    read = mebibytes(memory["said"])
    return (
        memory.with_columns(read["value"], read["unreadable"])
        .group_by("at")
        .agg(
            memory_mib=pl.col("value").first(),
            memory_unreadable=pl.col("unreadable").any() | (pl.col("said").n_unique() > 1),
        )
    )
