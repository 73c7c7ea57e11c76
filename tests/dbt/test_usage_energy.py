"""Energy and water from meters: whole days only, midnight by interpolation; gaps and resets estimated and labelled, or
unknown."""

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
    # 10 kWh an hour; from 10:00 to 11:01 it counts 20 kWh, which nobody can place
    site.meter("2026-03-10 00:00", [10 * number for number in range(11)], minutes=60)
    site.meter("2026-03-10 11:01", [120 + 10 * number for number in range(14)], minutes=60)


@given
def gap_of_a_day(site: Site) -> None:
    # 24 kWh from noon to noon, half of it on each day
    site.meter("2026-03-10 00:00", list(range(13)), minutes=60)
    site.meter("2026-03-11 12:00", [36 + number for number in range(13)], minutes=60)


@given
def gap_of_more_than_a_day(site: Site) -> None:
    site.meter("2026-03-10 00:00", list(range(13)), minutes=60)
    site.meter("2026-03-11 12:01", [36 + number for number in range(13)], minutes=60)


def test_a_gap_of_an_hour_is_measured_and_a_longer_one_is_estimated() -> None:
    assert energy("gap_of_an_hour")["2026-03-10"] == 240_000
    assert energy("gap_of_an_hour", "facility_estimated_wh")["2026-03-10"] == 0
    # until midnight of the 11th: 120 kWh at 11:01, then 12 h 59 min at 10 kW = 129.833 kWh
    assert energy("gap_of_more")["2026-03-10"] == 249_833
    assert energy("gap_of_more", "facility_estimated_wh")["2026-03-10"] == 20_000


def test_a_gap_of_a_day_is_estimated_and_of_a_longer_one_nothing_is_said() -> None:
    assert energy("gap_of_a_day") == {"2026-03-10": 24_000, "2026-03-11": 24_000, "2026-03-12": None}
    assert energy("gap_of_a_day", "facility_estimated_wh")["2026-03-11"] == 12_000
    assert energy("gap_of_more_than_a_day") == {"2026-03-10": None, "2026-03-11": None, "2026-03-12": None}


@given
def reset(site: Site) -> None:
    # half a kWh shown at 14:00, half an hour after 29 kWh: it counts 1 kWh in the half hour that follows
    values = [*range(28), 0.5, *(0.5 + number for number in range(1, 21))]
    site.meter("2026-03-10 00:00", values)
    site.meter("2026-03-10 00:00", list(range(49)), kind="it")


def test_a_register_that_was_reset_is_estimated_at_the_rate_that_follows() -> None:
    # 27 kWh until 13:30, 1 kWh estimated until 14:00, 20 kWh until midnight
    assert energy("reset")["2026-03-10"] == 48_000
    assert energy("reset", "facility_estimated_wh")["2026-03-10"] == 1_000
    assert energy("reset", "quality")["2026-03-10"] == "estimated"
    assert energy("reset", "it_estimated_wh")["2026-03-10"] == 0


@given
def reset_that_shows_more(site: Site) -> None:
    site.meter("2026-03-10 00:00", [*range(28), 1.5, *(1.5 + number for number in range(1, 21))])


def test_what_a_register_shows_since_its_reset_was_used_at_least() -> None:
    assert energy("reset_that_shows_more")["2026-03-10"] == 27_000 + 1_500 + 20_000
    assert energy("reset_that_shows_more", "facility_estimated_wh")["2026-03-10"] == 1_500


@given
def fall_that_is_no_reset(site: Site) -> None:
    # one value is a thousand times too large: the register falls to 15 kWh, which is no half hour's energy
    site.meter("2026-03-10 00:00", [*range(14), 14_000, *range(15, 49)])


@given
def fall_at_the_end(site: Site) -> None:
    site.meter("2026-03-10 00:00", [*range(48), 0])


def test_a_fall_that_nothing_explains_leaves_its_day_unknown() -> None:
    assert energy("fall_that_is_no_reset")["2026-03-10"] is None
    assert energy("fall_that_is_no_reset", "quality")["2026-03-10"] == "incomplete"
    assert energy("fall_at_the_end")["2026-03-10"] is None


@given
def standing_still(site: Site) -> None:
    site.meter("2026-03-10 00:00", [5] * 49)


