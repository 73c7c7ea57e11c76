"""Columns as short texts: read back they are what they were, and what repeats costs next to nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dashboard.codec import DIGITS, REPEATED, UNKNOWN, columns, packed

NUMBERS = st.lists(st.none() | st.integers(-(2**52), 2**52) | st.integers(-3, 3), max_size=60)


def unpacked(text: str) -> list[int | None]:
    """What the page reads, written another way: tokens first, then steps."""
    values: list[int | None] = []
    last, step, rest, scale, repeats = 0, None, 0, 1, False

    def take() -> None:
        nonlocal last
        if step is not None:
            last += step
        values.append(None if step is None else last)

    for each in text:
        if each == UNKNOWN:
            step = None
            take()
        elif each == REPEATED:
            repeats = True
        else:
            place = DIGITS.index(each)
            rest, scale = rest + place % 32 * scale, scale * 32
            if place >= 32:
                continue
            number = -(rest // 2) if rest % 2 else rest // 2
            if repeats:
                for _ in range(number):
                    take()
            else:
                step = number
                take()
            rest, scale, repeats = 0, 1, False
    return values


@given(NUMBERS)
def test_what_is_packed_reads_back_as_it_was(values: list[int | None]) -> None:
    assert unpacked(packed(values)) == values


def test_a_number_is_its_difference_in_base_64_with_the_sign_lowest() -> None:
    # 5 − 0 = 5 → 10 → K; 5 − 5 = 0 → A; 4 − 5 = −1 → 3 → D; 20 − 4 = 16 → 32 → low five bits 0 and more: g, then 1: B
    assert packed([5, 5, 4, None, 20]) == "KAD.gB"


def test_what_repeats_is_written_once_with_how_often() -> None:
    # one step of 1, then 99 more of it: 99 → 198 = 6 · 32 + 6 → m, G
    assert packed(range(1, 101)) == "C*mG"


def test_a_column_that_is_nearly_another_says_what_it_lacks() -> None:
    table = columns(["all", "known"], [(10, 10), (20, 17), (30, None)], {"known": "all"})
    assert table["known"] == {"like": "all", "lacks": "AG."}  # 0, then 3 more; unknown


def test_texts_are_places_in_a_sorted_list() -> None:
    assert columns(["site"], [("b",), ("a",), (None,)]) == {"n": 3, "site": {"of": ["a", "b"], "at": "CD."}}


@pytest.mark.parametrize("value", [1.5, True, b"x"])
def test_what_is_neither_a_whole_number_nor_a_text_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="share"):
        columns(["share"], [(value,)])
