"""Standard racks of a site's rooms: racks of any rated power counted as racks of 2.5 kW, by hour and at an instant."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from pipelines.simulate.books.tables import half_up, millionths
from pipelines.simulate.clock import HOUR
from pipelines.simulate.feeds.records import RecordFact

STANDARD_W = 2500
KEY = ("all", "rack", "standard")
Power = tuple[int, int]
"""(watts of installed racks, watts of occupied racks)."""


@dataclass(frozen=True)
class Racks:
    """A site's rooms: per room the instants of its statements, in order, and what each says."""

    rooms: dict[str, tuple[list[int], list[Power]]]

    def power(self, at: int) -> Power:
        """What all rooms have at an instant, by their newest statements."""
        installed = occupied = 0
        for instants, said in self.rooms.values():
            place = bisect_right(instants, at) - 1
            if place >= 0:
                installed += said[place][0]
                occupied += said[place][1]
        return installed, occupied

    def hour(self, number: int) -> Power | None:
        """Rack-seconds installed and occupied in an hour; None where no room was told of when it began."""
        start, stop = number * HOUR, (number + 1) * HOUR
        if all(instants[0] > start for instants, _ in self.rooms.values()):
            return None
        changes = {at for instants, _ in self.rooms.values() for at in instants if start < at < stop}
        joules = [0, 0]
        bounds = [start, *sorted(changes), stop]
        for begin, end in pairwise(bounds):
            for place, watts in enumerate(self.power(begin)):
                joules[place] += watts * (end - begin)
        return half_up(joules[0], STANDARD_W), half_up(joules[1], STANDARD_W)

    def at(self, instant: int) -> Power | None:
        """Standard racks installed and occupied at an instant; None where no room was told of by then."""
        if all(instants[0] > instant for instants, _ in self.rooms.values()):
            return None
        installed, occupied = self.power(instant)
        return half_up(installed, STANDARD_W), half_up(occupied, STANDARD_W)


def site_racks(records: list[RecordFact]) -> Racks:
    """The racks of one site's statements."""
    rooms: dict[str, tuple[list[int], list[Power]]] = {}
    for record in sorted(records, key=lambda record: record["valid_from"]):
        at = record.instant("valid_from")
        assert at is not None
        watts = millionths(record["rated_kw"]) // 1000 if record["rated_kw"] else STANDARD_W
        instants, said = rooms.setdefault(record["room"], ([], []))
        instants.append(at)
        said.append((int(record["installed"]) * watts, int(record["occupied"]) * watts))
    return Racks(rooms)
