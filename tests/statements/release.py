"""A release written by hand, with everything that a statement can show: a draft October, and with a pack a closed one.

sale      1,000 core-h at 0.10 and 500 core-h at 0.09, before tax: 145.00 + 6 % 8.70 = 153.70
credit    for service: -10.00 + -0.60 = -10.60
correct.  of 2026-09: 2.00 + 0.12 = 2.12
voucher   pays 50.00 of the sale: -50.00 for the tenant, 50.00 for the issuer
tenant    owes net 145 - 10 + 2 - 50 = 87.00, tax 8.70 - 0.60 + 0.12 = 8.22, gross 95.22
parts     80 % provider, 10 % site operator, 10 % network operator of net, which has 137.00 without the voucher:
          provider 116.00 - 8.00 + 1.60 = 109.60, operator 14.50 - 1.00 + 0.20 = 13.70, tax 8.22
top-up    the provider is guaranteed 200.00: 90.40
network   is owed 95.22 + 50.00 = 145.22, owes 200.00 + 13.70 + 8.22 = 221.92, on the whole -76.70
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import load_contract
from pipelines.files import sha256_file, write_json
from pipelines.statements.queries import TABLES

Row = dict[str, Any]
PERIOD, NETWORK, TENANT, ISSUER, PROVIDER, OPERATOR, TAX = (
    "2026-10", "party-network", "park-01", "city", "party-nscc-zz", "party-ops", "party-tax",
)  # fmt: skip
SALE, CREDIT, CORRECTION = "1" * 32, "2" * 32, "3" * 32
USAGE = "c1" * 16
HOUR = 3_600
ROOT, PACK = "ab" * 32, "cd" * 32


def voucher_line(side: str) -> str:
    """The id of a voucher's line, as dbt/macros/vouchers.sql makes it."""
    return hashlib.sha256("\x1f".join(["voucher", side, "v-0001", SALE]).encode()).hexdigest()[:32]


def line(line_id: str, net: int, tax: int, party: str = TENANT, kind: str = "sale", **more: Any) -> Row:
    sold = {
        "site_id": "nscc-zz",
        "sku_id": "=cpu",
        "tariff_version": "v1",
        "tax_rate_ppm": 60_000 if tax else 0,
    }
    shared = {"share_rule": "tenths", "share_valid_from": date(2026, 1, 1), "charge_period": PERIOD}
    who = {"party_id": party, "counterparty_id": NETWORK, "tenant_id": party, "period": PERIOD}
    amounts = {"net_fen": net, "tax_fen": tax, "gross_fen": net + tax}
    return {"line_id": line_id, "line_kind": kind, **who, **sold, **shared, **amounts, **more}


def charge(charge_id: str, line_id: str, category: str, cost: int, **more: Any) -> Row:
    named = {"charge_id": charge_id, "line_id": line_id, "billing_period": PERIOD, "tariff_id": "std"}
    return {**named, "charge_category": category, "billed_cost_micro_yuan": cost, **more}


def priced(hours: int, price: int, band: int) -> Row:
    """Usage of the upper or lower band, in micro-yuan per core-hour."""
    return {
        "price_model": "graduated", "band_from": band, "window": "00-24", "tax_included": False, "unit": "core-second",
        "quantity": hours * HOUR, "unit_price_micro_yuan": price, "contracted_unit_price_micro_yuan": price,
    }  # fmt: skip


def statement(party: str, other: str, direction: str, lines: int, net: int, tax: int, state: str) -> Row:
    sums = {"lines": lines, "net_fen": net, "tax_fen": tax, "gross_fen": net + tax, "state": state}
    return {"period": PERIOD, "party_id": party, "counterparty_id": other, "direction": direction, **sums}


DEBTS = [
    (TENANT, NETWORK, 4, 8_700, 822),
    (ISSUER, NETWORK, 1, 5_000, 0),
    (NETWORK, PROVIDER, 4, 20_000, 0),
    (NETWORK, OPERATOR, 3, 1_370, 0),
    (NETWORK, TAX, 3, 0, 822),
]
"""Debtor, creditor, rows, net and tax."""
NAMES = {
    NETWORK: ("算力网运营", "Network operator"),
    TENANT: ("=河畔科创园", "@Riverside Park"),
    ISSUER: ("科技局", "Science bureau"),
    PROVIDER: ("国家超级计算郑州中心", "National Supercomputing Center in Zhengzhou"),
    OPERATOR: ("平台运营公司", "Platform operator"),
    TAX: ("税务机关", "Tax authority"),
}


