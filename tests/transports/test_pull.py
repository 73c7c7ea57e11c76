"""What every transport relies on: each file once, never half, and trouble that stays where it is."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.effective import landings_as_of
from pipelines.files import alone
from pipelines.home import Home
from pipelines.landing import read_events, withdraw
from pipelines.transports.base import Entry, Refused, Secrets, Unavailable
from pipelines.transports.memory import Memory
from pipelines.transports.pull import Puller
from tests.transports.places import Place, feed, one, source


@pytest.fixture
def place(puller: Puller) -> Place:
    made = Place({"a.psv": b"aaaa", "b.psv": b"bbbbbbbb"})
    puller.connect = made.connect
    return made


def names(home: Home) -> list[str]:
    return [event.name for event in read_events(home)]


def test_each_file_is_landed_once(puller: Puller, place: Place) -> None:
    (first,) = puller.pull(one())
    (second,) = puller.pull(one())
    assert (first.listed, len(first.landed), first.findings) == (2, 2, [])
    assert (second.listed, len(second.landed), second.findings) == (2, 0, [])
    assert place.fetched == ["a.psv@0", "b.psv@0"]
    assert names(puller.home) == ["a.psv", "b.psv"]


def test_a_file_that_changed_is_landed_again(puller: Puller, place: Place) -> None:
    puller.pull(one())
    place.files["a.psv"], place.versions["a.psv"] = b"AAAA", "2"
    (pulled,) = puller.pull(one())
    assert len(pulled.landed) == 1
    assert names(puller.home) == ["a.psv", "b.psv", "a.psv"]


def test_the_same_bytes_sent_again_are_a_further_receipt_of_one_landing(puller: Puller, place: Place) -> None:
    puller.pull(one())
    place.versions["a.psv"] = "2"
    puller.pull(one())
    events = read_events(puller.home)
    assert len(events) == 3
    assert len({event.landing_id for event in events}) == 2


def test_a_lost_memory_adds_nothing_and_brings_no_withdrawn_delivery_back(
    puller: Puller, place: Place
) -> None:
    (first,) = puller.pull(one())
    withdraw(puller.home, first.landed[0], "wrong zone", datetime.now(UTC))
    shutil.rmtree(puller.home.transports)
    (again,) = puller.pull(one())
    assert (again.known, again.landed, again.findings) == (2, [], [])
    assert len(place.fetched) == 4
    assert [each.effective for each in landings_as_of(read_events(puller.home))].count(True) == 1
    assert puller.pull(one())[0].known == 0


def test_a_line_of_the_memory_that_is_torn_costs_one_file(puller: Puller, place: Place) -> None:
    puller.pull(one())
    (memory,) = puller.home.transports.rglob("fetched.jsonl")
    memory.write_bytes(memory.read_bytes()[:-20])
    puller.pull(one())
    assert place.fetched == ["a.psv@0", "b.psv@0", "b.psv@0"]
    assert Memory(memory).holds(Entry("b.psv", "b.psv", 8, "1"))


def test_a_file_that_breaks_off_goes_on_where_it_ended(puller: Puller, place: Place) -> None:
    place.breaks_at = 3
    (pulled,) = puller.pull(one())
    assert not pulled.findings
    assert place.fetched == ["a.psv@0", "a.psv@3", "b.psv@0", "b.psv@3", "b.psv@6"]
    events = read_events(puller.home)
    assert [puller.home.object(event.content_sha256).read_bytes() for event in events] == [
        b"aaaa",
        b"bbbbbbbb",
    ]


def test_a_half_fetched_file_is_not_landed_and_goes_on_the_next_time(puller: Puller, place: Place) -> None:
    place.files = {"b.psv": b"bbbbbbbb"}
    place.breaks_at = 1
    (pulled,) = puller.pull(one())
    assert pulled.findings == ["the line broke"]
    assert read_events(puller.home) == []
    place.breaks_at = None
    assert puller.pull(one())[0].landed
    assert place.fetched[-1] == "b.psv@4"
    assert not list(puller.home.transports.rglob("parts/*"))


def test_what_was_begun_of_an_older_version_is_thrown_away(puller: Puller, place: Place) -> None:
    place.files, place.breaks_at = {"b.psv": b"bbbbbbbb"}, 1
    puller.pull(one())
    place.files, place.versions, place.breaks_at = {"b.psv": b"cccccccc"}, {"b.psv": "2"}, None
    puller.pull(one())
    (event,) = read_events(puller.home)
    assert puller.home.object(event.content_sha256).read_bytes() == b"cccccccc"


def test_a_file_that_comes_longer_or_shorter_than_listed_is_left_and_stops_no_other(
    puller: Puller, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = place.entries("")
    monkeypatch.setattr(place, "entries", lambda cursor: listed)
    place.files["a.psv"] = b"aaaaaa"
    (pulled,) = puller.pull(one())
    assert (pulled.left, len(pulled.landed), pulled.findings) == (1, 1, [])
    place.files["a.psv"] = b"aa"
    assert puller.pull(one())[0].left == 1
    assert names(puller.home) == ["b.psv"]


def test_a_content_that_is_not_what_the_listing_says_is_refused(puller: Puller, place: Place) -> None:
    place.hashes = {"a.psv": "0" * 64}
    (pulled,) = puller.pull(one())
    assert pulled.findings == ["a.psv: its content is not what the listing's SHA-256 says"]
    assert names(puller.home) == ["b.psv"]


def test_what_may_help_is_tried_again_each_time_later_and_the_waits_are_repeatable(
    puller: Puller, place: Place, slept: list[float]
) -> None:
    place.fails = [Unavailable("no route")] * 3
    assert len(puller.pull(one())[0].landed) == 2
    assert [0.5 <= wait / 2**n <= 1 for n, wait in enumerate(slept)] == [True] * 3
    assert place.connections == 4
    before = list(slept)
    slept.clear()
    place.fails = [Unavailable("no route")] * 9
    assert puller.pull(one())[0].findings == ["no route"]
    assert slept == before


def test_what_does_not_help_is_not_tried_again(puller: Puller, place: Place, slept: list[float]) -> None:
    place.fails = [Refused("access is denied")]
    assert puller.pull(one())[0].findings == ["access is denied"]
    assert slept == []


def test_a_source_that_is_down_stops_no_other(puller: Puller) -> None:
    down, up = Place(fails=[Unavailable("no route")] * 9), Place({"a.psv": b"a"})
    feeds = {"hami": feed(), "nscc-zz": feed(path="/up")}
    puller.connect = lambda each, secrets: (up if each.settings["path"] == "/up" else down).connect(
        each, secrets
    )
    results = puller.pull([(source(name, each), [each]) for name, each in feeds.items()])
    assert [(each.source_id, each.findings, len(each.landed)) for each in results] == [
        ("hami", ["no route"], 0),
        ("nscc-zz", [], 1),
    ]


def test_a_bug_comes_up_after_the_others_are_done(puller: Puller) -> None:
    broken, up = Place(fails=[ZeroDivisionError()]), Place({"a.psv": b"a"})
    puller.connect = lambda each, secrets: up if each.settings["path"] == "/up" else broken
    feeds = {"hami": feed(), "nscc-zz": feed(path="/up")}
    with pytest.raises(ZeroDivisionError):
        puller.pull([(source(name, each), [each]) for name, each in feeds.items()])
    assert names(puller.home) == ["a.psv"]


def test_one_process_fetches_from_a_source(puller: Puller, place: Place) -> None:
    with alone(puller.home.locks / "fetch-nscc-zz"):
        (pulled,) = puller.pull(one())
    assert pulled.findings == ["another process is fetching from it"]
    assert place.connections == 0


@pytest.mark.parametrize("name", ["..", "a/b", "x" * 201, "", "nul\0"])
def test_a_name_that_is_no_file_name_is_refused_and_stops_no_other(
    puller: Puller, place: Place, name: str
) -> None:
    place.files = {name: b"1", "good.psv": b"2"}
    (pulled,) = puller.pull(one())
    assert names(puller.home) == ["good.psv"]
    assert len(pulled.findings) == (0 if name == ".." else 1)


def test_many_refusals_are_one_sentence(puller: Puller, place: Place) -> None:
    place.files = {f"{n}/x": b"1" for n in range(5)}
    assert puller.pull(one())[0].findings == ["0/x: its name is no file name (and 4 more)"]


def test_a_name_that_is_not_utf_8_is_written_out(puller: Puller, place: Place) -> None:
    place.files = {"作业.psv".encode("gb18030").decode(errors="surrogateescape"): b"1"}
    puller.pull(one())
    assert names(puller.home) == ["\\xd7\\xf7\u04b5.psv"]
    shutil.rmtree(puller.home.transports)
    assert puller.pull(one())[0].known == 1


def test_no_secret_is_told(home: Home, slept: list[float]) -> None:
    secrets = Secrets({"TOKEN": "s3cr&t value"})

    def connect(each: object, given: Secrets) -> Place:
        token = given.of({"token_env": "TOKEN"}, "token_env")
        raise Refused(f"no entry for {token} at https://host/?t=s3cr%26t%20value")

    puller = Puller(home, secrets, slept.append, lambda: datetime.now(UTC), connect)
    (pulled,) = puller.pull(one())
    assert pulled.findings == ["no entry for *** at https://host/?t=***"]


def test_a_credential_that_is_not_set_is_told_by_its_name(puller: Puller) -> None:
    place = {"bucket": "b", "access_key_env": "NO_KEY", "secret_key_env": "NO_SECRET"}
    (pulled,) = puller.pull(one("s3", **place))
    assert pulled.findings == ["the environment variable NO_KEY is not set"]


UNFINISHED = {"a.psv.tmp": b"1", ".b.psv": b"2", "c.psv.part": b"3", "d.filepart": b"4"}


def test_names_that_say_that_a_file_is_being_written_are_left(puller: Puller, place: Place) -> None:
    place.files = {**UNFINISHED, "e.psv": b"5"}
    puller.pull(one())
    assert names(puller.home) == ["e.psv"]


def test_with_a_marker_a_file_waits_for_it(puller: Puller, place: Place) -> None:
    place.files = {"a.psv": b"1", "b.psv": b"2", "b.psv.done": b""}
    puller.pull(one(done="marker"))
    assert names(puller.home) == ["b.psv"]


def test_what_changes_between_two_looks_is_left(puller: Puller, place: Place, slept: list[float]) -> None:
    def write_on(seconds: float) -> None:
        slept.append(seconds)
        place.files["b.psv"] += b"more"

    puller.sleep = write_on
    puller.pull(one(done="settled", settle_seconds=7))
    assert names(puller.home) == ["a.psv"]
    assert slept == [7]
    puller.sleep = slept.append
    puller.pull(one(done="settled"))
    assert names(puller.home) == ["a.psv", "b.psv"]
    puller.pull(one(done="settled"))
    assert slept == [7, 5.0], "nothing new, no second look"


def test_a_pattern_chooses_files(puller: Puller, place: Place) -> None:
    puller.pull(one(match="b*"))
    assert names(puller.home) == ["b.psv"]


class Spans:
    """A transport that offers three spans of time, the second of them empty."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down: set[str] = set()

    def entries(self, cursor: str) -> list[Entry]:
        self.asked.append(cursor)
        return [Entry(f"{n}", f"{n}.prom", cursor=f"{n + 1}") for n in range(int(cursor or 0), 3)]

    def fetch(self, entry: Entry, part: Path) -> bool:
        if entry.key in self.down:
            raise Refused("the API is down")
        part.write_text(entry.key)
        return entry.key != "1"

    def close(self) -> None:
        pass


def test_spans_of_time_go_on_where_they_failed_and_empty_ones_land_nothing(puller: Puller) -> None:
    spans = Spans()
    spans.down = {"1"}
    puller.connect = lambda each, secrets: spans
    (pulled,) = puller.pull(one())
    assert pulled.findings == ["the API is down"]
    spans.down = set()
    (pulled,) = puller.pull(one())
    assert not pulled.findings
    assert names(puller.home) == ["0.prom", "2.prom"]
    puller.pull(one())
    assert spans.asked == ["", "1", "3"]


def test_another_question_is_asked_from_the_beginning(puller: Puller) -> None:
    spans = Spans()
    puller.connect = lambda each, secrets: spans
    puller.pull(one(queries=("a",)))
    puller.pull(one(queries=("b",)))
    assert spans.asked == ["", ""]
