"""Energy from cumulative meters: whole days only, midnight by interpolation, resets and gaps as unknown."""

from tests.dbt.usage_cases import Site, energy, given, metered, rows
from tests.dbt.world import shanghai


@given
def whole_day(site: Site) -> None:
    # every half hour from midnight to midnight, a kilowatt-hour each
    site.meter("2026-03-10 00:00", [100 + number for number in range(49)])
    site.meter("2026-03-10 00:00", [7 + 0.75 * number for number in range(49)], kind="it")


def test_a_day_that_intervals_cover_wholly_has_its_energy() -> None:
    assert energy("whole_day") == {"2026-03-10": 48_000, "2026-03-11": None}
    assert energy("whole_day", "it_wh") == {"2026-03-10": 36_000, "2026-03-11": None}


def test_the_interim_pue_is_facility_energy_by_it_energy() -> None:
    assert energy("whole_day", "ipue") == {"2026-03-10": 48 / 36, "2026-03-11": None}
    assert energy("whole_day", "quality") == {"2026-03-10": "measured", "2026-03-11": "incomplete"}


@given
def over_midnight_by_halves(site: Site) -> None:
    # from 23:45 on every half hour 3 Wh: midnight falls in the middle of an interval, which gives each day 1.5 Wh
    site.meter("2026-03-09 23:45", [0.003 * number for number in range(50)])


def test_energy_over_midnight_is_divided_half_up() -> None:
    # the first midnight stands at half_up(1.5) = 2 Wh, the next at 47 × 3 + 3 + half_up(1.5) = 146 Wh
    assert energy("over_midnight_by_halves") == {"2026-03-09": None, "2026-03-10": 144, "2026-03-11": None}


@given
def gap_of_an_hour(site: Site) -> None:
    site.meter("2026-03-10 00:00", [10 * number for number in range(25)], minutes=60)


@given
def gap_of_more(site: Site) -> None:
    site.meter("2026-03-10 00:00", [10 * number for number in range(11)], minutes=60)
    site.meter("2026-03-10 11:01", [120 + 10 * number for number in range(14)], minutes=60)


def test_a_gap_of_an_hour_is_bridged_and_a_longer_one_is_not() -> None:
    assert energy("gap_of_an_hour")["2026-03-10"] == 240_000
    assert energy("gap_of_more")["2026-03-10"] is None


@given
def reset(site: Site) -> None:
    site.meter("2026-03-10 00:00", [*range(30), *range(19), 19])


def test_a_meter_that_falls_leaves_its_day_unknown() -> None:
    assert energy("reset")["2026-03-10"] is None
    assert energy("reset", "quality")["2026-03-10"] == "incomplete"


@given
def standing_still(site: Site) -> None:
    site.meter("2026-03-10 00:00", [5] * 49)


def test_a_meter_that_stands_still_measures_zero() -> None:
    assert energy("standing_still")["2026-03-10"] == 0


@given
def a_gauge_among_meters(site: Site) -> None:
    site.meter("2026-03-10 00:00", [100 + number for number in range(49)])
    site.meter("2026-03-10 00:00", [300] * 49, reading_type="gauge", unit="kW", meter_id="gauge")
    site.meter("2026-03-10 00:00", [100 + number for number in range(49)], kind="it")


def test_momentary_readings_are_not_integrated() -> None:
    assert energy("a_gauge_among_meters")["2026-03-10"] is None
    assert energy("a_gauge_among_meters", "quality")["2026-03-10"] == "gauge_not_integrated"
    assert energy("a_gauge_among_meters", "it_wh")["2026-03-10"] == 48_000


@given
def two_meters(site: Site) -> None:
    site.meter("2026-03-10 00:00", [0.0005 + number for number in range(145)], meter_id="a", unit="MWh")
    site.meter("2026-03-10 00:00", list(range(49)), meter_id="b", unit="Wh")


def test_the_meters_of_a_kind_add_up_as_long_as_each_is_known() -> None:
    # 48 MWh and 48 Wh; on the 11th the second is known from the day before and says nothing; on the 12th it is gone
    assert energy("two_meters") == {
        "2026-03-10": 48_000_048,
        "2026-03-11": None,
        "2026-03-12": None,
        "2026-03-13": None,
    }


@given
def a_meter_that_is_gone(site: Site) -> None:
    site.meter("2026-03-10 00:00", list(range(193)), meter_id="a")
    site.meter("2026-03-10 00:00", list(range(48)), meter_id="b")


def test_a_meter_is_expected_on_the_day_after_its_last_reading_and_not_later() -> None:
    assert energy("a_meter_that_is_gone") == {
        "2026-03-10": None,
        "2026-03-11": None,
        "2026-03-12": 48_000,
        "2026-03-13": 48_000,
        "2026-03-14": None,
    }


@given
def days_without_readings(site: Site) -> None:
    site.meter("2026-03-10 00:00", [1, 2])
    site.meter("2026-03-14 00:00", [3, 4])


def test_days_between_the_first_and_the_last_reading_are_incomplete_not_missing() -> None:
    assert energy("days_without_readings", "quality") == {
        f"2026-03-{day}": "incomplete" for day in range(10, 15)
    }


@given
def contradicting_reading(site: Site) -> None:
    site.meter("2026-03-10 00:00", list(range(49)))
    at = shanghai("2026-03-10 10:00")
    site.send(
        site.reading(at, 500), site.reading(at, 600), dataset="facility_readings", known="2026-04-11 00:00"
    )


def test_a_contradicting_reading_counts_for_nothing() -> None:
    # its neighbours are an hour apart and bridge it
    assert energy("contradicting_reading")["2026-03-10"] == 48_000
    found = metered().rows("intermediate.int_conflicts", site_id="contradicting_reading")
    assert [(row["dataset"], str(row["day"])) for row in found] == [("facility_readings", "2026-03-10")] * 2


@given
def corrected_reading(site: Site) -> None:
    site.meter("2026-03-10 00:00", list(range(49)))
    at = shanghai("2026-03-11 00:00")
    site.send(site.reading(at, 50), dataset="facility_readings", known="2026-04-11 00:00")


def test_the_newest_value_of_a_reading_wins() -> None:
    assert energy("corrected_reading")["2026-03-10"] == 50_000


@given
def water_only(site: Site) -> None:
    site.meter("2026-03-10 00:00", list(range(49)), kind="water", unit="m3")


def test_water_is_no_energy() -> None:
    assert [
        (row["facility_wh"], row["it_wh"], row["wue"]) for row in rows("water_only", "marts.energy_daily")
    ] == [(None, None, None)] * 2


@given
def absurd_value(site: Site) -> None:
    site.meter("2026-03-10 00:00", list(range(49)))
    site.meter("2026-03-10 00:00", [999_999_999_999_999] * 49, meter_id="absurd", unit="MWh")
    site.meter("2026-03-10 00:00", list(range(49)), kind="it")


def test_a_value_beyond_all_meters_is_unknown_and_stops_nobody() -> None:
    assert energy("absurd_value")["2026-03-10"] is None
    assert energy("absurd_value", "it_wh")["2026-03-10"] == 48_000
