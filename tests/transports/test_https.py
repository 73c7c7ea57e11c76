"""Listings of three kinds, files that go on where they ended, and servers that mean ill."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.landing import read_events
from pipelines.transports.base import Changed, Entry, Refused, Secrets, Unavailable
from pipelines.transports.http import client, failures
from pipelines.transports.https import Https, listing
from pipelines.transports.pull import Puller
from tests.transports.places import one

URL = "https://host/out/"
PAGE = """<html><body><h1>Index of /out/</h1><pre><a href="?C=M;O=A">Modified</a> <a href="../">../</a>
<a href="a.psv">a.psv</a>      20-Nov-2026 10:00      4
<a href="b%20c.psv">b c.psv</a>    20-Nov-2026 10:05   8
<a href="old/">old/</a>  -
<a href="https://elsewhere/x.psv">x</a> <a href="/outside.psv">y</a> <a href="../z.psv">z</a>
</pre></body></html>"""
HASH = "3f786850e387550fdab836ed7e6dc881de23001b4e5c1a4d9f4f3c2b1a0e9d8c"


def keys(content: str, url: str = URL) -> list[str]:
    return [entry.key.removeprefix(url) for entry in listing(content.encode(), url)]


def test_a_page_with_links_gives_what_lies_below_it() -> None:
    entries = list(listing(PAGE.encode(), URL))
    assert [(entry.name, entry.version) for entry in entries] == [
        ("a.psv", "20-Nov-2026 10:00 4"),
        ("b c.psv", "20-Nov-2026 10:05 8"),
    ]


def test_json_as_nginx_writes_it_and_as_a_list_of_names() -> None:
    text = """[{"name": "old", "type": "directory", "mtime": "x"},
    {"name": "a b#1.psv", "type": "file", "mtime": "Fri, 20 Nov 2026 10:00:00 GMT", "size": 4}]"""
    (entry,) = listing(text.encode(), URL)
    assert (entry.key, entry.name, entry.size) == (f"{URL}a%20b%231.psv", "a b#1.psv", 4)
    assert entry.version == "Fri, 20 Nov 2026 10:00:00 GMT"
    assert keys('["a.psv", "../b.psv", "c/d.psv"]') == ["a.psv", "c/d.psv"]
    assert keys(json.dumps({"files": [{"url": "/out/e.psv", "sha256": HASH}]})) == ["e.psv"]


def test_a_manifest_as_sha256sum_writes_it() -> None:
    entries = list(listing(f"{HASH}  a b.psv\n{HASH} *c.psv\nd.psv\n\n".encode(), URL))
    assert [(entry.name, entry.sha256) for entry in entries] == [
        ("a b.psv", HASH),
        ("c.psv", HASH),
        ("d.psv", None),
    ]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b'{"files": 3}', b"[1, 2]", b"[", b'[{"size": 1}]', b"[" * 10_000]
)
def test_what_is_no_listing_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        list(listing(content, URL))


@given(st.text() | st.text("<>/![]a&;#x\"'= hrefD8\\u{}:,\ud800", max_size=40))
def test_whatever_a_listing_holds_it_is_read_or_refused(text: str) -> None:
    for content in (text, f"<a {text}", f'["{text}"]', f'[{{"url": "{text}"}}]'):
        try:
            for each in listing(content.encode(errors="surrogatepass"), URL):
                assert each.key.startswith(URL)
        except Refused:
            continue


@pytest.mark.parametrize(
    "link",
    [
        "//elsewhere/a",
        "https://host.evil/out/a",
        "%2e%2e/%2e%2e/a",
        "..%2fb",
        "http://host/out/a",
        "http://[",
    ],
)
def test_no_link_leads_elsewhere(link: str) -> None:
    assert keys(f'<a href="{link}">') == []


class Server:
    """A web server in memory: files with ETags, ranges, and an answer that may break off."""

    def __init__(self) -> None:
        self.files = {"a.psv": b"aaaa", "b%20c.psv": b"bbbbbbbb"}
        self.asked: list[tuple[str, str | None]] = []
        self.breaks_at: int | None = None
        self.tag = '"1"'
        self.status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.raw_path.decode().rpartition("/")[2]
        if not name:
            return httpx.Response(self.status, text=PAGE)
        self.asked.append((name, request.headers.get("Range")))
        content, status, headers = self.files[name], 200, {"ETag": self.tag}
        if "Range" in request.headers and request.headers.get("If-Range") == self.tag:
            start = int(request.headers["Range"][6:-1])
            status, headers["Content-Range"] = 206, f"bytes {start}-{len(content) - 1}/{len(content)}"
            content = content[start:]
        return httpx.Response(status, headers=headers, stream=Broken(content, self.breaks_at))


class Broken(httpx.SyncByteStream):
    def __init__(self, content: bytes, breaks_at: int | None) -> None:
        self.content, self.breaks_at = content, breaks_at

    def __iter__(self):
        yield self.content[: self.breaks_at]
        if self.breaks_at is not None:
            raise httpx.ReadError("peer closed the connection")


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def https(server: Server) -> Https:
    return Https(httpx.Client(transport=httpx.MockTransport(server)), URL)


def test_files_are_landed_once(puller: Puller, https: Https, server: Server) -> None:
    puller.connect = lambda each, secrets: https
    https.close = lambda: None  # type: ignore[method-assign]
    assert [len(puller.pull(one("https", url=URL))[0].landed) for _ in range(2)] == [2, 0]
    assert sorted(event.name for event in read_events(puller.home)) == ["a.psv", "b c.psv"]


def entry(https: Https) -> Entry:
    return next(iter(https.entries("")))


def test_a_file_goes_on_where_it_ended(https: Https, server: Server, tmp_path: Path) -> None:
    part, file = tmp_path / "part", entry(https)
    server.breaks_at = 3
    with pytest.raises(Unavailable, match=r"a\.psv cannot be reached: peer closed"):
        https.fetch(file, part)
    server.breaks_at = None
    assert https.fetch(file, part)
    assert part.read_bytes() == b"aaaa"
    assert server.asked == [("a.psv", None), ("a.psv", "bytes=3-")]
    assert [path.name for path in tmp_path.iterdir()] == ["part"]


def test_a_file_that_changed_meanwhile_begins_anew(https: Https, server: Server, tmp_path: Path) -> None:
    part, file = tmp_path / "part", entry(https)
    server.breaks_at = 3
    with pytest.raises(Unavailable):
        https.fetch(file, part)
    server.breaks_at, server.tag, server.files["a.psv"] = None, '"2"', b"AAAAA"
    assert https.fetch(file, part)
    assert part.read_bytes() == b"AAAAA"


def test_without_a_strong_mark_a_file_begins_anew(https: Https, server: Server, tmp_path: Path) -> None:
    part, file = tmp_path / "part", entry(https)
    server.tag, server.breaks_at = 'W/"1"', 3
    with pytest.raises(Unavailable):
        https.fetch(file, part)
    server.breaks_at = None
    assert https.fetch(file, part)
    assert part.read_bytes() == b"aaaa"
    assert server.asked[-1] == ("a.psv", None)


ANSWERS: dict[str, tuple[Callable[[httpx.Request], httpx.Response], type[Exception], str]] = {
    "a wrong place": (
        lambda request: httpx.Response(206, headers={"Content-Range": "bytes 0-3/4"}, content=b"aaaa"),
        Refused,
        "continued at another place",
    ),
    "a range beyond the end": (lambda request: httpx.Response(416), Changed, "shorter than it was"),
    "an error of the server": (lambda request: httpx.Response(502), Unavailable, "answers 502 Bad Gateway"),
    "too many questions": (lambda request: httpx.Response(429), Unavailable, "answers 429"),
    "a wrong password": (lambda request: httpx.Response(401), Refused, "answers 401 Unauthorized"),
    "a redirect": (lambda request: httpx.Response(302, headers={"Location": "/x"}), Refused, "answers 302"),
    "a compressed file": (
        lambda request: httpx.Response(200, headers={"Content-Encoding": "br"}, content=b"x"),
        Refused,
        "comes compressed",
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_that_cannot_be_used_is_told(case: str, tmp_path: Path) -> None:
    answer, kind, told = ANSWERS[case]
    part = tmp_path / "part"
    part.write_bytes(b"a")
    (tmp_path / ".part.validator").write_text('"1"')
    https = Https(httpx.Client(transport=httpx.MockTransport(answer)), URL)
    with pytest.raises(kind, match=told):
        https.fetch(Entry(f"{URL}a.psv", "a.psv"), part)


def test_credentials_go_by_name_and_are_not_told() -> None:
    secrets = Secrets({"T": "t0ken", "P": "passw0rd"})
    assert client({"token_env": "T"}, secrets).headers["Authorization"] == "Bearer t0ken"
    request = next(
        client({"user": "u", "password_env": "P"}, secrets).auth.auth_flow(httpx.Request("GET", URL))
    )
    assert request.headers["Authorization"] == httpx.BasicAuth("u", "passw0rd")._auth_header
    assert secrets.hide("t0ken and passw0rd") == "*** and ***"


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with pytest.raises(Refused, match="certificate"), failures(URL):
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
