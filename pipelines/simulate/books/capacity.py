"""What a site had: unit-seconds installed, down, sellable and reserved per hour, from its inventory's rows."""

from bisect import bisect_right
from dataclasses import dataclass, field

from pipelines.simulate.books.holdings import MILLI, Key
from pipelines.simulate.clock import HOUR
from pipelines.simulate.tenants import TableRow

MEASURES = ("installed", "down", "sellable", "reserved")


@dataclass
class KeyCapacity:
    """The inventory of one key over time: at each instant the levels that hold from then on.

    A level is in units (cores; thousandths of cards); None where the site states none.
    """

    steps: list[tuple[int, dict[str, int | None]]] = field(default_factory=list)

    def hour(self, number: int) -> dict[str, int | None]:
        """Unit-seconds of each measure in an hour; None where it is not stated for the whole hour."""
        start, stop = number * HOUR, (number + 1) * HOUR
        first = bisect_right(self.steps, start, key=lambda step: step[0]) - 1
        if first < 0:
            return dict.fromkeys(MEASURES)
        totals: dict[str, int | None] = dict.fromkeys(MEASURES, 0)
        for index in range(first, len(self.steps)):
            at, levels = self.steps[index]
            if at >= stop:
                break
            until = self.steps[index + 1][0] if index + 1 < len(self.steps) else stop
            seconds = min(stop, until) - max(start, at)
            for measure in MEASURES:
                total, level = totals[measure], levels[measure]
                totals[measure] = None if total is None or level is None else total + level * seconds
        return totals


def site_capacity(rows: list[TableRow]) -> dict[Key, KeyCapacity]:
    """The capacity of every key of one site's inventory."""
    parsed = sorted(rows, key=lambda row: int(row["valid_from"][1:]))
    keys: dict[Key, None] = {}
    for row in parsed:
        keys.update(dict.fromkeys(_keys(row)))
    return {key: KeyCapacity(_steps(parsed, key)) for key in keys}


def _keys(row: TableRow) -> list[Key]:
    found: list[Key] = []
    if int(row["devices"]) > 0:
        found.append((row["compute_class"], "accelerator", row["model"]))
    if int(row["cores"]) > 0:
        found.append((row["compute_class"], "cpu_core", "all"))
    return found


def _steps(rows: list[TableRow], key: Key) -> list[tuple[int, dict[str, int | None]]]:
    """The key's levels at every instant at which one of its rows begins to hold."""
    compute_class, kind, model = key
    own = [
        row for row in rows
        if row["compute_class"] == compute_class and (kind == "cpu_core" or row["model"] == model)
    ]  # fmt: skip
    with_cards = {row["resource_pool"] for row in rows if int(row["devices"]) > 0}
    newest: dict[tuple[str, str, str], TableRow] = {}
    steps: list[tuple[int, dict[str, int | None]]] = []
    for index, row in enumerate(own):
        newest[(row["resource_pool"], row["model"], row["state"])] = row
        at = int(row["valid_from"][1:])
        if index + 1 == len(own) or int(own[index + 1]["valid_from"][1:]) > at:
            steps.append((at, _levels(list(newest.values()), kind, with_cards)))
    return steps


def _levels(rows: list[TableRow], kind: str, with_cards: set[str]) -> dict[str, int | None]:
    """The levels of the rows that hold at one instant; pools in `with_cards` are sold by the card."""
    scale = MILLI if kind == "accelerator" else 1
    column = "devices" if kind == "accelerator" else "cores"
    stating = [
        row for row in rows
        if row["state"] == "in_service" and (row["resource_pool"] in with_cards) == (kind == "accelerator")
    ]  # fmt: skip
    levels: dict[str, int | None] = {
        "installed": scale * sum(int(row[column]) for row in rows),
        "down": scale * sum(int(row[column]) for row in rows if row["state"] == "down"),
    }
    for part in ("sellable", "reserved"):
        known = bool(stating) and all(row[part] for row in stating)
        levels[part] = scale * sum(int(row[part]) for row in stating) if known else None
    return levels
