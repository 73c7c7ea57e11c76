"""Bills in FOCUS: the names of every version, forms of time, and Parquet that says what the CSV says."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS, csv_records
from pipelines.formats.base import Tally, Unreadable
from pipelines.formats.focus import parquet
from tests.conftest import REAL_DATA
from tests.formats.reading import SAMPLES, read_path, rules

LINE: dict[str, Any] = {
    "Id": "1",
    "ProviderName": "Cloud",
    "BillingAccountId": "a",
    "BillingPeriodStart": "2026-03-01T00:00:00Z",
    "BillingPeriodEnd": "2026-04-01T00:00:00Z",
    "ChargePeriodStart": "2026-03-02T00:00:00Z",
    "ChargePeriodEnd": "2026-03-03T00:00:00Z",
    "BilledCost": "0.10",
    "BillingCurrency": "CNY",
    "ChargeCategory": "Usage",
}


def as_csv(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "bill.csv"
    rows = [",".join(lines[0]), *(",".join(str(value) for value in line.values()) for line in lines)]
    path.write_text("\n".join([*rows, ""]))
    return path


def as_parquet(folder: Path, columns: dict[str, Any], height: int = 1, **options: Any) -> Path:
    """A Parquet bill whose columns are those of LINE, those given in their stead, of the same length."""
    path = folder / "bill.parquet"
    sent = {name: pa.array([value] * height) for name, value in LINE.items()} | columns
    pq.write_table(pa.table(sent), path, **options)
    return path


def read(path: Path, **options: str) -> tuple[pl.DataFrame, Tally]:
    """The rows and tally of a bill, and that the contract has nothing against those that broke no rule."""
    rows, tally = read_path("focus", "cloud_charges", path, options)
    contract = load_contract("cloud_charges")
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    judged = apply_rules(rows, contract, extra)
    assert broken_column(judged, contract, extra).to_list() == [",".join(names) for names in rules(rows)]
    return rows, tally


@pytest.mark.parametrize(
    ("names", "provider", "native"),
    [
        ({"ProviderName": "A", "PublisherName": "P"}, "A", '{"PublisherName":"P"}'),
        ({"ServiceProviderName": "A", "HostProviderName": "H"}, "A", '{"HostProviderName":"H"}'),
        ({"ServiceProviderName": "A", "ProviderName": "NULL"}, "A", '{"ServiceProviderName":"A"}'),
        ({"ProviderName": "A", "ServiceProviderName": "B"}, "A", '{"ServiceProviderName":"B"}'),
    ],
    ids=["1.0", "1.4", "1.3", "1.3 of a reseller"],
)
def test_every_version_names_the_provider(
    tmp_path: Path, names: dict[str, str], provider: str, native: str
) -> None:
    line = {name: value for name, value in LINE.items() if name != "ProviderName"} | names
    rows, _ = read(as_csv(tmp_path, line))
    assert rows.select("provider", "native").row(0) == (provider, native)


@pytest.mark.parametrize(
    "start",
    [
        "2026-03-02T00:00:00Z",
        "2026-03-02 00:00:00",
        "2026-03-02T00:00Z",
        "2026-03-02",
        "2026-03-02T08:00+08:00",
        "2026-03-02T00:00:00.000Z",
        "2026-03-02 00:00",
        "2026/03/02 00:00:00",
        " 2026-03-02T00:00:00Z ",
    ],
)
def test_forms_of_time_may_be_mixed(tmp_path: Path, start: str) -> None:
    rows, _ = read(as_csv(tmp_path, LINE, LINE | {"ChargePeriodStart": start}))
    assert rows["charge_period_start"].to_list() == [datetime(2026, 3, 2, tzinfo=UTC)] * 2


@pytest.mark.parametrize("start", ["02.03.2026", "2026-03", "3/2/2026", "soon"])
def test_no_form_of_time_is_guessed(tmp_path: Path, start: str) -> None:
    rows, _ = read(as_csv(tmp_path, LINE | {"ChargePeriodStart": start}))
    assert rules(rows) == [["charge_period_start.unreadable"]]


def test_null_is_a_word_and_a_byte_order_mark_is_nothing(tmp_path: Path) -> None:
    path = as_csv(tmp_path, LINE | {"ListCost": "NULL", "SkuId": "", "Tags": "NULL"})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    rows, _ = read(path)
    assert rows.select("list_cost", "sku_id", "native").row(0) == (None, None, '{"Tags":null}')


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array([Decimal("-0.000000000000000001")], pa.decimal128(38, 18)), "-0.000000000000000001"),
        (pa.array([Decimal("12345678901234567890.123456789012345678")], pa.decimal128(38, 18)), None),
        (pa.array([Decimal("0E-7")], pa.decimal128(20, 7)), "0.0000000"),
        (pa.array([Decimal("1.50")], pa.decimal256(60, 2)), "1.50"),
        (pa.array(["1.000000000000000010"]), "1.000000000000000010"),
        (pa.array(["1.10"], pa.large_string()), "1.10"),
        (pa.array(["1.10"]).dictionary_encode(), "1.10"),
        (pa.array([b"1.10"]), "1.10"),
        (pa.array([7], pa.int64()), "7"),
    ],
)
def test_exact_amounts_stay_exact(tmp_path: Path, values: pa.Array, text: str | None) -> None:
    rows, tally = read(as_parquet(tmp_path, {"BilledCost": values}))
    assert rows["billed_cost"].to_list() == [text or str(values[0].as_py())]
    assert tally.labels == {}


@pytest.mark.parametrize(
    ("kind", "number", "text"),
    [
        (pa.float64(), 0.1, "0.1"),
        (pa.float64(), 8e-07, "0.0000008"),
        (pa.float64(), 1e19, "10000000000000000000"),
        (pa.float32(), 0.1, "0.1"),
        (pa.float64(), -2.5, "-2.5"),
    ],
)
def test_floats_are_told_apart(tmp_path: Path, kind: pa.DataType, number: float, text: str) -> None:
    path = as_parquet(
        tmp_path, {"BilledCost": pa.array([number] * 2, kind), "ListCost": pa.array([None, 1.0])}, 2
    )
    rows, tally = read(path)
    assert rows["billed_cost"].to_list() == [text] * 2
    assert tally.labels == {"amount sent as floating point": 2}


def test_a_float_that_is_no_number_is_no_amount(tmp_path: Path) -> None:
    path = as_parquet(tmp_path, {"BilledCost": pa.array([float("nan"), float("inf")])}, 2)
    rows, _ = read_path("focus", "cloud_charges", path)
    judged = apply_rules(rows, load_contract("cloud_charges"))
    assert broken_column(judged, load_contract("cloud_charges")).to_list() == ["billed_cost.type"] * 2


@pytest.mark.parametrize(
    ("kind", "zone", "hour"),
    [
        (pa.timestamp("us", "UTC"), "UTC", 0),
        (pa.timestamp("ns", "Asia/Shanghai"), "UTC", 0),
        (pa.timestamp("ms"), "UTC", 0),
        (pa.timestamp("s"), "Etc/GMT-8", -8),
        (pa.date32(), "UTC", 0),
    ],
)
def test_times_have_their_own_type(tmp_path: Path, kind: pa.DataType, zone: str, hour: int) -> None:
    moment = datetime.fromisoformat("2026-03-02")
    values = pa.array([moment.date() if pa.types.is_date(kind) else moment]).cast(kind)
    rows, _ = read(as_parquet(tmp_path, {"ChargePeriodStart": values}), time_zone=zone)
    expected = datetime(2026, 3, 2, tzinfo=UTC).timestamp() + hour * 3600
    assert rows["charge_period_start"].dt.epoch("s").to_list() == [int(expected)]


@pytest.mark.parametrize(
    ("kind", "ticks"),
    [
        (pa.timestamp("us"), 2**63 - 1),
        (pa.timestamp("s", "UTC"), -(2**52)),
        (pa.timestamp("ms"), 2**62),
        (pa.date32(), 2**31 - 1),
    ],
)
def test_a_time_that_no_calendar_has_is_no_time(tmp_path: Path, kind: pa.DataType, ticks: int) -> None:
    whole = pa.array([ticks], pa.int32() if pa.types.is_date32(kind) else pa.int64())
    rows, _ = read(as_parquet(tmp_path, {"ChargePeriodStart": whole.view(kind)}))
    assert rules(rows) == [["charge_period_start.unreadable"]]


def test_texts_that_are_no_utf8_are_said_to_be(tmp_path: Path) -> None:
    values = pa.array([b"ok", b"\xff\xfe", None], pa.binary())
    bad = pa.StringArray.from_buffers(3, values.buffers()[1], values.buffers()[2], values.buffers()[0])
    rows, _ = read(as_parquet(tmp_path, {"ServiceName": bad}, 3))
    assert rules(rows) == [[], ["record.encoding"], []]
    assert rows["service_name"].to_list() == ["ok", None, None]


def test_tags_become_json(tmp_path: Path) -> None:
    columns = {
        "Tags": pa.array([[("env", "dev"), ("计", "算")]], pa.map_(pa.string(), pa.string())),
        "x_Discounts": pa.array([[{"rate": Decimal("0.10"), "on": True}]]),
        "x_None": pa.nulls(1),
    }
    rows, _ = read(as_parquet(tmp_path, columns))
    assert rows["native"].to_list() == [
        '{"Tags":"{\\"env\\":\\"dev\\",\\"计\\":\\"算\\"}",'
        '"x_Discounts":"[{\\"rate\\":0.10,\\"on\\":true}]","x_None":null}'
    ]


def test_parquet_says_what_the_csv_says(tmp_path: Path) -> None:
    lines = [LINE | {"Id": str(number % 3), "BilledCost": f"{number}.10"} for number in range(50)]
    by_csv, _ = read(as_csv(tmp_path, *lines))
    columns = {name: pa.array([line[name] for line in lines]) for name in LINE}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "BATCH", 7)
        by_parquet, tally = read(as_parquet(tmp_path, columns, 50, row_group_size=20))
    assert by_parquet.drop("_row", "_raw").equals(by_csv.drop("_row", "_raw"))
    assert (by_parquet["_row"].to_list(), tally.records_read) == (list(range(1, 51)), 50)


def test_parquet_that_is_no_bill_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    for columns, rule in (
        ({"a": [1]}, "file.format"),
        ({"BilledCost": [1]}, "file.columns"),
        ({**{name: [value] for name, value in LINE.items()}, "_row": [1]}, "file.columns"),
    ):
        pq.write_table(pa.table(columns), path)
        with pytest.raises(Unreadable) as refusal:
            read(path)
        assert refusal.value.rule == rule
        assert not FORMATS["focus"].sniff(path.read_bytes()) or rule == "file.columns"


def test_parquet_is_recognised_as_far_as_can_be(tmp_path: Path) -> None:
    sniff = FORMATS["focus"].sniff
    assert sniff(as_parquet(tmp_path, {}).read_bytes())
    long = as_parquet(
        tmp_path, {"x_Noise": pa.array([f"{number * 7919:x}" * 9 for number in range(9000)])}, 9000
    )
    assert sniff(long.read_bytes()[:65536])
    assert not sniff(b"PAR1" + b"x" * 100)
    assert [name for name, each in FORMATS.items() if each.sniff(long.read_bytes()[:65536])] == ["focus"]


def test_damaged_parquet_is_refused_or_said_to_be(tmp_path: Path) -> None:
    columns = {"x_Noise": pa.array([f"{number * 7919:x}" for number in range(400)])}
    path = as_parquet(tmp_path, columns, 400, row_group_size=100, compression="NONE", use_dictionary=False)
    whole = path.read_bytes()
    for cut in (4, 8, 100, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(Unreadable) as refusal:
            read_path("focus", "cloud_charges", path)
        assert refusal.value.rule == "file.parquet"
    at = (
        pq.ParquetFile(as_parquet(tmp_path, columns, 400, row_group_size=100)).metadata.row_group(2).column(0)
    )
    data = bytearray(path.read_bytes())
    start = at.dictionary_page_offset or at.data_page_offset
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "BATCH", 50)
        rows, tally = read_path("focus", "cloud_charges", path)
    assert rules(rows) == [[]] * 200 + [["record.parquet"]]
    assert tally.records_read == 201


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12))
def test_flipped_parquet_is_never_an_accident(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("flipped")
    path = as_parquet(folder, {"Tags": pa.array([[("a", "b")]] * 5, pa.map_(pa.string(), pa.string()))}, 5)
    data = bytearray(path.read_bytes())
    for place, byte in flips:
        data[4 + place % (len(data) - 8)] = byte
    path.write_bytes(data)
    try:
        rows, _ = read_path("focus", "cloud_charges", path)
    except Unreadable:
        return
    apply_rules(rows, load_contract("cloud_charges"), [name[1:] for name in rows.columns if name[0] == "!"])


SAMPLE = REAL_DATA / "focus" / "focus_sample.csv"


@pytest.mark.skipif(not SAMPLE.is_file(), reason=f"needs the real FOCUS sample in {REAL_DATA}")
def test_the_real_bill_is_the_same_as_parquet(tmp_path: Path) -> None:
    """Totals were computed independently; the sample re-uses 893 line ids of AWS."""
    by_csv, _ = read(SAMPLE)
    names = csv_records.header_names(SAMPLE.open(encoding="utf-8").readline().strip())
    table = pl.read_csv(SAMPLE, infer_schema=False, null_values="NULL")
    assert table.columns == list(names)
    path = tmp_path / "bill.parquet"
    table.with_columns(pl.col("BilledCost").cast(pl.Decimal(38, 18))).write_parquet(path)
    by_parquet, tally = read(path)
    assert (tally.records_read, tally.labels) == (1000, {})
    exact = pl.col("billed_cost").cast(pl.Decimal(38, 18))
    same = [name for name in by_csv.columns if name not in {"_row", "_raw", "billed_cost", "native"}]
    assert by_parquet.select(*same, exact).equals(by_csv.select(*same, exact))
    totals = by_parquet.group_by("provider").agg(exact.sum(), pl.len().alias("lines"))
    assert {name: (str(cost).rstrip("0"), lines) for name, cost, lines in totals.rows()} == {
        "AWS": ("18.0066386184", 942),
        "Microsoft": ("1.97651418586", 51),
        "Oracle": ("0.53707392473", 7),
    }


def test_the_sample_holds_the_odd_cases() -> None:
    text = (SAMPLES / "focus" / "sample.csv").read_text(encoding="utf-8")
    assert all(odd in text for odd in ("NULL", '""one""', "-12.30", "refund, in\n"))
