"""Generated networks: the models agree with fractions in plain Python to the micro-yuan, and their audits hold."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.fraction_books import Books, Job, Site, books
from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import SELECT, Case, told
from tests.dbt.world import World

SITES = 24
FIRST = datetime.fromisoformat("2026-10-29 00:00")

micro_prices = st.one_of(st.integers(0, 20), st.integers(0, 5_000_000), st.integers(0, 90_000_000_000))
ppm = st.one_of(st.sampled_from([0, 30_000, 60_000, 130_000, 1_000_000]), st.integers(0, 1_000_000))
jobs = st.builds(
    Job,
    start=st.integers(0, 5 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds)),
    seconds=st.one_of(st.integers(1, 5_000), st.integers(1, 200_000)),
    cores=st.integers(0, 300),
    cards=st.integers(0, 8),
    account=st.sampled_from([0, 0, 0, 1, 2, 3]),
)


@st.composite
def sites(draw: st.DrawFn) -> list[Site]:
    """A network. Shares often have remainders that tie."""
    found = []
    for number in range(SITES):
        provider = draw(st.one_of(st.sampled_from([333_333, 500_000, 250_000, 0]), ppm))
        operator = draw(st.one_of(st.just((1_000_000 - provider) // 2), st.integers(0, 1_000_000 - provider)))
        found.append(
            Site(
                name=f"site-{number:02}",
                prices={"cpu_core": draw(micro_prices), "accelerator": draw(micro_prices)},
                dearer=draw(st.integers(0, 1_000_000)),
                dearer_from=date(2026, 10, 29) + timedelta(days=draw(st.integers(0, 8))),
                included=draw(st.booleans()),
                tax_ppm=draw(ppm),
                provider_ppm=provider,
                operator_ppm=operator,
                mapped_until=date(2026, 10, 30) + timedelta(days=draw(st.integers(0, 4))),
                jobs=tuple(draw(st.lists(jobs, min_size=1, max_size=4))),
            )
        )
    return found


def yuan(millionths: int) -> str:
    """Millionths as decimal text."""
    return str(Decimal(millionths).scaleb(-6))


def case_of(world: World, site: Site) -> Case:
    """The site as its deliveries tell it."""
    case = Case(world, site.name)
    case.tenant_is_known()
    case.tenant_is_known(f"other-{site.name}")
    case.maps("0")
    case.maps("1", until=site.mapped_until)
    case.maps("2")
    case.maps("2", tenant=f"other-{site.name}", since=date(2026, 3, 1))
    for kind, unit in (("cpu_core", "core-hour"), ("accelerator", "card-hour")):
        sku = f"{kind}-{site.name}"
        case.offers(sku, kind=kind)
        case.prices(yuan(site.prices[kind]), sku, included=site.included, unit=unit)
        case.prices(
            yuan(site.prices[kind] + site.dearer),
            sku,
            included=site.included,
            unit=unit,
            version="v2",
            valid_from=site.dearer_from,
        )
    case.taxes(yuan(site.tax_ppm))
    case.shares(*(yuan(share) for _, share in site.parties.values()))
    for job in site.jobs:
        start = job.start.strftime("%Y-%m-%d %H:%M:%S")
        case.job(seconds=job.seconds, cores=job.cores, cards=job.cards, start=start, account=str(job.account))
    return case


def modelled(warehouse: Warehouse) -> Books:
    """What the models say, in the shape of the independent books."""
    day = "cast(charge_period_start + interval 8 hour as date)"
    kind = "case unit when 'core-second' then 'cpu_core' else 'accelerator' end"
    named = "case when sku_id like 'cpu_core%' then 'cpu_core' else 'accelerator' end"
    line = f"site_id, period, {kind} as kind, tariff_version"
    with warehouse.connected() as connection:

        def amounts(query: str) -> dict[Any, int]:
            found = connection.sql(query).fetchall()
            result = {tuple(row[:-1]): row[-1] for row in found}
            assert len(result) == len(found)
            return result

        return Books(
            charges=amounts(
                f"select site_id, {day}, {named}, charge_category, billed_cost_micro_yuan from marts.charges "
                "where charge_category != 'Adjustment'"
            ),
            gross=amounts(f"select {line}, gross_fen from marts.statement_lines"),
            tax=amounts(f"select {line}, tax_fen from marts.statement_lines"),
            parts=amounts(
                f"select {line}, role, amount_fen from marts.statement_lines "
                "inner join marts.line_splits using (line_id, period) where role != 'tax'"
            ),
            unbilled=amounts(
                "select site_id, day, resource_kind, reason, sum(quantity)::bigint "
                "from marts.unattributed_usage group by all"
            ),
        )


@pytest.mark.slow
@settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(network=sites())
def test_the_models_agree_with_fractions_in_plain_python(network: list[Site]) -> None:
    world = World()
    told(world, [case_of(world, site) for site in network])
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder), SELECT)
        warehouse.build(world, test=True)
        found, expected = modelled(warehouse), books(network)
    assert found.charges == expected.charges
    assert found.gross == expected.gross
    assert found.tax == expected.tax
    assert found.parts == expected.parts
    assert found.unbilled == dict(expected.unbilled)
