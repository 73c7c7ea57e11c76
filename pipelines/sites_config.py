"""Who sends what: the sites and other sources of the network, read from their YAML files.

Here belongs reading `pipelines/sites/<id>/site.yaml` and `pipelines/sources/<id>/source.yaml` into frozen
values, and saying clearly what is wrong in them. What a dataset or a format is belongs to `data_contracts`
and `pipelines.formats`; what arrives belongs to landing.
"""

import json
import os
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from pipelines.errors import WrongUse

HERE = Path(__file__).resolve().parent
SITES = HERE / "sites"
SOURCES = HERE / "sources"
SCHEMA = SITES / "site.schema.json"
EXTRA_SITES = "SUANZHANG_SITES"


@dataclass(frozen=True)
class ServiceLevel:
    """When a feed's delivery is expected: daily (`due` and `days`) or monthly (`day_of_month`)."""

    due: time | None = None
    days: int | None = None
    day_of_month: int | None = None

    def due_at(self, day: date, time_zone: str) -> datetime:
        """The instant (UTC) by which what happened on business day `day` should have arrived.

        Daily: `due` in the sender's `time_zone`, `days` days later. Monthly: the end of `day_of_month`, in
        the sender's zone, of the month after `day`'s.
        """
        zone = ZoneInfo(time_zone)
        if self.due is not None and self.days is not None:
            local = datetime.combine(day + timedelta(days=self.days), self.due, zone)
        else:
            last = day.replace(day=monthrange(day.year, day.month)[1])
            local = datetime.combine(last + timedelta(days=(self.day_of_month or 0) + 1), time(0), zone)
        return local.astimezone(UTC)


@dataclass(frozen=True)
class Feed:
    """One kind of record that one source sends in one format.

    `transport` says how it comes: `folder` without `settings` is the inbox; with settings it is fetched from there.
    `service_level` is None where it is sent when it changes.
    """

    dataset: str
    format: str
    transport: str
    options: Mapping[str, str]
    service_level: ServiceLevel | None
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_fetched(self) -> bool:
        """Whether we go and get it; else it comes to the inbox."""
        return bool(self.settings)


@dataclass(frozen=True)
class Partition:
    """What a scheduler's partition means: its pool, its compute class and the accelerator in it."""

    partition: str
    resource_pool: str
    compute_class: str
    accelerator_model: str | None


@dataclass(frozen=True)
class InstanceRule:
    """What a machine or pod is by its node or flavor: its pool, its compute class and the accelerator in it.

    `matches` is node or flavor; `pattern` is a name, or how names begin where `is_prefix`.
    """

    matches: str
    pattern: str
    is_prefix: bool
    resource_pool: str
    compute_class: str
    accelerator_model: str | None

    def fits(self, node: str | None, flavor: str | None) -> bool:
        """Whether the rule is about an instance on such a node or of such a flavor."""
        name = (node if self.matches == "node" else flavor) or ""
        return name.startswith(self.pattern) if self.is_prefix else name == self.pattern


@dataclass(frozen=True)
class Source:
    """Who sends feeds. A site has `site_id` equal to `source_id`; another source has no site and no place."""

    source_id: str
    site_id: str | None
    name_en: str
    name_zh: str
    kind: str | None
    region: str | None
    city: str | None
    province: str | None
    operator: str | None
    time_zone: str
    currency: str
    provider_party: str | None
    operator_party: str | None
    grid: str | None
    pue_category: int | None
    partitions: tuple[Partition, ...]
    instances: tuple[InstanceRule, ...]
    feeds: tuple[Feed, ...]

    def feed(self, dataset: str, format_name: str | None = None) -> Feed | None:
        """The feed of `dataset` (in a format), or None where this source does not send it; the first of several."""
        return next((feed for feed in self.feeds_of(dataset) if format_name in (None, feed.format)), None)

    def feeds_of(self, dataset: str) -> tuple[Feed, ...]:
        """All feeds of `dataset`: one for each format in which this source sends it."""
        return tuple(feed for feed in self.feeds if feed.dataset == dataset)


