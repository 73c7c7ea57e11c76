"""Order statistics of whole numbers, as the published tables define them."""

from collections.abc import Iterable

from pipelines.simulate.books.tables import half_up


def nearest_rank(values: Iterable[int], percent: int) -> int | None:
    """The least value that at least so many percent of the values do not exceed; None of none."""
    ordered = sorted(values)
    for count, value in enumerate(ordered, start=1):
        if count * 100 >= percent * len(ordered):
            return value
    return None


def mean(values: Iterable[int]) -> int | None:
    """The mean to the nearest whole number; None of none."""
    known = list(values)
    return half_up(sum(known), len(known)) if known else None
