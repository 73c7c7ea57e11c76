"""A home of its own for each test, and deliveries into it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.deliver import Delivered, deliver
from pipelines.home import Home

HEADER = (
    "JobID|Cluster|Submit|Eligible|Start|End|ElapsedRaw|State|Account|User|Partition|QOS|NNodes|NCPUS|AllocTRES"
    "|JobName"
)


def sacct_line(
    job: str = "1",
    submit: str = "2026-10-01T08:00:00",
    start: str = "2026-10-01T09:00:00",
    end: str = "2026-10-01T10:00:00",
    elapsed: int = 3600,
    state: str = "COMPLETED",
    account: str = "phys",
    cores: int = 4,
    name: str = "job",
) -> str:
    """One line of sacct under HEADER; times are the site's local ones."""
    tres = f"billing={cores},cpu={cores},mem=4G,node=1"
    fields = [
        job,
        "main",
        submit,
        submit,
        start,
        end,
        str(elapsed),
        state,
        account,
        "u1",
        "cpu",
        "normal",
        "1",
    ]
    return "|".join([*fields, str(cores), tres, name])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SUANZHANG_HOME", str(tmp_path / "home"))
    return Home.from_environment()


@pytest.fixture
def send(home: Home, tmp_path: Path) -> Callable[..., Delivered]:
    """Delivers text or bytes as a file of nscc-zz's job records, at an instant."""

    def deliver_it(
        content: str | bytes, name: str = "jobs.psv", at: str = "2026-10-02T02:00:00+08:00", **more: str
    ) -> Delivered:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return deliver(
            home,
            path,
            source_id=more.get("source", "nscc-zz"),
            dataset=more.get("dataset", "job_records"),
            format_name=more.get("format"),
            options={},
            received_at=datetime.fromisoformat(at).astimezone(UTC),
            replaces=more.get("replaces"),
        )

    return deliver_it
