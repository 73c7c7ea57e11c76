"""Amounts in Chinese capitals and figures: cases by hand, and every amount read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.statements.amounts import DIGITS, capitals, micro, percent, scaled


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (55, "伍角伍分"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (1_000, "壹拾元整"),
        (1_010_000, "壹万零壹佰元整"),
        (1_000_500, "壹万零伍元整"),
        (1_000_000, "壹万元整"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万柒仟元伍角叁分"),
        (10_000_010_005, "壹亿零壹佰元零伍分"),
        (10_001_000_000, "壹亿零壹万元整"),
        (12_345_678_901, "壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元零壹分"),
        (20_300_405_060, "贰亿零叁佰万肆仟零伍拾元陆角整"),
        (1_000_000_000_000, "壹佰亿元整"),
        (100_050_000_000_000, "壹万零伍亿元整"),
        (-1_000_500, "负壹万零伍元整"),
        (-7, "负柒分"),
    ],
)
def test_an_amount_in_capitals(fen: int, said: str) -> None:
    assert capitals(fen) == said


def read(said: str) -> int:
    """The amount in fen that capitals say, read from left to right: no other way than the writer's is taken."""
    sign, said = (-1, said[1:]) if said.startswith("负") else (1, said)
    total = section = digit = 0
    for each in said:
        if each in DIGITS:
            digit = DIGITS.index(each)
        elif each in "拾佰仟":
            section, digit = section + digit * {"拾": 10, "佰": 100, "仟": 1000}[each], 0
        elif each == "万":
            total, section, digit = total + (section + digit) * 10**6, 0, 0
        elif each == "亿":
            total, section, digit = (total // 100 + section + digit) * 10**10, 0, 0
        elif each == "元":
            total, section, digit = total + (section + digit) * 100, 0, 0
        elif each in "角分":
            total, digit = total + digit * (10 if each == "角" else 1), 0
    return sign * total


@given(st.integers(min_value=-(10**13), max_value=10**13))
def test_capitals_read_back_are_the_amount(fen: int) -> None:
    said = capitals(fen)
    assert read(said) == fen
    assert "零零" not in said
    assert said.endswith(("整", "分"))


@pytest.mark.parametrize(
    ("number", "divisor", "said"),
    [
        (5_400, 3_600, "1.5000"),
        (1, 3_600, "0.0003"),  # 0.00027…
        (18, 360_000, "0.0001"),  # 0.00005, half up
        (-18, 360_000, "-0.0001"),
        (-1, 3_600_000, "0.0000"),
        (12_345_678 * 3_600, 3_600, "12,345,678.0000"),
    ],
)
def test_a_quantity_is_rounded_half_up_whatever_its_sign(number: int, divisor: int, said: str) -> None:
    assert scaled(number, divisor, 4) == said


def test_prices_and_rates_are_exact() -> None:
    assert micro(-1_234_567_890) == "-1,234.567890"
    assert (percent(60_000), percent(130_000), percent(1), percent(0)) == ("6%", "13%", "0.0001%", "0%")
