"""Jobs of a span: the bytes as answered; errors within a success are failures, nothing found is none."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from pipelines.transports.base import Entry, Refused, Secrets, Unavailable
from pipelines.transports.slurmrestd import Slurmrestd, connect

HOUR = Entry("2026-11-01T00:00:00Z/2026-11-01T01:00:00Z", "jobs.json")
SETTINGS = {"url": "http://s:6820", "user": "meter", "token_env": "T", "since": "2026-11-01T00:00:00Z"}
NOTHING = {"error_number": 9003, "error": "Nothing found with query", "source": "slurmdb_jobs_get"}
DENIED = {"error_number": 1007, "error": "Protocol authentication error", "description": "failed"}


def slurmrestd(answer: Any, status: int = 200) -> Slurmrestd:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        content = {"json": answer} if isinstance(answer, dict) else {"content": answer}
        return httpx.Response(status, **content)

    made = Slurmrestd(httpx.Client(transport=httpx.MockTransport(handle)), SETTINGS)
    made.asked = asked  # type: ignore[attr-defined]
    return made


def test_the_document_is_kept_as_it_was_answered(tmp_path: Path) -> None:
    content = b'{\n "jobs": [ {"job_id" : 7}\t],\n "errors": [ ] }\n'
    made, part = slurmrestd(content), tmp_path / "part"
    assert made.fetch(HOUR, part)
    assert part.read_bytes() == content
    (request,) = made.asked  # type: ignore[attr-defined]
    assert str(request.url) == (
        "http://s:6820/slurmdb/v0.0.38/jobs?start_time=uts1793491200&end_time=uts1793494800"
    )


@pytest.mark.parametrize("errors", [[], [NOTHING]])
def test_nothing_found_is_no_failure_and_no_delivery(errors: list[Any], tmp_path: Path) -> None:
    assert not slurmrestd({"jobs": [], "errors": errors}).fetch(HOUR, tmp_path / "part")


def test_an_error_in_a_success_is_refused(tmp_path: Path) -> None:
    part = tmp_path / "part"
    with pytest.raises(Refused, match="Protocol authentication error"):
        slurmrestd({"jobs": [], "errors": [DENIED]}).fetch(HOUR, part)
    assert not part.exists()


@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [
        (b'{"jobs": [{"job_id": 7', 200, Unavailable),
        (b'{"something": "else"}', 200, Refused),
        (b"<html></html>", 200, Unavailable),
        (b"", 200, Unavailable),
        (b"", 500, Unavailable),
        (b"", 401, Refused),
    ],
)
def test_what_is_no_answer_is_told(answer: bytes, status: int, kind: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(kind):
        slurmrestd(answer, status).fetch(HOUR, tmp_path / "part")


def test_the_token_goes_by_name_in_slurm_s_own_header() -> None:
    secrets = Secrets({"T": "jwt.of.mine"})
    headers = connect(SETTINGS, secrets)._http.headers
    assert (headers["X-SLURM-USER-NAME"], headers["X-SLURM-USER-TOKEN"]) == ("meter", "jwt.of.mine")
    assert "Authorization" not in headers
    assert secrets.hide("bad token jwt.of.mine") == "bad token ***"
