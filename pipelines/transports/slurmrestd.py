"""Jobs from slurmrestd's accounting, a span of time at a time: the documents as they are answered.

An answer of 200 with `errors` is a failure (a bad token is told so), unless all that it says is that nothing was
found. Times are asked for as `uts<seconds>`: a plain number is an error of the server.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.transports.base import BLOCK, Entry, Refused, Secrets, Unavailable
from pipelines.transports.http import client, failures, require_success
from pipelines.transports.windows import bounds, windows

API = "v0.0.38"
WINDOW_MINUTES, LAG_SECONDS = 24 * 60, 900


class Slurmrestd:
    """The jobs of one slurmdbd. `http` is an httpx.Client."""

    def __init__(
        self, http: Any, settings: Mapping[str, Any], clock: Callable[[], float] = time.time
    ) -> None:
        self._http, self._settings, self._clock = http, settings, clock
        self._url = f"{settings['url'].rstrip('/')}/slurmdb/{settings.get('api', API)}/jobs"

    def entries(self, cursor: str) -> Iterator[Entry]:
        """The spans that are over."""
        return windows(self._settings, cursor, self._clock(), "slurm_jobs.json", WINDOW_MINUTES, LAG_SECONDS)

    def fetch(self, entry: Entry, part: Path) -> bool:
        """Writes the jobs that were known within a span; False where there are none."""
        begin, end = bounds(entry)
        times = {"start_time": f"uts{begin}", "end_time": f"uts{end}"}
        with failures(self._url), self._http.stream("GET", self._url, params=times) as answer:
            require_success(answer, self._url)
            with part.open("wb") as writer:
                for block in answer.iter_bytes(BLOCK):
                    writer.write(block)
        return _judge(part, self._url)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()


def _judge(part: Path, url: str) -> bool:
    """Whether an answer holds jobs. Raises Refused for errors, and where it is no answer of slurmrestd."""
    from pipelines.formats.slurm_rest.documents import around, errors

    said = errors(part)
    if said:
        part.unlink()
        raise Refused(f"{url} answers: {'; '.join(said[:3])}")
    with part.open("rb") as stream:
        stream.seek(max(0, part.stat().st_size - 64), 0)
        whole = stream.read().rstrip().endswith(b"}")
    if not whole:
        part.unlink()
        raise Unavailable(f"{url} broke off its answer")
    if not around(part, "errors"):
        part.unlink()
        raise Refused(f"{url} does not answer as slurmrestd does")
    return [] not in around(part, "jobs")


def connect(settings: Mapping[str, Any], secrets: Secrets) -> Slurmrestd:
    """The transport of a feed's settings."""
    who = {
        "X-SLURM-USER-NAME": settings["user"],
        "X-SLURM-USER-TOKEN": secrets.of(settings, "token_env") or "",
    }
    return Slurmrestd(client(settings, secrets, who), settings)
