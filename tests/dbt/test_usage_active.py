"""Active: what telemetry found busy of the cards that it watched, beside what was held; never a guess, never hidden."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.dbt.usage_cases import Site, daily, given, hourly, rows
from tests.dbt.world import shanghai

DAY = "2026-03-10"
HALF = 1_800_000
"""Half an hour of one card, in milli-card-seconds."""


def held(site: Site, cards: int = 2, hours: int = 6) -> None:
    """Two cards from the day before on, of which a job holds some from 08:00."""
    site.pool(
        "2026-03-09 00:00", resource_pool="gpu", model="nvidia-h20", compute_class="intelligent",
        devices=2, cores=0,
    )  # fmt: skip
    site.job(f"{DAY} 08:00", hours=hours, cards=cards, cores=0)


def watched(
    site: Site,
    start: str,
    *percents: str | None,
    device: str = "card-0",
    minutes: int = 30,
    model: str | None = "NVIDIA H20",
    **columns: Any,
) -> None:
    """A card's samples at even distances."""
    site.send(
        *(
            {
                "site_id": site.name,
                "device_id": device,
                "sampled_at": shanghai(f"{DAY} {start}") + timedelta(minutes=minutes * number),
                "model": model,
                "node": "gpu-1",
                "utilisation_pct": None if percent is None else Decimal(percent),
                "power_w": Decimal("100"),
                **columns,
            }
            for number, percent in enumerate(percents)
        ),
        dataset="device_samples",
    )


def of_hours(name: str, column: str, *hours: int) -> list[Any]:
    found = hourly(name, "accelerator", column)
    return [found[f"03-10 {hour:02}"] for hour in hours]


@given
def one_of_two_cards(site: Site) -> None:
    held(site)
    watched(site, "10:00", "60", "40.5", "0", "0", "100")


def test_a_samples_utilisation_holds_until_the_next_sample_of_the_card() -> None:
    # 10 h: 60 % and 40.5 % of half an hour each; 11 h: nothing of an hour, which is 0; 12 h: nobody looked
    assert of_hours("one_of_two_cards", "active_unit_seconds", 10, 11, 12) == [
        HALF * 60 // 100 + HALF * 405 // 1000,
        0,
        None,
    ]
    assert of_hours("one_of_two_cards", "observed_unit_seconds", 9, 10, 11, 12) == [0, 2 * HALF, 2 * HALF, 0]
    assert of_hours("one_of_two_cards", "active_of_observed", 9, 10, 11) == [None, 0.5025, 0]


def test_one_of_two_cards_is_a_sample_and_no_figure_of_the_other() -> None:
    assert of_hours("one_of_two_cards", "active_quality", 9, 10, 11) == ["unobserved", "sampled", "sampled"]
    assert of_hours("one_of_two_cards", "quality", 10) == ["measured"]


def test_a_day_sums_the_hours_in_which_somebody_looked() -> None:
    assert daily("one_of_two_cards", "accelerator", "active_unit_seconds") == {DAY: HALF * 1005 // 1000}
    assert daily("one_of_two_cards", "accelerator", "observed_unit_seconds") == {DAY: 4 * HALF}
    assert daily("one_of_two_cards", "accelerator", "active_quality") == {DAY: "sampled"}
    assert round(daily("one_of_two_cards", "accelerator", "active_hours")[DAY], 4) == 0.5025


@given
def both_cards(site: Site) -> None:
    held(site)
    for device in ("card-0", "card-1"):
        watched(site, "08:00", *["25"] * 13, device=device)


def test_all_cards_watched_are_a_measurement_of_what_is_in_service() -> None:
    # 9 h: two cards a quarter busy; the first and the last hour of what is known are held against nothing
    assert of_hours("both_cards", "active_unit_seconds", 8, 9, 13) == [None, HALF, None]
    assert of_hours("both_cards", "active_quality", 8, 9, 13) == ["unobserved", "measured", "unobserved"]


@given
def busy_beyond_what_is_held(site: Site) -> None:
    held(site, cards=1)
    for device in ("card-0", "card-1"):
        watched(site, "10:00", "80", "80", "80", device=device)


def test_more_busy_than_anybody_held_is_shown_and_labelled_on_the_hour_and_on_the_day() -> None:
    # two cards at 80 % against one that is held: 1.6 > 1 card-hours
    assert of_hours("busy_beyond_what_is_held", "active_unit_seconds", 10) == [2 * HALF * 16 // 10]
    assert of_hours("busy_beyond_what_is_held", "allocated_unit_seconds", 10) == [2 * HALF]
    assert of_hours("busy_beyond_what_is_held", "active_quality", 10) == ["exceeds_allocated"]
    assert daily("busy_beyond_what_is_held", "accelerator", "active_quality") == {DAY: "exceeds_allocated"}


@given
def gaps_slices_and_nodes(site: Site) -> None:
    held(site)
    watched(site, "09:59", "50", "50", minutes=61)
    watched(site, "10:00", "50", "50", device="slice", slice_profile="1g.10gb")
    watched(site, "10:00", "50", "50", device="gpu-1", node="gpu-1")
    watched(site, "10:00", None, None, device="silent")


def test_a_gap_a_slice_a_nodes_mean_and_a_sample_without_utilisation_are_no_observation() -> None:
    assert daily("gaps_slices_and_nodes", "accelerator", "observed_unit_seconds") == {DAY: 0}
    assert daily("gaps_slices_and_nodes", "accelerator", "active_unit_seconds") == {DAY: None}
    assert daily("gaps_slices_and_nodes", "accelerator", "active_quality") == {DAY: "unobserved"}


@given
def contradicted_sample(site: Site) -> None:
    # of 10:30 two payloads came at once: from 10:00 on the next sample that stands is that of 11:00
    held(site)
    watched(site, "10:00", "50", None, "50")
    watched(site, "10:30", "10")
    watched(site, "10:30", "90")


def test_a_contradicted_sample_says_nothing_and_the_one_before_holds_on() -> None:
    assert of_hours("contradicted_sample", "active_unit_seconds", 10) == [HALF]


@given
def other_models(site: Site) -> None:
    # h20 stands in two classes, the other model nowhere: which hour they belong to nobody can say
    held(site)
    site.pool(
        "2026-03-09 00:00", resource_pool="hpc", model="nvidia-h20", compute_class="super", devices=1, cores=0
    )
    watched(site, "10:00", "50", "50", "50")
    watched(site, "10:00", "50", "50", "50", device="other", model="NVIDIA B300")


def test_a_model_of_two_classes_or_of_none_stands_in_no_figure() -> None:
    found = rows("other_models", "marts.utilisation_daily", resource_kind="accelerator")
    assert {(row["compute_class"], row["observed_unit_seconds"]) for row in found} == {
        ("intelligent", 0),
        ("super", 0),
    }
