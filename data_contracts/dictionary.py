"""The dictionary of data elements (GB/T 18391, ISO/IEC 11179): what one field means, and its value domain.

Belongs here: reading `elements/*.yaml` and refusing what is not a well-formed element. Does not belong here:
which dataset uses an element (contract.py), how a value is checked (rules.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args
from zoneinfo import ZoneInfo

import yaml

ROOT = Path(__file__).parent
LogicalType = Literal["string", "integer", "decimal", "timestamp", "date", "boolean", "number"]
Sensitivity = Literal["public", "internal", "confidential", "personal"]
Bound = int | float | Decimal | date | datetime | None

_KEYS = {
    "name",
    "definition",
    "type",
    "scale",
    "unit",
    "codes",
    "min",
    "max",
    "pattern",
    "form",
    "max_length",
    "sensitivity",
}
_MAX_SCALE = 18
_SHANGHAI = ZoneInfo("Asia/Shanghai")


class ContractError(ValueError):
    """An element or contract is not well formed; the message names the file's object and what is wrong."""


class Text(NamedTuple):
    """One text in both languages."""

    en: str
    zh: str


@dataclass(frozen=True)
class Element:
    """One data element; bounds are inclusive and of the element's Python type; lengths in characters."""

    id: str
    name: Text
    definition: Text
    type: LogicalType
    sensitivity: Sensitivity
    scale: int | None = None
    unit: str | None = None
    codes: Mapping[str, Text] | None = None
    min: Bound = None
    max: Bound = None
    pattern: str | None = None
    form: Text | None = None
    max_length: int | None = None


class _UniqueKeyLoader(yaml.CSafeLoader):
    """YAML that refuses a key given twice and leaves dates as text."""


def _mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    twice = sorted({str(key) for key in keys if keys.count(key) > 1})
    if twice:
        raise ContractError(f"{node.start_mark.name}: key given twice: {', '.join(twice)}")
    return {
        key: loader.construct_object(value, deep=True)
        for key, (_, value) in zip(keys, node.value, strict=True)
    }


_UniqueKeyLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
_UniqueKeyLoader.add_constructor(
    "tag:yaml.org,2002:timestamp", _UniqueKeyLoader.yaml_constructors["tag:yaml.org,2002:str"]
)


def read_yaml(path: Path) -> Any:
    """Parse one YAML file strictly: a key given twice is a ContractError, dates stay text."""
    with path.open(encoding="utf-8") as stream:
        try:
            return yaml.load(stream, Loader=_UniqueKeyLoader)
        except yaml.YAMLError as error:
            raise ContractError(f"{path.name} is not valid YAML: {error}") from error


def _bound(kind: LogicalType, value: Any) -> Bound:
    """A bound as written in YAML, in the Python type of the element."""
    if value is None:
        return None
    match kind:
        case "integer":
            return int(value)
        case "number":
            return float(value)
        case "decimal":
            return Decimal(str(value))
        case "date":
            return date.fromisoformat(value)
        case "timestamp":
            return datetime.fromisoformat(value)
    raise ValueError(f"a {kind} has no bounds")


def bound_text(bound: Bound) -> str:
    """A bound for people to read: instants in Asia/Shanghai, numbers without an exponent."""
    if isinstance(bound, datetime):
        return bound.astimezone(_SHANGHAI).isoformat()
    return format(bound, "f") if isinstance(bound, Decimal) else str(bound)


def _text(raw: Any) -> Text:
    text = Text(str(raw["en"]).strip(), str(raw["zh"]).strip())
    if not text.en or not text.zh:
        raise ValueError("a text is empty in one language")
    return text


def _element(name: str, raw: dict[str, Any]) -> Element:
    """One element from its YAML mapping; ContractError says what is wrong with it."""
    try:
        unknown = set(raw) - _KEYS
        if unknown:
            raise ValueError(f"unknown keys {sorted(unknown)}")
        kind = cast(LogicalType, raw["type"])
        if kind not in get_args(LogicalType) or raw["sensitivity"] not in get_args(Sensitivity):
            raise ValueError(f"unknown type {kind!r} or sensitivity {raw['sensitivity']!r}")
        if (kind == "decimal") != ("scale" in raw) or not 0 <= raw.get("scale", 0) <= _MAX_SCALE:
            raise ValueError(f"a decimal, and nothing else, has a scale from 0 to {_MAX_SCALE}")
        if kind != "string" and {"codes", "pattern", "max_length"} & set(raw):
            raise ValueError("only a string has codes, a pattern or a length")
        re.compile(raw.get("pattern", ""))
        form = _text(raw["form"]) if "form" in raw else None
        codes = {str(code): _text(text) for code, text in raw["codes"].items()} if "codes" in raw else None
        low, high = _bound(kind, raw.get("min")), _bound(kind, raw.get("max"))
        return Element(
            name, _text(raw["name"]), _text(raw["definition"]), kind, raw["sensitivity"], raw.get("scale"),
            raw.get("unit"), codes, low, high, raw.get("pattern"), form, raw.get("max_length"),
        )  # fmt: skip
    except (KeyError, ValueError, TypeError, AttributeError, re.error) as error:
        raise ContractError(f"data element {name}: {error}") from error


@cache
def load_dictionary(root: Path = ROOT) -> dict[str, Element]:
    """All elements under `root/elements` by id; ContractError for a malformed or doubly defined one."""
    elements: dict[str, Element] = {}
    for path in sorted((root / "elements").glob("*.yaml")):
        for name, raw in read_yaml(path).items():
            if name in elements:
                raise ContractError(f"data element {name} is defined twice, once in {path.name}")
            elements[name] = _element(name, raw)
    return elements
