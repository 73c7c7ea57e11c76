"""A web server with a list of files: a page with links, a JSON listing, or a manifest as `sha256sum` writes it.

Only what lies below the listing's own address is taken, so that no list sends us, or our credentials, elsewhere.
A file is known by what the list says of it: size, time, ETag or hash; on a page with links, the text after the link.
"""

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from pipelines.transports.base import Changed, Entry, Refused, Secrets, bytes_of
from pipelines.transports.http import client, failures, require_success

SHA256 = re.compile(r"[0-9a-fA-F]{64}")
VERSIONS = ("etag", "version", "mtime", "last_modified", "modified")


class Https:
    """The files behind one listing. `client` is an httpx.Client."""

    def __init__(self, http: Any, url: str) -> None:
        self._http, self._url = http, url

    def entries(self, cursor: str) -> Iterator[Entry]:  # noqa: ARG002
        """The files of the listing, in its order, each address once."""
        with failures(self._url):
            answer = self._http.get(self._url)
        require_success(answer, self._url)
        seen = set()
        for entry in listing(answer.content, self._url):
            if entry.key not in seen:
                seen.add(entry.key)
                yield entry

    def fetch(self, entry: Entry, part: Path) -> bool:
        """Reads a file; goes on where `part` ends if the server still has the very bytes that were begun."""
        validator = part.with_name(f".{part.name}.validator")
        start = bytes_of(part) if validator.exists() else 0
        ranged = {"Range": f"bytes={start}-", "If-Range": validator.read_text("utf-8")} if start else {}
        with failures(entry.name), self._http.stream("GET", entry.key, headers=ranged) as answer:
            if answer.status_code == 416:
                validator.unlink()
                raise Changed(f"{entry.name} is shorter than it was")
            require_success(answer, entry.name)
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise Refused(f"{entry.name} comes compressed though it was asked for as it is")
            if start and answer.status_code == 206:
                _require_start(answer, start, entry.name)
            else:
                start = 0
                validator.unlink(missing_ok=True)
            with part.open("r+b" if start else "wb") as writer:
                writer.seek(start)
                writer.truncate()
                if mark := _validator(answer.headers):
                    validator.write_text(mark, "utf-8")
                for block in answer.iter_raw():
                    writer.write(block)
        validator.unlink(missing_ok=True)
        return True

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()


def _require_start(answer: Any, start: int, name: str) -> None:
    """Raises Refused unless the part that a server sends begins where it was asked to."""
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        raise Refused(f"{name} is continued at another place than asked for")


def _validator(headers: Mapping[str, str]) -> str | None:
    """What proves later that a file is still the same, byte by byte; a weak ETag does not."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified")


def listing(content: bytes, url: str) -> Iterator[Entry]:
    """The files that a listing names. Raises Refused if it is none."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise Refused(f"{url} is no listing: it is not UTF-8") from error
    if text.lstrip().startswith(("[", "{")):
        return _of_json(text, url)
    if "<a " in text.lower() or "<html" in text.lower():
        return _of_page(text, url)
    return _of_manifest(text, url)


def _of_json(text: str, url: str) -> Iterator[Entry]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{url} is no listing: its JSON is broken") from error
    items = document.get("files") if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise Refused(f"{url} is no listing: its JSON has no list of files")
    for item in items:
        fields = item if isinstance(item, dict) else {"name": item}
        if fields.get("type", "file") != "file":
            continue
        name, link = fields.get("name"), fields.get("url")
        if not isinstance(link or name, str):
            raise Refused(f"{url} lists a file without a name")
        link = link or quote(str(name), errors="replace")
        version = " ".join(str(fields[key]) for key in VERSIONS if fields.get(key) is not None)
        size = fields.get("size")
        yield from _entry(url, link, size if type(size) is int else None, version, fields.get("sha256"))


def _of_manifest(text: str, url: str) -> Iterator[Entry]:
    """Lines `<sha256>  <name>` or just `<name>`."""
    for line in filter(None, map(str.strip, text.splitlines())):
        first, _, rest = line.partition(" ")
        if SHA256.fullmatch(first) and rest.strip():
            yield from _entry(url, quote(rest.strip().removeprefix("*")), None, first.lower(), first)
        else:
            yield from _entry(url, quote(line), None, "", None)


def _of_page(text: str, url: str) -> Iterator[Entry]:
    page = _Links()
    try:
        page.feed(text)
    except AssertionError as error:  # the parser's word for a declaration that it does not know
        raise Refused(f"{url} is no listing: its HTML is broken") from error
    for link, after in page.links:
        yield from _entry(url, link, None, " ".join(after.split()), None)


class _Links(HTMLParser):
    """The links of a page, each with the text between its end and the next link."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.links.append((target, ""))
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "a"

    def handle_data(self, data: str) -> None:
        if self.links and not self._inside:
            link, after = self.links[-1]
            self.links[-1] = (link, after + data)


def _entry(url: str, link: str, size: int | None, version: str, sha256: object) -> Iterator[Entry]:
    """A file below the listing; nothing for folders, sort links and what lies elsewhere."""
    base = url.rpartition("/")[0] + "/"
    try:
        target = urljoin(url, link.encode().decode())
        parts = urlsplit(target)
    except ValueError:
        return
    name = unquote(parts.path.rpartition("/")[2], errors="surrogateescape")
    inside = target.startswith(base) and "/../" not in unquote(parts.path)
    if inside and name and target != url and not parts.query and not parts.fragment:
        proof = sha256.lower() if isinstance(sha256, str) and SHA256.fullmatch(sha256) else None
        yield Entry(target, name, size, version, proof)


def connect(settings: Mapping[str, Any], secrets: Secrets) -> Https:
    """The transport of a feed's settings."""
    url = settings["url"] if urlsplit(settings["url"]).path else settings["url"] + "/"
    return Https(client(settings, secrets), url)
