"""What every wire format shares: its description, its tally, why a file or a line cannot be read.

A format turns bytes as sent into rows that a contract then judges; it knows the wire and nothing of what a
value may be. Reading lines is in `lines`, comma separated records in `csv_records`, local times in `times`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

RAW_LIMIT = 4096
CUT_MARK = "…"

Texts = tuple[str, str]


class Unreadable(Exception):
    """A file of which no row can be read: the rule it breaks, and the reason in English and Chinese."""

    def __init__(self, rule: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.rule, self.en, self.zh = rule, en, zh


@dataclass(frozen=True)
class ReadContext:
    """What a format may know of a delivery besides its bytes.

    `columns` are the contract's business columns; `time_zone` holds for times that carry none of their own;
    `site_id` is None for a source that is no site.
    """

    source_id: str
    site_id: str | None
    time_zone: str
    dataset: str
    options: Mapping[str, str]
    columns: tuple[str, ...]
    currency: str


@dataclass
class Tally:
    """Where the records of one file went: records_read = rows proposed + folded + Σ set_aside, always.

    Records are lines of text after the header. `labels` counts rows that are proposed all the same, by what is
    remarkable about them.
    """

    records_read: int = 0
    folded: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)

    def put_aside(self, name: str, count: int) -> None:
        """Books records that the dataset has no place for, by name."""
        if count:
            self.set_aside[name] = self.set_aside.get(name, 0) + count

    def label(self, name: str, count: int) -> None:
        """Books rows that are remarkable."""
        if count:
            self.labels[name] = self.labels.get(name, 0) + count


@dataclass(frozen=True)
class Format:
    """One wire format. `rules` are the texts (English, Chinese) of everything that it can hold against a record.

    `read` yields bounded frames with `_row` (line number, 1-based), `_raw` (the record as sent, cut at 4096
    characters with a mark), business columns that the format can fill, and a Boolean `!<rule>` per broken rule;
    it raises Unreadable before its first frame. `sniff` guesses from a file's first bytes, without options.
    """

    name: str
    datasets: tuple[str, ...]
    options: Mapping[str, str]
    sniff: Callable[[bytes], bool]
    read: Callable[[Path, ReadContext, Tally], Iterator[pl.DataFrame]]
    rules: Mapping[str, Texts]


def unreadable(rules: Mapping[str, Texts], rule: str, detail: str = "", detail_zh: str = "") -> Unreadable:
    """The refusal of a file under a rule of the format, with what is particular to this file."""
    en, zh = rules[rule]
    return Unreadable(rule, f"{en} {detail}".strip(), f"{zh}{detail_zh or detail}")


def cut_raw(raw: pl.Series) -> pl.Series:
    """Records as sent, at most 4096 characters of each; a cut one ends in a mark."""
    if (raw.str.len_bytes().max() or 0) <= RAW_LIMIT:  # type: ignore[operator]
        return raw
    cut = raw.str.slice(0, RAW_LIMIT) + CUT_MARK
    return cut.zip_with(raw.str.len_chars() > RAW_LIMIT, raw)


def flag(frame: pl.DataFrame, rule: str, broken: pl.Series) -> pl.DataFrame:
    """The frame with `!<rule>`, where at least one row breaks it."""
    return frame.with_columns(broken.fill_null(False).alias(f"!{rule}")) if broken.any() else frame


def boolean_option(context: ReadContext, rules: Mapping[str, Texts], name: str) -> bool | None:
    """An option that is true or false; None where it is not given."""
    value = context.options.get(name, "").strip().lower()
    if value not in {"", "true", "false"}:
        raise unreadable(rules, "file.options", f"{name} is {value}, neither true nor false.")
    return None if value == "" else value == "true"
