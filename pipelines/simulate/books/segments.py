"""Usage by customer segment, with the cells hidden that would tell of a tenant group."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from pipelines.simulate.books.rating import Business
from pipelines.simulate.books.tables import Table, Value, boolean
from pipelines.simulate.books.usage import Piece
from pipelines.simulate.clock import day_text
from pipelines.simulate.network import World

SEGMENTS = ("park", "enterprise", "campus", "household")
NOBODY = "unattributed"
FEWEST_GROUPS, LARGEST_PERCENT = 3, 85
Cells = dict[str, Counter[str]]
"""Segment → group → unit-seconds."""


def table(world: World, business: Business, pieces: Iterable[Piece]) -> Table:
    """usage_by_segment."""
    rows: dict[tuple[str, str, str, str], Cells] = defaultdict(
        lambda: {segment: Counter() for segment in SEGMENTS}
    )
    for piece in pieces:
        if piece.is_conflict or not piece.quantity:
            continue
        day = day_text(piece.day)
        segment, group = business.segment(piece.site_id, piece.account, day)
        cells = rows[(day, world.sources[piece.site_id].region or "", piece.key[0], piece.key[1])]
        cells.setdefault(segment, Counter())[group] += piece.quantity
    found: list[tuple[Value, ...]] = []
    for key, cells in rows.items():
        secret = hidden(cells)
        for segment, groups in cells.items():
            shown = None if segment in secret else groups.total()
            found.append((*key, segment, shown, boolean(segment in secret)))
    return Table.of(
        "usage_by_segment", "day region compute_class resource_kind segment unit_seconds suppressed", found
    )


def tells_nobody(groups: Counter[str]) -> bool:
    """Whether a sum over groups keeps each of them to itself."""
    return len(groups) >= FEWEST_GROUPS and max(groups.values()) * 100 <= groups.total() * LARGEST_PERCENT


def hidden(cells: Cells) -> set[str]:
    """The segments of a row that are not shown."""
    secret = {segment for segment, groups in cells.items() if not tells_nobody(groups)}
    others = sorted(set(cells) - secret, key=lambda segment: (cells[segment].total(), segment))
    while secret and others:
        together = sum((cells[segment] for segment in secret), Counter())
        if len(secret) > 1 and tells_nobody(together):
            break
        secret.add(others.pop(0))
    return secret
