"""Green energy and carbon by the hour: certificates matched with use, factors of grids; the twelve months to a day."""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from pipelines.simulate.books.energy import Quantity, SiteEnergy, hours_of, quality, used
from pipelines.simulate.books.tables import MILLION, Table, Value, half_up, millionths, ratio
from pipelines.simulate.clock import DAY, HOUR, SHANGHAI_OFFSET, day_text, utc_text
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

YEAR = 365
MILLI = 1000


@dataclass
class Claim:
    """A certificate: what it stands for by hour, and what of that was used; None where the use is not known."""

    row: TableRow
    counts: bool
    taken: dict[int, tuple[int, int | None]] = field(default_factory=dict)

    @property
    def span(self) -> tuple[int, int]:
        return int(self.row["certificate_from"][1:]), int(self.row["certificate_to"][1:])

    def spread(self) -> dict[int, int]:
        """Its energy by hour, evenly over its time."""
        start, stop = self.span
        whole = int(self.row["certificate_wh"])
        found, told = {}, 0
        for hour in range(start - start % HOUR, stop, HOUR):
            until = half_up(whole * (min(hour + HOUR, stop) - start), stop - start)
            found[hour] = until - told
            told = until
        return found


class Green:
    """Green energy and carbon of all sites, by site and hour, from meters, certificates and factors."""

    def __init__(
        self,
        world: World,
        sites: dict[str, SiteEnergy],
        tables: dict[str, list[TableRow]],
        yearly: list[TableRow],
    ) -> None:
        self.world, self.sites, self.yearly = world, sites, yearly
        self.hourly = {
            (row["grid"], int(row["hour"][1:])): millionths(row["g_per_kwh"])
            for row in tables.get("emission_factors", [])
        }
        rows = sorted(tables.get("green_certificates", []), key=lambda row: row["certificate_id"])
        self.claims = [Claim(row, not any(_same_serials(row, other) for other in rows)) for row in rows]
        self.used: dict[tuple[str, int], list[int | None]] = defaultdict(list)
        for claim in self.claims:
            if claim.counts:
                self._match(claim)

    def _match(self, claim: Claim) -> None:
        """Takes what is still open in each hour of the certificate, after those before it."""
        site = claim.row["site_id"]
        for hour, share in claim.spread().items():
            own = self.own(site, hour)
            taken: int | None = None
            if own is not None:
                facility, renewable = own
                before = sum(each or 0 for each in self.used[(site, hour)])
                taken = min(share, max(0, facility - renewable - before))
            self.used[(site, hour)].append(taken)
            claim.taken[hour] = share, taken

    def own(self, site: str, hour: int) -> tuple[int, int] | None:
        """Facility energy and how much of it the site's own renewable meters cover; None where that is not known."""
        energy = self.sites.get(site)
        facility = energy.hour("facility", hour) if energy else None
        if energy is None or facility is None:
            return None
        if not self._metered(energy, hour):
            return facility.used, 0
        renewable = energy.hour("renewable", hour)
        return None if renewable is None else (facility.used, min(facility.used, renewable.used))

    @staticmethod
    def _metered(energy: SiteEnergy, hour: int) -> bool:
        return bool(energy.meters("renewable", (hour + SHANGHAI_OFFSET) // DAY))

    def day(self, site: str, day: int) -> tuple[Value, ...]:
        """green_wh, certificate_used_wh, carbon_g, carbon_market_g and carbon_basis of a business day."""
        energy, hours = self.sites[site], hours_of(day)
        is_claimed = any(self._metered(energy, hour) or self.used.get((site, hour)) for hour in hours)
        green, certified = 0, 0
        carbon, market = Fraction(0), Fraction(0)
        bases: set[str] = set()
        known, factored, certain = True, True, True
        for hour in hours:
            own, taken = self.own(site, hour), self.used.get((site, hour), [])
            certain = certain and None not in taken
            if own is None:
                known = False
                continue
            factor, basis = self._factor(site, hour, day)
            bases.add(basis)
            factored = factored and factor is not None
            certificate = sum(each or 0 for each in taken)
            green += own[1] + certificate
            certified += certificate
            carbon += (own[0] - own[1]) * (factor or 0)
            market += (own[0] - own[1] - certificate) * (factor or 0)
        basis = bases.pop() if len(bases) == 1 else "mixed"
        has_carbon = known and factored
        return (
            green if is_claimed and known and certain else None,
            certified if is_claimed and known and certain else None,
            _rounded(carbon) if has_carbon else None,
            _rounded(market) if has_carbon and certain else None,
            basis if has_carbon else None,
        )

    def _factor(self, site: str, hour: int, day: int) -> tuple[Fraction | None, str]:
        """Grams per watt-hour, and what kind of factor that is."""
        grid = self.world.sources[site].grid or ""
        if (grid, hour) in self.hourly:
            return Fraction(self.hourly[(grid, hour)], MILLION * 1000), "hourly"
        published = [row for row in self.yearly if row["grid"] == grid and row["valid_from"] <= day_text(day)]
        if not published:
            return None, "yearly"
        newest = max(published, key=lambda row: row["valid_from"])
        return Fraction(int(newest["mg_per_kwh"]), MILLI * 1000), "yearly"

    def use(self) -> Table:
        """green_certificate_use."""
        rows: list[tuple[Value, ...]] = []
        for claim in self.claims:
            whole = int(claim.row["certificate_wh"])
            took = sum(taken or 0 for _, taken in claim.taken.values())
            unknown = sum(share for share, taken in claim.taken.values() if taken is None)
            start, stop = claim.span
            rows.append(
                (
                    *(claim.row["certificate_id"], 1, claim.row["site_id"], utc_text(start), utc_text(stop)),
                    *(whole, took, whole - took - unknown, unknown),
                    "counted" if claim.counts else "double_claim",
                )
            )
        return Table.of(
            "green_certificate_use",
            "certificate_id version site_id certificate_from certificate_to certificate_wh used_wh unused_wh "
            "unknown_wh status",
            rows,
        )

    def rolling(self) -> Table:
        """pue_rolling."""
        rows: list[tuple[Value, ...]] = []
        for site, energy in self.sites.items():
            days = {day: self._balance(site, energy, day) for day in energy.days}
            for as_of in energy.days:
                year = [days[day] for day in range(as_of - YEAR + 1, as_of + 1) if day in days]
                rows.append(
                    (
                        site,
                        self.world.sources[site].region,
                        day_text(as_of),
                        self.world.sources[site].pue_category,
                        *_year(year),
                    )
                )
        return Table.of(
            "pue_rolling",
            "site_id region as_of pue_category days_covered days_estimated facility_wh it_wh pue water_days water_l "
            "water_it_wh wue carbon_days carbon_g carbon_it_wh cue quality",
            rows,
        )

    def _balance(self, site: str, energy: SiteEnergy, day: int) -> "Balance":
        facility, it, water = (energy.day(kind, day) for kind in ("facility", "it", "water"))
        carbon = self.day(site, day)[2]
        assert carbon is None or isinstance(carbon, int)
        return Balance(facility, it, used(water), carbon)


@dataclass(frozen=True)
class Balance:
    """What is known of a site's day."""

    facility: Quantity | None
    it: Quantity | None
    water: int | None
    carbon: int | None


def _year(days: list[Balance]) -> tuple[Value, ...]:
    covered = [(day.facility.used, day.it.used) for day in days if day.facility and day.it]
    guessed = [day for day in days if quality(day.facility, day.it) == "estimated"]
    watered = [(day.water, day.it.used) for day in days if day.water is not None and day.it]
    emitted = [(day.carbon, day.it.used) for day in days if day.carbon is not None and day.it]
    label = (
        "unknown"
        if not covered
        else "interim"
        if len(covered) < YEAR
        else "estimated"
        if guessed
        else "measured"
    )
    (facility, it), (water, water_it), (carbon, carbon_it) = _sums(covered), _sums(watered), _sums(emitted)
    return (
        *(len(covered), len(guessed), facility, it, ratio(facility, it)),
        *(len(watered), water, water_it, ratio(None if water is None else water * 1000, water_it)),
        *(len(emitted), carbon, carbon_it, ratio(carbon, carbon_it), label),
    )


def _sums(pairs: list[tuple[int, int]]) -> tuple[int | None, int | None]:
    return (sum(a for a, _ in pairs), sum(b for _, b in pairs)) if pairs else (None, None)


def _rounded(grams: Fraction) -> int:
    return half_up(grams.numerator, grams.denominator)


def _same_serials(row: TableRow, other: TableRow) -> bool:
    if row["registry"] != other["registry"] or row["certificate_id"] == other["certificate_id"]:
        return False
    ours, theirs = (range(int(each["serial_first"]), int(each["serial_last"]) + 1) for each in (row, other))
    return bool(range(max(ours[0], theirs[0]), min(ours[-1], theirs[-1]) + 1))
