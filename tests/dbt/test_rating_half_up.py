"""The one macro that rounds money, and what makes the books notice when it is broken."""

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.dbt.any_project import bad_nodes, compiled
from tests.dbt.harness import PROJECT, Warehouse
from tests.dbt.rating_cases import Case, told
from tests.dbt.world import World

ROUNDED = {
    "less than half": (1, 3, 0),
    "half": (1, 2, 1),
    "more than half": (2, 3, 1),
    "half above an even number": (5, 2, 3),
    "whole": (6, 2, 3),
    "zero": (0, 7, 0),
    "less than half below zero": (-1, 3, 0),
    "half below zero": (-1, 2, -1),
    "more than half below zero": (-2, 3, -1),
    "half below an even number": (-5, 2, -3),
    "whole below zero": (-6, 2, -3),
    "half of the longest that is divided short": (999_999_999_999_999_999, 2, 500_000_000_000_000_000),
    "half of the shortest that is divided long": (1_000_000_000_000_000_001, 2, 500_000_000_000_000_001),
    "half below zero of the longest that is divided short": (
        -999_999_999_999_999_999,
        2,
        -500_000_000_000_000_000,
    ),
    "half below zero of the shortest that is divided long": (
        -1_000_000_000_000_000_001,
        2,
        -500_000_000_000_000_001,
    ),
    "just over half of the longest divisor that divides short": (
        500_000_000_000_000_000,
        999_999_999_999_999_999,
        1,
    ),
    "just under half of the shortest divisor that divides long": (
        499_999_999_999_999_999,
        1_000_000_000_000_000_000,
        0,
    ),
    "just under half, where a double cannot tell": (4_999_999_999_999_999_999, 10_000_000_000_000_000_000, 0),
    "just over half, where a double cannot tell": (5_000_000_000_000_000_001, 10_000_000_000_000_000_000, 1),
    "a large dividend": (9_223_372_036_854_775_807 * 10**12, 10**12, 9_223_372_036_854_775_807),
}


@pytest.fixture(scope="module")
def rounded() -> str:
    """half_up_div as SQL over n and d."""
    return compiled("select {{ half_up_div('n', 'd') }} from cases")


@pytest.fixture(scope="module")
def judged() -> str:
    """is_half_up as SQL over r, n and d."""
    return compiled("select {{ is_half_up('r', 'n', 'd') }} from cases")


def _over(query: str, **values: int) -> object:
    columns = ", ".join(f"cast({value} as decimal(38, 0)) as {name}" for name, value in values.items())
    (row,) = duckdb.sql(f"with cases as (select {columns}) {query}").fetchall()
    return row[0]


@pytest.mark.parametrize("name", ROUNDED)
def test_half_up_div_rounds_half_away_from_zero(rounded: str, name: str) -> None:
    numerator, denominator, expected = ROUNDED[name]
    assert _over(rounded, n=numerator, d=denominator) == expected


@pytest.mark.parametrize("name", ROUNDED)
def test_the_audit_of_rounding_accepts_half_up_and_nothing_else(judged: str, name: str) -> None:
    numerator, denominator, expected = ROUNDED[name]
    for result in (expected - 1, expected, expected + 1):
        assert _over(judged, r=result, n=numerator, d=denominator) == (result == expected)


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Amounts at and beside the half: of a micro-yuan, of a tax and of a fen."""
    world = World()
    cases = [Case(world, "halves"), Case(world, "fens")]
    cases[0].sells(price="0.000075")
    cases[0].job(seconds=1800)
    cases[0].job(hours=1, start="2026-10-06 10:00")
    cases[1].sells(price="0.025", rate="0")
    cases[1].job(hours=1)
    warehouse = Warehouse(tmp_path_factory.mktemp("half-up"), "+path:models/marts/settlement +charges")
    warehouse.build(told(world, cases))
    return warehouse


BROKEN = {
    "floor": "cast(floor({{ numerator }} / {{ denominator }}) as bigint)",
    "half to even": "cast(round_even({{ numerator }} / {{ denominator }}, 0) as bigint)",
}


def _mutant(folder: Path, body: str) -> Path:
    """The project with another half_up_div."""
    project = folder / "dbt"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    arithmetic = project / "macros" / "arithmetic.sql"
    text = arithmetic.read_text()
    name = "duckdb__half_up_div"
    assert name in text
    arithmetic.write_text(
        text.replace(name, "sound_half_up_div")
        + f"\n{{% macro {name}(numerator, denominator) -%}}\n{body}\n{{%- endmacro %}}\n"
    )
    return project


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN)
def test_the_audits_of_money_fail_when_the_macro_is_broken(
    rated: Warehouse, tmp_path: Path, broken: str
) -> None:
    project, warehouse, target = (
        _mutant(tmp_path, BROKEN[broken]),
        tmp_path / "warehouse.duckdb",
        tmp_path / "target",
    )
    shutil.copy(rated.path, warehouse)
    models = ["int_charges_usage", "int_charges", "int_sale_lines", "charges", "statement_lines"]
    assert bad_nodes(project, warehouse, target, ["run", "--full-refresh", "--select", *models]) == set()
    audits = ["charges_are_rounded_half_up", "lines_are_rounded_half_up"]
    assert bad_nodes(project, warehouse, target, ["test", "--select", *audits]) == set(audits)
