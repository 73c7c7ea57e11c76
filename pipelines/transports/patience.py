"""Trying again what may help: a bounded number of times, each time later, with a jitter that a seed repeats."""

import time
from collections.abc import Callable
from random import Random
from typing import TypeVar

from pipelines.transports.base import Unavailable

T = TypeVar("T")
Sleep = Callable[[float], None]
ATTEMPTS = 4
FIRST_SECONDS, LONGEST_SECONDS = 1.0, 30.0


def patiently(action: Callable[[], T], seed: str, sleep: Sleep = time.sleep, attempts: int = ATTEMPTS) -> T:
    """What `action` returns, at the latest at the last attempt. Raises its last Unavailable."""
    random = Random(seed)
    for attempt in range(attempts - 1):
        try:
            return action()
        except Unavailable:
            sleep(pause(attempt, random))
    return action()


def pause(attempt: int, random: Random) -> float:
    """The seconds after a failed attempt: twice as long each time, up to a bound, less up to a half."""
    return float(min(FIRST_SECONDS * 2**attempt, LONGEST_SECONDS) * random.uniform(0.5, 1))
