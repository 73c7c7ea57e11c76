"""Compute vouchers: who pays how much of what for whom. Programmes, amounts and issuer are invented.

Rows are dicts of text by column; an absent value is "".
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

ISSUER = "party-zz-vouchers"
ISSUER_NAMES = ("City compute voucher office (simulated)", "市算力券发放中心（模拟）")
HOMES, FIRMS, HOLDING = "vp-homes", "vp-firms", "vp-holding"
HOMES_GIVEN = 50
"""So many households have a voucher, evenly chosen; all where there are fewer."""


@dataclass(frozen=True)
class Vouchers:
    """The issuer, its programmes, the vouchers, and what is stated of some of them in the middle of the range."""

    parties: list[TableRow]
    programmes: list[TableRow]
    vouchers: list[TableRow]
    later: list[TableRow]


def vouchers(world: World, tenants: list[TableRow]) -> Vouchers:
    """Vouchers for households and firms by the city, and of a holding for its own member and for a stranger."""
    rng = Random(f"{world.params.seed}/vouchers")
    opened = world.params.opened
    households = [row["tenant_id"] for row in tenants if row["segment"] == "household"]
    homes = households[:: max(1, len(households) // HOMES_GIVEN)]
    given = [_home(opened, tenant, rng) for tenant in homes]
    firms = [row["tenant_id"] for row in tenants if row["segment"] in ("enterprise", "park")]
    given += [_firm(world, tenant, rng) for tenant in firms]
    given += [
        _voucher(opened, f"cv-h-{tenant}", HOLDING, tenant, share="0.5", cap="8000.00", site_ids="nscc-zz")
        for tenant in ("enterprise-01", "enterprise-10")
    ]
    given[0] |= {"valid_to": date(opened.year, 7, 1).isoformat()}
    given[1] |= {"valid_from": date(world.params.last_day.year + 1, 1, 1).isoformat()}
    frozen, raised = given[2], given[len(homes)]
    budgets = {
        HOMES: sum(int(row["cap"].partition(".")[0]) for row in given[: len(homes)]) // 2,
        FIRMS: max(500, round(900_000 * world.params.scale)),
        HOLDING: 10_000,
    }
    return Vouchers(
        parties=[_issuer(opened)],
        programmes=[
            _programme(HOMES, ISSUER, budgets[HOMES], ("Household compute vouchers", "居民算力券")),
            _programme(
                FIRMS, ISSUER, budgets[FIRMS], ("Compute vouchers for firms in the west", "企业西部算力券")
            ),
            _programme(
                HOLDING, "group-holding-1", budgets[HOLDING], ("Vouchers of Holding 1", "控股集团1算力券")
            ),
        ],
        vouchers=given,
        later=[
            frozen | {"revision": "2", "state": "frozen"},
            raised | {"revision": "2", "cap": f"{2 * int(raised['cap'].partition('.')[0])}.00"},
        ],
    )


def _home(opened: date, tenant: str, rng: Random) -> TableRow:
    cap = rng.choice((50, 120, 300, 500))
    terms = {"cap": f"{cap}.00", "compute_classes": "intelligent", "segments": "household"}
    return _voucher(opened, f"cv-{tenant}", HOMES, tenant, share="0.5", **terms)


def _firm(world: World, tenant: str, rng: Random) -> TableRow:
    cap = max(40, round(rng.choice((20_000, 50_000, 120_000)) * world.params.scale))
    terms = {"cap": f"{cap}.00", "site_ids": "hami,qingyang", "segments": "enterprise,park"}
    return _voucher(
        world.params.opened, f"cv-{tenant}", FIRMS, tenant, share=rng.choice(("0.2", "0.333333")), **terms
    )


def _voucher(opened: date, voucher_id: str, programme: str, tenant: str, **terms: str) -> TableRow:
    return {
        "voucher_id": voucher_id,
        "revision": "1",
        "programme_id": programme,
        "tenant_id": tenant,
        "share": "",
        "cap": "",
        "compute_classes": "",
        "site_ids": "",
        "segments": "",
        "valid_from": opened.isoformat(),
        "valid_to": "",
        "state": "issued",
        **terms,
    }


def _programme(name: str, issuer: str, budget: int, names: tuple[str, str]) -> TableRow:
    return {
        "programme_id": name,
        "revision": "1",
        "issuer_party_id": issuer,
        "budget": f"{budget}.00",
        "name_en": names[0],
        "name_zh": names[1],
    }


def _issuer(opened: date) -> TableRow:
    return {
        "party_id": ISSUER,
        "valid_from": opened.isoformat(),
        "kind": "voucher_issuer",
        "name_en": ISSUER_NAMES[0],
        "name_zh": ISSUER_NAMES[1],
        "tax_id": "",
    }
