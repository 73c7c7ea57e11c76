"""What a certificate writes: a page that needs nothing but itself, its JSON, and the rejected rows."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from data_contracts.dictionary import Text
from pipelines.certificates import Certificate, certify
from pipelines.certificates.page import visible
from pipelines.certificates.rejected import inert
from tests.certificates.deliveries import JOBS, SOURCE, deliver, job_rows, landing_id

HOSTILE = '"><script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>\u202e.txt'
RAW = "=cmd|' /C calc'!A0|<b>bold</b>&amp;"


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A red certificate over a hostile file name, a hostile value and hostile rejected rows."""
    home = tmp_path_factory.mktemp("home")
    rejected = ((5, "elapsed_s.type,record.fields", RAW), (6, "record.encoding", "@SUM(1)\x00\x1b[31m"))
    facts = deliver(home, rows=job_rows(cluster="<i>" * 60), rejected=rejected, name=HOSTILE)
    facts = replace(
        facts,
        set_aside={"<u>steps</u>": 3},
        reasons={"elapsed_s.type": Text("<s>Not</s> a number.", "<s>不是</s>数值。")},
    )
    return certify(home, JOBS, SOURCE, [facts], "run-7")


def test_the_page_asks_nothing_of_a_network(hostile: Certificate) -> None:
    html = hostile.page.read_text(encoding="utf-8")
    page = Page(html)
    assert not {"script", "img", "link", "iframe", "object", "form", "base"} & set(page.tags)
    links = [value for _, name, value in page.attributes if name in {"src", "href", "action", "srcset"}]
    assert links == ["run-7.rejected.csv"]
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert "url(" not in html
    assert "@import" not in html
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


def test_hostile_texts_are_shown_and_inert(hostile: Certificate) -> None:
    page = Page(hostile.page.read_text(encoding="utf-8"))
    shown = HOSTILE.replace("\u202e", "\\u202e")
    for text in (shown, RAW, "@SUM(1)\\x00\\x1b[31m", "<i>" * 60, "<u>steps</u>: 3", "<s>不是</s>数值。"):
        assert text in page.text
    assert "\u202e" not in page.text


def test_the_page_says_what_happened_in_both_languages(hostile: Certificate) -> None:
    text = " ".join(Page(hostile.page.read_text(encoding="utf-8")).text.split())
    for said in (
        "不合格 Red: not passed",
        "作业记录 Job records",
        landing_id(1),
        JOBS.version,
        "集群（cluster）超过 128 个字符。",
        "Cluster (cluster) is longer than 128 characters.",
        "第 5 行 row 5",
        "elapsed_s.type",
        "每份交付至多读取 2,000 行",
        "Of each delivery at most 2,000 rows are read",
    ):
        assert said in text


def test_the_json_says_the_same(hostile: Certificate) -> None:
    said = json.loads(hostile.document.read_text(encoding="utf-8"))
    assert said["verdict"] == "red"
    assert said["counts"] == {
        "rows_in": 42, "accepted": 40, "quarantined": 2, "duplicates": 0, "set_aside": 3,
    }  # fmt: skip
    assert said["contract"] == {"version": JOBS.version, "digest": JOBS.digest}
    assert {rule["rule"]: rule["rows"] for rule in said["rules"]} == {
        "elapsed_s.type": 1, "record.fields": 1, "record.encoding": 1,
    }  # fmt: skip
    assert said["rejected"]["first"][0]["landing_row"] == 5
    failed = [check["name"] for check in said["checks"] if not check["passed"]]
    assert failed == ["cluster.length", "delivery.quarantined"]


def test_rejected_rows_go_back_with_formulas_inert(hostile: Certificate) -> None:
    assert hostile.rejected is not None
    with hostile.rejected.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["landing_row"], row["rules"]) for row in rows] == [
        ("5", "elapsed_s.type, record.fields"),
        ("6", "record.encoding"),
    ]
    assert [row["raw"] for row in rows] == ["'" + RAW, "'@SUM(1)\x00\x1b[31m"]
    assert rows[0]["reason_zh"] == "<s>不是</s>数值。"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\n@"])
def test_cells_that_start_as_a_formula_are_made_inert(start: str) -> None:
    assert inert(f"{start}1+1") == f"'{start}1+1"


def test_other_cells_stay_as_sent() -> None:
    assert [inert(cell) for cell in ("", "1-2", "a=b", "作业")] == ["", "1-2", "a=b", "作业"]


def test_control_and_direction_characters_are_shown() -> None:
    assert visible("a\u202eb\u200bc\x1bd\r\n") == "a\\u202eb\\u200bc\\x1bd\\x0d↵\n"


def test_a_file_name_that_is_no_utf8_is_written_as_escapes(tmp_path: Path) -> None:
    certificate = certify(tmp_path, JOBS, SOURCE, [deliver(tmp_path, name="\udce5.txt")], "day-1")
    assert "\\udce5.txt" in certificate.page.read_text(encoding="utf-8")


def test_the_same_input_gives_the_same_bytes_in_any_order_and_elsewhere(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        home = tmp_path / name
        facts = [deliver(home, n, rejected=((5, "elapsed_s.type", "x"),)) for n in (1, 2)]
        certificate = certify(home, JOBS, SOURCE, facts if name == "one" else facts[::-1], "day-1")
        assert certificate.rejected is not None
        written.append(
            [path.read_bytes() for path in (certificate.page, certificate.document, certificate.rejected)]
        )
    assert written[0] == written[1]


def test_nothing_rejected_any_more_leaves_no_rejected_rows(tmp_path: Path) -> None:
    facts = deliver(tmp_path, rejected=((5, "elapsed_s.type", "x"),))
    first = certify(tmp_path, JOBS, SOURCE, [facts], "day-1").rejected
    assert first is not None
    assert first.exists()
    assert certify(tmp_path, JOBS, SOURCE, [deliver(tmp_path)], "day-1").rejected is None
    assert not first.exists()
    assert [path.name for path in sorted(first.parent.iterdir())] == ["day-1.html", "day-1.json"]


def test_importing_costs_no_great_expectations() -> None:
    code = "import sys, pipelines.certificates; sys.exit(bool({'great_expectations', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_certifying_opens_no_connection_and_writes_only_to_its_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    deliver(home)
    code = f"""
import socket, sys
from pathlib import Path
def refused(*_): raise AssertionError("a connection was tried")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refused
from pipelines.certificates import certify
from tests.certificates.deliveries import JOBS, SOURCE, deliver
home = Path({str(home)!r})
sys.exit(certify(home, JOBS, SOURCE, [deliver(home)], "day-1").verdict != "green")
"""
    root = Path(__file__).parents[2]
    environment = {"HOME": str(tmp_path / "user"), "PYTHONPATH": str(root), "TMPDIR": str(tmp_path / "tmp")}
    for folder in ("user", "tmp"):
        (tmp_path / folder).mkdir()
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    assert (
        sorted(path.name for path in tmp_path.rglob("*") if path.is_file() and home not in path.parents) == []
    )
