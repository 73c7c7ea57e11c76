"""The one macro that rounds money gives the same integers on both engines, or an error on both."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import pytest

from tests.dbt.test_rating_half_up import ROUNDED
from tests.spark.engine import compiled

pytestmark = pytest.mark.spark

LARGEST, SMALLEST = 2**63 - 1, -(2**63)
HARD = [
    *((numerator, denominator) for numerator, denominator, _ in ROUNDED.values()),
    # 38 digits, above and below zero, at the half and beside it
    *(
        (sign * (4 * 10**37 + rest), 10**19)
        for sign in (1, -1)
        for rest in (5 * 10**18 + n for n in (-1, 0, 1))
    ),
    *((sign * (10**37 + 3), 3 * 10**18 + 7) for sign in (1, -1)),
    # 999,999.999999 yuan per card-hour for 1,000 cards over a leap year, and 7 milli-card-seconds more
    (999_999_999_999 * (1000 * 1000 * 86_400 * 366 + 7), 3_600_000),
    # the bounds of BIGINT, and what rounds to them
    (LARGEST * 10**18 + (10**18 // 2 - 1), 10**18),
    (SMALLEST * 10**18 - (10**18 // 2 - 1), 10**18),
    (LARGEST, 1),
    (SMALLEST, 1),
]
NO_RESULT = {
    "the denominator is zero": (1, 0),
    "the denominator is negative": (1, -2),
    "the result is just above BIGINT": (LARGEST * 10 + 5, 10),
    "the result is just below BIGINT": (SMALLEST * 10 - 5, 10),
    "the result is twice around BIGINT": (2**65, 1),
}
Results = dict[int, int | None]


def _half_up(numerator: int, denominator: int) -> int:
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def _over(cases: Sequence[tuple[Any, Any]]) -> str:
    values = ", ".join(
        f"({number}, cast({n} as decimal(38, 0)), cast({d} as decimal(38, 0)))"
        for number, (n, d) in enumerate(cases)
    )
    return f"from (values {values}) as cases(number, n, d)"


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Results]:
    """half_up_div over cases of n and d, by their numbers."""
    query = compiled(
        "select number, {{ half_up_div('n', 'd') }} as q", "duckdb", tmp_path_factory.mktemp("d")
    )
    return lambda cases: dict(duckdb.sql(f"{query} {cases}").fetchall())


@pytest.fixture(scope="module", params=["true", "false"], ids=["ansi", "not_ansi"])
def on_spark(
    session: Any, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Results]]:
    """The same on Spark, with its ANSI mode on and off."""
    query = compiled("select number, {{ half_up_div('n', 'd') }} as q", "spark", tmp_path_factory.mktemp("s"))
    session.conf.set("spark.sql.ansi.enabled", request.param)
    yield lambda cases: {row.number: row.q for row in session.sql(f"{query} {cases}").collect()}
    session.conf.set("spark.sql.ansi.enabled", "true")


def test_half_up_div_is_equal_on_both_engines(
    on_spark: Callable[[str], Results], on_duckdb: Callable[[str], Results]
) -> None:
    expected = {number: _half_up(n, d) for number, (n, d) in enumerate(HARD)}
    assert on_spark(_over(HARD)) == expected
    assert on_duckdb(_over(HARD)) == expected


def test_half_up_div_of_null_is_null_on_both_engines(
    on_spark: Callable[[str], Results], on_duckdb: Callable[[str], Results]
) -> None:
    unknown = _over([("null", 7), (7, "null")])
    assert on_spark(unknown) == on_duckdb(unknown) == {0: None, 1: None}


@pytest.mark.parametrize("name", NO_RESULT)
def test_half_up_div_raises_on_both_engines(
    on_spark: Callable[[str], Results], on_duckdb: Callable[[str], Results], name: str
) -> None:
    from pyspark.errors import PySparkException

    impossible = _over([NO_RESULT[name]])
    with pytest.raises(PySparkException):
        on_spark(impossible)
    with pytest.raises(duckdb.Error):
        on_duckdb(impossible)
