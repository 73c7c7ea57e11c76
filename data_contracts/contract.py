"""Data contracts (ODCS 3.1) resolved against the dictionary, and the schemas that follow from them.

Belongs here: reading `datasets/*.odcs.yaml`, the resolved Contract, its Polars and Arrow schema. Does not
belong here: checking rows (rules.py), files rendered from contracts (render.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from data_contracts.dictionary import (
    ROOT,
    Bound,
    ContractError,
    Element,
    LogicalType,
    Text,
    load_dictionary,
    read_yaml,
)

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

SYSTEM_COLUMNS = ("source_id", "landing_id", "landing_row", "received_at", "record_hash")
ENGINE = "suanzhang"
DECIMAL_PRECISION = 38


@dataclass(frozen=True)
class Column:
    """One column of a dataset: what the contract says of it and what its element says of it."""

    name: str
    required: bool
    key_position: int | None
    element: Element

    @property
    def type(self) -> LogicalType:
        return self.element.type

    @property
    def scale(self) -> int:
        """Digits after the point of a decimal; 0 for every other type."""
        return self.element.scale or 0

    @property
    def codes(self) -> tuple[str, ...]:
        """The permitted values, empty when any value is."""
        return tuple(self.element.codes or ())

    @property
    def code_texts(self) -> Mapping[str, Text]:
        return self.element.codes or {}

    @property
    def min(self) -> Bound:
        return self.element.min

    @property
    def max(self) -> Bound:
        return self.element.max

    @property
    def pattern(self) -> str | None:
        return self.element.pattern

    @property
    def form(self) -> Text | None:
        """The pattern in words."""
        return self.element.form

    @property
    def max_length(self) -> int | None:
        return self.element.max_length

    @property
    def unit(self) -> str | None:
        return self.element.unit

    @property
    def sensitivity(self) -> str:
        return self.element.sensitivity

    @property
    def name_en(self) -> str:
        return self.element.name.en

    @property
    def name_zh(self) -> str:
        return self.element.name.zh

    @property
    def definition_en(self) -> str:
        return self.element.definition.en

    @property
    def definition_zh(self) -> str:
        return self.element.definition.zh


@dataclass(frozen=True)
class RowRule:
    """A condition over one row, in SQL that Polars and DuckDB read alike; a row passes if true or NULL."""

    name: str
    sql: str
    text: Text
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True)
class Contract:
    """One dataset as agreed. `version` is semantic; `group` is the release folder of a published table."""

    name: str
    version: str
    kind: Literal["input", "published"]
    group: str | None
    title: Text
    granularity: Text
    status: str
    roles: tuple[str, ...]
    columns: tuple[Column, ...]
    row_rules: tuple[RowRule, ...] = ()
    sla: tuple[Mapping[str, Any], ...] = ()
    control_day: str | None = None
    control_sum: str | None = None
    control_filter: str | None = None
    tenant_column: str | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the natural key's columns in key order."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(column.name for column in sorted(keyed, key=lambda column: column.key_position or 0))

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything the contract says, elements included; changes with any of it."""
        said = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(said.encode()).hexdigest()

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when the dataset has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    def stored_columns(self, system: bool = True) -> tuple[Column, ...]:
        """Business columns in contract order, then, for an input, the five system columns of a bronze row."""
        if not system or self.kind != "input":
            return self.columns
        return self.columns + system_columns()

    def polars_schema(self, system: bool = True) -> pl.Schema:
        """Polars types of the stored columns: Decimal(38, s), Int64, Datetime in microseconds and UTC."""
        import polars as pl

        return pl.Schema({column.name: polars_type(column) for column in self.stored_columns(system)})

    def arrow_schema(self, system: bool = True) -> pa.Schema:
        """Arrow types of the stored columns; each field's metadata names it in both languages."""
        import pyarrow as pa

        return pa.schema([_arrow_field(column) for column in self.stored_columns(system)])

    def described_schema(self) -> pa.Schema:
        """The Arrow schema with what the table and its columns mean, in both languages, as keys of the file's own.

        Any reader of Parquet shows them; the metadata of fields is Arrow's alone.
        """
        said = {
            "table": self.name,
            "contract_version": self.version,
            "comment": f"{self.title.en}. {self.granularity.en}",
            "comment_zh": f"{self.title.zh}：{self.granularity.zh}",
        }
        columns = {f"column.{column.name}": _comment(column) for column in self.columns}
        return self.arrow_schema().with_metadata({**said, **columns})


def polars_type(column: Column) -> pl.DataType:
    """The Polars type of a column."""
    import polars as pl

    types: dict[LogicalType, pl.DataType] = {
        "string": pl.String(),
        "integer": pl.Int64(),
        "decimal": pl.Decimal(DECIMAL_PRECISION, column.scale),
        "timestamp": pl.Datetime("us", "UTC"),
        "date": pl.Date(),
        "boolean": pl.Boolean(),
        "number": pl.Float64(),
    }
    return types[column.type]


def _comment(column: Column) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    return f"{column.name_en}{unit}: {column.definition_en} / {column.name_zh}{unit}：{column.definition_zh}"


