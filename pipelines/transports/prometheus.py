"""Raw samples from Prometheus's HTTP API, as a file of its text format with millisecond timestamps.

Asked are instant queries with range selectors, `metric{…}[3600000ms]` at a span's end, for they return the samples as
they were scraped; a range query repeats the last one at every step. An answer that is too large is asked for again in
halves. Series and samples are sorted, so that the same span gives the same bytes; values stay as they were sent.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.transports.base import BLOCK, Entry, Refused, Secrets, Unavailable
from pipelines.transports.http import client, failures, require_success
from pipelines.transports.windows import bounds, windows

WINDOW_MINUTES, LAG_SECONDS = 60, 300
LARGEST_ANSWER = 64 << 20
SHORTEST_MS = 1000
VALUE = re.compile(r"[-+.0-9A-Za-z]+")
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")

Series = tuple[str, str]
"""A metric's name and its labels as text."""


class TooLarge(Exception):
    """An answer that is larger than the server, or we, can take at once."""


class Prometheus:
    """The samples of some selectors on one server. `http` is an httpx.Client."""

    def __init__(
        self, http: Any, settings: Mapping[str, Any], clock: Callable[[], float] = time.time
    ) -> None:
        self._http, self._settings, self._clock = http, settings, clock
        self._url = settings["url"].rstrip("/")

    def entries(self, cursor: str) -> Iterator[Entry]:
        """The spans that are over. Raises Unavailable where the server does not answer: none is passed over then."""
        self._answer("1", self._clock())
        return windows(self._settings, cursor, self._clock(), "prometheus.prom", WINDOW_MINUTES, LAG_SECONDS)

    def fetch(self, entry: Entry, part: Path) -> bool:
        """Writes all samples with begin ≤ time < end; False where there are none."""
        begin, end = bounds(entry)
        found: dict[Series, list[str]] = {}
        for query in self._settings["queries"]:
            mine: dict[Series, list[str]] = {}
            self._collect(query, begin * 1000, end * 1000, mine)
            for series, lines in mine.items():
                found.setdefault(series, lines)
        if not found:
            return False
        with part.open("w", encoding="utf-8", newline="\n") as writer:
            for series in sorted(found):
                writer.writelines(found[series])
        return True

    def _collect(self, query: str, begin: int, end: int, found: dict[Series, list[str]]) -> None:
        """Adds the samples of begin ≤ time < end, in milliseconds, by halves where they are too many for one answer.

        A range is closed at its end and, by the server's version, open or closed at its beginning: it is asked for
        up to the last millisecond before the end, and what lies before the beginning is left out here.
        """
        try:
            data = self._answer(f"{query}[{end - begin}ms]", (end - 1) / 1000)
        except TooLarge as error:
            if end - begin <= SHORTEST_MS:
                raise Refused(f"{query} gives too much for one second: {error}") from error
            middle = (begin + end) // 2
            self._collect(query, begin, middle, found)
            self._collect(query, middle, end, found)
            return
        if data.get("resultType") != "matrix":
            raise Refused(f"{query} gives {data.get('resultType')} and no raw samples")
        try:
            for each in data["result"]:
                _add(each, begin, found)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise Refused(f"{self._url} does not answer as Prometheus does") from error

    def _answer(self, query: str, at: float) -> dict[str, Any]:
        """The data of an instant query. Raises TooLarge where halves may do."""
        form = {"query": query, "time": f"{at:.3f}"}
        url = f"{self._url}/api/v1/query"
        with failures(self._url), self._http.stream("POST", url, data=form) as answer:
            content = bytearray()
            for block in answer.iter_bytes(BLOCK):
                content += block
                if len(content) > LARGEST_ANSWER:
                    raise TooLarge(f"more than {LARGEST_ANSWER >> 20} MiB")
        document: Any = None
        with suppress(ValueError, RecursionError):
            document = json.loads(content, parse_float=Decimal)
        if isinstance(document, dict) and document.get("status") == "error":
            self._fail(answer, str(document.get("errorType")), str(document.get("error")))
        require_success(answer, self._url)
        if not isinstance(document, dict) or not isinstance(document.get("data"), dict):
            raise Refused(f"{url} does not answer as Prometheus does")
        if document.get("warnings"):
            raise Unavailable(f"the answer is incomplete: {document['warnings'][0]}")
        data: dict[str, Any] = document["data"]
        return data

    def _fail(self, answer: Any, kind: str, said: str) -> None:
        if "too many samples" in said or kind == "timeout":
            raise TooLarge(said)
        broken = answer.status_code >= 500 or kind == "unavailable"
        raise (Unavailable if broken else Refused)(f"{self._url} answers {kind}: {said}")

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()


def _add(each: Mapping[str, Any], begin: int, found: dict[Series, list[str]]) -> None:
    """Adds the lines of one series of an answer."""
    if "histograms" in each:
        raise Refused(f"{each['metric']} is a native histogram, for which the text format has no place")
    series = _series(each["metric"])
    head = _head(*series)
    lines = found.setdefault(series, [])
    for at, value in each["values"]:
        stamp = int(at * 1000)
        if not VALUE.fullmatch(value):
            raise ValueError(value)
        if stamp >= begin:
            lines.append(f"{head} {value} {stamp}\n")


def _series(metric: Mapping[str, str]) -> Series:
    if "__name__" not in metric:
        raise Refused("a series has no name: ask for metrics as they are, without functions")
    labels = (
        f'{_name(key)}="{_escaped(value)}"' for key, value in sorted(metric.items()) if key != "__name__"
    )
    return metric["__name__"], ",".join(labels)


def _head(name: str, labels: str) -> str:
    """A series as a line begins; a name with other characters than usual stands quoted among its labels."""
    if NAME.fullmatch(name):
        return f"{name}{{{labels}}}" if labels else name
    return f"{{{_name(name)}{',' if labels else ''}{labels}}}"


def _name(name: str) -> str:
    return name if NAME.fullmatch(name) else f'"{_escaped(name)}"'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def connect(settings: Mapping[str, Any], secrets: Secrets) -> Prometheus:
    """The transport of a feed's settings."""
    return Prometheus(client(settings, secrets), settings)
