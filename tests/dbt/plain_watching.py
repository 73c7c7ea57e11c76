"""What samples of cards say of hours, in plain Python: who was busy of those that were watched.

Belongs here: active and observed of a key and hour, and how good they are. Does not belong here: what was held.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any

HOUR = 3600
Key = tuple[str, str, str]
Busy = tuple[int, int]
"""(active, observed) milli-card-seconds."""


def watched(
    samples: list[tuple[dict[str, Any], bool]], keys: Mapping[str, list[Key]], aliases: Mapping[str, str]
) -> dict[tuple[Key, int], Busy]:
    """By key and hour, of models that have one key alone."""
    cards: dict[str, list[tuple[datetime, dict[str, Any]]]] = defaultdict(list)
    for row, conflict in samples:
        whole = not row.get("slice_profile") and row["device_id"] != row.get("node")
        if not conflict and whole and row.get("utilisation_pct") is not None:
            cards[row["device_id"]].append((row["sampled_at"], row))
    busy: dict[tuple[Key, int], Fraction] = defaultdict(Fraction)
    long: dict[tuple[Key, int], int] = defaultdict(int)
    for own in cards.values():
        for (begun, row), (ended, _) in pairwise(sorted(own, key=lambda each: each[0])):
            named = row.get("model") or "unknown"
            places = keys.get(aliases.get(named.lower(), named), [])
            start, stop = int(begun.timestamp()), int(ended.timestamp())
            if stop - start <= HOUR and len(places) == 1:
                turn = min(stop, (start // HOUR + 1) * HOUR)
                for begin, end in ((start, turn), (turn, stop)):
                    if begin < end:
                        long[places[0], begin // HOUR] += 1000 * (end - begin)
                        busy[places[0], begin // HOUR] += (
                            Fraction(row["utilisation_pct"]) * 10 * (end - begin)
                        )
    return {where: (floor(busy[where] + Fraction(1, 2)), long[where]) for where in long}


def seen(
    busy: Busy | None, installed: int | None, down: int | None, allocated: int
) -> tuple[int | None, int, str]:
    """(active, observed, how good) of an hour."""
    if busy is None:
        return None, 0, "unobserved"
    if busy[0] > allocated:
        return *busy, "exceeds_allocated"
    whole = installed is not None and down is not None and busy[1] >= installed - down
    return *busy, "measured" if whole else "sampled"


def added(hours: list[tuple[Any, ...]]) -> tuple[int | None, int, str]:
    """The same of several hours together."""
    active = [each for each, _, _ in hours if each is not None]
    labels = {label for _, _, label in hours}
    if not active:
        return None, 0, "unobserved"
    label = "exceeds_allocated" if "exceeds_allocated" in labels else "sampled"
    return sum(active), sum(each for _, each, _ in hours), "measured" if labels == {"measured"} else label
