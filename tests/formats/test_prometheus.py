"""Prometheus text: the grammar, times and their units, folding into wide rows, what exporters really show."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats import lines as line_reader
from pipelines.formats.base import Tally, Unreadable
from pipelines.formats.prometheus_text import held, splitting
from pipelines.formats.prometheus_text.labels import read_sample, read_series
from pipelines.formats.prometheus_text.mapping import ATTRIBUTES, MEASURED, groups_of, mapping_names
from tests.conftest import REAL_DATA
from tests.formats.reading import read_path, rules

EXPORTERS = REAL_DATA / "exporters"
real = pytest.mark.skipif(not EXPORTERS.exists(), reason=f"needs real exporter files in {EXPORTERS}")

NOW = 1772323200000
COMMENTS = {"comment line", "blank line"}


def read(
    folder: Path, text: str, dataset: str = "device_samples", **options: str
) -> tuple[pl.DataFrame, Tally]:
    path = folder / "sent.prom"
    path.write_bytes(text.encode())
    return read_path("prometheus_text", dataset, path, options)


def gpu(metric: str = "GPU_UTIL", value: object = 50, at: object = NOW, labels: str = 'UUID="u"') -> str:
    return f"DCGM_FI_DEV_{metric}{{{labels}}} {value} {at}".strip() + "\n"


def judged(rows: pl.DataFrame, dataset: str = "device_samples") -> list[str]:
    contract = load_contract(dataset)
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    return broken_column(apply_rules(rows, contract, extra), contract, extra).to_list()


heads = ['metric{gpu="0",uuid="é"} ', 'metric{job="x} y"} ', 'm{a="} ', "metric{} ", "metric ", "", "#"]
values = [
    "5",
    "-1.5e3",
    "NaN",
    "123456789012",
    "1234567890123",
    "",
    "5 5",
    "5  ",
    '"',
    "5#",
    "5\t",
    "é",
    "} ",
]
stamps = [
    "",
    " 1790784000000",
    " 1790784000",
    " +179078400000",
    "  179078400000",
    '# {t="1"} 0.3 1790784000000',
]
sent = st.tuples(st.sampled_from(heads), st.sampled_from(values), st.sampled_from(stamps)).map("".join)


@given(st.lists(sent, max_size=8))
def test_a_plain_line_is_cut_where_a_search_would_find_its_parts(texts: list[str]) -> None:
    lines = pl.DataFrame(
        {"_row": range(len(texts)), "scraped": None, "line": texts},
        schema={"_row": pl.Int64, "scraped": pl.Int64, "line": pl.String},
    )
    assert splitting._split(lines).equals(splitting._search(lines))


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("up 1", ("up", "1", None)),
        ("up\t1   5", ("up", "1", "5")),
        ('a{b="} c"} 1 2', ('a{b="} c"', "1", "2")),
        ('a{b="\\"} 5"} +Inf', ('a{b="\\"} 5"', "+Inf", None)),
        ('a{} 1.5e-3 # {trace_id="}"} 1 2', ("a{", "1.5e-3", None)),
        ('{"a.b", c="d"} NaN', ('{"a.b", c="d"', "NaN", None)),
        ('a{b="c} 1', None),
        ("a{b=c} 1 2 3", None),
        ("a one", None),
        ("1a 1", None),
        ("a", None),
        ("", None),
    ],
)
def test_a_line_is_taken_apart_as_the_exposition_format_says(
    line: str, parts: tuple[str, ...] | None
) -> None:
    assert read_sample(line) == parts


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('a { b = "c" , d="e", ', ("a", {"b": "c", "d": "e"})),
        (r'a{b="\\ \" \n"', ("a", {"b": '\\ " \n'})),
        ('a{b="",c="x{1},y"', ("a", {"c": "x{1},y"})),
        ('{"a.b","c d"="e"', ("a.b", {"c d": "e"})),
        ("a", ("a", {})),
        ('a{b="1",b="2"', None),
        (r'a{b="\x"', None),
        ('{b="1"', None),
        ('a{b="1" c="2"', None),
        ("a b", None),
        ("", None),
    ],
)
def test_labels_are_read_with_their_escapes(text: str, meant: tuple[str, dict[str, str]] | None) -> None:
    assert read_series(text) == meant


VALUES = st.text(st.sampled_from('a"\\\n{},=# 计'), max_size=6)


@settings(max_examples=40)
@given(st.lists(VALUES, min_size=1, max_size=8), st.integers(30, 300))
def test_any_label_value_comes_back(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], block: int
) -> None:
    escaped = [value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for value in values]
    text = "".join(
        gpu(at=NOW + number, labels=f'UUID="u",hpc_job="{value}"') for number, value in enumerate(escaped)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_reader.read_lines, "__kwdefaults__", {"block": block, "limit": 1 << 20})
        rows, _ = read(tmp_path_factory.mktemp("prom"), text)
    assert rules(rows) == [[]] * len(values)
    assert rows.sort("_row")["job"].to_list() == [value or None for value in values]


def test_samples_of_a_device_and_time_are_one_row(tmp_path: Path) -> None:
    text = gpu() + gpu("FB_USED", 1024) + gpu(at=NOW + 1) + gpu(labels='UUID="v"') + gpu("SM_CLOCK")
    rows, tally = read(tmp_path, text)
    assert rows.select("_row", "device_id", "utilisation_pct", "memory_used_mib").rows() == [
        (1, "u", "50", "1024"),
        (3, "u", "50", None),
        (4, "v", "50", None),
    ]
    assert (tally.folded, tally.set_aside) == (1, {"unmapped metric DCGM_FI_DEV_SM_CLOCK": 1})
    assert rows["_raw"][0] == f'DCGM_FI_DEV_GPU_UTIL{{UUID="u"}} 50 {NOW}\nDCGM_FI_DEV_FB_USED 1024'


@pytest.mark.parametrize(
    ("options", "stamp", "end", "at", "broken"),
    [
        ({}, "1772323200000", "", 1772323200, []),
        ({}, "1772323200", "", None, ["sampled_at.seconds"]),
        ({}, "1772323200.5", "", None, ["sampled_at.seconds"]),
        ({"timestamp_unit": "seconds"}, "1772323200", "", 1772323200, []),
        ({}, "1772323200.250", "# EOF\n", 1772323200, []),
        ({}, "1.7723232e9", "# EOF\n", 1772323200, []),
        ({}, "1772323200000", "# EOF\n", None, ["sampled_at.milliseconds"]),
        ({"timestamp_unit": "ms"}, "1772323200000", "# EOF\n", 1772323200, []),
        ({}, "99999999999999999", "", None, ["sampled_at.unreadable"]),
        ({}, "1e300", "", None, ["sampled_at.unreadable"]),
        ({}, "", "", None, ["sampled_at.absent"]),
        ({"sampled_at": "2026-03-01T08:00:00"}, "", "", 1772323200, []),
        ({"sampled_at": "2026-03-01T08:00:00"}, "1772323201000", "", 1772323201, []),
    ],
)
def test_time_is_never_guessed(
    tmp_path: Path, options: dict[str, str], stamp: str, end: str, at: int | None, broken: list[str]
) -> None:
    rows, _ = read(tmp_path, gpu(at=stamp) + end, **options)
    assert (rows["sampled_at"].dt.epoch("s").to_list(), rules(rows)) == ([at], [broken])


def test_a_comment_tells_when_a_scrape_was(tmp_path: Path) -> None:
    text = gpu(at="") + "".join(
        f"# scraped_at {time}\n" + gpu(at="") + gpu("GPU_TEMP", 40, "")
        for time in ("2026-03-01T00:00:00Z", "2026-03-01 08:01:00")
    )
    rows, _ = read(tmp_path, text)
    assert [at and at - NOW // 1000 for at in rows["sampled_at"].dt.epoch("s")] == [None, 0, 60]
    assert rows["temperature_c"].to_list() == [None, "40", "40"]


@pytest.mark.parametrize(
    ("samples", "value", "broken"),
    [
        ([50, 50], "50", []),
        ([50, "50.0"], "50.0", []),
        ([50, 51], "51", ["utilisation_pct.conflict"]),
        (["NaN", 50], "50", []),
    ],
)
def test_repeated_samples_agree_or_conflict(
    tmp_path: Path, samples: list[Any], value: str, broken: list[str]
) -> None:
    rows, tally = read(tmp_path, "".join(gpu(value=each) for each in samples))
    assert (float(rows["utilisation_pct"][0]), rules(rows)) == (float(value), [broken])
    assert tally.folded == 1


def test_unknown_is_not_zero(tmp_path: Path) -> None:
    text = gpu(value="NaN") + gpu("FB_USED", "9223372036854775794", NOW + 1) + gpu("GPU_TEMP", 40, NOW + 1)
    rows, tally = read(tmp_path, text)
    assert rows.select("memory_used_mib", "temperature_c").rows() == [(None, "40")]
    assert (tally.set_aside, tally.labels) == ({"unknown value": 1}, {"unknown value": 1})


def test_impossible_values_are_the_contracts_to_reject(tmp_path: Path) -> None:
    text = gpu(value=-1) + gpu("POWER_USAGE", "+Inf", NOW + 1) + gpu("FB_USED", "0.5", NOW + 2)
    rows, _ = read(tmp_path, text)
    assert judged(rows) == ["utilisation_pct.range", "power_w.type", "memory_used_mib.type"]


def test_large_numbers_are_read_exactly(tmp_path: Path) -> None:
    text = "".join(
        f'node_rapl_package_joules_total{{index="{number}"}} {value} {NOW}\n'
        for number, value in enumerate(["2.40422366267e+11", "1234.5678", "5"])
    )
    rows, _ = read(tmp_path, text + gpu("TOTAL_ENERGY_CONSUMPTION", "1.2e+12"), node="n")
    assert rows["energy_total_mj"].to_list() == ["240422366267000", "1234567", "5000", "1200000000000"]


def test_a_slice_has_its_own_row_and_the_card_its_power(tmp_path: Path) -> None:
    labels = 'UUID="u",GPU_I_PROFILE="1g.6gb",GPU_I_ID="{}",pod="p"'
    text = "".join(
        gpu("GPU_UTIL", 0, labels=labels.format(number))
        + gpu("POWER_USAGE", f"52.{number}", labels=labels.format(number))
        + gpu("X", 1, labels=labels.format(number))
        .replace("DEV_X", "PROF_GR_ENGINE_ACTIVE")
        .replace("} 1", "} 0.5")
        for number in (3, 4)
    )
    rows, _ = read(tmp_path, text)
    assert rows.sort("device_id").select("device_id", "utilisation_pct", "power_w", "job").rows() == [
        ("u", None, "52.4", None),
        ("u/3", "50", None, "p"),
        ("u/4", "50", None, "p"),
    ]
    assert set(rules(rows)[0]) == set()


def test_a_device_that_several_hold_is_nobodys(tmp_path: Path) -> None:
    text = gpu(labels='UUID="u",pod="p",namespace="a"') + gpu(
        "FB_USED", 1, labels='UUID="u",pod="q",namespace="a"'
    )
    rows, tally = read(tmp_path, text + gpu("GPU_TEMP", 40))
    assert rows.select("account", "job").rows() == [("a", None)]
    assert tally.labels == {"labels of a device that differ": 1}


def test_the_exporters_own_pod_holds_nothing(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, gpu(labels='UUID="u",pod="nvidia-dcgm-exporter-x7k",namespace="gpu-operator"'))
    assert rows.select("account", "job").rows() == [(None, None)]


def test_hbm_comes_before_ddr_unless_the_chip_has_none(tmp_path: Path) -> None:
    text = "".join(
        f'npu_chip_info_{kind}used_memory{{vdie_id="{chip}"}} {value} {NOW}\n'
        for chip, hbm, ddr in (("a", 30000, 900), ("b", 0, 900), ("c", 0, 0))
        for kind, value in (("", ddr), ("hbm_", hbm))
    )
    rows, _ = read(tmp_path, text)
    assert rows["memory_used_mib"].to_list() == ["30000", "900", "0"]


def day(order: str) -> str:
    """Scrapes of three cards: in the order of time, or metric by metric as OpenMetrics has it."""
    places = [
        (minute, metric, card)
        for minute in range(200)
        for metric in ("GPU_UTIL", "GPU_TEMP")
        for card in range(3)
    ]
    if order == "metric":
        places.sort(key=lambda place: place[1:])
    return "".join(
        gpu(metric, (minute + card) % 90, NOW + minute * 60_000, f'UUID="{card}"')
        for minute, metric, card in places
    )


@pytest.mark.parametrize(
    ("order", "block", "most"), [("time", 3000, 10**6), ("metric", 10**6, 10**6), ("metric", 30_000, 100)]
)
def test_order_and_batches_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str, block: int, most: int
) -> None:
    monkeypatch.setattr(line_reader.read_lines, "__kwdefaults__", {"block": block, "limit": 1 << 20})
    monkeypatch.setattr(held, "MOST", most)
    rows, tally = read(tmp_path, day(order))
    assert (rows.height, tally.folded, rules(rows)) == (600, 600, [[]] * 600)
    found = rows.select(
        (pl.col("sampled_at").dt.epoch("s") - NOW // 1000) // 60,
        *(pl.col(name).cast(pl.Int64) for name in ("device_id", "utilisation_pct", "temperature_c")),
    )
    assert sorted(found.rows()) == [
        (m, card, (m + card) % 90, (m + card) % 90) for m in range(200) for card in range(3)
    ]


def test_names_of_unmapped_metrics_are_bounded(tmp_path: Path) -> None:
    rows, tally = read(tmp_path, "".join(f'm{number}{{a="b"}} 1\n' for number in range(80)))
    assert rows.is_empty()
    assert (len(tally.set_aside), tally.set_aside["other unmapped metrics"]) == (51, 30)


def test_a_damaged_line_costs_itself_only(tmp_path: Path) -> None:
    text = (
        gpu()
        + 'DCGM_FI_DEV_GPU_UTIL{UUID="x} 5\n'
        + 'a{b="1",b="2"} 3 4\n'
        + "not a sample\n"
        + gpu(at=NOW + 1)
    )
    rows, _ = read(tmp_path, text + gpu(at=NOW + 2)[:-1])
    broken = dict(zip(rows["_row"], rules(rows), strict=True))
    assert broken == {1: [], 5: [], 6: ["record.truncated"]} | {row: ["record.format"] for row in (2, 3, 4)}


@pytest.mark.parametrize(
    "options",
    [
        {"mapping": "x"},
        {"timestamp_unit": "hours"},
        {"sampled_at": "now"},
        {"time_zone": "X"},
        {"encoding": "x"},
    ],
)
def test_options_that_mean_nothing_are_refused(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, gpu(), **options)
    assert refusal.value.rule == "file.options"


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (b'# HELP a b\n# TYPE a gauge\na{b="c"} 1\n', True),
        (b'a{b="c"} 1 1772323200000\n', True),
        (b"# TYPE a counter\n", True),
        (b"# a comment\nname,value\n", False),
        (b"a 1\nb 2\n", False),
        (b'{"a": 1}\n', False),
        (b"", False),
    ],
)
def test_only_an_exposition_is_recognised(head: bytes, is_one: bool) -> None:
    assert FORMATS["prometheus_text"].sniff(head) is is_one


def test_every_mapping_names_columns_of_its_dataset() -> None:
    for dataset in MEASURED:
        columns = {*load_contract(dataset).column_names}
        assert {*MEASURED[dataset], *ATTRIBUTES[dataset]} <= columns
        for exporter in mapping_names():
            for name, groups in groups_of(dataset, exporter).items():
                for group in groups:
                    assert group.metrics[name].column in MEASURED[dataset]
                    assert {*group.labels, *group.constants} <= {*ATTRIBUTES[dataset], "node"}


@real
def test_seconds_for_milliseconds_are_said_of_every_real_npu_row() -> None:
    rows, tally = read_path("prometheus_text", "device_samples", EXPORTERS / "npu_exporter.prom")
    assert rules(rows) == [["device_id.unknown", "sampled_at.seconds"]] * 8
    unmapped = sum(count for name, count in tally.set_aside.items() if name not in COMMENTS)
    assert (rows.height, tally.folded, unmapped, rows.height + tally.folded + unmapped) == (8, 40, 82, 130)


@real
def test_real_npu_samples_are_rows_when_unit_and_host_are_named() -> None:
    options = {"timestamp_unit": "seconds", "node": "npu-1"}
    rows, _ = read_path("prometheus_text", "device_samples", EXPORTERS / "npu_exporter.prom", options)
    assert judged(rows) == [""] * 8
    assert rows["device_id"].to_list() == [f"npu-1/{chip}" for chip in range(8)]
    assert rows["sampled_at"].dt.to_string("%F %T").unique().to_list() == ["2020-11-26 14:46:40"]


@real
def test_every_sample_of_a_real_node_exporter_has_a_place() -> None:
    path = EXPORTERS / "node_exporter.prom"
    rows, tally = read_path("prometheus_text", "device_samples", path)
    assert rules(rows) == [["device_id.unknown", "sampled_at.absent"]] * 16
    assert tally.records_read - tally.set_aside["comment line"] == 3027
    options = {"node": "h1", "sampled_at": "2026-03-01T00:00:00Z"}
    rows, tally = read_path("prometheus_text", "device_samples", path, options)
    assert judged(rows) == [""] * 7
    assert (tally.folded, sum(n for name, n in tally.set_aside.items() if name not in COMMENTS)) == (9, 3011)
    assert rows.filter(pl.col("device_id") == "h1/platform_coretemp_0")["temperature_c"].to_list() == ["55"]
    assert rows["energy_total_mj"].drop_nulls().to_list() == ["240422366"]


@pytest.mark.skipif(
    not (REAL_DATA / "prometheus_live").exists(), reason=f"needs {REAL_DATA / 'prometheus_live'}"
)
def test_a_real_federation_is_read() -> None:
    rows, _ = read_path("prometheus_text", "device_samples", REAL_DATA / "prometheus_live" / "federate.txt")
    assert judged(rows) == ["", ""]
    assert rows.select("node", "utilisation_pct", "job").rows() == [
        ("gpu01", "75", None),
        ("gpu01", "80", None),
    ]
