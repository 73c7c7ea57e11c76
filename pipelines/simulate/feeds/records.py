"""What a record of these feeds states: the columns that it fills, as text, and the instants among them.

Written down a second time here, on purpose: the simulator reads no contract. An absent value is "", an instant is
ISO 8601 in UTC to the second, a decimal is its shortest text.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pipelines.simulate.clock import utc_seconds, utc_text

COLUMNS: dict[str, tuple[str, ...]] = {
    "instance_records": (
        "site_id", "instance_id", "interval_start", "interval_end", "instance_kind", "instance_name", "account", "user",
        "flavor", "vcpus", "memory_mib", "accelerator_milli", "accelerator_model", "slice_profile", "node",
        "device_ids", "state",
    ),
    "storage_records": (
        "site_id", "volume_id", "observed_at", "account", "tier", "used_bytes", "provisioned_bytes",
    ),
    "network_usage": (
        "line_id", "interval_start", "interval_end", "site_id", "account", "peer_site_id", "bytes_in", "bytes_out",
        "committed_mbps",
    ),
    "device_samples": (
        "site_id", "device_id", "sampled_at", "node", "model", "slice_profile", "utilisation_pct", "memory_used_mib",
        "power_w", "energy_total_mj", "temperature_c", "health", "account", "job",
    ),
    "network_probes": (
        "probe_id", "target", "probed_at", "from_site_id", "to_site_id", "sent", "received", "basis", "min_us",
        "avg_us", "max_us", "jitter_us", "method",
    ),
    "rack_inventory": ("site_id", "room", "valid_from", "installed", "occupied", "rated_kw"),
    "outages": (
        "site_id", "outage_id", "revision", "resource_pool", "outage_from", "outage_to", "planned", "devices",
    ),
    "dispatch_orders": (
        "order_id", "revision", "account", "requested_class", "requested_cores", "requested_accelerators",
        "requested_model", "requested_at", "home_site_id", "placed_at", "placed_site_id", "started_at", "ended_at",
        "state", "reason",
    ),
    "cloud_charges": (
        "provider", "billing_account", "billing_period", "line_id", "line_ordinal", "billing_period_start",
        "billing_period_end", "charge_period_start", "charge_period_end", "charge_category", "charge_class",
        "charge_description", "charge_frequency", "service_category", "service_name", "sku_id", "resource_id",
        "resource_name", "region_id", "sub_account_id", "invoice_issuer", "pricing_quantity", "pricing_unit",
        "consumed_quantity", "consumed_unit", "list_cost", "contracted_cost", "effective_cost", "billed_cost",
        "billing_currency", "tax_included",
    ),
}  # fmt: skip
"""By dataset; of bills, all but the native columns."""

KEY_COLUMNS = {
    "instance_records": ("site_id", "instance_id", "interval_start"),
    "storage_records": ("site_id", "volume_id", "observed_at"),
    "network_usage": ("line_id", "interval_start"),
    "device_samples": ("site_id", "device_id", "sampled_at"),
    "network_probes": ("probe_id", "target", "probed_at"),
    "rack_inventory": ("site_id", "room", "valid_from"),
    "outages": ("site_id", "outage_id", "revision"),
    "dispatch_orders": ("order_id", "revision"),
    "cloud_charges": ("provider", "billing_account", "billing_period", "line_id", "line_ordinal"),
}
INSTANTS = {
    "instance_records": ("interval_start", "interval_end"),
    "storage_records": ("observed_at",),
    "network_usage": ("interval_start", "interval_end"),
    "device_samples": ("sampled_at",),
    "network_probes": ("probed_at",),
    "rack_inventory": ("valid_from",),
    "outages": ("outage_from", "outage_to"),
    "dispatch_orders": ("requested_at", "placed_at", "started_at", "ended_at"),
    "cloud_charges": (),
}
RANKS = {"PENDING": 0, "RUNNING": 1}
"""How far an instance's states have come; all others have ended. The state is the last column."""

CONTROLS = {
    "instance_records": ("interval_start", ("vcpus",)),
    "storage_records": ("observed_at", ("used_bytes",)),
    "network_usage": ("interval_start", ("bytes_in", "bytes_out")),
    "device_samples": ("sampled_at", ("power_w",)),
    "network_probes": ("probed_at", ("received",)),
}
"""Of datasets whose senders declare totals: the column of the day and those that are summed."""


@dataclass(frozen=True, slots=True)
class RecordFact:
    """A record's statement: its values in the order of the dataset's columns.

    `native` is what its sender writes beside them, whatever the wire needs; it does not distinguish two statements.
    """

    dataset: str
    values: tuple[str, ...]
    native: Any = None

    @property
    def key(self) -> tuple[str, ...]:
        values = self.values
        return tuple([values[place] for place in _key_places(self.dataset)])

    @property
    def payload(self) -> tuple[object, ...]:
        return self.values

    @property
    def rank(self) -> int:
        """An instance that runs comes before one that waits, one that ended before both."""
        return RANKS.get(self.values[-1], 2) if self.dataset == "instance_records" else 0

    def __getitem__(self, column: str) -> str:
        return self.values[place(self.dataset, column)]

    def instant(self, column: str) -> int | None:
        """The instant in a column, in epoch seconds; None where it is absent."""
        text = self[column]
        return utc_seconds(text) if text else None

    def changed(self, **values: str) -> "RecordFact":
        """The same record with other values."""
        new = list(self.values)
        for column, value in values.items():
            new[place(self.dataset, column)] = value
        return replace(self, values=tuple(new))

    def shifted(self, seconds: int) -> "RecordFact":
        """The record with all its instants moved."""
        moved = {}
        for column in INSTANTS[self.dataset]:
            at = self.instant(column)
            if at is not None:
                moved[column] = utc_text(at + seconds)
        return self.changed(**moved)


def fact(dataset: str, native: Any = None, **values: str) -> RecordFact:
    """A record's statement by column; what is not given is absent."""
    assert values.keys() <= _names(dataset), dataset
    return RecordFact(dataset, tuple([values.get(column, "") for column in COLUMNS[dataset]]), native)


@cache
def place(dataset: str, column: str) -> int:
    """Where a column stands."""
    return COLUMNS[dataset].index(column)


@cache
def _names(dataset: str) -> frozenset[str]:
    return frozenset(COLUMNS[dataset])


@cache
def _key_places(dataset: str) -> tuple[int, ...]:
    return tuple(place(dataset, column) for column in KEY_COLUMNS[dataset])
