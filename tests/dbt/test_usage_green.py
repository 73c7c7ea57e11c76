"""Green power matched by the hour, certificates used once, carbon by dated factors, and PUE over twelve months."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.dbt.usage_cases import LATER, Site, energy, given, rows
from tests.dbt.world import Row, shanghai

DAY = "2026-03-10"


def claims(site: Site, *certificates: Row, known: Any = LATER) -> None:
    """A delivery of certificates; serial numbers are those of the site's own registry unless told otherwise."""
    site.world.deliver("network-ops", "green_certificates", known, certificates)


def certificate(site: Site, name: str, wh: int, serial: int, **columns: Any) -> Row:
    """A certificate for the hours from 08:00 to 12:00."""
    return {
        "certificate_id": f"{site.name}-{name}",
        "site_id": site.name,
        "certificate_from": shanghai(f"{DAY} 08:00"),
        "certificate_to": shanghai(f"{DAY} 12:00"),
        "certificate_wh": wh,
        "registry": site.name,
        "serial_first": serial,
        "serial_last": serial,
        **columns,
    }


def hourly_factors(site: Site, grid: str, hours: int, g_per_kwh: str = "500.5") -> None:
    """A grid's factors of the first hours of the day."""
    site.world.sites[-1]["grid"] = grid
    start = shanghai(f"{DAY} 00:00")
    factors = [
        {
            "grid": grid,
            "hour": start + timedelta(hours=hour),
            "g_per_kwh": Decimal(g_per_kwh),
            "source": "the test",
        }
        for hour in range(hours)
    ]
    site.world.deliver("network-ops", "emission_factors", LATER, factors)


def steady(site: Site, until: int = 25) -> None:
    """A facility that takes 10 kWh an hour, of which IT takes 8."""
    site.meter(f"{DAY} 00:00", [10 * number for number in range(until)], minutes=60)
    site.meter(f"{DAY} 00:00", [8 * number for number in range(until)], minutes=60, kind="it")


def use(name: str) -> dict[str, tuple[int, int, int, str]]:
    """Used, unused, unknown and status of a case's certificates, by name."""
    found = rows(name, "marts.green_certificate_use")
    return {
        row["certificate_id"].removeprefix(f"{name}-"): (
            row["used_wh"],
            row["unused_wh"],
            row["unknown_wh"],
            row["status"],
        )
        for row in found
    }


@given
def capped_by_the_hour(site: Site) -> None:
    # 6 kWh and 8 kWh an hour for four hours of 10 kWh each
    steady(site)
    claims(site, certificate(site, "a", 24_000, 1), certificate(site, "b", 32_000, 2))


def test_certificates_are_used_up_to_what_the_hours_took_and_the_rest_stays_visible() -> None:
    assert use("capped_by_the_hour") == {
        "a": (24_000, 0, 0, "counted"),
        "b": (16_000, 16_000, 0, "counted"),
    }
    assert energy("capped_by_the_hour", "green_wh")[DAY] == 40_000
    assert energy("capped_by_the_hour", "green_share")[DAY] == 40_000 / 240_000


@given
def spread_unevenly(site: Site) -> None:
    # 100 Wh from 08:30 to 11:30: half_up(16.67), then until half_up(50), half_up(83.33) and 100
    steady(site)
    half = {"certificate_from": shanghai(f"{DAY} 08:30"), "certificate_to": shanghai(f"{DAY} 11:30")}
    claims(site, certificate(site, "a", 100, 1, **half))


def test_a_certificate_loses_nothing_when_it_is_spread() -> None:
    found = rows("spread_unevenly", "intermediate.int_certificate_hours")
    assert [row["share_wh"] for row in sorted(found, key=lambda row: row["hour_s"])] == [17, 33, 33, 17]


@given
def sun_first(site: Site) -> None:
    # the sun gives 4 kWh an hour until noon and 12 after, of which the facility takes 10
    steady(site)
    sun = [4 * number for number in range(13)] + [48 + 12 * number for number in range(1, 13)]
    site.meter(f"{DAY} 00:00", sun, minutes=60, kind="renewable")
    claims(site, certificate(site, "a", 40_000, 1))


def test_the_sites_own_renewable_energy_comes_first_and_no_hour_is_greener_than_its_use() -> None:
    # 12 × 4 and 12 × 10 of the meter, 4 × 6 of the certificate
    assert energy("sun_first", "green_wh")[DAY] == 48_000 + 120_000 + 24_000
    assert energy("sun_first", "certificate_used_wh")[DAY] == 24_000


def test_the_hours_of_energy_are_those_of_the_day_and_each_says_what_of_it_is_green() -> None:
    # until 08:00 the sun's 4 kWh; with certificates until noon, and with 12 kWh of sun after it, all of the 10
    found = sorted(rows("sun_first", "marts.energy_hourly"), key=lambda row: row["hour"])
    hours = [row for row in found if row["quality"] == "measured"]
    assert [row["green_wh"] for row in hours] == [4_000] * 8 + [10_000] * 16
    assert {(row["facility_wh"], row["it_wh"]) for row in hours} == {(10_000, 8_000)}
    assert hours[0]["hour"] == shanghai(f"{DAY} 00:00")
    assert use("sun_first") == {"a": (24_000, 16_000, 0, "counted")}


@given
def claimed_twice(site: Site) -> None:
    # b claims the serial numbers 5 to 9, c 9 to 12; d has 9 as well, of another registry
    steady(site)
    claims(
        site,
        certificate(site, "a", 400, 4),
        certificate(site, "b", 400, 5, serial_last=9),
        certificate(site, "c", 400, 9, serial_last=12),
        certificate(site, "d", 400, 9, registry=f"{site.name}-other"),
    )