def test_a_meter_that_stands_still_measures_zero() -> None:
    assert energy("standing_still")["2026-03-10"] == 0


@given
def a_gauge_among_meters(site: Site) -> None:
    # 300 kW until noon, then 100.5 W; a reading holds until the next
    site.meter("2026-03-10 00:00", [100 + number for number in range(49)])
    gauge = {"reading_type": "gauge", "meter_id": "gauge"}
    site.meter("2026-03-10 00:00", [300] * 24, unit="kW", **gauge)
    site.meter("2026-03-10 12:00", [100.5] * 25, unit="W", **gauge)
    site.meter("2026-03-10 00:00", [100 + number for number in range(49)], kind="it")


def test_momentary_power_is_integrated_over_time() -> None:
    # 48 kWh, 12 h × 300 kW, and 12 × half_up(100.5 Wh)
    assert energy("a_gauge_among_meters")["2026-03-10"] == 48_000 + 3_600_000 + 12 * 101
    assert energy("a_gauge_among_meters", "quality")["2026-03-10"] == "measured"


@given
def a_gauge_with_a_gap(site: Site) -> None:
    # 50 W at 00:00, 01:00, …, 04:00, then 80 W at 06:30, 07:30, …, 00:30
    site.meter("2026-03-10 00:00", [50] * 5, minutes=60, reading_type="gauge", unit="W")
    site.meter("2026-03-10 06:30", [80] * 19, minutes=60, reading_type="gauge", unit="W")


def test_momentary_power_over_a_longer_gap_is_estimated() -> None:
    # 6.5 h × 50 W and 17.5 h × 80 W; of it 2.5 h × 50 W are estimated
    assert energy("a_gauge_with_a_gap")["2026-03-10"] == 325 + 1400
    assert energy("a_gauge_with_a_gap", "facility_estimated_wh")["2026-03-10"] == 125


@given
def a_gauge_read_every_minute(site: Site) -> None:
    # 100 W; a minute of it is 1.67 Wh, an hour of them no more than 100 Wh
    site.meter("2026-03-10 00:00", [100] * 11, minutes=60, reading_type="gauge", unit="W")
    for start in range(1, 60):
        site.meter(f"2026-03-10 10:{start:02}", [100], reading_type="gauge", unit="W")
    site.meter("2026-03-10 11:00", [100] * 14, minutes=60, reading_type="gauge", unit="W")


def test_dense_readings_lose_nothing_to_rounding() -> None:
    assert energy("a_gauge_read_every_minute")["2026-03-10"] == 2_400


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


@given
def water_and_power(site: Site) -> None:
    site.meter("2026-03-10 00:00", [0.0255 * number for number in range(49)], kind="water", unit="m3")
    site.meter("2026-03-10 00:00", [2 * number for number in range(49)], kind="it")
    site.meter("2026-03-10 00:00", [3 * number for number in range(49)])
    site.meter("2026-03-10 00:00", [0.5 * number for number in range(49)], kind="cooling")


def test_water_is_no_energy() -> None:
    assert [
        (row["facility_wh"], row["it_wh"], row["water_l"], row["wue"])
        for row in rows("water_only", "marts.energy_daily")
    ] == [(None, None, 48_000, None), (None, None, None, None)]


def test_water_and_cooling_stand_beside_energy() -> None:
    # 48 × 25.5 L on 96 kWh of IT
    assert energy("water_and_power", "water_l")["2026-03-10"] == 1_224
    assert energy("water_and_power", "wue")["2026-03-10"] == 1_224_000 / 96_000
    assert energy("water_and_power", "cooling_wh")["2026-03-10"] == 24_000
    assert energy("water_and_power", "renewable_wh")["2026-03-10"] is None


@given
def absurd_value(site: Site) -> None:
    site.meter("2026-03-10 00:00", list(range(49)))
    site.meter("2026-03-10 00:00", [999_999_999_999_999] * 49, meter_id="absurd", unit="MWh")
    site.meter("2026-03-10 00:00", list(range(49)), kind="it")


def test_a_value_beyond_all_meters_is_unknown_and_stops_nobody() -> None:
    assert energy("absurd_value")["2026-03-10"] is None
    assert energy("absurd_value", "it_wh")["2026-03-10"] == 48_000
