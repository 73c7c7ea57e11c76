"""What a faultless network's records come to: the newest of each key, and the totals that their senders declare."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from pipelines.simulate.books.tables import MILLION, millionths
from pipelines.simulate.clock import day_number, day_of_number, utc_seconds
from pipelines.simulate.feeds.records import CONTROLS, RecordFact, place
from pipelines.simulate.parcels import Act
from pipelines.simulate.replay import SiteInstances

Found = dict[tuple[str, date], list[int]]
"""(dataset, business day) → [records, control sum in millionths]."""


@dataclass
class Standing:
    """Records by dataset and source, instances by site, and what all come to by source."""

    records: dict[str, dict[str, list[RecordFact]]] = field(default_factory=dict)
    instances: dict[str, SiteInstances] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)

    @classmethod
    def of(cls, acts: list[Act]) -> "Standing":
        """What stands after some acts, none of which takes anything back."""
        standing = cls()
        newest: dict[tuple[str, str], dict[tuple[str, ...], RecordFact]] = defaultdict(dict)
        for act in sorted(acts, key=lambda act: act.at):
            assert act.parcel is not None
            known = newest[(act.parcel.dataset, act.parcel.source)]
            told = [row.fact for row in act.parcel.rows if isinstance(row.fact, RecordFact)]
            known.update({fact.key: fact for fact in told})
            if act.parcel.dataset == "instance_records":
                site = standing.instances.setdefault(act.parcel.source, SiteInstances())
                for fact in told:
                    site.reached(fact, act.at)
        for source, site in standing.instances.items():
            site.current = list(newest[("instance_records", source)].values())
        for (dataset, source), known in sorted(newest.items()):
            standing.records.setdefault(dataset, {})[source] = list(known.values())
            if dataset in CONTROLS:
                standing.found.setdefault(source, {}).update(totals(dataset, list(known.values())))
        return standing

    def totals(self, source: str, day: date) -> list[tuple[str, date, int, int]]:
        """(dataset, day, records, control sum in millionths) of what a source sends about a day."""
        found = self.found.get(source, {})
        datasets = sorted({dataset for dataset, _ in found})
        return [(dataset, day, *found.get((dataset, day), (0, 0))) for dataset in datasets]


def totals(dataset: str, records: list[RecordFact]) -> Found:
    """Number and control sum by business day; an instance that still waits does not count."""
    day_column, summed = CONTROLS[dataset]
    day_place, places = place(dataset, day_column), [place(dataset, column) for column in summed]
    state = place(dataset, "state") if dataset == "instance_records" else None
    found: Found = defaultdict(lambda: [0, 0])
    for record in records:
        values = record.values
        if state is not None and values[state] == "PENDING":
            continue
        entry = found[(dataset, _day(values[day_place]))]
        entry[0] += 1
        for at in places:
            text = values[at]
            if text:
                entry[1] += int(text) * MILLION if text.isdigit() else millionths(text)
    return found


@lru_cache(maxsize=65536)
def _day(text: str) -> date:
    return day_of_number(day_number(utc_seconds(text)))