def test_certificates_that_share_serial_numbers_are_errors_and_none_of_them_counts() -> None:
    assert use("claimed_twice") == {
        "a": (400, 0, 0, "counted"),
        "b": (0, 400, 0, "double_claim"),
        "c": (0, 400, 0, "double_claim"),
        "d": (400, 0, 0, "counted"),
    }


@given
def told_again(site: Site) -> None:
    steady(site)
    claims(site, certificate(site, "a", 400, 1), certificate(site, "b", 500, 2))
    claims(site, certificate(site, "a", 400, 1), known=LATER + timedelta(days=1))
    claims(site, certificate(site, "b", 300, 2), known=LATER + timedelta(days=2))


def test_a_certificate_told_again_counts_once_and_its_newest_version_wins() -> None:
    assert use("told_again") == {"a": (400, 0, 0, "counted"), "b": (300, 0, 0, "counted")}
    assert energy("told_again", "green_wh")[DAY] == 700


@given
def contradicted(site: Site) -> None:
    steady(site)
    claims(site, certificate(site, "a", 400, 1), certificate(site, "a", 500, 1))


def test_versions_that_contradict_each_other_do_not_count() -> None:
    found = rows("contradicted", "marts.green_certificate_use")
    assert [(row["version"], row["used_wh"], row["status"]) for row in found] == [
        (1, 0, "conflict"),
        (2, 0, "conflict"),
    ]
    assert energy("contradicted", "green_wh")[DAY] is None


@given
def use_not_known(site: Site) -> None:
    # meters tell of the day until 10:00 only
    steady(site, until=11)
    claims(site, certificate(site, "a", 400, 1))


def test_what_lies_in_hours_of_unknown_use_is_neither_used_nor_unused() -> None:
    assert use("use_not_known") == {"a": (200, 0, 200, "counted")}
    assert energy("use_not_known", "green_wh")[DAY] is None


@given
def nothing_claimed(site: Site) -> None:
    steady(site)


def test_without_meters_or_certificates_nothing_is_said_of_green_power_or_carbon() -> None:
    assert energy("nothing_claimed", "green_share")[DAY] is None
    assert energy("nothing_claimed", "carbon_g")[DAY] is None


@given
def factor_of_every_hour(site: Site) -> None:
    steady(site)
    hourly_factors(site, "grid-a", 24)
    claims(site, certificate(site, "a", 24_000, 1))


def test_carbon_is_energy_times_the_factor_of_its_hour() -> None:
    # 240 kWh × 500.5 g; after certificates 216 kWh
    assert energy("factor_of_every_hour", "carbon_g")[DAY] == 120_120
    assert energy("factor_of_every_hour", "carbon_market_g")[DAY] == 108_108
    assert energy("factor_of_every_hour", "cue")[DAY] == 120_120 / 192_000
    assert energy("factor_of_every_hour", "carbon_basis")[DAY] == "hourly"


@given
def some_hours_without_a_factor(site: Site) -> None:
    steady(site)
    hourly_factors(site, "grid-b", 23)


def test_without_any_factor_of_an_hour_carbon_is_not_known() -> None:
    assert energy("some_hours_without_a_factor", "carbon_g")[DAY] is None
    assert energy("some_hours_without_a_factor", "carbon_basis")[DAY] is None


@given
def a_published_average(site: Site) -> None:
    # 23 hours × 10 kWh × 500.5 g, and one at the national average of 2022, 536.6 g
    steady(site)
    hourly_factors(site, "cn", 23)


def test_hours_without_a_factor_take_the_newest_published_average_and_the_day_says_so() -> None:
    assert energy("a_published_average", "carbon_g")[DAY] == 115_115 + 5_366
    assert energy("a_published_average", "carbon_basis")[DAY] == "mixed"


@given
def three_metered_days(site: Site) -> None:
    # 240 kWh, then twice as much, then a day that breaks off
    site.meter(f"{DAY} 00:00", [10 * n for n in range(25)] + [240 + 20 * n for n in range(1, 30)], minutes=60)
    site.meter(f"{DAY} 00:00", [8 * n for n in range(60)], minutes=60, kind="it")


def test_pue_over_twelve_months_stands_on_complete_days_and_is_interim_until_the_year_is_full() -> None:
    found = {str(row["as_of"]): row for row in rows("three_metered_days", "marts.pue_rolling")}
    first, second, third = found["2026-03-10"], found["2026-03-11"], found["2026-03-12"]
    assert (first["days_covered"], first["pue"], first["quality"]) == (1, 240 / 192, "interim")
    assert (second["facility_wh"], second["pue"]) == (720_000, 720 / 384)
    assert (third["days_covered"], third["pue"]) == (2, 720 / 384)
    assert (third["water_days"], third["wue"], third["quality"]) == (0, None, "interim")


@given
def more_than_a_year(site: Site) -> None:
    # a kilowatt-hour an hour; on the first day twice as much
    facility = [2 * n for n in range(25)] + [48 + n for n in range(1, 366 * 24)]
    site.meter("2025-01-01 00:00", facility, minutes=60)
    site.meter("2025-01-01 00:00", list(range(366 * 24 + 24)), minutes=60, kind="it")


def test_after_365_days_the_year_is_whole_and_its_first_day_leaves_it() -> None:
    found = {str(row["as_of"]): row for row in rows("more_than_a_year", "marts.pue_rolling")}
    assert (found["2025-12-30"]["days_covered"], found["2025-12-30"]["quality"]) == (364, "interim")
    whole, later = found["2025-12-31"], found["2026-01-01"]
    assert (whole["days_covered"], whole["facility_wh"], whole["quality"]) == (365, 366 * 24_000, "measured")
    assert (later["days_covered"], later["facility_wh"], later["pue"]) == (365, 365 * 24_000, 1.0)
