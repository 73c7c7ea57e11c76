"""Finding the values of a JSON text one after the other, without holding the text as a whole."""

import codecs
import json
import re
from collections.abc import Iterator
from decimal import InvalidOperation
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipelines.formats.json_values import EXACT, LENIENT, damage, is_too_deep
from pipelines.formats.lines import BOM

CHUNK = 1 << 20
MARGIN = 64
_BLANK = re.compile(r"[ \t\r\n]*")
_NO_TEXT = re.compile("[\udc80-\udcff]")


class TooLong(Exception):
    """A single value is longer than may be, or more was read than may be."""


Value = tuple[Any, str, str | None]
Place = tuple[str, ...]
Beside = dict[Place, dict[str, Any]]


class Scanner:
    """Stands in a file's text; bytes that are no UTF-8 become half characters.

    Reads on as far as the next value needs, at most `limit` characters for one value and `budget` in all.
    `entered` says whether a list that was looked for has begun.
    """

    def __init__(self, path: Path, limit: int, budget: int | None = None) -> None:
        self.limit, self.budget = limit, budget
        self.stream = path.open("rb")
        if self.stream.read(len(BOM)) != BOM:
            self.stream.seek(0)
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.text, self.at, self.ended, self.entered = "", 0, False, False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stream.close()

    def _more(self, size: int) -> None:
        data = self.stream.read(size)
        self.ended = len(data) < size
        if self.budget is not None:
            self.budget -= len(data)
            if self.budget < 0:
                raise TooLong
        self.text = self.text[self.at :] + self.decoder.decode(data, self.ended)
        self.at = 0

    def peek(self) -> str:
        """The next character that is not blank; none at the end."""
        while True:
            found = _BLANK.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text) or self.ended:
                return self.text[self.at : self.at + 1]
            self._more(CHUNK)

    def take(self, mark: str) -> None:
        """Steps over a mark that has to come next."""
        if self.peek() != mark:
            raise ValueError(f"{mark} is missing")
        self.at += 1

    def value(self) -> Value:
        """The next value, its text, and the rule that it breaks although its end was found."""
        self.peek()
        while True:
            try:
                value, end, fault = self._decoded()
                if end < len(self.text) or self.ended:
                    break
            except json.JSONDecodeError as error:
                if self.ended or self._is_damage(error):
                    raise
            if len(self.text) - self.at > self.limit:
                raise TooLong
            self._more(max(CHUNK, len(self.text) - self.at))
        text = self.text[self.at : end]
        self.at = end
        if fault is None and len(text) > self.limit:
            fault = "record.too_long"
        elif fault is None and is_too_deep(value, text):
            fault = "record.too_deep"
        elif fault is None and not text.isascii() and _NO_TEXT.search(text):
            fault = "record.encoding"
        return value, text if text.isascii() else text.encode("utf-8", "replace").decode(), fault

    def _decoded(self) -> tuple[Any, int, str | None]:
        try:
            return *EXACT.raw_decode(self.text, self.at), None
        except json.JSONDecodeError:
            raise
        except (ValueError, InvalidOperation) as error:
            return *LENIENT.raw_decode(self.text, self.at), damage(error)

    def _is_damage(self, error: json.JSONDecodeError) -> bool:
        """Whether more text would not help."""
        return error.pos < len(self.text) - MARGIN and not error.msg.startswith("Unterminated")

    def excerpt(self) -> str:
        """What comes next, for people."""
        return self.text[self.at : self.at + 200].encode("utf-8", "replace").decode()


def members(scanner: Scanner, place: Place | None, beside: Beside) -> Iterator[Value]:
    """The items of the list at a place of the object that comes next; what else its objects hold goes `beside`.

    None is the place of a list that comes next itself; () the place of the value as a whole.
    """
    if place is None:
        yield from _items(scanner)
    elif not place:
        yield scanner.value()
    else:
        yield from _within(scanner, place, (), beside)


def _items(scanner: Scanner) -> Iterator[Value]:
    scanner.take("[")
    scanner.entered = True
    if scanner.peek() != "]":
        yield scanner.value()
    while scanner.peek() != "]":
        scanner.take(",")
        yield scanner.value()
    scanner.take("]")


def _within(scanner: Scanner, place: Place, above: Place, beside: Beside) -> Iterator[Value]:
    scanner.take("{")
    separator = ""
    while scanner.peek() != "}":
        if separator:
            scanner.take(separator)
        separator = ","
        key, _, _ = scanner.value() if scanner.peek() == '"' else (None, "", None)
        scanner.take(":")
        opened = scanner.peek()
        if key == place[0] and len(place) == 1 and opened == "[":
            yield from _items(scanner)
        elif key == place[0] and len(place) > 1 and opened == "{":
            yield from _within(scanner, place[1:], (*above, key), beside)
        elif key is None:
            raise ValueError("a name is missing")
        else:
            beside.setdefault(above, {})[key] = scanner.value()[0]
    scanner.take("}")
