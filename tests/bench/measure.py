"""How the benches measure: seconds of this process's own cpu, and the plainest peer of all."""

import resource
import time
from collections.abc import Callable
from pathlib import Path


def cpu_seconds(work: Callable[[], object]) -> float:
    """Seconds of cpu that a piece of work takes in this process, at least a millisecond."""
    before = time.process_time()
    work()
    return max(time.process_time() - before, 1e-3)


def count_lines(path: Path) -> int:
    """Reads the bytes and counts the lines."""
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))


def peak_megabytes() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
