"""Record hashes: equal exactly for equal rows."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.conform import record_hashes, rule_counts

texts = st.one_of(st.none(), st.text(alphabet=st.sampled_from("ab\x1e\x1f2 01"), max_size=4))
rows = st.lists(st.tuples(texts, texts, st.one_of(st.none(), st.integers(-9, 9))), min_size=1, max_size=30)


@given(rows)
def test_two_rows_have_one_hash_exactly_if_they_are_equal(values: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(values, schema={"a": pl.String, "b": pl.String, "n": pl.Int64}, orient="row")
    hashes = record_hashes(frame)
    assert len(set(hashes)) == len(set(values))
    assert all(len(each) == 32 for each in hashes)


@given(rows)
def test_a_hash_does_not_depend_on_the_rows_around_it(values: list[tuple[object, ...]]) -> None:
    schema = {"a": pl.String, "b": pl.String, "n": pl.Int64}
    whole = record_hashes(pl.DataFrame(values, schema=schema, orient="row")).to_list()
    alone = [record_hashes(pl.DataFrame([row], schema=schema, orient="row")).item() for row in values[:5]]
    assert whole[:5] == alone


def test_two_zeros_that_are_equal_but_not_written_alike_have_two_hashes() -> None:
    zeros = pl.DataFrame({"x": [0.0, -0.0]})
    assert record_hashes(zeros).n_unique() == 2


def test_rules_are_counted_one_by_one_most_first() -> None:
    assert rule_counts({"a,b": 2, "b": 3, "c": 2}) == {"b": 5, "a": 2, "c": 2}