def _arrow_field(column: Column) -> pa.Field:
    import pyarrow as pa

    types: dict[LogicalType, pa.DataType] = {
        "string": pa.string(),
        "integer": pa.int64(),
        "decimal": pa.decimal128(DECIMAL_PRECISION, column.scale),
        "timestamp": pa.timestamp("us", "UTC"),
        "date": pa.date32(),
        "boolean": pa.bool_(),
        "number": pa.float64(),
    }
    comments = {
        "comment": column.definition_en,
        "comment_zh": column.definition_zh,
        "name_en": column.name_en,
        "name_zh": column.name_zh,
    }
    if column.unit:
        comments["unit"] = column.unit
    return pa.field(column.name, types[column.type], nullable=not column.required, metadata=comments)


@cache
def system_columns() -> tuple[Column, ...]:
    """The five columns that every bronze row has besides its business columns."""
    dictionary = load_dictionary()
    return tuple(Column(name, True, None, dictionary[name]) for name in SYSTEM_COLUMNS)


def _custom(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {item["property"]: item["value"] for item in raw.get("customProperties", ())}


def _column(raw: Mapping[str, Any], dictionary: Mapping[str, Element]) -> Column:
    element = _custom(raw).get("element", raw["name"])
    if element not in dictionary:
        raise ContractError(
            f"column {raw['name']} names the data element {element}, which the dictionary lacks"
        )
    position = raw.get("primaryKeyPosition") if raw.get("primaryKey") else None
    return Column(raw["name"], bool(raw.get("required", False)), position, dictionary[element])


def _row_rule(raw: Mapping[str, Any]) -> RowRule:
    text = Text(raw["description"], _custom(raw)["descriptionZh"])
    return RowRule(raw["name"], str(raw["implementation"]), text, raw.get("severity", "error"))


def parse_contract(raw: Mapping[str, Any], dictionary: Mapping[str, Element]) -> Contract:
    """A contract from its ODCS mapping; ContractError says what is wrong with it."""
    name = raw.get("name", "?")
    try:
        said, table = _custom(raw), raw["schema"][0]
        columns = tuple(_column(item, dictionary) for item in table["properties"])
        contract = Contract(
            name=name,
            version=str(raw["version"]),
            kind=cast(Literal["input", "published"], said["kind"]),
            group=said.get("group"),
            title=Text(table["businessName"], _custom(table)["businessNameZh"]),
            granularity=Text(table["dataGranularityDescription"], _custom(table)["granularityZh"]),
            status=raw["status"],
            roles=tuple(role["role"] for role in raw.get("roles", ())),
            columns=columns,
            row_rules=tuple(
                _row_rule(item) for item in table.get("quality", ()) if item.get("engine") == ENGINE
            ),
            sla=tuple(raw.get("slaProperties", ())),
            control_day=said.get("controlDay"),
            control_sum=said.get("controlSum"),
            control_filter=said.get("controlFilter"),
            tenant_column=said.get("tenantColumn"),
        )
        _require_sound(contract)
    except (KeyError, TypeError, ValueError) as error:
        raise ContractError(f"data contract {name}: {error}") from error
    return contract


def _require_sound(contract: Contract) -> None:
    names = contract.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    positions = sorted(column.key_position for column in contract.columns if column.key_position is not None)
    loose = [
        column.name for column in contract.columns if column.key_position is not None and not column.required
    ]
    if twice:
        raise ValueError(f"columns given twice: {', '.join(twice)}")
    if contract.kind not in {"input", "published"} or (contract.kind == "published") != (
        contract.group is not None
    ):
        raise ValueError("kind is input, or published with a group")
    if positions != list(range(1, len(positions) + 1)):
        raise ValueError(f"primary key positions are {positions}, not 1, 2, …")
    if loose and contract.kind == "input":
        raise ValueError(f"key columns are not required: {', '.join(loose)}")
    if contract.kind == "input" and set(names) & set(SYSTEM_COLUMNS):
        raise ValueError("a system column is no business column")


@cache
def load_contract(name: str, root: Path = ROOT) -> Contract:
    """The contract of one dataset; ContractError when there is none or it is malformed."""
    path = root / "datasets" / f"{name}.odcs.yaml"
    if not path.is_file():
        raise ContractError(f"there is no data contract {name}; there are {', '.join(contract_names(root))}")
    contract = parse_contract(read_yaml(path), load_dictionary(root))
    if contract.name != name:
        raise ContractError(f"{path.name} holds a contract named {contract.name}")
    return contract


def contract_names(root: Path = ROOT) -> tuple[str, ...]:
    """Names of all datasets that have a contract, sorted."""
    return tuple(
        sorted(path.name.removesuffix(".odcs.yaml") for path in (root / "datasets").glob("*.odcs.yaml"))
    )


def load_contracts(kind: str | None = None, root: Path = ROOT) -> tuple[Contract, ...]:
    """All contracts by name, or those of kind `input` or `published`."""
    contracts = (load_contract(name, root) for name in contract_names(root))
    return tuple(contract for contract in contracts if kind in {None, contract.kind})
