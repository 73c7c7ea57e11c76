"""Days of one month, for tests."""

from datetime import date


def days(*numbers: int) -> list[date]:
    """Those days of October 2025."""
    return [date(2025, 10, number) for number in numbers]
