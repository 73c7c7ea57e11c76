"""The closed form of redemptions holds what a clerk pays who goes through the claims one by one."""

from functools import cache

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dbt.any_project import compiled
from tests.dbt.harness import PROJECT

pytestmark = pytest.mark.slow

MODEL = PROJECT / "models" / "intermediate" / "rating" / "int_voucher_redemptions.sql"
COLUMNS = (
    "period text, voucher_id text, line_id text, programme_id text, issuer_party_id text, tenant_id text, "
    "site_id text, sku_id text, share_ppm bigint, revision bigint, record_hash text, "
    "claim_fen bigint, cap_fen bigint, budget_fen bigint, gross_fen bigint"
)
Claim = tuple[str, str, str, int]
"""Period, voucher, line and the fen that the voucher's share of the line comes to."""

fen = st.integers(min_value=0, max_value=1000)
claims = st.lists(
    st.tuples(st.sampled_from(["2026-10", "2026-11", "2026-12"]), st.sampled_from("abc"), fen), max_size=12
)


@cache
def _closed_form() -> str:
    """The model over a table of claims."""
    table = "claims_of_this_test"
    text = MODEL.read_text(encoding="utf-8").replace("{{ ref('int_voucher_claims') }}", table)
    assert table in text
    return (
        f"select period, voucher_id, line_id, redeemed_fen, cap_left_fen from ({compiled(text)}) order by all"
    )


def _one_by_one(told: list[Claim], caps: dict[str, int], budget: int) -> list[tuple[str, str, str, int, int]]:
    """Each claim in order, paid as far as what is left of cap and budget."""
    paid = []
    for period, voucher, line, claim in sorted(told):
        amount = min(claim, caps[voucher], budget)
        caps[voucher] -= amount
        budget -= amount
        paid.append((period, voucher, line, amount, caps[voucher]))
    return paid


@given(claims, st.tuples(fen, fen, fen), fen)
def test_what_is_redeemed_is_what_a_clerk_pays_one_by_one(
    drawn: list[tuple[str, str, int]], bounds: tuple[int, int, int], budget: int
) -> None:
    told = [(period, voucher, f"{number:03}", claim) for number, (period, voucher, claim) in enumerate(drawn)]
    caps = dict(zip("abc", bounds, strict=True))
    with duckdb.connect() as connection:
        connection.execute(f"create table claims_of_this_test ({COLUMNS})")
        for period, voucher, line, claim in told:
            connection.execute(
                "insert into claims_of_this_test by name select ? as period, ? as voucher_id, ? as line_id, "
                "'p' as programme_id, ? as claim_fen, ? as cap_fen, ? as budget_fen",
                [period, voucher, line, claim, caps[voucher], budget],
            )
        found = connection.execute(_closed_form()).fetchall()
    assert found == _one_by_one(told, caps, budget)
