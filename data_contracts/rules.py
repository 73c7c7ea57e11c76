"""The fused row rules of a contract: every rule over every row in one pass, one bit per rule.

Belongs here: which rules a contract has, their bits, and applying them to a Polars DataFrame. Does not belong
here: reading texts as types (parsing.py), reasons for people (reasons.py), what becomes of a rejected row.

A column that could not be read (`<column>.type`, or a format's own `<column>.…`) is judged by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce

import polars as pl

from data_contracts.contract import Column, Contract, polars_type
from data_contracts.dictionary import Bound
from data_contracts.parsing import typed
from data_contracts.reasons import rule_text

__all__ = [
    "apply_rules",
    "broken_column",
    "broken_names",
    "is_broken",
    "mask_columns",
    "rule_names",
    "rule_text",
    "warning_names",
]

BITS = 63
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RAW = "raw:"
_CARRIED = ("_row", "_raw")
_WHOLE = ("record.", "file.")
"""Rules of a format that are about all columns of a row at once: none of them could be read."""


@dataclass(frozen=True)
class _Rule:
    """`broken` is true where the row breaks the rule; `suspect` is a cheap aggregate, false if no row can."""

    name: str
    broken: pl.Expr
    suspect: pl.Expr


def rule_names(contract: Contract, extra: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of all rules that reject a row, by bit: columns' rules, row rules, then the format's own."""
    columns = (f"{column.name}.{kind}" for column in contract.columns for kind in _kinds(column))
    rows = (f"row.{rule.name}" for rule in contract.row_rules if rule.severity == "error")
    return (*columns, *rows, *extra)


def warning_names(contract: Contract) -> tuple[str, ...]:
    """Names of the rules that only label a row, in the order of their bits in `_warned`."""
    return tuple(f"row.{rule.name}" for rule in contract.row_rules if rule.severity == "warning")


