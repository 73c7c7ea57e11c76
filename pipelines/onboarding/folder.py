"""A new site's folder: `site.yaml` from answers, held against the schema before it appears.

Which feeds a kind of site usually has is said here; what a feed may be is the schema's and the formats' matter.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from pipelines.errors import WrongUse
from pipelines.sites_config import EXTRA_SITES, SITES, load_sources

USUAL_FEEDS: Mapping[str, tuple[str, ...]] = {
    "supercomputer": ("job_records:slurm_sacct", "facility_readings:dcim_csv", "capacity_inventory:table"),
    "ai_centre": (
        "job_records:slurm_sacct",
        "device_samples:prometheus_text",
        "facility_readings:dcim_csv",
        "capacity_inventory:table",
    ),
    "carrier_data_centre": (
        "instance_records:openstack_events",
        "facility_readings:dcim_csv",
        "rack_inventory:dcim_csv",
        "capacity_inventory:table",
    ),
    "public_cloud": ("cloud_charges:focus",),
}
"""What a kind of site usually sends, as dataset:format."""
MONTHLY = {"cloud_charges"}
WHEN_CHANGED = {"capacity_inventory", "rack_inventory", "outages"}


def site_document(
    site_id: str,
    *,
    name_en: str,
    name_zh: str,
    kind: str,
    region: str,
    operator: str,
    city: str | None = None,
    province: str | None = None,
    time_zone: str = "Asia/Shanghai",
    currency: str = "CNY",
    provider_party: str | None = None,
    operator_party: str = "party-zhengsuan",
    partitions: Sequence[str] = (),
    feeds: Sequence[str] = (),
) -> dict[str, object]:
    """The content of a `site.yaml`. Partitions are NAME:POOL:CLASS[:MODEL], feeds DATASET:FORMAT (default: the usual).

    Raises WrongUse for a partition or feed that is not in that form.
    """
    chosen = feeds or (*USUAL_FEEDS.get(kind, ()), "feed_totals:table")
    document = {
        "site_id": site_id,
        "name": {"en": name_en, "zh": name_zh},
        "kind": kind,
        "region": region,
        "city": city,
        "province": province,
        "operator": operator,
        "time_zone": time_zone,
        "currency": currency,
        "provider_party": provider_party or f"party-{site_id}",
        "operator_party": operator_party,
        "partitions": [_partition(each) for each in partitions],
        "feeds": [_feed(each) for each in chosen],
    }
    return {key: value for key, value in document.items() if value not in (None, [])}


def _partition(text: str) -> dict[str, str]:
    names = ("partition", "resource_pool", "compute_class", "accelerator_model")
    parts = text.split(":")
    if not 3 <= len(parts) <= 4 or not all(parts):
        raise WrongUse(f"--partition takes NAME:POOL:CLASS[:MODEL], not '{text}'.")
    return dict(zip(names, parts, strict=False))


def _feed(text: str) -> dict[str, object]:
    dataset, colon, name = text.partition(":")
    if not (dataset and colon and name):
        raise WrongUse(f"--feed takes DATASET:FORMAT, not '{text}'.")
    feed: dict[str, object] = {"dataset": dataset, "format": name, "transport": "folder"}
    if dataset in MONTHLY:
        feed["service_level"] = {"day_of_month": 5}
    elif dataset not in WHEN_CHANGED:
        feed["service_level"] = {"due": "06:00", "days": 1}
    return feed


def write_site(document: Mapping[str, object], into: Path | None) -> Path:
    """Writes `<into>/<site_id>/site.yaml`, by default beside the other sites; returns its folder.

    Raises WrongUse where the folder exists, the id is taken or the content is not what a site may be.
    """
    site_id = str(document["site_id"])
    if Path(site_id).name != site_id:
        raise WrongUse(f"'{site_id}' cannot be a site's id: it is the name of a folder.")
    target = (into or SITES) / site_id
    if target.exists():
        raise WrongUse(f"{target} is there already: nothing was written.")
    with TemporaryDirectory() as aside:
        made = Path(aside) / site_id
        made.mkdir()
        (made / "site.yaml").write_text(_text(document), encoding="utf-8")
        try:
            load_sources(Path(aside))
        except WrongUse as wrong:
            raise WrongUse(str(wrong).replace(str(made / "site.yaml"), f"Site {site_id}")) from wrong
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made, target)
    return target


def sample_files(site_id: str) -> list[Path]:
    """The files in a site's `sample` folder, in whichever folder of sites it is."""
    extra = os.environ.get(EXTRA_SITES)
    folders = [Path(extra) / site_id] if extra else []
    found = [folder / "sample" for folder in (*folders, SITES / site_id)]
    return sorted(path for folder in found if folder.is_dir() for path in folder.iterdir() if path.is_file())


class _Dumper(yaml.SafeDumper):
    """Writes the leaves of a site on one line each, as the other sites are written."""


def _text(document: Mapping[str, object]) -> str:
    return yaml.dump(
        dict(document),
        Dumper=_Dumper,
        default_flow_style=None,
        sort_keys=False,
        allow_unicode=True,
        width=10**6,
    )