def rows(closed: bool) -> dict[str, list[Row]]:
    """The rows of the release's tables."""
    state = "closed" if closed else "draft"
    splits = [
        (SALE, 870, 11_600, 1_450, 1_450), (CREDIT, -60, -800, -100, -100), (CORRECTION, 12, 160, 20, 20),
    ]  # fmt: skip
    roles = {"tax": TAX, "provider": PROVIDER, "operator": OPERATOR, "network_operator": NETWORK}
    sides = [(d, c, "payable", *sums) for d, c, *sums in DEBTS]
    sides += [(c, d, "receivable", *sums) for d, c, *sums in DEBTS]
    return {
        "sites": [{"site_id": "nscc-zz", "name_zh": "国家超级计算郑州中心", "name_en": "National Center"}],
        "periods": [{"period": PERIOD, "state": state, "pack_sha256": PACK if closed else None}],
        "statement_lines": [
            line(SALE, 14_500, 870, quantity=1_500 * HOUR, unit="core-second"),
            line(CREDIT, -1_000, -60, kind="sla_credit"),
            line(CORRECTION, 200, 12, charge_class="Correction", charge_period="2026-09"),
            line(voucher_line("tenant"), -5_000, 0, kind="voucher", pays_line_id=SALE),
            line(voucher_line("issuer"), 5_000, 0, party=ISSUER, kind="voucher", pays_line_id=SALE),
        ],
        "charges": [
            charge(USAGE, SALE, "Usage", 100_000_000, **priced(1_000, 100_000, 0)),
            charge("c2" * 16, SALE, "Usage", 45_000_000, **priced(500, 90_000, 1_000)),
            charge("00" * 16, SALE, "Tax", 8_700_000),
            charge("c3" * 16, CREDIT, "Credit", -10_000_000, contract_id="sla-1"),
            charge("c4" * 16, CORRECTION, "Usage", 2_000_000, charge_class="Correction"),
            charge("c5" * 16, voucher_line("tenant"), "Credit", -50_000_000),
            charge("c6" * 16, voucher_line("issuer"), "Credit", 50_000_000),
        ],
        "line_splits": [
            {"line_id": line_id, "period": PERIOD, "role": role, "party_id": party, "amount_fen": amount}
            for line_id, *amounts in splits
            for (role, party), amount in zip(roles.items(), amounts, strict=True)
        ],
        "guarantee_topups": [
            {
                "topup_id": "t1", "period": PERIOD, "party_id": PROVIDER, "counterparty_id": NETWORK,
                "role": "provider", "share_rule": "tenths", "guaranteed_fen": 20_000, "earned_fen": 10_960,
                "topup_fen": 9_040,
            }
        ],
        "statements": [statement(*side, state) for side in sides],
        "settlement_positions": [
            {
                "party_id": party, "counterparty_id": other, "period": PERIOD,
                "receivable_fen": (net + tax) * (way == "receivable"), "payable_fen": (net + tax) * (way == "payable"),
                "net_fen": (net + tax) * (1 if way == "receivable" else -1),
            }
            for party, other, way, _, net, tax in sides
        ],
        "receivables": [
            {
                "party_id": party, "counterparty_id": other, "period": PERIOD, "due_on": date(2026, 11, 30),
                "payment_days": 30,
            }
            for party, other, *_ in sides
        ],
        "voucher_redemptions": [{"voucher_id": "v-0001", "tenant_id": TENANT}],
        "settlement_parties": parties(),
    }  # fmt: skip


def parties() -> list[Row]:
    """Everybody by the name of this year, and the tenant by that of the next month too."""
    known = [
        {
            "party_id": party,
            "valid_from": date(2026, 1, 1),
            "name_zh": zh,
            "name_en": en,
            "tax_id": "91410100MA0SIM0001",
        }
        for party, (zh, en) in NAMES.items()
    ]
    return [*known, {**known[1], "valid_from": date(2026, 11, 1), "name_zh": "改名园"}]


def write(folder: Path, closed: bool = False, changed: Mapping[str, list[Row]] | None = None) -> Path:
    """A release in a folder and, for a closed period, its pack in `packs` beside it; returns the release's folder."""
    release = folder / "release"
    for name, of in {**rows(closed), **(changed or {})}.items():
        _write(release / TABLES[name] / f"{name}.parquet", name, of)
    if closed:
        reference = folder / "packs" / PERIOD / "reference"
        _write(reference / "parties.parquet", "parties", parties())
        _write(reference / "vouchers.parquet", "vouchers", [{"voucher_id": "v-0001", "tenant_id": TENANT}])
        names = ("parties", "vouchers")
        write_json(
            folder / "packs" / PERIOD / "pack.json",
            {
                "pack_sha256": PACK, "merkle": {"lines": {"root": ROOT, "leaves": 5}},
                "cutoff": "2026-11-03T02:00:00+00:00", "proposed_by": "Li Ming", "approved_by": "Wang Fang",
                "tables": {f"reference/{name}": sha256_file(reference / f"{name}.parquet") for name in names},
            },
        )  # fmt: skip
    return release


def _write(path: Path, name: str, of: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([field.with_nullable(True) for field in load_contract(name).arrow_schema()])
    pq.write_table(
        pa.Table.from_pylist([{key: row.get(key) for key in schema.names} for row in of], schema), path
    )
