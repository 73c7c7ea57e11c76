"""A small network with hostile faults over a month's end, as the pipeline builds it on DuckDB, in two builds.

The first is whole. Then the month that ended is closed and one delivery of jobs is withdrawn, so that the second build
computes some days again, keeps the others, and takes the closed month from the ledger.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.closing.recording import decide_incomplete
from pipelines.home import Home, month_bounds
from pipelines.lake import refresh
from pipelines.landing import read_events, receive, withdraw
from pipelines.orchestrate import build, close_period
from pipelines.sites_config import load_sources
from pipelines.warehouse import Target, connected
from tests.spark.engine import Sources, sources_told
from tests.whole.network import land, month_end

CLOSED = "2026-09"
WITHDRAWN = ("nscc-zz", "sacct_20260930.psv")
"""A delivery with jobs of the month's last day and over its end."""
AFTERWARDS = datetime(2026, 10, 20, tzinfo=UTC)
TOLD = {
    "revenue_shares": "share_rule,valid_from,provider_share,operator_share,network_operator_share,provider_minimum\n"
    "supercomputer,2025-01-01,0.8,0.15,0.05,100000000\n",
    "payments": "payment_id,payer_party_id,payee_party_id,period,amount,paid_on\n"
    "p1,party-network,party-tax,2026-09,100.00,2026-10-12\n"
    "p2,a-stranger,party-network,2026-09,0.01,2026-10-13\n",
    "voucher_programmes": "programme_id,revision,issuer_party_id,budget,name_en,name_zh\n"
    "vp,1,party-voucher-office,100000,Vouchers (simulated),算力券（模拟）\n",
    "vouchers": "voucher_id,revision,programme_id,tenant_id,share,cap,valid_from,state\n"
    "v1,1,vp,campus-01,0.3,500,2026-01-01,issued\n"
    "v2,1,vp,enterprise-04,0.5,10000,2026-10-01,issued\n",
    "service_contracts": "contract_id,valid_from,segment,tenant_id,kind,sku_id,fee,tax_included,metric,target,"
    "credit_share,auto_apply\n"
    "sc-sla,2025-01-01,campus,,sla,,,,availability,0.999,0.1,true\n"
    "sc-lost,2026-10-01,,park-03,flat,sku-of-nobody,5,true,,,,\n",
}
"""What the business system tells besides: a guarantee that no site reaches, payments, vouchers, a service level, and a
fee under a SKU that nobody sells."""


class Network:
    """The home of the network, all of it landed and read."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.target = Target(self.home)
        self.config = load_sources()
        land(self.home, month_end(seed=11, faults="hostile", scale=0.01), folder / "simulated")
        for dataset, rows in TOLD.items():
            self._tell(folder / f"{dataset}.csv", dataset, rows)
        refresh(self.home, self.config)
        self._settle_what_blocks()

    def _settle_what_blocks(self) -> None:
        """Takes back deliveries of the month that contradict themselves, decides that what is short is lost, forgets
        the warehouse."""
        build(self.target, self.config)
        for (landing_id,) in self._of_month(
            "select distinct landing_id from intermediate.int_conflicts where {}"
        ):
            withdraw(self.home, landing_id, "contradicts itself", AFTERWARDS)
        build(self.target, self.config)
        short = "select distinct source_id, dataset from marts.completeness_daily where status != 'complete' and {}"
        for source, dataset in self._of_month(short):
            decision = ("accepted", "an approver", "lost for good", AFTERWARDS)
            decide_incomplete(self.home, CLOSED, source, dataset, *decision)
        self.target.remove()

    def _of_month(self, query: str) -> list[tuple[Any, ...]]:
        first, following = month_bounds(CLOSED)
        with connected(self.target) as connection:
            return connection.sql(
                query.format(f"day >= date '{first}' and day < date '{following}'") + " order by all"
            ).fetchall()

    def _tell(self, path: Path, dataset: str, rows: str) -> None:
        path.write_text(rows, encoding="utf-8")
        receive(
            self.home,
            path,
            source_id="network-ops",
            dataset=dataset,
            format_name="table",
            options={},
            received_at=AFTERWARDS,
        )

    def build(self) -> Sources:
        """Builds and tests the models on DuckDB; returns what they read."""
        with sources_told() as told:
            build(self.target, self.config)
        return told

    def close_and_withdraw(self) -> None:
        """Closes the month, then takes back jobs of both months."""
        close_period(self.home, self.config, CLOSED, "a proposer", "an approver", AFTERWARDS)
        (landing_id,) = {
            each.landing_id for each in read_events(self.home) if (each.source_id, each.name) == WITHDRAWN
        }
        withdraw(self.home, landing_id, "sent in error", AFTERWARDS)