def load_sources(extra_dir: Path | None = None) -> dict[str, Source]:
    """All sources by id: sites first, then the others, each sorted by id.

    `extra_dir` (or else the folder named by SUANZHANG_SITES) holds more sites: `<id>/site.yaml` each.
    Raises WrongUse for a wrong file: one sentence with the file, the key and what is allowed.
    """
    extra = extra_dir or (Path(os.environ[EXTRA_SITES]) if os.environ.get(EXTRA_SITES) else None)
    if extra is not None and not extra.is_dir():
        raise WrongUse(
            f"{extra}: this folder of more sites ({EXTRA_SITES}) does not exist; name an existing one."
        )
    files = [*_files(SITES, "site.yaml"), *(_files(extra, "site.yaml") if extra else [])]
    files.sort(key=lambda file: file.parent.name)
    files += _files(SOURCES, "source.yaml")
    return dict(_parse_all(tuple((file, file.read_bytes()) for file in files)))


def _files(folder: Path, name: str) -> list[Path]:
    children = sorted(child for child in folder.iterdir() if child.is_dir() and child.name[0] not in "._")
    for child in children:
        if not (child / name).is_file():
            raise WrongUse(
                f"{_shown(child)}: there is no {name} in this folder; write one or remove the folder."
            )
    return [child / name for child in children]


@lru_cache(maxsize=16)
def _parse_all(files: tuple[tuple[Path, bytes], ...]) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    seen: dict[str, Path] = {}
    for file, content in files:
        source = _parse(file, content)
        if source.source_id in seen:
            raise WrongUse(
                f"{_shown(file)}: the id '{source.source_id}' is already taken by "
                f"{_shown(seen[source.source_id])}; give one of them another id."
            )
        sources[source.source_id] = source
        seen[source.source_id] = file
    return sources


def _parse(file: Path, content: bytes) -> Source:
    kind = file.stem
    document = _yaml(file, content)
    _check_schema(file, document, kind)
    source_id = document[f"{kind}_id"]
    if source_id != file.parent.name:
        raise _wrong(file, f"{kind}_id", source_id, f"the folder's name, '{file.parent.name}'")
    _check_zone(file, document["time_zone"])
    _check_known(file, document["feeds"], "dataset", _input_datasets())
    _check_known(file, document["feeds"], "format", _format_names())
    _check_transports(file, document["feeds"])
    _check_unique(file, "feeds", ("dataset", "format"), document["feeds"])
    _check_unique(file, "partitions", ("partition",), document.get("partitions", []))
    for name in ("node", "flavor"):
        rules = [item for item in document.get("instances", []) if name in item]
        _check_unique(file, "instances", (name,), rules)
    return Source(
        source_id=source_id,
        site_id=source_id if kind == "site" else None,
        name_en=document["name"]["en"],
        name_zh=document["name"]["zh"],
        kind=document.get("kind"),
        region=document.get("region"),
        city=document.get("city"),
        province=document.get("province"),
        operator=document.get("operator"),
        time_zone=document["time_zone"],
        currency=document["currency"],
        provider_party=document.get("provider_party"),
        operator_party=document.get("operator_party"),
        grid=document.get("grid"),
        pue_category=document.get("pue_category"),
        partitions=tuple(_partition(item) for item in document.get("partitions", [])),
        instances=tuple(_instance_rule(item) for item in document.get("instances", [])),
        feeds=tuple(_feed(item) for item in document["feeds"]),
    )


def _partition(item: Mapping[str, Any]) -> Partition:
    return Partition(
        item["partition"], item["resource_pool"], item["compute_class"], item.get("accelerator_model")
    )


def _instance_rule(item: Mapping[str, Any]) -> InstanceRule:
    matches = "node" if "node" in item else "flavor"
    return InstanceRule(
        matches=matches,
        pattern=item[matches].removesuffix("*"),
        is_prefix=item[matches].endswith("*"),
        resource_pool=item["resource_pool"],
        compute_class=item["compute_class"],
        accelerator_model=item.get("accelerator_model"),
    )


def _feed(item: Mapping[str, Any]) -> Feed:
    level, transport = item.get("service_level"), item["transport"]
    settings = {} if isinstance(transport, str) else transport
    return Feed(
        dataset=item["dataset"],
        format=item["format"],
        transport=settings.get("kind", transport),
        options=MappingProxyType(dict(item.get("options", {}))),
        service_level=None if level is None else _service_level(level),
        settings=MappingProxyType({key: value for key, value in settings.items() if key != "kind"}),
    )


def _service_level(item: Mapping[str, Any]) -> ServiceLevel:
    due = time.fromisoformat(item["due"]) if "due" in item else None
    return ServiceLevel(due, item.get("days"), item.get("day_of_month"))


