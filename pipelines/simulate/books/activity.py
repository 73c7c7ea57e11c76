"""What telemetry watched of a site's cards and found busy, by key and hour, from the samples that stand."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby, pairwise

from pipelines.simulate.books.holdings import MILLI, Key
from pipelines.simulate.books.tables import half_up
from pipelines.simulate.clock import HOUR
from pipelines.simulate.feeds.records import RecordFact

Watched = dict[tuple[Key, int], tuple[int, int]]
"""(active, observed) thousandths of cards × seconds."""
PERCENT_PLACES = 10**6


def site_activity(samples: Iterable[RecordFact], keys: Iterable[Key], aliases: dict[str, str]) -> Watched:
    """By the key of each model that is in one class alone among `keys`."""
    classes: dict[str, set[str]] = defaultdict(set)
    for compute_class, kind, model in keys:
        if kind == "accelerator":
            classes[model].add(compute_class)
    exact: dict[tuple[Key, int], list[int]] = defaultdict(lambda: [0, 0])
    of_cards = [each for each in samples if each["utilisation_pct"] and not each["slice_profile"]]
    of_cards = [each for each in of_cards if each["device_id"] != each["node"]]
    of_cards.sort(key=lambda each: (each["device_id"], each["sampled_at"]))
    for _, own in groupby(of_cards, key=lambda each: each["device_id"]):
        for this, following in pairwise(own):
            named = this["model"]
            model = aliases.get(named.lower(), named) or "unknown"
            if len(classes[model]) == 1:
                key: Key = (min(classes[model]), "accelerator", model)
                percent = int(Decimal(this["utilisation_pct"]) * PERCENT_PLACES)
                for hour, seconds in _hours(this, following):
                    exact[key, hour][0] += percent * seconds
                    exact[key, hour][1] += seconds
    return {
        where: (half_up(busy * MILLI, 100 * PERCENT_PLACES), seconds * MILLI)
        for where, (busy, seconds) in exact.items()
    }


def _hours(this: RecordFact, following: RecordFact) -> Iterable[tuple[int, int]]:
    """The seconds in each hour between two samples that are an hour apart at most."""
    start, stop = this.instant("sampled_at"), following.instant("sampled_at")
    assert start is not None
    assert stop is not None
    if stop - start > HOUR:
        return
    for hour in range(start // HOUR, (stop - 1) // HOUR + 1):
        yield hour, min(stop, (hour + 1) * HOUR) - max(start, hour * HOUR)


def quality_of_hour(active: int | None, observed: int, had: dict[str, int | None]) -> str:
    """How much of an hour's cards was watched, and whether more was busy than held."""
    installed, down, allocated = had["installed"], had["down"], had["allocated"]
    if not observed:
        return "unobserved"
    if active is not None and allocated is not None and active > allocated:
        return "exceeds_allocated"
    whole = installed is not None and down is not None and observed >= installed - down
    return "measured" if whole else "sampled"


def quality_of(qualities: list[str]) -> str:
    """The quality of a sum."""
    if set(qualities) == {"unobserved"}:
        return "unobserved"
    if "exceeds_allocated" in qualities:
        return "exceeds_allocated"
    return "measured" if set(qualities) == {"measured"} else "sampled"
