"""Which landings count: a pure reading of the log, for every order of its documents and every instant."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipelines.effective import landings_as_of
from pipelines.landing import Event, utc_text

START = datetime(2026, 10, 1, tzinfo=UTC)
LANDINGS = ("a" * 32, "b" * 32, "c" * 32)


def event(act: str, landing: str, hour: int, replaces: str | None = None) -> Event:
    return Event(
        act, utc_text(START + timedelta(hours=hour)), landing, "nscc-zz", "job_records", replaces=replaces
    )


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    events = []
    for _ in range(draw(st.integers(1, 8))):
        landing, hour = draw(st.sampled_from(LANDINGS)), draw(st.integers(0, 9))
        act = draw(st.sampled_from(["receipt", "receipt", "withdrawal"]))
        other = draw(st.sampled_from([None, *LANDINGS])) if act == "receipt" else None
        events.append(event(act, landing, hour, other if other != landing else None))
    return events


def plain_reading(events: list[Event], landing: str, at: datetime) -> datetime | None:
    """Since when a landing counts at an instant, by going through every pair of acts."""
    receipts = [
        e.instant for e in events if e.act == "receipt" and e.landing_id == landing and e.instant <= at
    ]
    ends = [
        e.instant
        for e in events
        if e.instant <= at and ((e.act == "withdrawal" and e.landing_id == landing) or e.replaces == landing)
    ]
    alive = [r for r in receipts if not any(r < end <= at for end in ends)]
    return min(alive, default=None)


@given(logs(), st.integers(0, 10), st.randoms())
def test_known_at_is_the_first_receipt_that_no_act_ended(
    events: list[Event], hour: int, random: object
) -> None:
    at = START + timedelta(hours=hour)
    states = {each.landing_id: each for each in landings_as_of(events, at)}
    for landing in LANDINGS:
        found = states[landing].known_at if landing in states else None
        assert found == plain_reading(events, landing, at)


@given(logs(), st.randoms(use_true_random=False))
def test_any_order_of_the_documents_reads_the_same(events: list[Event], random: object) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert landings_as_of(shuffled) == landings_as_of(events)