class _StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key written twice, where the plain loader silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' is written twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def _yaml(file: Path, content: bytes) -> Any:
    try:
        return yaml.load(content, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f" at line {error.problem_mark.line + 1}"
        raise WrongUse(f"{_shown(file)}{line}: {error.problem}; correct the YAML.") from error
    except yaml.YAMLError as error:
        raise WrongUse(f"{_shown(file)}: this is not YAML text in UTF-8; save it as such.") from error


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})


def _check_schema(file: Path, document: Any, kind: str, at: str = "") -> None:
    """Raises WrongUse with the first thing that is wrong; `at` is where in the file the document stands."""
    errors = sorted(
        _validator(kind).iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path]
    )
    for error in errors:
        key = ".".join([*([at] if at else []), *(str(part) for part in error.absolute_path)])
        inner = f"{key}." if key else ""
        if error.validator == "required":
            missing = next(name for name in error.validator_value if name not in error.instance)
            raise WrongUse(f"{_shown(file)}: the key '{inner}{missing}' is missing; add it.")
        if error.validator == "additionalProperties" and isinstance(error.validator_value, bool):
            allowed = error.schema["properties"]
            unknown = next(name for name in error.instance if name not in allowed)
            raise WrongUse(
                f"{_shown(file)}: the key '{inner}{unknown}' is not known; allowed are {', '.join(allowed)}."
            )
        allowed_values = (
            ", ".join(error.schema["enum"]) if "enum" in error.schema else error.schema["description"]
        )
        raise _wrong(file, key or "(the whole file)", error.instance, allowed_values)


def _check_zone(file: Path, name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _wrong(
            file, "time_zone", name, "a name of the IANA time zone database such as Asia/Shanghai"
        ) from error


def _check_transports(file: Path, feeds: list[Mapping[str, Any]]) -> None:
    for index, feed in enumerate(feeds):
        if not isinstance(feed["transport"], str):
            at = f"feeds.{index}.transport"
            _check_schema(file, feed["transport"], "transport_kind", at)
            _check_schema(file, feed["transport"], f"transport_{feed['transport']['kind']}", at)
            _check_instant(file, f"{at}.since", feed["transport"].get("since"))


def _check_instant(file: Path, key: str, text: str | None) -> None:
    try:
        datetime.fromisoformat(text or "2000-01-01")
    except ValueError as error:
        raise _wrong(file, key, text, "a day that exists") from error


def _check_known(file: Path, feeds: list[Mapping[str, Any]], name: str, known: tuple[str, ...]) -> None:
    for index, feed in enumerate(feeds):
        if feed[name] not in known:
            raise _wrong(file, f"feeds.{index}.{name}", feed[name], ", ".join(known))


@cache
def _format_names() -> tuple[str, ...]:
    """Names of the formats by their folders alone: what they can do is not asked here."""
    return tuple(sorted(file.parent.name for file in (HERE / "formats").glob("*/__init__.py")))


@cache
def _input_datasets() -> tuple[str, ...]:
    from data_contracts.contract import load_contracts

    return tuple(contract.name for contract in load_contracts("input"))


def _check_unique(file: Path, key: str, names: tuple[str, ...], items: list[Mapping[str, Any]]) -> None:
    seen: set[tuple[str, ...]] = set()
    for item in items:
        values = tuple(item[name] for name in names)
        if values in seen:
            twice = " in the ".join(f"{name} '{value}'" for name, value in zip(names, values, strict=True))
            raise WrongUse(f"{_shown(file)}: {key} has the {twice} twice; allowed is one entry for each.")
        seen.add(values)


def _wrong(file: Path, key: str, value: Any, allowed: str) -> WrongUse:
    return WrongUse(f"{_shown(file)}: {key} is {_shown_value(key, value)}; allowed is {allowed}.")


def _shown_value(key: str, value: Any) -> str:
    """A wrong value as it was written; what may be a secret in the wrong place is not repeated."""
    if value is None:
        return "empty"
    if key.endswith("_env"):
        return "no such name"
    if ".transport" in key and isinstance(value, dict):
        return f"a mapping of {', '.join(value)}"
    return re.sub(r"://[^/]*@", "://…@", json.dumps(value, ensure_ascii=False, default=str))[:80]


def _shown(file: Path) -> str:
    """The file as a person knows it: from the repository's root where it lies there."""
    root = HERE.parent
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)