def mask_columns(contract: Contract, extra: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the mask columns: `_broken`, and `_broken_1`, … where there are more than 63 rules."""
    words = range(BITS, len(rule_names(contract, extra)), BITS)
    return ("_broken", *(f"_broken_{start // BITS}" for start in words))


def is_broken(contract: Contract, extra: Sequence[str] = ()) -> pl.Expr:
    """True where a row of `apply_rules` breaks at least one rule."""
    return pl.any_horizontal(pl.col(name) != 0 for name in mask_columns(contract, extra))


def apply_rules(frame: pl.DataFrame, contract: Contract, extra: Sequence[str] = ()) -> pl.DataFrame:
    """Type and judge every row of a frame: text or typed columns by name, `!<rule>` booleans of the format.

    Returns `_row` and `_raw` if they were given, the business columns in contract order and type, the UInt64
    masks of `mask_columns` (bit i of word w: rule_names[63w + i]) and `_warned` (bits of `warning_names`).
    ValueError for a column that the contract does not know, a `!<rule>` that `extra` does not name, or a rule of
    the contract in `extra`.
    """
    _require_known(frame, contract, extra)
    flags = [name for name in extra if f"!{name}" in frame.columns]
    raw = frame.select(
        pl.col(name).alias(_RAW + name) for name in contract.column_names if name in frame.columns
    )
    carried = frame.select(
        *(name for name in _CARRIED if name in frame.columns), *(f"!{name}" for name in flags)
    )
    joined = typed(frame, contract.columns).hstack(carried).hstack(raw)
    sent = _Sent({name: frame.schema[name] for name in contract.column_names if name in frame.columns}, flags)
    rules = [*_contract_rules(contract, sent), *(_flag_rule(name, name in flags) for name in extra)]
    warnings = list(_row_rules(contract, sent, "warning"))
    suspects = _suspects(joined, [*rules, *warnings])
    masks = [
        _mask(rules[word * BITS : (word + 1) * BITS], suspects).alias(name)
        for word, name in enumerate(mask_columns(contract, extra))
    ]
    kept = [name for name in _CARRIED if name in frame.columns] + list(contract.column_names)
    return joined.lazy().select(*kept, *masks, _mask(warnings, suspects).alias("_warned")).collect()


def broken_names(mask: int | Sequence[int], contract: Contract, extra: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the rules whose bits are set in one row's mask, or in its masks where there are several.

    ValueError when the number of masks is not that of `mask_columns`.
    """
    words = (mask,) if isinstance(mask, int) else tuple(mask)
    if len(words) != len(mask_columns(contract, extra)):
        raise ValueError(
            f"{contract.name} has {len(mask_columns(contract, extra))} masks a row, not {len(words)}"
        )
    names = rule_names(contract, extra)
    return tuple(name for i, name in enumerate(names) if words[i // BITS] >> (i % BITS) & 1)


def broken_column(judged: pl.DataFrame, contract: Contract, extra: Sequence[str] = ()) -> pl.Series:
    """Per row of `apply_rules` the broken rules' names, comma separated, in a String series named `rules`."""
    columns = list(mask_columns(contract, extra))
    distinct = judged.select(columns).unique()
    names = [",".join(broken_names(row, contract, extra)) for row in distinct.rows()]
    named = distinct.with_columns(pl.Series("rules", names, dtype=pl.String))
    return judged.select(columns).join(named, on=columns, how="left", maintain_order="left")["rules"]


def _require_known(frame: pl.DataFrame, contract: Contract, extra: Sequence[str]) -> None:
    known = {*contract.column_names, *_CARRIED, *(f"!{name}" for name in extra)}
    twice = sorted({*extra} & {*rule_names(contract)})
    if twice:
        raise ValueError(f"rules of the format are rules of {contract.name} too: {', '.join(twice)}")
    strange = [name for name in frame.columns if name not in known]
    if strange:
        raise ValueError(f"{contract.name} has no columns or rules {', '.join(strange)}")


def _suspects(frame: pl.DataFrame, rules: Sequence[_Rule]) -> set[str]:
    """Names of the rules that some row may break; only these are worth a bit."""
    if frame.is_empty() or not rules:
        return set()
    found = frame.lazy().select(rule.suspect.alias(rule.name) for rule in rules).collect()
    return {name for name, suspect in found.row(0, named=True).items() if suspect}


def _mask(rules: Sequence[_Rule], suspects: set[str]) -> pl.Expr:
    bits = [
        pl.when(rule.broken.fill_null(False))
        .then(pl.lit(1 << bit, pl.UInt64))
        .otherwise(pl.lit(0, pl.UInt64))
        for bit, rule in enumerate(rules)
        if rule.name in suspects
    ]
    return reduce(lambda one, other: one | other, bits) if bits else pl.lit(0, pl.UInt64)


@dataclass(frozen=True)
class _Sent:
    """What a frame brought: types of its columns as sent (kept as `raw:<name>`), and flags of the format."""

    types: Mapping[str, pl.DataType]
    flags: Sequence[str]

    def nothing(self, name: str) -> pl.Expr:
        """True where nothing was sent in the column: NULL or the empty text."""
        raw = pl.col(_RAW + name)
        return raw.is_null() | (raw == "") if self.types[name] == pl.String else raw.is_null()

    def unread(self, name: str) -> pl.Expr:
        """True where something was sent in the column that could not be read."""
        about = (f"{name}.", *_WHOLE)
        parts = [pl.col(f"!{flag}").fill_null(False) for flag in self.flags if flag.startswith(about)]
        if name in self.types:
            parts.append(pl.col(name).is_null() & ~self.nothing(name))
        return pl.any_horizontal(parts) if parts else pl.lit(False)


def _contract_rules(contract: Contract, sent: _Sent) -> Iterator[_Rule]:
    for column in contract.columns:
        for kind in _kinds(column):
            yield _column_rule(column, kind, sent)
    yield from _row_rules(contract, sent, "error")


def _kinds(column: Column) -> Iterator[str]:
    """Which rules a column has, in the order of their bits."""
    applies = {
        "type": column.type != "string",
        "required": column.required,
        "range": column.min is not None or column.max is not None,
        "pattern": column.pattern is not None,
        "code": bool(column.codes),
        "length": column.max_length is not None,
    }
    return (kind for kind, does in applies.items() if does)


def _column_rule(column: Column, kind: str, sent: _Sent) -> _Rule:
    value, name = pl.col(column.name), f"{column.name}.{kind}"
    match kind:
        case "type":
            return _type_rule(column.name, sent)
        case "required":
            broken, suspect = value.is_null() & ~sent.unread(column.name), value.null_count() > 0
        case "range":
            broken = _outside(column, value)
            suspect = _outside(column, value.min()) | _outside(column, value.max())
        case "pattern":
            runs = value.filter(value.ne_missing(value.shift()))
            broken = ~value.str.contains(str(column.pattern))
            suspect = (~runs.str.contains(str(column.pattern))).any()
        case "code":
            broken = ~value.is_in(list(column.codes))
            suspect = broken.any()
        case _:
            broken = value.str.len_chars() > column.max_length
            suspect = value.str.len_bytes().max() > column.max_length
    return _Rule(name, broken, suspect)


def _type_rule(name: str, sent: _Sent) -> _Rule:
    if name not in sent.types:
        return _Rule(f"{name}.type", pl.lit(False), pl.lit(False))
    nothing = sent.nothing(name)
    return _Rule(f"{name}.type", pl.col(name).is_null() & ~nothing, pl.col(name).null_count() > nothing.sum())


def _outside(column: Column, value: pl.Expr) -> pl.Expr:
    parts = []
    if column.min is not None:
        parts.append(value < _literal(column, column.min))
    if column.max is not None:
        parts.append(value > _literal(column, column.max))
    return parts[0] if len(parts) == 1 else parts[0] | parts[1]


def _literal(column: Column, bound: Bound) -> pl.Expr:
    """A bound in the column's type; instants go as microseconds, because zoned literals are slow to make."""
    if isinstance(bound, datetime):
        bound = (bound - EPOCH) // timedelta(microseconds=1)
    return pl.lit(bound).cast(polars_type(column))


def _row_rules(contract: Contract, sent: _Sent, severity: str) -> Iterator[_Rule]:
    for rule in contract.row_rules:
        if rule.severity != severity:
            continue
        holds = pl.sql_expr(rule.sql)
        unread = [sent.unread(name) for name in dict.fromkeys(holds.meta.root_names())]
        yield _Rule(f"row.{rule.name}", ~holds & ~pl.any_horizontal(unread), (~holds).any())


def _flag_rule(name: str, present: bool) -> _Rule:
    flag = pl.col(f"!{name}") if present else pl.lit(False)
    return _Rule(name, flag, flag.any())
