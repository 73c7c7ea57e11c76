"""What Slurm says around its list: errors, and when it looked; and numbers as its data parsers write them.

A number is bare, or an object with `set`, `infinite` and `number` (data parsers from 0.0.39 on); the largest numbers
of 32 and 64 bits and those below zero mean that there is none.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.formats.json_records import text_of
from pipelines.formats.lines import HEAD

_ABSENT = frozenset({-1, -2, 2**32 - 1, 2**32 - 2, 2**64 - 1, 2**64 - 2, "", "Infinity", "-Infinity", "NaN"})
_MEMBER = r'(?<!\\)"{0}"\s*:\s*'
NOTHING_FOUND = 9003
"""The error number of an answer that holds nothing because there is nothing."""


def number(value: Any) -> str | None:
    """A number's digits; None where it is unset, infinite or one of the numbers that mean so."""
    if isinstance(value, Mapping):
        if value.get("set") is False or value.get("infinite") is True:
            return None
        value = value.get("number")
    if value is None or (isinstance(value, int | str) and value in _ABSENT):
        return None
    return text_of(value)


def around(path: Path, name: str) -> list[Any]:
    """The values of a document's member, as far as they stand in the file's first or last 64 KiB."""
    with path.open("rb") as stream:
        ends = [stream.read(HEAD)]
        if (size := path.stat().st_size) > HEAD:
            stream.seek(max(HEAD, size - HEAD))
            ends.append(stream.read(HEAD))
    text = b"".join(ends).decode("utf-8", "replace")
    found = []
    for match in re.finditer(_MEMBER.format(name), text):
        try:
            found.append(json.JSONDecoder().raw_decode(text, match.end())[0])
        except (ValueError, RecursionError):
            continue
    return found


def errors(path: Path) -> list[str]:
    """What a document's `errors` say, but for those that say that nothing was found."""
    return [
        _said(error)
        for listed in around(path, "errors")
        for error in _listed(listed)
        if not _is_nothing(error)
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_nothing(error: Any) -> bool:
    return isinstance(error, dict) and error.get("error_number") == NOTHING_FOUND


def _said(error: Any) -> str:
    if not isinstance(error, dict):
        return str(text_of(error))[:200]
    parts = (text_of(error.get(key)) for key in ("error_number", "error", "description", "source"))
    return ": ".join(part for part in parts if part)[:200]
