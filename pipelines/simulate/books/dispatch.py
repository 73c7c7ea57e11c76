"""What became of dispatch orders, by business day of the request and class that was asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from pipelines.simulate.books.ranks import nearest_rank
from pipelines.simulate.books.tables import Table, Value
from pipelines.simulate.clock import day_number, day_text
from pipelines.simulate.feeds.records import RecordFact

NAMES = (
    "day requested_class orders placed placed_with_home away place_p50_s place_p95_s started ended refused cancelled "
    "open_orders quality"
)
CLOSED = ("ENDED", "REFUSED", "CANCELLED")
Key = tuple[str, str]


def tables(
    standing: Iterable[RecordFact], contested: Iterable[RecordFact], reasons: list[dict[str, str]]
) -> list[Table]:
    """dispatch_daily and dispatch_refusals_daily, from revisions that stand and revisions in conflict."""
    revisions: dict[str, dict[int, list[RecordFact]]] = defaultdict(lambda: defaultdict(list))
    for fact in (*standing, *contested):
        revisions[fact["order_id"]][int(fact["revision"])].append(fact)
    days: dict[Key, list[RecordFact]] = defaultdict(list)
    contradicted: set[Key] = set()
    for known in revisions.values():
        newest = known[max(known)]
        if len(newest) == 1:
            days[_key(newest[0])].append(newest[0])
        else:
            contradicted.update(_key(fact) for fact in newest)
    codes = {row["reason"]: row["reason_code"] for row in reasons}
    refusals = Counter(
        (*key, fact["state"].lower(), _code(fact["reason"], codes))
        for key, facts in days.items()
        for fact in facts
        if fact["state"] in ("REFUSED", "CANCELLED")
    )
    return [
        Table.of(
            "dispatch_daily",
            NAMES,
            ((*key, *_figures(days.get(key, []), key in contradicted)) for key in {*days, *contradicted}),
        ),
        Table.of(
            "dispatch_refusals_daily",
            "day requested_class outcome reason_code orders",
            ((*key, count) for key, count in refusals.items()),
        ),
    ]


def _key(fact: RecordFact) -> Key:
    requested = fact.instant("requested_at")
    assert requested is not None
    return day_text(day_number(requested)), fact["requested_class"]


def _code(reason: str, codes: dict[str, str]) -> str:
    return codes.get(reason.lower(), "other") if reason else "not_stated"


def _figures(orders: list[RecordFact], contradicted: bool) -> tuple[Value, ...]:
    """Everything after the class."""
    states = Counter(order["state"] for order in orders)
    places = [
        placed - requested
        for order in orders
        for placed, requested in [(order.instant("placed_at"), order.instant("requested_at"))]
        if placed is not None and requested is not None
    ]
    homes = [
        (order["placed_site_id"], order["home_site_id"])
        for order in orders
        if order["placed_site_id"] and order["home_site_id"]
    ]
    still_open = sum(count for state, count in states.items() if state not in CLOSED)
    grade = "conflict" if contradicted else "open" if still_open else "measured"
    return (
        *(len(orders), len(places), len(homes), sum(placed != home for placed, home in homes)),
        *(nearest_rank(places, 50), nearest_rank(places, 95)),
        sum(bool(order["started_at"]) for order in orders),
        *(states[state] for state in CLOSED),
        *(still_open, grade),
    )
