"""Network probes: our CSV, RIPE Atlas pings, matrices of round-trip times. No answer is a lost probe, never a zero."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from pipelines.formats.latencies import POWERS, microseconds
from tests.conftest import REAL_DATA
from tests.formats.reading import read_path, rules

SEATTLE = REAL_DATA / "network"
CONTRACT = load_contract("network_probes")
HEADER = "probe_id,target,probed_at,sent,received,min_ms,avg_ms,max_ms,basis\n"
SLICE = {"unit": "s", "probed_at": "2026-03-01T00:00:00Z"}
PING = {
    "fw": 5080, "type": "ping", "msm_id": 1, "prb_id": 7, "dst_addr": "192.0.2.1", "dst_name": "a", "proto": "ICMP",
    "timestamp": 1772323200, "sent": 3, "rcvd": 3, "min": 1.5, "avg": 2.25, "max": 4,
}  # fmt: skip


def read(folder: Path, name: str, text: str, **options: str) -> tuple[pl.DataFrame, Tally]:
    path = folder / "sent"
    path.write_bytes(text.encode())
    return read_path(name, "network_probes", path, options)


def judged(rows: pl.DataFrame) -> list[str]:
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    return broken_column(apply_rules(rows, CONTRACT, extra), CONTRACT, extra).to_list()


def typed(rows: pl.DataFrame) -> pl.DataFrame:
    return apply_rules(rows, CONTRACT, [name[1:] for name in rows.columns if name.startswith("!")])


@given(st.decimals(0, 1000, allow_nan=False, places=9), st.sampled_from(sorted(POWERS)))
def test_units_are_converted_exactly(value: Decimal, unit: str) -> None:
    (found,) = microseconds(pl.Series([str(value)]), unit)
    assert Decimal(found) == value.scaleb(POWERS[unit])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", None),
        (" - ", None),
        ("NaN", None),
        ("1e-3", "1"),
        (".5", "500"),
        ("-1", "-1000"),
        ("0.000", "0"),
        ("12 ms", "12 ms"),
        ("1e999999999", "1e999999999"),
        ("inf", "inf"),
    ],
)
def test_words_and_odd_numbers(text: str, meant: str | None) -> None:
    (found,) = microseconds(pl.Series([text]), "ms")
    assert found == meant or Decimal(found) == Decimal(meant or "nan")


@pytest.mark.parametrize(
    ("fields", "broken"),
    [
        ("10,10,1,1.5,2,round_trip", ""),
        ("10,0,,,,one_way", ""),
        ("10,0,-,NaN,*,round_trip", ""),
        ("10,0,0,0,0,round_trip", "row.lost_has_no_latency"),
        ("10,5,,,,round_trip", "row.answered_has_latency"),
        ("10,11,1,1,1,round_trip", "row.received_within"),
        ("0,0,,,,round_trip", "sent.range"),
        ("10,10,2,1,3,round_trip", "row.latency_ordered"),
        ("10,10,1,x,3,round_trip", "avg_us.type"),
        ("10,10,1,1.0000001,3,round_trip", "avg_us.type"),
        ("10,10,1,1,3,sideways", "basis.code"),
    ],
)
def test_a_lost_probe_is_no_zero(tmp_path: Path, fields: str, broken: str) -> None:
    rows, _ = read(tmp_path, "probe_csv", f"{HEADER}p,t,2026-03-01 08:00:00,{fields}\n")
    assert judged(rows) == [broken]


@pytest.mark.parametrize(
    ("suffix", "sent"),
    [("us", "1500"), ("ms", "1.5"), ("s", "0.0015"), ("（毫秒）", "1.5"), ("(us)", "1500")],
)
def test_the_header_says_the_unit(tmp_path: Path, suffix: str, sent: str) -> None:
    name = f"avg_{suffix}" if suffix in POWERS else f"平均时延{suffix}"
    text = (
        f"探针,探测目标,探测时间,发送包数,收到包数,时延口径,{name}\np,t,2026-03-01 08:00:00,1,1,往返,{sent}\n"
    )
    rows, _ = read(tmp_path, "probe_csv", text)
    assert judged(rows) == [""]
    assert typed(rows).select("avg_us", "basis").rows() == [(Decimal(1500), "round_trip")]
    assert rows["probed_at"].dt.epoch("s").to_list() == [1772323200]


@pytest.mark.parametrize(
    ("header", "options", "rule"),
    [
        ("a,b", {}, "file.format"),
        (HEADER.replace(",basis", ""), {}, "file.columns"),
        (HEADER.replace(",basis", ""), {"basis": "x"}, "file.options"),
        (HEADER.replace("avg_ms", "avg").replace("min_ms", "min"), {}, "file.columns"),
        (HEADER.replace("target", "x"), {}, "file.columns"),
        (HEADER.strip() + ",basis", {}, "file.columns"),
    ],
)
def test_a_probe_header_that_lacks_something_is_refused(
    tmp_path: Path, header: str, options: dict[str, str], rule: str
) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, "probe_csv", header.strip() + "\n1,2\n", **options)
    assert refusal.value.rule == rule


def test_the_delivery_may_say_the_basis(tmp_path: Path) -> None:
    text = HEADER.replace(",basis", "") + "p,t,2026-03-01 08:00:00,1,1,1,1,1\n"
    assert judged(read(tmp_path, "probe_csv", text, basis="one_way")[0]) == [""]


@pytest.mark.parametrize(
    ("change", "row", "broken"),
    [
        ({}, ("7", "192.0.2.1", 3, 3, "1500.000", "2250.000", "4000.000"), ""),
        ({"rcvd": 0, "min": -1, "avg": -1, "max": -1}, ("7", "192.0.2.1", 3, 0, None, None, None), ""),
        ({"avg": Decimal("2.7447843333")}, ("7", "192.0.2.1", 3, 3, "1500.000", "2744.784", "4000.000"), ""),
        ({"dst_addr": None}, ("7", "a", 3, 3, "1500.000", "2250.000", "4000.000"), ""),
        (
            {"min": -1, "avg": -1, "max": -1},
            ("7", "192.0.2.1", 3, 3, None, None, None),
            "row.answered_has_latency",
        ),
        (
            {"min": "x", "max": True},
            ("7", "192.0.2.1", 3, 3, "x", "2250.000", "true"),
            "min_us.type,max_us.type",
        ),
    ],
)
def test_an_atlas_ping_is_a_probe(
    tmp_path: Path, change: dict[str, Any], row: tuple[Any, ...], broken: str
) -> None:
    rows, _ = read(tmp_path, "atlas_ping", json.dumps([PING | change], default=float))
    names = ("probe_id", "target", "sent", "received", "min_us", "avg_us", "max_us")
    assert rows.with_columns(pl.col("sent", "received").cast(pl.Int64)).select(names).rows() == [row]
    assert judged(rows) == [broken]
    assert rows.select("basis", "method").row(0) == ("round_trip", "icmp")


def test_old_firmware_and_lines_of_json_are_read_too(tmp_path: Path) -> None:
    old = {
        key: value
        for key, value in PING.items()
        if not key.startswith("dst") and key not in {"type", "proto"}
    }
    text = (
        json.dumps(old | {"fw": 1, "addr": "192.0.2.9"})
        + "\n"
        + json.dumps(PING | {"mode": "ICMP6", "proto": None})
        + "\n"
    )
    rows, _ = read(tmp_path, "atlas_ping", text, from_site_id="ctyun", to_site_id="nscc-zz")
    assert rows.select("target", "method", "from_site_id", "to_site_id").rows() == [
        ("192.0.2.9", "icmp", "ctyun", "nscc-zz"),
        ("192.0.2.1", "icmp", "ctyun", "nscc-zz"),
    ]


def test_what_is_no_ping_is_set_aside(tmp_path: Path) -> None:
    results = [PING | {"type": kind} for kind in ("traceroute", "dns", "x", 5)] + [
        PING | {"sent": 0, "rcvd": 0}
    ]
    rows, tally = read(tmp_path, "atlas_ping", json.dumps(results))
    assert (rows.height, tally.set_aside) == (
        0,
        {
            "measurement of type traceroute": 1,
            "measurement of type dns": 1,
            "measurement of another type": 2,
            "ping of which no packet was sent": 1,
        },
    )


def test_a_damaged_result_costs_itself_only(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "atlas_ping", json.dumps([PING, 5, PING | {"timestamp": "soon"}]))
    assert judged(rows) == ["", "record.json", "probed_at.unreadable"]


MATRIX = "0\t0.1\t0.25\n0\t0\t0.3\n\t-1\t0\n"


@pytest.mark.parametrize(
    ("options", "rows", "absent", "lost"),
    [({}, 6, 3, 0), ({"no_value": "lost"}, 6, 0, 3), ({"no_value": "absent"}, 3, 0, 0)],
)
def test_a_pair_without_a_time_is_what_the_delivery_says(
    tmp_path: Path, options: dict[str, str], rows: int, absent: int, lost: int
) -> None:
    found, tally = read(tmp_path, "rtt_matrix", MATRIX, **SLICE, **options)
    assert (tally.records_read, found.height, tally.set_aside["node to itself"]) == (9, rows, 3)
    assert judged(found).count("record.absent") == absent
    assert (found["received"] == "0").sum() == lost
    assert set(judged(found)) <= {"", "record.absent"}
    answered = typed(found).filter(pl.col("received") == 1)
    assert answered.select("probe_id", "target", "avg_us").rows() == [
        ("1", "2", 100_000), ("1", "3", 250_000), ("2", "3", 300_000),
    ]  # fmt: skip


def test_nodes_and_packets_may_be_named(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "rtt_matrix", "0\t1\n2\t0\n", **SLICE, nodes="a, b", sent="4", method="tcp")
    assert rows.select("_row", "probe_id", "target", "sent", "received", "method", "_raw").rows() == [
        (2, "a", "b", "4", "4", "tcp", "1\t2\t1"),
        (3, "b", "a", "4", "4", "tcp", "2\t1\t2"),
    ]


def test_nodes_may_stand_at_sites_or_at_none(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "rtt_matrix", MATRIX, **SLICE, sites="hami,, nscc-zz")
    assert rows.select("probe_id", "target", "from_site_id", "to_site_id").rows()[:2] == [
        ("1", "2", "hami", None),
        ("1", "3", "hami", "nscc-zz"),
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"unit": ""},
        {"unit": "h"},
        {"probed_at": ""},
        {"probed_at": "noon"},
        {"no_value": "x"},
        {"nodes": "a,b"},
        {"nodes": "a,a,b"},
        {"sites": "hami,nscc-zz"},
    ],
)
def test_a_matrix_needs_its_unit_and_time(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, "rtt_matrix", MATRIX, **(SLICE | options))
    assert refusal.value.rule == "file.options"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("0\t1\n1\t0\n1\t1\n", "file.square"),
        ("0\t1\t2\n1\t0\t2\n", "file.square"),
        ("0,1\n1,0\n", "file.format"),
        ("a\tb\n1\t2\n", "file.format"),
    ],
)
def test_what_is_no_square_of_numbers_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, "rtt_matrix", text, **SLICE)
    assert refusal.value.rule == rule


def test_a_line_of_another_width_costs_itself_only(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "rtt_matrix", "0\t1\t2\t3\n1\t0\t2\t3\n1\t2\n1\t2\t3\t0\n", **SLICE)
    assert sorted(zip(rows["_row"], rules(rows), strict=True))[6] == (9, ["record.fields"])
    assert rows.height == 10


@pytest.mark.parametrize(
    ("name", "head", "is_one"),
    [
        ("rtt_matrix", b"0\t0.1\n0.2\t0\n", True),
        ("rtt_matrix", b"a\t0.1\n", False),
        ("rtt_matrix", b"0\t1\n1\t0\t2\n1\n", False),
        ("rtt_matrix", b"5\n", False),
        ("probe_csv", HEADER.encode(), True),
        ("probe_csv", HEADER.replace("_ms", "").encode(), False),
        ("atlas_ping", json.dumps([PING]).encode(), True),
        ("atlas_ping", b'{"jobs": []}', False),
    ],
)
def test_what_is_recognised(name: str, head: bytes, is_one: bool) -> None:
    assert FORMATS[name].sniff(head) is is_one


@pytest.mark.skipif(not SEATTLE.exists(), reason=f"needs real matrices in {SEATTLE}")
@pytest.mark.parametrize(("number", "zeros"), [(1, 65), (4, 48), (24, 55)])
def test_real_matrices_account_for_every_pair(number: int, zeros: int) -> None:
    path = SEATTLE / f"SeattleData_{number}"
    rows, tally = read_path("rtt_matrix", "network_probes", path, SLICE)
    assert (tally.records_read, tally.set_aside, rows.height) == (9801, {"node to itself": 99}, 9702)
    assert judged(rows).count("record.absent") == zeros
    assert set(judged(rows)) == {"", "record.absent"}
    cells = [line.split("\t") for line in path.read_text().splitlines()]
    expected = sum(Decimal(cells[i][j]) for i in range(99) for j in range(99) if i != j)
    assert typed(rows)["avg_us"].sum() == expected * 1_000_000
    with pytest.raises(Unreadable, match="unit is not given"):
        read_path("rtt_matrix", "network_probes", path)
