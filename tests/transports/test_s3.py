"""Objects below a prefix, known by their ETag; nothing here needs a server."""

from pathlib import Path

import pytest
from obstore.store import LocalStore, MemoryStore

from pipelines.landing import read_events
from pipelines.transports.base import Changed, Refused, Secrets, Unavailable
from pipelines.transports.pull import Puller
from pipelines.transports.s3 import Bucket, connect
from tests.transports.places import one


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MemoryStore | LocalStore:
    made = MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "store", mkdir=True)
    made.put("out/a.psv", b"aaaa")
    made.put("out/2026/b.psv", b"bbbbbbbb")
    made.put("other/c.psv", b"c")
    return made


def test_objects_below_a_prefix_are_landed_once(puller: Puller, store: MemoryStore) -> None:
    puller.connect = lambda each, secrets: Bucket(store, "out")
    (first,), (second,) = puller.pull(one("s3")), puller.pull(one("s3"))
    assert (first.listed, len(first.landed), len(second.landed)) == (2, 2, 0)
    assert sorted(event.name for event in read_events(puller.home)) == ["a.psv", "b.psv"]


def test_an_object_goes_on_where_it_ended(store: MemoryStore, tmp_path: Path) -> None:
    bucket = Bucket(store, "out")
    entry = next(each for each in bucket.entries("") if each.name == "b.psv")
    part = tmp_path / "part"
    part.write_bytes(b"BBB")
    assert bucket.fetch(entry, part)
    assert part.read_bytes() == b"BBBbbbbb", "the first three bytes were not asked for again"


def test_an_object_that_is_another_by_now_is_left(store: MemoryStore, tmp_path: Path) -> None:
    bucket, part = Bucket(store, "out"), tmp_path / "part"
    entry = next(each for each in bucket.entries("") if each.name == "a.psv")
    store.put("out/a.psv", b"AAAAAA")
    part.write_bytes(b"aa")
    with pytest.raises(Changed):
        bucket.fetch(entry, part)
    assert not part.exists()


def test_an_object_that_is_gone_is_refused(store: MemoryStore, tmp_path: Path) -> None:
    bucket = Bucket(store, "out")
    entry = next(iter(bucket.entries("")))
    store.delete(entry.key)
    with pytest.raises(Refused, match="there is no such bucket or object"):
        bucket.fetch(entry, tmp_path / "part")


def test_a_store_that_does_not_answer_is_told_in_one_line_without_secrets() -> None:
    secrets = Secrets({"A": "AKIAEXAMPLE", "B": "verysecret"})
    settings = {"bucket": "b", "endpoint": "http://127.0.0.1:9", "access_key_env": "A", "secret_key_env": "B"}
    bucket = connect(settings, secrets)
    with pytest.raises(Unavailable) as error:
        list(bucket.entries(""))
    said = str(error.value)
    assert "\n" not in said
    assert "verysecret" not in said
    assert "AKIAEXAMPLE" not in said
