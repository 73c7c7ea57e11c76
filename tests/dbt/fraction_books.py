"""The books of a small network in plain Python with fractions: an independent reading of the rules of rating.

Belongs here: what a network is and what its charges, lines and parts must be. Shares no code with the models.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor

Amounts = dict[tuple[object, ...], int]
PER_HOUR = {"cpu_core": 3_600, "accelerator": 3_600_000}


@dataclass(frozen=True)
class Job:
    """A job by its start in Shanghai. `account` 0 is mapped, 1 is mapped for a while, 2 twice, 3 is nobody's."""

    start: datetime
    seconds: int
    cores: int
    cards: int
    account: int


@dataclass(frozen=True)
class Site:
    """A site that sells its cores and cards. Prices in micro-yuan, rates and shares in millionths."""

    name: str
    prices: dict[str, int]
    dearer: int
    dearer_from: date
    included: bool
    tax_ppm: int
    provider_ppm: int
    operator_ppm: int
    mapped_until: date
    jobs: tuple[Job, ...]

    @property
    def parties(self) -> dict[str, tuple[str, int]]:
        """Who has which share, by role."""
        rest = 1_000_000 - self.provider_ppm - self.operator_ppm
        return {
            "provider": (f"party-{self.name}", self.provider_ppm),
            "operator": ("party-zhengsuan", self.operator_ppm),
            "network_operator": ("party-network", rest),
        }


@dataclass(frozen=True)
class Books:
    """Charges (site, day, kind, category) in micro-yuan; lines (site, period, kind, version) and parts in fen."""

    charges: Amounts
    gross: Amounts
    tax: Amounts
    parts: Amounts
    unbilled: Amounts


def half_up(value: Fraction) -> int:
    """Half away from zero."""
    whole = floor(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def books(sites: list[Site]) -> Books:
    """What the sites' jobs come to."""
    result = Books({}, {}, {}, {}, defaultdict(int))
    for site in sites:
        _rate(site, result)
    return result


def _rate(site: Site, result: Books) -> None:
    quantities: dict[tuple[date, str], int] = defaultdict(int)
    for job in site.jobs:
        for day, seconds in _days(job):
            for kind, units in (("cpu_core", job.cores), ("accelerator", job.cards * 1000)):
                if units == 0:
                    continue
                reason = _reason(site, job, day)
                if reason:
                    result.unbilled[(site.name, day, kind, reason)] += units * seconds
                else:
                    quantities[(day, kind)] += units * seconds
    lines: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for (day, kind), quantity in quantities.items():
        version = "v2" if day >= site.dearer_from else "v1"
        price = site.prices[kind] + (site.dearer if version == "v2" else 0)
        usage, tax = _charges(site, half_up(Fraction(price * quantity, PER_HOUR[kind])))
        result.charges[(site.name, day, kind, "Usage")] = usage
        result.charges[(site.name, day, kind, "Tax")] = tax
        line = lines[(f"{day:%Y-%m}", kind, version)]
        line[0] += usage + tax
        line[1] += tax
    for key, (total, tax) in lines.items():
        gross_fen, tax_fen = half_up(Fraction(total, 10_000)), half_up(Fraction(tax, 10_000))
        result.gross[(site.name, *key)] = gross_fen
        result.tax[(site.name, *key)] = tax_fen
        for role, amount in _divided(gross_fen - tax_fen, site.parties).items():
            result.parts[(site.name, *key, role)] = amount


def _days(job: Job) -> list[tuple[date, int]]:
    """Seconds by business day."""
    found, at, end = [], job.start, job.start + timedelta(seconds=job.seconds)
    while at < end:
        midnight = datetime.combine(at.date() + timedelta(days=1), datetime.min.time())
        until = min(end, midnight)
        found.append((at.date(), int((until - at).total_seconds())))
        at = until
    return found


def _reason(site: Site, job: Job, day: date) -> str | None:
    if job.account == 3 or (job.account == 1 and day >= site.mapped_until):
        return "account_unknown"
    return "account_conflict" if job.account == 2 else None


def _charges(site: Site, cost: int) -> tuple[int, int]:
    rate = Fraction(site.tax_ppm, 1_000_000)
    if site.included:
        tax = half_up(cost * rate / (1 + rate))
        return cost - tax, tax
    return cost, half_up(cost * rate)


def _divided(net: int, parties: dict[str, tuple[str, int]]) -> dict[str, int]:
    exact = {role: abs(net) * Fraction(ppm, 1_000_000) for role, (_, ppm) in parties.items()}
    parts = {role: floor(amount) for role, amount in exact.items()}
    by_remainder = sorted(parties, key=lambda role: (floor(exact[role]) - exact[role], parties[role][0]))
    for role in by_remainder[: abs(net) - sum(parts.values())]:
        parts[role] += 1
    return {role: amount if net >= 0 else -amount for role, amount in parts.items()}
