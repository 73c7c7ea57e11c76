"""Redfish documents: which readings are a meter's, when they were read, what has no place."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules, broken_column
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from tests.conftest import REAL_DATA
from tests.formats.reading import read_path, rules

REDFISH = REAL_DATA / "facility" / "redfish"
real = pytest.mark.skipif(not REDFISH.exists(), reason=f"needs real Redfish documents in {REDFISH}")

SENSOR = {
    "@odata.type": "#Sensor.v1_6_0.Sensor",
    "@odata.id": "/redfish/v1/Chassis/1/Sensors/P",
    "Reading": 374,
    "ReadingUnits": "W",
    "ReadingTime": "2026-03-01T00:00:00Z",
}
AT = {"read_at": "2026-03-01T08:00:00"}


def read(folder: Path, document: Any, **options: str) -> tuple[pl.DataFrame, Tally]:
    path = folder / "sent.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return read_path("redfish", "facility_readings", path, options)


def judged(rows: pl.DataFrame) -> list[str]:
    contract = load_contract("facility_readings")
    extra = [name[1:] for name in rows.columns if name.startswith("!")]
    return broken_column(apply_rules(rows, contract, extra), contract, extra).to_list()


@pytest.mark.parametrize(
    ("unit", "kind", "meant"),
    [("W", "gauge", "W"), ("kW", "gauge", "kW"), ("kW.h", "cumulative", "kWh"), ("W.h", "cumulative", "Wh")],
)
def test_a_sensor_is_a_meter_by_its_unit(tmp_path: Path, unit: str, kind: str, meant: str) -> None:
    rows, _ = read(tmp_path, SENSOR | {"ReadingUnits": unit})
    assert rows.select("meter_id", "reading_type", "unit", "value").rows() == [
        ("/redfish/v1/Chassis/1/Sensors/P", kind, meant, "374")
    ]
    assert judged(rows) == [""]


@pytest.mark.parametrize(
    ("change", "aside"),
    [
        ({"ReadingUnits": "Cel"}, "sensor in Cel"),
        ({"ReadingUnits": "J"}, "sensor in J"),
        ({"ReadingUnits": None}, "sensor in None"),
        ({"Reading": None}, "sensor without a reading"),
    ],
)
def test_what_is_no_meter_is_set_aside(tmp_path: Path, change: dict[str, Any], aside: str) -> None:
    rows, tally = read(tmp_path, SENSOR | change)
    assert (rows.height, tally.set_aside) == (0, {aside: 1})


def test_a_time_is_the_sensors_or_the_deliverys_and_never_guessed(tmp_path: Path) -> None:
    timeless = {key: value for key, value in SENSOR.items() if key != "ReadingTime"}
    documents = [SENSOR, timeless, SENSOR | {"ReadingTime": "noon"}]
    rows, _ = read(tmp_path, documents)
    assert rules(rows) == [[], ["read_at.absent"], ["read_at.unreadable"]]
    assert judged(rows) == ["", "read_at.absent", "read_at.unreadable"]
    rows, _ = read(tmp_path, documents, read_at="2026-03-01T09:00:00")
    assert rows["read_at"].dt.epoch("s").to_list() == [1772323200, 1772326800, None]


def test_a_reading_keeps_its_digits(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, json.dumps(SENSOR).replace("374", "325675.123456"))
    assert rows["value"].to_list() == ["325675.123456"]
    assert judged(read(tmp_path, SENSOR | {"Reading": -1})[0]) != [""]
    assert judged(read(tmp_path, SENSOR | {"Reading": "many"})[0]) == ["value.type"]


def test_options_name_host_kind_and_meters(tmp_path: Path) -> None:
    other = SENSOR | {"@odata.id": "/redfish/v1/Chassis/1/Sensors/Q"}
    options = {"host": "cn01", "meter_kind": "cooling", "meters": "/redfish/v1/Chassis/1/Sensors/Q"}
    rows, tally = read(tmp_path, [SENSOR, other], **options)
    assert rows.select("_row", "meter_id", "meter_kind").rows() == [
        (2, "cn01/redfish/v1/Chassis/1/Sensors/Q", "cooling")
    ]
    assert tally.set_aside == {"meter that was not asked for": 1}


def test_a_document_without_an_address_names_no_meter(tmp_path: Path) -> None:
    document = {
        "@odata.type": "#Power.v1.Power",
        "x": "/redfish/",
        "PowerControl": [{"PowerConsumedWatts": 5}],
    }
    assert judged(read(tmp_path, document, **AT)[0]) == ["meter_id.required"]


def test_names_of_what_is_set_aside_are_bounded(tmp_path: Path) -> None:
    document = {"@odata.id": "/redfish/v1/x"} | {f"P{number}": {"Reading": 1} for number in range(60)}
    _, tally = read(tmp_path, document)
    assert (len(tally.set_aside), tally.set_aside["other readings"], tally.records_read) == (41, 20, 60)


@pytest.mark.parametrize(
    "odd",
    [
        {"Members": "x"},
        {"PowerControl": {"PowerConsumedWatts": []}},
        {"MetricValues": [1, None]},
        {"@odata.type": 5},
    ],
)
@pytest.mark.parametrize("kind", ["Power", "MetricReport", "SensorCollection", "Sensor", "Thermal"])
def test_odd_shapes_are_booked(tmp_path: Path, kind: str, odd: dict[str, Any]) -> None:
    read(tmp_path, {"@odata.id": "/redfish/v1/x", "@odata.type": f"#{kind}.v1.{kind}"} | odd)


@pytest.mark.parametrize("options", [{"meter_kind": "gas"}, {"read_at": "noon"}, {"time_zone": "X"}])
def test_options_that_mean_nothing_are_refused(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(tmp_path, SENSOR, **options)
    assert refusal.value.rule == "file.options"


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (b'{"@odata.type": "#Power.v1.Power", "@odata.id": "/redfish/v1"}', True),
        (b'{"@odata.type": "x"}', False),
        (b'a,"@odata.",/redfish/', False),
    ],
)
def test_only_redfish_is_recognised(head: bytes, is_one: bool) -> None:
    assert FORMATS["redfish"].sniff(head) is is_one


@real
@pytest.mark.parametrize(
    ("name", "values", "others"),
    [
        ("Chassis_1U_EnvironmentMetrics", [("374", "W")], 3),
        ("Chassis_1U_Power", [("344", "W")], 3),
        ("Chassis_1U_PowerSubsystem_PowerSupplies_Bay1_Metrics", [("937.4", "W"), ("325675", "kWh")], 15),
        ("Chassis_1U_Sensors", [], 41),
        ("Chassis_1U_Thermal", [], 5),
        ("Chassis_1U_ThermalSubsystem", [], 1),
        ("Sensors_IntakeTemp", [], 1),
        ("Sensors_PS1InputPower", [("374", "W")], 0),
    ],
)
def test_real_documents(name: str, values: list[tuple[str, str]], others: int) -> None:
    path = REDFISH / f"{name}.json"
    rows, tally = read_path("redfish", "facility_readings", path, AT)
    assert sum(tally.set_aside.values()) == others
    if rows.height:
        assert rows.select("value", "unit").rows() == values
        assert judged(rows) == [""] * len(values)
    untimed, _ = read_path("redfish", "facility_readings", path)
    assert rules(untimed) == [["read_at.absent"]] * len(values)
