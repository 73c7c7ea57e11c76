"""What cases of vouchers add to a case of rating: a programme with its issuer, and vouchers of it.

Belongs here: how a voucher is told and how redemptions are read. Does not belong here: any expected number.
"""

from decimal import Decimal
from typing import Any

from tests.dbt.rating_cases import START, Case, books, rows
from tests.dbt.world import Row


def programme(case: Case, budget: str = "1000000", revision: int = 1) -> str:
    """The case's programme and, as a party, its issuer."""
    name = f"programme-{case.site}"
    case.add(
        "voucher_programmes",
        programme_id=name,
        revision=revision,
        issuer_party_id=issuer(case.site),
        budget=Decimal(budget).quantize(Decimal("0.01")),
        name_en=name,
        name_zh=name,
    )
    return name


def issuer(site: str) -> str:
    """The party that issues the vouchers of a case."""
    return f"issuer-{site}"


def voucher(case: Case, share: str = "0.5", cap: str = "1000000", name: str = "v", **columns: Any) -> None:
    """A voucher of the case's programme for its tenant, from the year's start."""
    case.add(
        "vouchers",
        **{
            "voucher_id": f"{name}-{case.site}",
            "revision": 1,
            "programme_id": f"programme-{case.site}",
            "tenant_id": case.tenant,
            "share": Decimal(share).quantize(Decimal("0.000001")),
            "cap": Decimal(cap).quantize(Decimal("0.01")),
            "valid_from": START,
            "state": "issued",
            **columns,
        },
    )


def supported(case: Case, share: str = "0.5", cap: str = "1000000", **columns: Any) -> None:
    """Core-hours at one yuan without tax, a programme, and one voucher of it."""
    case.sells(price="1", rate="0")
    programme(case)
    voucher(case, share, cap, **columns)


def redemptions(name: str) -> list[Row]:
    """A case's redemptions by month and voucher."""
    return rows(name, "voucher_redemptions", "period, voucher_id, line_id")


def redeemed(name: str) -> list[tuple[int, str]]:
    """How much each redemption of a case pays, in fen, and why no more."""
    return [(row["redeemed_fen"], row["limited_by"]) for row in redemptions(name)]


def voucher_lines(name: str) -> list[tuple[str, int, int]]:
    """(party, gross, tax) of a case's voucher lines."""
    found = rows(name, "statement_lines", "period, gross_fen")
    return [
        (row["party_id"], row["gross_fen"], row["tax_fen"]) for row in found if row["line_kind"] == "voucher"
    ]


def journal(name: str) -> list[tuple[str, str, int, int]]:
    """(account, party, debit, credit) of what is booked of a case's voucher lines."""
    parties = {line[0] for line in voucher_lines(name)}
    found = books().rows("marts.journal_entries", source="voucher")
    return [
        (row["account"], row["party_id"], row["debit_fen"], row["credit_fen"])
        for row in found
        if row["party_id"] in parties
    ]
