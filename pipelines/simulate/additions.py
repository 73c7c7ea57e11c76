"""What the business management tells beside its first tables, in files of its own: programmes of vouchers, what is
sold besides compute, promises of service, and what was paid.

It draws from streams of its own, so that nothing else of a simulation depends on it.
"""

from dataclasses import dataclass
from datetime import timedelta

from pipelines.simulate import bills
from pipelines.simulate.agreements import later_agreements
from pipelines.simulate.catalogue import besides
from pipelines.simulate.clock import HOUR, day_start
from pipelines.simulate.events import Events
from pipelines.simulate.params import BUSINESS_SOURCE
from pipelines.simulate.parcels import Act
from pipelines.simulate.payments import listed_on
from pipelines.simulate.schedule import business_files, opening
from pipelines.simulate.tenants import TableRow
from pipelines.simulate.vouchers import vouchers

Tables = dict[str, list[TableRow]]


@dataclass(frozen=True)
class Additions:
    """Rows by dataset: told before the first day, and in the middle of the range."""

    first: Tables
    later: Tables

    def all(self) -> Tables:
        """Everything that is told, by dataset."""
        names = dict.fromkeys([*self.first, *self.later])
        return {name: [*self.first.get(name, []), *self.later.get(name, [])] for name in names}


def additions(events: Events) -> Additions:
    """What is told of the network of these events."""
    given = vouchers(events.world, events.tenancy.tenants)
    prices = besides(events.world)
    first = {
        "parties": given.parties,
        "voucher_programmes": given.programmes,
        "vouchers": given.vouchers,
        "tenant_accounts": bills.mappings(events.world),
        "skus": prices.skus,
        "tariff_rates": prices.tariffs,
        "service_contracts": later_agreements(events.world),
        "revenue_shares": prices.shares,
    }
    return Additions({name: rows for name, rows in first.items() if rows}, {"vouchers": given.later})


def acts(events: Events, told: Additions) -> list[Act]:
    """The files, an hour after those of the first tables, and two days before something changes."""
    start = opening(events) + HOUR
    changed = max(day_start(events.changed_on - timedelta(days=2)) + 16 * HOUR, start + 2 * HOUR)
    return [
        *business_files(events.world, BUSINESS_SOURCE, start, told.first, "_more"),
        *business_files(events.world, BUSINESS_SOURCE, changed, told.later, "_changes_more"),
    ]


def bank_list(events: Events, payments: list[TableRow]) -> list[Act]:
    """The bank's list of payments, in the afternoon of its day; nothing where nobody paid."""
    at = day_start(listed_on(events.world)) + 16 * HOUR
    told = {"payments": payments} if payments else {}
    return business_files(events.world, BUSINESS_SOURCE, at, told)
