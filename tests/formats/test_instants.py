"""One instant from one text, whatever the text."""

from datetime import UTC, datetime

import pytest

from pipelines.formats.instants import instant

MOMENT = datetime(2026, 3, 1, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T08:05:00Z", "2026-03-01T08:05:00", "2026-03-01 08:05:00", "2026-03-01T16:05:00+08:00",
        "2026-03-01T08:05:00.000000", "1772352300", "1772352300.000000",
    ],
)  # fmt: skip
def test_forms(text: str) -> None:
    assert instant(text) == (MOMENT, True)


@pytest.mark.parametrize("text", [None, "", "None", "null", "0001-01-01T00:00:00Z"])
def test_nothing_sent_is_no_time(text: str | None) -> None:
    assert instant(text) == (None, True)


@pytest.mark.parametrize(
    "text",
    [
        "soon", "2026-02-30", "1e999", "9" * 40, "1" * 12 + ".5", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1899-12-31", "2026-03-01T25:00:00Z", "١٧٧٢", "-5",
    ],
)  # fmt: skip
def test_what_is_no_time_of_a_record(text: str) -> None:
    assert instant(text) == (None, False)
