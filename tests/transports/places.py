"""Sources and feeds as a test needs them, and a place whose answers a test decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pipelines.sites_config import Feed, Source
from pipelines.transports.base import Entry, Unavailable


def feed(
    kind: str = "folder", dataset: str = "job_records", format_name: str = "slurm_sacct", **settings: Any
) -> Feed:
    """A feed that is fetched."""
    return Feed(
        dataset, format_name, kind, MappingProxyType({}), None, MappingProxyType({"path": "/", **settings})
    )


def source(name: str, *feeds: Feed) -> Source:
    """A site with feeds and nothing else of interest."""
    words = dict.fromkeys(("source_id", "site_id", "name_en", "name_zh"), name)
    nothing = dict.fromkeys(
        (
            "kind",
            "region",
            "city",
            "province",
            "operator",
            "provider_party",
            "operator_party",
            "grid",
            "pue_category",
        )
    )
    return Source(
        **words,
        **nothing,
        time_zone="Asia/Shanghai",
        currency="CNY",
        partitions=(),
        instances=(),
        feeds=feeds,
    )


def one(kind: str = "folder", name: str = "nscc-zz", **settings: Any) -> list[tuple[Source, list[Feed]]]:
    """A source with one feed, as work for a Puller."""
    each = feed(kind, **settings)
    return [(source(name, each), [each])]


@dataclass
class Place:
    """Files by name; `fails` holds errors that are raised in turn before anything is answered."""

    files: dict[str, bytes] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    fails: list[Exception] = field(default_factory=list)
    breaks_at: int | None = None
    fetched: list[str] = field(default_factory=list)
    connections: int = 0
    hashes: Mapping[str, str] = field(default_factory=dict)

    def connect(self, each: Feed, secrets: Any) -> "Place":
        self.connections += 1
        return self

    def entries(self, cursor: str) -> Iterable[Entry]:
        self._fail()
        return [
            Entry(name, name, len(content), self.versions.get(name, "1"), self.hashes.get(name))
            for name, content in self.files.items()
        ]

    def fetch(self, entry: Entry, part: Path) -> bool:
        self._fail()
        start = part.stat().st_size if part.exists() else 0
        self.fetched.append(f"{entry.name}@{start}")
        content = self.files[entry.key][start:]
        with part.open("ab") as writer:
            writer.write(content[: self.breaks_at])
        if self.breaks_at is not None and self.breaks_at < len(content):
            raise Unavailable("the line broke")
        return True

    def close(self) -> None:
        pass

    def _fail(self) -> None:
        if self.fails:
            raise self.fails.pop(0)
