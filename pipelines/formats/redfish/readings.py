"""What a Redfish document measures: each of its readings, and what of it has no place among meter readings.

After DMTF's schemas Power, EnvironmentMetrics, PowerSupplyMetrics, Sensor, SensorCollection, Thermal and MetricReport.
Energy is a running total, power a gauge. Power behind a power supply (output, rails) is not read: its input is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

UNITS = {
    "W": "W",
    "kW": "kW",
    "W.h": "Wh",
    "kW.h": "kWh",
    "MW.h": "MWh",
    "Wh": "Wh",
    "kWh": "kWh",
    "MWh": "MWh",
}
"""Redfish writes units in UCUM."""
EXCERPTS = {"PowerWatts": "W", "InputPowerWatts": "W", "EnergykWh": "kWh"}
"""Properties that copy a sensor's reading into another resource."""
REPORTED = {**EXCERPTS, "PowerConsumedWatts": "W"}
_TIMES = ("ReadingTime", "Timestamp", "DateTime")


@dataclass(frozen=True)
class Reading:
    """One reading that is a meter's, with the piece of the document that says so."""

    meter: str | None
    value: Any
    unit: str
    time: Any
    piece: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Whether the value is a running total."""
        return "cumulative" if self.unit.endswith("Wh") else "gauge"


@dataclass
class Found:
    """The readings of a document, and how many of what else."""

    readings: list[Reading] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)

    def put_aside(self, name: str, count: int = 1) -> None:
        """Counts what has no place among meter readings."""
        if count:
            self.others[name] = self.others.get(name, 0) + count


def readings_of(document: Mapping[str, Any]) -> Found:
    """Everything that a document measures."""
    found = Found()
    match _type(document):
        case "Sensor":
            _sensor(document, found)
        case "Power":
            _power(document, found)
        case "MetricReport":
            _report(document, found)
        case kind if kind.endswith("Collection") or isinstance(document.get("Members"), list):
            _collection(document, found)
        case _:
            _excerpts(document, found)
    if not found.readings and not found.others:
        found.put_aside(f"{_type(document)} without readings")
    return found


def _type(document: Mapping[str, Any]) -> str:
    """The schema's name in `#Sensor.v1_6_0.Sensor`."""
    kind = document.get("@odata.type")
    return kind.rpartition(".")[2].lstrip("#")[:50] if isinstance(kind, str) else "document"


def _time(*pieces: Mapping[str, Any]) -> Any:
    return next((piece[name] for piece in pieces for name in _TIMES if piece.get(name) is not None), None)


def _id(piece: Mapping[str, Any], name: str = "@odata.id") -> str | None:
    found = piece.get(name)
    return found if isinstance(found, str) and found else None


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield each


def _sensor(sensor: Mapping[str, Any], found: Found) -> None:
    unit = sensor.get("ReadingUnits")
    if sensor.get("Reading") is None:
        found.put_aside("sensor without a reading")
    elif isinstance(unit, str) and unit in UNITS:
        found.readings.append(Reading(_id(sensor), sensor["Reading"], UNITS[unit], _time(sensor), sensor))
    else:
        found.put_aside(f"sensor in {str(unit)[:20]}")


def _collection(document: Mapping[str, Any], found: Found) -> None:
    members = document.get("Members")
    for member in _objects(members if isinstance(members, list) else []):
        if set(member) <= {"@odata.id", "@odata.type"}:
            found.put_aside("link to a resource")
        elif "Reading" in member or _type(member) == "Sensor":
            _sensor(member, found)
        else:
            _excerpts(member, found)


def _power(document: Mapping[str, Any], found: Found) -> None:
    for number, control in enumerate(_objects(document.get("PowerControl"))):
        if control.get("PowerConsumedWatts") is None:
            found.put_aside("PowerControl without PowerConsumedWatts")
            continue
        own = _id(document)
        meter = _id(control) or (own and f"{own}#/PowerControl/{number}")
        time = _time(control, document)
        found.readings.append(Reading(meter, control["PowerConsumedWatts"], "W", time, control))
    for name in ("Voltages", "PowerSupplies"):
        found.put_aside(name, sum(1 for _ in _objects(document.get(name))))


def _report(document: Mapping[str, Any], found: Found) -> None:
    for metric in _objects(document.get("MetricValues")):
        source = _id(metric, "MetricProperty") or _id(metric, "MetricId") or ""
        name = source.removesuffix("/Reading").rpartition("/")[2].lstrip("#")
        if name in REPORTED:
            time = _time(metric, document)
            meter = source.removesuffix("/Reading").removesuffix("/PowerConsumedWatts")
            found.readings.append(Reading(meter, metric.get("MetricValue"), REPORTED[name], time, metric))
        else:
            found.put_aside(f"metric {name[:50]}")


def _excerpts(document: Mapping[str, Any], found: Found) -> None:
    """Properties that hold a reading, alone or in a list; temperatures and fans of the older Thermal resource."""
    for name, value in document.items():
        pieces = list(_objects(value))
        reading = next((each for each in pieces if each.get("Reading") is not None), None)
        if name in EXCERPTS and reading is not None and isinstance(value, dict):
            own = _id(document)
            meter = _id(value, "DataSourceUri") or (own and f"{own}#/{name}")
            time = _time(value, document)
            found.readings.append(Reading(meter, value["Reading"], EXCERPTS[name], time, {name: value}))
        elif reading is not None or any("ReadingCelsius" in each for each in pieces):
            found.put_aside(name[:50], len(pieces))
