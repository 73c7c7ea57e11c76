"""JSON values and their texts: numbers with all their digits, surrogates that belong to no character replaced."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

MAX_DEPTH = 200
_NUMBER = "\ue000"


def parse(text: str | bytes) -> tuple[Any, str | None]:
    """A JSON text's value, or None with the rule that it breaks."""
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, InvalidOperation, RecursionError) as error:
        return None, damage(error)
    if is_too_deep(value, text):
        return None, "record.too_deep"
    return value, None


def damage(error: Exception) -> str:
    """The rule that a text breaks that could not be read: Python refuses integers of thousands of digits itself."""
    if isinstance(error, RecursionError | InvalidOperation) or "integer string conversion" in str(error):
        return "record.too_deep"
    return "record.json"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


EXACT = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
LENIENT = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
"""Finds the end of a value whose numbers are none."""


def is_too_deep(value: Any, text: str | bytes) -> bool:
    """Whether a value is nested deeper than may be."""
    opened = (
        text.count(b"[") + text.count(b"{") if isinstance(text, bytes) else text.count("[") + text.count("{")
    )
    if opened <= MAX_DEPTH:
        return False
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def text_of(value: Any) -> str | None:
    """A JSON value as text: numbers with all their digits, lists and objects as JSON, null as None."""
    if value is None:
        return None
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _digits(value)
    return str(value) if isinstance(value, int) else json_text(value)


def _digits(value: Decimal) -> str:
    """A number without an exponent, where that is no longer than a number is."""
    short = -40 < value.adjusted() < 40 and len(value.as_tuple().digits) < 80
    return format(value, "f") if short else str(value)


def whole(text: str) -> str:
    """A text with a question mark for each half of a character."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def json_text(value: Any) -> str:
    """A value as one line of JSON, its keys in the order as sent, its numbers with their digits."""
    numbers = 0

    def number(held: Any) -> str:
        nonlocal numbers
        numbers += 1
        return f"{_NUMBER}{_digits(held) if isinstance(held, Decimal) else held}{_NUMBER}"

    text = json.dumps(value, ensure_ascii=False, default=number, separators=(",", ":"))
    if numbers and text.count(_NUMBER) == 2 * numbers:
        text = text.replace(f'"{_NUMBER}', "").replace(f'{_NUMBER}"', "")
    elif numbers:
        text = json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":"))
    return whole(text)


def single_values(values: Mapping[str, Any], longest: int) -> dict[str, Any]:
    """The members of an object that are neither lists nor objects nor long."""
    return {
        key: value
        for key, value in values.items()
        if isinstance(value, str | int | Decimal) and len(str(value)) <= longest
    }
