"""What a row states, typed: job records, meter readings, rows of tables. How they are written is told by `wire_*`."""

from dataclasses import dataclass

from pipelines.simulate.feeds.records import RecordFact
from pipelines.simulate.scheduler import Job
from pipelines.simulate.tenants import TableRow

ENDED_RANK, RUNNING_RANK, PENDING_RANK = 2, 1, 0
RANKS = {"PENDING": PENDING_RANK, "RUNNING": RUNNING_RANK, "SUSPENDED": RUNNING_RANK}


@dataclass(frozen=True, slots=True)
class JobFact:
    """A job as one record states it. `cards` is what the record proves; `gres` are its words for them.

    Times in epoch seconds, `end` None where the record says that it is unknown. `payload` is equal for two
    facts exactly if all that the contract keeps of them is equal.
    """

    job: Job
    site_id: str
    cluster: str
    job_id: str
    submit: int
    eligible: int | None
    start: int | None
    end: int | None
    elapsed: int
    state: str
    cores: int
    cards: int
    account: str
    partition: str
    gres: tuple[str, ...]

    @property
    def key(self) -> tuple[str, ...]:
        return self.site_id, self.cluster, self.job_id, str(self.submit)

    @property
    def rank(self) -> int:
        return RANKS.get(self.state, ENDED_RANK)

    @property
    def payload(self) -> tuple[object, ...]:
        return (
            *(self.eligible, self.start, self.end, self.elapsed, self.state),
            *(self.cores, self.cards, self.account, self.partition, self.gres),
        )


@dataclass(frozen=True, slots=True)
class ReadingFact:
    """A meter's reading; `value` in millionths of `unit`."""

    site_id: str
    meter_id: str
    read_at: int
    meter_kind: str
    value: int
    unit: str

    @property
    def key(self) -> tuple[str, ...]:
        return self.site_id, self.meter_id, str(self.read_at)

    @property
    def payload(self) -> tuple[object, ...]:
        return self.meter_kind, self.value, self.unit


@dataclass(frozen=True, slots=True)
class TableFact:
    """A row of a business table: its values as text by column."""

    dataset: str
    values: TableRow

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.values[column] for column in TABLE_KEYS[self.dataset])

    @property
    def payload(self) -> tuple[object, ...]:
        return tuple(self.values.values())


Fact = JobFact | ReadingFact | TableFact | RecordFact

TABLE_KEYS: dict[str, tuple[str, ...]] = {
    "capacity_inventory": ("site_id", "resource_pool", "model", "state", "valid_from"),
    "feed_totals": ("dataset", "day"),
    "parties": ("party_id", "valid_from"),
    "tenants": ("tenant_id", "valid_from"),
    "tenant_accounts": ("site_id", "account", "valid_from"),
    "skus": ("sku_id", "valid_from"),
    "tariff_rates": ("tariff_id", "version", "sku_id", "band_from", "window"),
    "tariff_multipliers": ("tariff_id", "version", "kind", "value"),
    "service_contracts": ("contract_id", "valid_from"),
    "voucher_programmes": ("programme_id", "revision"),
    "vouchers": ("voucher_id", "revision"),
    "payments": ("payment_id",),
    "revenue_shares": ("share_rule", "valid_from"),
    "tax_rates": ("tax_category", "valid_from"),
    "emission_factors": ("grid", "hour"),
    "green_certificates": ("certificate_id",),
}
