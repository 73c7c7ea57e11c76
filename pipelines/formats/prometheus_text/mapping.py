"""What an exporter's metrics mean for a dataset: one YAML file per exporter in `mappings/`, and nothing in code.

A file holds per dataset a list of groups. A group has `when` (labels that must be present, absent, or begin so),
`identity` (templates of the device or meter: the first that is complete counts), `labels` (column: labels, the first
that is not empty counts), `constants`, `held` (false: says nothing of who holds the device) and `metrics`: name →
`column`, `power_of_ten`, `whole: down` (cut to an integer), `codes` ("*" for all others), `unknown` (values that say
nothing), `rank` and `zero_rank` (of several metrics for a column the lowest wins; a zero ranks by `zero_rank`) and
`greatest` (of several samples the greatest counts). `holders` are sets of labels that say who holds a device.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

import yaml

IDENTITY = {"device_samples": "device_id", "facility_readings": "meter_id"}
TIME = {"device_samples": "sampled_at", "facility_readings": "read_at"}
MEASURED = {
    "device_samples": (
        "utilisation_pct", "memory_used_mib", "power_w", "energy_total_mj", "temperature_c", "health",
    ),
    "facility_readings": ("value",),
}  # fmt: skip
ATTRIBUTES = {
    "device_samples": ("node", "model", "slice_profile", "account", "job"),
    "facility_readings": ("meter_kind", "reading_type", "unit"),
}
WHOLE = frozenset({"memory_used_mib", "energy_total_mj"})
"""Columns that are integers."""


@dataclass(frozen=True)
class Metric:
    """How a metric's value becomes a column's."""

    name: str
    column: str
    power_of_ten: int = 0
    whole: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    unknown: Sequence[str] = ()
    rank: int = 1
    zero_rank: int | None = None
    greatest: bool = False


@dataclass(frozen=True)
class Group:
    """Metrics of the same kind of device or meter."""

    when: Mapping[str, str]
    identity: Sequence[str]
    labels: Mapping[str, Sequence[str]]
    constants: Mapping[str, str]
    metrics: Mapping[str, Metric]
    holders: Sequence[Mapping[str, str]]
    not_holders: Sequence[str]

    def applies(self, labels: Mapping[str, str]) -> bool:
        """Whether a sample with these labels belongs to the group."""
        for name, wanted in self.when.items():
            value = labels.get(name, "")
            if wanted in {"present", "absent"}:
                if bool(value) != (wanted == "present"):
                    return False
            elif not value.startswith(wanted):
                return False
        return True

    def attributes(self, labels: Mapping[str, str], node: str | None) -> dict[str, str | None]:
        """What the labels say of the device, by column; `node` holds where no label names one."""
        found: dict[str, str | None] = {
            column: next((labels[name] for name in names if name in labels), None)
            for column, names in self.labels.items()
        }
        found["node"] = found.get("node") or node
        return {**found, **self.constants, **self._holder(labels)}

    def _holder(self, labels: Mapping[str, str]) -> dict[str, str | None]:
        for holder in self.holders:
            job = labels.get(holder["job"])
            if job and not any(name in job for name in self.not_holders):
                return {column: labels.get(name) for column, name in holder.items()}
        return {}

    def named(self, labels: Mapping[str, str], node: str | None) -> str | None:
        """The device's or meter's identifier; None if the labels do not make one."""
        known = {**labels, "node": node} if node else labels
        for template in self.identity:
            if all(known.get(key) for _, key, _, _ in Formatter().parse(template) if key):
                return template.format_map(known)
        return None


@cache
def mapping_names() -> tuple[str, ...]:
    """The exporters that have a mapping."""
    folder = files(__package__) / "mappings"
    return tuple(
        sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))
    )


@cache
def groups_of(dataset: str, exporter: str = "") -> Mapping[str, tuple[Group, ...]]:
    """By metric name the groups that know it, of one exporter or of all of them."""
    found: dict[str, tuple[Group, ...]] = {}
    for name in [exporter] if exporter else mapping_names():
        text = (files(__package__) / "mappings" / f"{name}.yaml").read_text(encoding="utf-8")
        document = yaml.safe_load(text)
        for sent in document.get(dataset, ()):
            group = _group(document, sent)
            for metric in group.metrics:
                found[metric] = (*found.get(metric, ()), group)
    return found


def _group(document: Mapping[str, Any], sent: Mapping[str, Any]) -> Group:
    unknown = document.get("unknown", ())
    return Group(
        when=sent.get("when", {}),
        identity=sent["identity"],
        labels=sent.get("labels", {}),
        constants=sent.get("constants", {}),
        metrics={name: Metric(name, **({"unknown": unknown} | how)) for name, how in sent["metrics"].items()},
        holders=document.get("holders", ()) if sent.get("held", True) else (),
        not_holders=document.get("not_holders", ()),
    )
