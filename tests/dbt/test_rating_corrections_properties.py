"""Whatever comes late, is corrected or withdrawn over three closes: closed + adjustments = rated from scratch."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.correction_cases import Books, Closing
from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import SELECT
from tests.dbt.world import World, shanghai

SITES = 16
MONTHS = ("2026-10", "2026-11", "2026-12")
FIRST = date(2026, 10, 1)


@dataclass(frozen=True)
class Told:
    """What a site tells of a job in a chapter: nothing (it takes back what it sent), or when and how long it ran."""

    withdrawn: bool
    day: int
    hour: int
    seconds: int
    account: str


@dataclass(frozen=True)
class Site:
    """How a site sells, and by chapter what it tells of which job and whom its accounts belong to."""

    model: str
    price: str
    chapters: tuple[tuple[dict[str, Told], dict[str, bool]], ...]


jobs = st.builds(
    Told,
    withdrawn=st.sampled_from([False, False, True]),
    day=st.integers(0, 91),
    hour=st.integers(0, 23),
    seconds=st.one_of(st.integers(1, 9).map(lambda hours: hours * 3600), st.integers(1, 200_000)),
    account=st.sampled_from(["a", "b"]),
)
chapters = st.tuples(
    st.dictionaries(st.sampled_from("1234"), jobs, min_size=1, max_size=3),
    st.dictionaries(st.sampled_from("ab"), st.booleans(), max_size=1),
)
sites = st.builds(
    Site,
    model=st.sampled_from(["per_unit", "graduated", "volume"]),
    price=st.sampled_from(["0.333333", "1.00", "0.000007", "17.5"]),
    chapters=st.tuples(*[chapters for _ in range(len(MONTHS) + 1)]),
)


def _sells(case: Closing, site: Site) -> None:
    case.sells(price=site.price)
    case.tenant_is_known(f"other-{case.site}")
    if site.model != "per_unit":
        case.reference["tariff_rates"] = []
        case.tiers((0, site.price), (5, "0.100001"), (20, "0.05"), model=site.model)


def _story(site: Site) -> Any:
    def story(case: Closing) -> Iterator[None]:
        sent: set[str] = set()
        _sells(case, site)
        for told, owners in site.chapters:
            for account, is_other in owners.items():
                case.maps(account, tenant=f"other-{case.site}" if is_other else case.tenant)
            for job_id, job in told.items():
                if not job.withdrawn:
                    _job(case, job_id, job)
                    sent.add(job_id)
                elif job_id in sent:
                    case.withdraws(job_id)
                    sent.remove(job_id)
            yield

    return story


def _job(case: Closing, job_id: str, job: Told) -> None:
    case.job(
        seconds=job.seconds,
        start=f"{FIRST + timedelta(days=job.day)} {job.hour:02}:00",
        account=job.account,
        job_id=job_id,
        submit_time=shanghai(f"{FIRST} 00:00"),
    )


def _amounts(warehouse: Warehouse) -> dict[str, tuple[int, ...]]:
    """What the charges and their corrections come to, by charge; charges of nothing are left out."""
    sums = ", ".join(
        f"sum({column})::bigint as {column}"
        for column in (
            "quantity", "list_cost_micro_yuan", "contracted_cost_micro_yuan", "effective_cost_micro_yuan",
            "billed_cost_micro_yuan",
        )
    )  # fmt: skip
    rows = warehouse.sql(
        f"select coalesce(correction_of, charge_id) as id, {sums} from marts.charges "
        "where charge_category != 'Adjustment' group by id"
    )
    found = {row.pop("id"): tuple(value or 0 for value in row.values()) for row in rows}
    return {name: amounts for name, amounts in found.items() if any(amounts)}


def _from_scratch(folder: Path, world: World) -> Warehouse:
    """The world's models as if nothing had ever been closed."""
    never_closed = world.copy()
    never_closed.ledger = {}
    warehouse = Warehouse(folder, SELECT)
    warehouse.build(never_closed)
    return warehouse


@pytest.mark.slow
@settings(
    max_examples=2,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(network=st.lists(sites, min_size=SITES, max_size=SITES))
def test_closed_and_adjustments_are_what_rating_from_scratch_gives(network: list[Site]) -> None:
    stories = {f"site_{number:02}": _story(site) for number, site in enumerate(network)}
    with TemporaryDirectory() as folder:
        told = Books(Path(folder) / "closed", stories, MONTHS, audited=[len(MONTHS)])
        scratch = _from_scratch(Path(folder) / "scratch", told.world)
        assert _amounts(told.warehouse) == _amounts(scratch)
        closed = [row["period"] for row in told.published[-1]["periods"] if row["state"] == "closed"]
        assert closed == [*MONTHS]
