"""Raw samples as a file: the same span, the same bytes; too large is asked in halves; a gap is fetched later."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from pipelines.landing import read_events
from pipelines.transports.base import Entry, Refused, Unavailable
from pipelines.transports.prometheus import Prometheus
from pipelines.transports.pull import Puller
from tests.transports.places import one

BEGIN = 1_793_491_200
HOUR = Entry("2026-11-01T00:00:00Z/2026-11-01T01:00:00Z", "p.prom")
SETTINGS = {"url": "http://p:9090/", "queries": ["power", "util"], "since": "2026-11-01T00:00:00Z"}


class Server:
    """A store of samples in milliseconds that answers range selectors, closed on both sides as Prometheus 2 does."""

    def __init__(self) -> None:
        self.store: dict[str, dict[tuple[tuple[str, str], ...], list[tuple[int, str]]]] = {}
        self.most = 10_000
        self.down = False
        self.asked = 0
        self.extra: dict[str, Any] = {}
        self.closed = True

    def add(self, metric: str, at: int, value: str, **labels: str) -> None:
        series = self.store.setdefault(metric, {}).setdefault(tuple(labels.items()), [])
        series.append((at, value))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("connection refused")
        self.asked += 1
        form = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
        if form["query"] == "1":
            return self._answer("scalar", [0, "1"])
        found = re.fullmatch(r"(\w+)\[(\d+)ms\]", form["query"])
        assert found, form["query"]
        end = int(form["time"].replace(".", ""))
        begin = end - int(found[2]) + (0 if self.closed else 1)
        result, count = [], 0
        for labels, samples in self.store.get(found[1], {}).items():
            values = [(at, value) for at, value in samples if begin <= at <= end]
            count += len(values)
            if values:
                numbers = [[f"@{at / 1000:.3f}@", value] for at, value in values]
                result.append({"metric": {"__name__": found[1], **dict(labels)}, "values": numbers})
        if count > self.most:
            said = "query processing would load too many samples into memory in query execution"
            return httpx.Response(422, json={"status": "error", "errorType": "execution", "error": said})
        return self._answer("matrix", result)

    def _answer(self, kind: str, result: Any) -> httpx.Response:
        document = {"status": "success", "data": {"resultType": kind, "result": result}, **self.extra}
        return httpx.Response(200, text=re.sub(r'"@([\d.]+)@"', r"\1", json.dumps(document)))


@pytest.fixture
def server() -> Server:
    made = Server()
    for n in range(240):
        made.add("power", (BEGIN + 15 * n) * 1000 + 7, f"{n}.5", gpu="1", node="b")
        made.add("power", (BEGIN + 15 * n) * 1000, "NaN" if n == 3 else f"{n}", gpu="0", node="a")
    made.add("util", BEGIN * 1000 - 1, "1", gpu="0")
    made.add("util", BEGIN * 1000, "2", gpu="0")
    made.add("util", BEGIN * 1000 + 3_599_999, "+Inf", gpu="0")
    made.add("util", BEGIN * 1000 + 3_600_000, "3", gpu="0")
    return made


def prometheus(server: Server, clock: float = 0.0, **settings: Any) -> Prometheus:
    http = httpx.Client(transport=httpx.MockTransport(server))
    return Prometheus(http, {**SETTINGS, **settings}, lambda: clock)


def fetched(server: Server, tmp_path: Path, **settings: Any) -> str:
    part = tmp_path / "part"
    assert prometheus(server, **settings).fetch(HOUR, part)
    return part.read_text()


def test_the_samples_of_a_span_are_sorted_lines_with_milliseconds(server: Server, tmp_path: Path) -> None:
    lines = fetched(server, tmp_path).splitlines()
    assert len(lines) == 482
    assert lines[0] == f'power{{gpu="0",node="a"}} 0 {BEGIN}000'
    assert lines[3] == f'power{{gpu="0",node="a"}} NaN {BEGIN + 45}000'
    assert lines[240] == f'power{{gpu="1",node="b"}} 0.5 {BEGIN}007'
    assert lines[-2:] == [f'util{{gpu="0"}} 2 {BEGIN}000', f'util{{gpu="0"}} +Inf {BEGIN + 3599}999']


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("most", [7, 100, 481])
def test_halves_give_the_same_bytes_on_old_and_new_servers(
    server: Server, tmp_path: Path, most: int, closed: bool
) -> None:
    whole = fetched(server, tmp_path)
    server.most, server.closed, asked = most, closed, server.asked
    assert fetched(server, tmp_path) == whole
    assert server.asked - asked > 2 or most == 481


def test_an_answer_larger_than_we_take_is_asked_in_halves(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fetched(server, tmp_path)
    monkeypatch.setattr("pipelines.transports.prometheus.LARGEST_ANSWER", 2000)
    assert fetched(server, tmp_path) == whole


def test_too_much_for_one_second_is_refused(server: Server, tmp_path: Path) -> None:
    server.most = 0
    with pytest.raises(Refused, match="power gives too much for one second"):
        prometheus(server).fetch(HOUR, tmp_path / "part")


def test_a_series_that_two_queries_name_is_there_once(server: Server, tmp_path: Path) -> None:
    assert fetched(server, tmp_path, queries=["power", "util", "power"]) == fetched(server, tmp_path)


def test_labels_and_names_are_escaped(server: Server, tmp_path: Path) -> None:
    server.store = {}
    server.add("odd", BEGIN * 1000, "1", path='C:\\a "b"\nc', **{"k8s.pod": "x"})
    text = fetched(server, tmp_path, queries=["odd"])
    assert text == f'odd{{"k8s.pod"="x",path="C:\\\\a \\"b\\"\\nc"}} 1 {BEGIN}000\n'


def test_a_gap_is_fetched_later_and_no_span_is_passed_over(puller: Puller, server: Server) -> None:
    clock = BEGIN + 3600.0 + 300
    puller.connect = lambda each, secrets: prometheus(server, clock)
    server.down = True
    assert puller.pull(one("prometheus", **SETTINGS))[0].findings == [
        "http://p:9090 cannot be reached: connection refused"
    ]
    clock += 5 * 3600
    server.down = False
    (pulled,) = puller.pull(one("prometheus", **SETTINGS))
    assert (pulled.listed, len(pulled.landed), pulled.findings) == (6, 2, [])
    assert [event.name for event in read_events(puller.home)] == [
        "prometheus_20261101T000000Z_20261101T010000Z.prom",
        "prometheus_20261101T010000Z_20261101T020000Z.prom",
    ]
    assert puller.pull(one("prometheus", **SETTINGS))[0].listed == 0


WRONG = {
    "a part of the answer": (
        {"warnings": ["store 3 did not answer"]},
        Unavailable,
        "incomplete: store 3 did not",
    ),
    "an answer of something else": ({"data": []}, Refused, "does not answer as Prometheus does"),
    "no range": (
        {"data": {"resultType": "vector", "result": []}},
        Refused,
        "gives vector and no raw samples",
    ),
    "histograms": (
        {"data": {"resultType": "matrix", "result": [{"metric": {"__name__": "h"}, "histograms": []}]}},
        Refused,
        "native histogram",
    ),
    "a value with a line of its own": (
        {
            "data": {
                "resultType": "matrix",
                "result": [{"metric": {"__name__": "a"}, "values": [[1, "1\nb 2"]]}],
            }
        },
        Refused,
        "does not answer as Prometheus does",
    ),
    "a series that is none": (
        {"data": {"resultType": "matrix", "result": [{"metric": {"__name__": "a"}, "values": [["x", "1"]]}]}},
        Refused,
        "does not answer as Prometheus does",
    ),
    "a series without a name": (
        {"data": {"resultType": "matrix", "result": [{"metric": {}, "values": []}]}},
        Refused,
        "has no name",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_answer_that_cannot_be_used_is_told(case: str, server: Server, tmp_path: Path) -> None:
    server.extra, kind, told = WRONG[case]
    with pytest.raises(kind, match=told):
        prometheus(server).fetch(HOUR, tmp_path / "part")


@pytest.mark.parametrize(
    ("status", "document", "kind"),
    [
        (400, {"status": "error", "errorType": "bad_data", "error": "parse error"}, Refused),
        (503, {"status": "error", "errorType": "unavailable", "error": "starting"}, Unavailable),
        (502, "<html>", Unavailable),
        (401, "no", Refused),
    ],
)
def test_an_error_is_told(status: int, document: Any, kind: type[Exception], tmp_path: Path) -> None:
    answer = httpx.MockTransport(lambda request: httpx.Response(status, json=document))
    with pytest.raises(kind):
        Prometheus(httpx.Client(transport=answer), SETTINGS).fetch(HOUR, tmp_path / "part")
