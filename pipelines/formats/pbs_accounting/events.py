"""From records of a log to attempts of jobs: which records together are one row, and what became of the others.

An end (E) or a rerun (R) says all of an attempt; a start (S) without them is running when the log ends; a job that
was deleted (D) or aborted (A) before it started is cancelled. Only jobs that are not over are kept.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.formats.base import Tally

RECORD = re.compile(
    r"([0-9]{2})/([0-9]{2})/([0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2});([A-Za-z]);([^;]*);(.*)", re.DOTALL
)
ARRAY = "[]"
_PROCESS = frozenset("aucesCTMPp")
"""Records of a job between its start and its end that change nothing of its row."""
_OTHERS = {
    "L": "licence record",
    **dict.fromkeys("BFKkUYy", "reservation record"),
}
STRAY = "record of a job of another file"
UNTIMED = "queued job without its times"
WHOLE_ARRAY = "array as a whole"


@dataclass(frozen=True)
class Attempt:
    """A row to be: its line, the state that the records give (None: its exit status says), the text of its record.

    `submitted` and `ended` are the local times of records that stand for those that the text lacks.
    """

    row: int
    raw: str
    job_id: str
    text: str
    state: str | None = None
    restart_no: int = 0
    is_deleted: bool = False
    submitted: str | None = None
    ended: str | None = None
    is_over: bool = True


@dataclass
class _Open:
    """A job that is not over: its newest record, and what was seen of it."""

    kind: str
    row: int
    raw: str
    text: str
    at: str
    runs: int = 0
    is_deleted: bool = False
    is_suspended: bool = False


@dataclass
class Log:
    """What is known while a log is read."""

    tally: Tally
    jobs: dict[str, _Open] = field(default_factory=dict)

    def take(self, records: Iterable[tuple[int, str]]) -> Iterator[Attempt | tuple[int, str]]:
        """Attempts that are over, and lines that are no records, of lines in their order; books the others."""
        for row, line in records:
            match = RECORD.fullmatch(line)
            if match is None:
                yield row, line
                continue
            month, day, year, clock, kind, job_id, text = match.groups()
            found = self._record(row, line, f"{year}-{month}-{day}T{clock}", kind, job_id, text)
            if found is not None:
                yield found

    def _record(self, row: int, raw: str, at: str, kind: str, job_id: str, text: str) -> Attempt | None:
        job = self.jobs.get(job_id)
        if kind in _OTHERS:
            self.tally.put_aside(_OTHERS[kind], 1)
        elif ARRAY in job_id:
            self.tally.put_aside(WHOLE_ARRAY, 1)
        elif kind in "ER":
            return self._over(kind, row, raw, at, job_id, text)
        elif kind in "QS":
            self._begin(_Open(kind, row, raw, text, at), job_id)
        elif kind in "DA":
            return self._removed(kind, row, raw, at, job_id, text)
        elif job is None or kind not in _PROCESS | {"z", "r"}:
            self.tally.put_aside(STRAY if job is None else f"record of type {kind}", 1)
        else:
            job.is_suspended = kind == "z" or (job.is_suspended and kind != "r")
            self.tally.folded += 1
        return None

    def _over(self, kind: str, row: int, raw: str, at: str, job_id: str, text: str) -> Attempt:
        """An attempt that ended, or ended to be run again."""
        job = self.jobs.pop(job_id, None)
        runs = 0
        if job is not None:
            runs = job.runs
            self.tally.folded += job.kind != "R"
        if kind == "R":
            self.jobs[job_id] = _Open("R", row, "", "", at, runs + 1)
        deleted = job is not None and job.is_deleted
        return Attempt(row, raw, job_id, text, "REQUEUED" if kind == "R" else None, runs, deleted, ended=at)

    def _begin(self, new: _Open, job_id: str) -> None:
        """A job that is queued or starts; a start takes the place of the queueing, or of a start that failed."""
        job = self.jobs.get(job_id)
        if job is not None and job.kind == "S" and new.kind == "Q":
            self.tally.folded += 1
            return
        if job is not None:
            self.tally.folded += job.kind != "R"
            new.runs = job.runs
            new.is_deleted = job.is_deleted
        self.jobs[job_id] = new

    def _removed(self, kind: str, row: int, raw: str, at: str, job_id: str, text: str) -> Attempt | None:
        """A job that is deleted or aborted: over if it never started, or is aborted; else its end will say."""
        job = self.jobs.get(job_id)
        if job is None:
            self.jobs[job_id] = _Open(kind, row, raw, text, at, is_deleted=kind == "D")
            return None
        self.tally.folded += 1
        job.is_deleted = job.is_deleted or kind == "D"
        if job.kind == "Q" or (job.kind == "S" and kind == "A"):
            del self.jobs[job_id]
            return Attempt(
                job.row, job.raw, job_id, job.text, "CANCELLED", job.runs, submitted=job.at, ended=at
            )
        return None

    def rest(self) -> Iterator[Attempt]:
        """The jobs that are not over when the log ends."""
        for job_id, job in self.jobs.items():
            if job.kind in "DA":
                self.tally.put_aside(STRAY, 1)
            elif job.kind == "Q" and " ctime=" not in f" {job.text}":
                self.tally.put_aside(UNTIMED, 1)
            elif job.kind != "R":
                state = "PENDING" if job.kind == "Q" else "SUSPENDED" if job.is_suspended else "RUNNING"
                yield Attempt(job.row, job.raw, job_id, job.text, state, job.runs, is_over=False)
        self.jobs.clear()
