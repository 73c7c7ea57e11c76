"""The grammar of one line: a series' name and labels, and lines that are not written in the usual way.

After Prometheus's text exposition format 0.0.4 and OpenMetrics 1.0, with quoted names as Prometheus 3 writes them.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

LONGEST = 1 << 16
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:.]*"
_QUOTED = r'"(?:[^"\\]|\\[\\"n])*"'
_HEAD = re.compile(rf"\s*({_NAME})?\s*(\{{)?\s*")
_LABEL = re.compile(rf"({_NAME}|{_QUOTED})(?:\s*=\s*({_QUOTED}))?\s*(?:,\s*|$)")
_SAMPLE = re.compile(
    rf"\s*((?:{_NAME})?\s*\{{(?:[^\"}}]|{_QUOTED})*\}}|{_NAME}(?=\s))\s*([^\s#]+)(?:[ \t]+([^\s#]+))?[ \t]*(?:#.*)?"
)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:Inf|inf)|NaN|nan")
_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "\\": "\\", '"': '"'}


class Sample(NamedTuple):
    """A line in its parts: the series without its closing brace, the value, the time or None."""

    series: str
    value: str
    stamp: str | None


def read_sample(line: str) -> Sample | None:
    """The parts of a line, exemplars and odd spaces aside; None if it is no sample."""
    found = _SAMPLE.fullmatch(line.strip()) if len(line) <= LONGEST else None
    if found is None or not _NUMBER.fullmatch(found[2]) or (found[3] and not _NUMBER.fullmatch(found[3])):
        return None
    return Sample(found[1].removesuffix("}"), found[2], found[3])


def read_series(text: str) -> tuple[str, Mapping[str, str]] | None:
    """The metric's name and the labels that are not empty of a series without its closing brace; None if malformed."""
    head = _HEAD.match(text)
    if head is None or (head[2] is None and (head[1] is None or head.end() < len(text))):
        return None
    name, labels, place = head[1], {}, head.end()
    while place < len(text):
        label = _LABEL.match(text, place)
        if label is None:
            return None
        key = _unquoted(label[1])
        if label[2] is None:
            if name is not None or not label[1].startswith('"'):
                return None
            name = key
        elif key in labels:
            return None
        else:
            labels[key] = _unquoted(label[2])
        place = label.end()
    return None if name is None else (name, {key: value for key, value in labels.items() if value})


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    inner = text[1:-1]
    return _ESCAPED.sub(lambda found: _MEANT[found[1]], inner) if "\\" in inner else inner
