"""S3 as moto serves it: objects once each, resumption, a key that is replaced, errors without secrets."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.home import Home
from pipelines.landing import read_events
from pipelines.transports.base import Changed, Secrets
from pipelines.transports.pull import Puller
from pipelines.transports.s3 import connect
from tests.peers.servers import free_port, listens, running
from tests.transports.places import one

pytestmark = pytest.mark.peers
SECRETS = {"KEY": "AKIAIOSFODNN7EXAMPLE", "SECRET": "wJalrXUtnFEMI/K7MDENG"}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if importlib.util.find_spec("moto") is None:
        pytest.skip("needs moto (requirements-peers.lock)")
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, tmp_path_factory.mktemp("moto") / "log", lambda: listens(port)):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def bucket(endpoint: str, request: pytest.FixtureRequest) -> Any:
    """A bucket of the test's own, as its sender writes to it."""
    import boto3

    resource = boto3.resource(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=SECRETS["KEY"],
        aws_secret_access_key=SECRETS["SECRET"],
    )
    return resource.create_bucket(Bucket=request.node.name.replace("_", "-")[:60].strip("-"))


@pytest.fixture
def settings(endpoint: str, bucket: Any) -> dict[str, Any]:
    return {
        "bucket": bucket.name,
        "prefix": "out",
        "endpoint": endpoint,
        "access_key_env": "KEY",
        "secret_key_env": "SECRET",
    }


@pytest.fixture
def puller(home: Home) -> Puller:
    return Puller(home, Secrets(SECRETS), lambda _: None)


def test_objects_of_many_pages_are_landed_once_each(
    puller: Puller, bucket: Any, settings: dict[str, Any]
) -> None:
    for number in range(1001):
        bucket.put_object(Key=f"out/2026/jobs_{number}.psv", Body=f"{number}".encode())
    bucket.put_object(Key="out/2026/", Body=b"")
    bucket.put_object(Key="outside/x.psv", Body=b"x")
    bucket.put_object(Key="out/账单 十一月#1.csv", Body=b"y")
    (pulled,) = puller.pull(one("s3", **settings))
    assert (len(pulled.landed), pulled.findings) == (1002, [])
    assert "账单 十一月#1.csv" in {event.name for event in read_events(puller.home)}
    assert puller.pull(one("s3", **settings))[0].landed == []
    bucket.put_object(Key="out/2026/jobs_1.psv", Body=b"corrected")
    assert len(puller.pull(one("s3", **settings))[0].landed) == 1


def test_an_object_goes_on_where_it_ended_and_one_that_was_replaced_does_not(
    puller: Puller, bucket: Any, settings: dict[str, Any], tmp_path: Path
) -> None:
    bucket.put_object(Key="out/a.psv", Body=b"a" * 10_000)
    store, part = connect(settings, puller.secrets), tmp_path / "part"
    (entry,) = store.entries("")
    part.write_bytes(b"x" * 4_000)
    assert store.fetch(entry, part)
    assert part.read_bytes() == b"x" * 4_000 + b"a" * 6_000
    bucket.put_object(Key="out/a.psv", Body=b"b" * 10_000)
    with pytest.raises(Changed):
        store.fetch(entry, part)


def test_a_bucket_that_is_not_there_is_told_without_secrets(puller: Puller, settings: dict[str, Any]) -> None:
    (pulled,) = puller.pull(one("s3", **{**settings, "bucket": "nobodys"}))
    (finding,) = pulled.findings
    assert finding == "the store answers 404 Not Found"
    assert not any(secret in finding for secret in SECRETS.values())
