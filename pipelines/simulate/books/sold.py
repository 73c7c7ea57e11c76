"""What is sold besides cores and cards: stored bytes and promised lines by day, providers' bills in micro-yuan.

It is metered where a site sells the kind on the day, and is no part of utilisation.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pipelines.simulate.books.rating import Business
from pipelines.simulate.books.tables import half_up
from pipelines.simulate.books.usage import Piece, SiteUsage
from pipelines.simulate.clock import DAY, day_number, day_start, day_text
from pipelines.simulate.feeds.records import RecordFact
from pipelines.simulate.replay import Known

KEPT = 2
"""A volume keeps what was observed for so many days more, if it is observed again later."""

ATTO, ATTO_PER_MICRO = 18, 10**12


@dataclass(frozen=True)
class Extent:
    """The first and the last business day that anything touches, and the last one that was measured."""

    first: str
    last: str
    measured: str


@dataclass
class Sold:
    """What is metered, what is unknown (its quantity in seconds), and the days that all of it touches, sold or not.

    `measured` leaves out the days of bills.
    """

    pieces: list[Piece] = field(default_factory=list)
    unknown: list[Piece] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    measured: list[int] = field(default_factory=list)


def sold(business: Business, known: Known) -> Sold:
    """Everything of these kinds that is known."""
    found = Sold()
    metered = [*_volumes(business, known, found), *_lines(known, found), *_bills(known, found)]
    found.pieces = [
        piece for piece in metered if business.sells(piece.site_id, piece.key[1], day_text(piece.day))
    ]
    return found


def extent(usages: Iterable[SiteUsage], found: Sold) -> Extent | None:
    """The days of all usage, known how much or not, and of what is sold besides; None where there is nothing."""
    held = [piece.day for usage in usages for piece in (*usage.pieces, *usage.unknown)]
    days, measured = [*held, *found.days], [*held, *found.measured]
    if not days:
        return None
    return Extent(day_text(min(days)), day_text(max(days)), day_text(max(measured)) if measured else "")


def _piece(
    site: str, account: str, what: tuple[str, str], day: int, quantity: int, is_conflict: bool = False
) -> Piece:
    """`what` is the kind and its model: tier, line or service."""
    return Piece(site, account, day, ("unknown", *what), quantity, False, is_conflict)


def _day(record: RecordFact, column: str) -> int:
    at = record.instant(column)
    assert at is not None
    return day_number(at)


def _volumes(business: Business, known: Known, found: Sold) -> Iterator[Piece]:
    """Bytes that each volume keeps on each day: provisioned ones, else used ones, of the day's last observation."""
    standing, contested = known.of("storage_records")
    volumes: dict[tuple[str, str], dict[int, list[tuple[str, RecordFact, bool]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for records, is_conflict in ((standing, False), (contested, True)):
        for each in records:
            day = _day(each, "observed_at")
            volumes[each["site_id"], each["volume_id"]][day].append((each["observed_at"], each, is_conflict))
            found.days.append(day)
            found.measured.append(day)
    for (site, _), observed in volumes.items():
        days = sorted(observed)
        for day, following in zip(days, [*days[1:], days[-1] + 1], strict=True):
            last = max(at for at, _, _ in observed[day])
            held = [(each, is_conflict) for at, each, is_conflict in observed[day] if at == last]
            for each, is_conflict in held:
                quantity = int(each["provisioned_bytes"] or each["used_bytes"])
                for kept in range(day, min(day + KEPT + 1, following)):
                    yield _piece(site, *_volume(each), kept, quantity, is_conflict)
            if business.ever_sells(site, "storage"):
                volume = _volume(held[-1][0])
                found.unknown += [
                    _piece(site, *volume, lost, DAY) for lost in range(day + KEPT + 1, following)
                ]


def _volume(record: RecordFact) -> tuple[str, tuple[str, str]]:
    """Whose a volume is, and of which tier."""
    return record["account"], ("storage", record["tier"])


def _lines(known: Known, found: Sold) -> Iterator[Piece]:
    """What each line was promised on each day: the greatest commitment that any record of the day states."""
    standing, contested = known.of("network_usage")
    promised: dict[tuple[str, str, int], RecordFact] = {}
    for each in sorted(standing, key=lambda each: (-int(each["committed_mbps"]), each["interval_start"])):
        promised.setdefault((each["site_id"], each["line_id"], _day(each, "interval_start")), each)
    for each in (*standing, *contested):
        found.days.append(_day(each, "interval_start"))
        found.measured.append(found.days[-1])
    for records, is_conflict in ((promised.values(), False), (contested, True)):
        for each in records:
            of = (each["site_id"], each["account"], ("bandwidth", each["line_id"]))
            yield _piece(*of, _day(each, "interval_start"), int(each["committed_mbps"]), is_conflict)


def _bills(known: Known, found: Sold) -> Iterator[Piece]:
    """The lines of each bill in micro-yuan: the whole half up, shared by largest remainder, ties by line. No line of a
    bill is contested in this simulation, and all are in yuan."""
    for source, records in known.records.get("cloud_charges", {}).items():
        bills: dict[tuple[str, ...], list[RecordFact]] = defaultdict(list)
        for each in records:
            bills[each["provider"], each["billing_account"], each["billing_period"]].append(each)
        for lines in bills.values():
            atto = [int(Decimal(each["billed_cost"]).scaleb(ATTO)) for each in lines]
            micro = [amount // ATTO_PER_MICRO for amount in atto]
            order = sorted(
                range(len(lines)),
                key=lambda at: (
                    -(atto[at] % ATTO_PER_MICRO),
                    lines[at]["line_id"],
                    int(lines[at]["line_ordinal"]),
                ),
            )
            for at in order[: half_up(sum(atto), ATTO_PER_MICRO) - sum(micro)]:
                micro[at] += 1
            for each, quantity in zip(lines, micro, strict=True):
                charged = each.instant("charge_period_start")
                month = day_start(date.fromisoformat(f"{each['billing_period']}-01"))
                day = day_number(month if charged is None else charged)
                found.days.append(day)
                account = each["sub_account_id"] or each["billing_account"]
                yield _piece(source, account, ("cloud", each["service_name"] or "unknown"), day, quantity)
