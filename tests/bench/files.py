"""Files for the benches: sacct and Prometheus text of which every line differs, and samples repeated to size."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SACCT_HEADER = (
    "JobID|Cluster|Submit|Start|End|ElapsedRaw|State|Account|User|Partition|QOS|NNodes|NCPUS|AllocTRES|"
    "JobName"
)
START = datetime(2026, 10, 1)  # noqa: DTZ001  (sacct writes local times without a zone)
METRICS = {
    "DCGM_FI_DEV_GPU_UTIL": 100,
    "DCGM_FI_DEV_FB_USED": 80_000,
    "DCGM_FI_DEV_POWER_USAGE": 400,
    "DCGM_FI_DEV_GPU_TEMP": 90,
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": 10**12,
}
CARDS = 64


def write_sacct(path: Path, rows: int) -> None:
    """Jobs over a month, some of them over midnight; every row another job."""
    with path.open("w", encoding="utf-8") as out:
        out.write(SACCT_HEADER + "\n")
        for n in range(rows):
            submit = START + timedelta(seconds=n * 2_592_000 // rows)
            elapsed, cores = 60 + n * 7919 % 30_000, 1 + n % 64
            begin, end = submit + timedelta(seconds=90), submit + timedelta(seconds=90 + elapsed)
            times = f"{submit.isoformat()}|{begin.isoformat()}|{end.isoformat()}|{elapsed}"
            size = f"cpu|normal|1|{cores}|billing={cores},cpu={cores},mem=4G,node=1"
            out.write(f"{n}|main|{times}|COMPLETED|acct{n % 300}|u{n % 900}|{size}|job {n % 50}\n")


def write_business(folder: Path) -> dict[str, Path]:
    """What prices the jobs of `write_sacct`, by dataset: 300 accounts of 30 tenants, a tariff, tax and shares."""
    since = "2025-01-01"
    tables = {
        "parties": "party_id,valid_from,kind,name_en,name_zh\n"
        f"party-nscc-zz,{since},provider,a,甲\nparty-zhengsuan,{since},operator,b,乙\n"
        f"party-network,{since},network_operator,c,丙\nparty-tax,{since},tax_authority,d,丁\n",
        "tenants": "tenant_id,valid_from,name_en,name_zh,segment\n"
        + "".join(f"tenant-{n},{since},t{n},租户{n},campus\n" for n in range(30)),
        "tenant_accounts": "site_id,account,valid_from,tenant_id,valid_to\n"
        + "".join(f"nscc-zz,acct{n},{since},tenant-{n % 30},\n" for n in range(300)),
        "skus": "sku_id,valid_from,site_id,compute_class,resource_kind,model,unit,tariff_id,tax_category,share_rule\n"
        f"sku,{since},nscc-zz,super,cpu_core,,core-hour,tariff,service,shared\n",
        "tariff_rates": "tariff_id,version,sku_id,band_from,window,unit,price,tax_included,valid_from,valid_to\n"
        f"tariff,v1,sku,0,00-24,core-hour,0.085,true,{since},\n",
        "revenue_shares": "share_rule,valid_from,provider_share,operator_share,network_operator_share\n"
        f"shared,{since},0.8,0.15,0.05\n",
        "tax_rates": f"tax_category,valid_from,rate,legal_source\nservice,{since},0.06,a law\n",
    }
    folder.mkdir(exist_ok=True)
    paths = {name: folder / f"{name}.csv" for name in tables}
    for name, text in tables.items():
        paths[name].write_text(text, encoding="utf-8")
    return paths


def write_scrapes(path: Path, lines: int) -> None:
    """dcgm-exporter's text of 64 cards, scraped every 15 seconds, with timestamps."""
    instant = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp() * 1000)
    with path.open("w", encoding="utf-8") as out:
        for scrape in range(lines // (len(METRICS) * CARDS) + 1):
            for metric, most in METRICS.items():
                out.write(f"# TYPE {metric} gauge\n")
                for card in range(CARDS):
                    labels = (
                        f'gpu="{card % 8}",UUID="GPU-{card:08x}",device="nvidia{card % 8}",'
                        f'modelName="NVIDIA A800-SXM4-80GB",Hostname="g{card // 8:02}"'
                    )
                    value = (scrape * 7919 + card * 31) % most
                    out.write(f"{metric}{{{labels}}} {value} {instant + scrape * 15_000}\n")


def write_repeated(sample: Path, path: Path, size: int) -> None:
    """A sample's records over and over, up to about `size` bytes: lines after its header, or items of its list."""
    text = sample.read_text(encoding="utf-8-sig")
    if sample.suffix == ".json":
        document = json.loads(text)
        items = document if isinstance(document, list) else next(_lists(document))
        items[:] = items * max(size // len(text), 1)
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return
    has_header = sample.suffix in {".csv", ".tsv", ".psv"}
    first, _, rest = text.partition("\n") if has_header else ("", "", text)
    with path.open("w", encoding="utf-8") as out:
        out.write(first + "\n" if has_header else "")
        for _ in range(max(size // len(rest), 1)):
            out.write(rest)


def _lists(document: Any) -> Iterator[list[Any]]:
    """The lists of objects in a document, outermost first."""
    values = document.values() if isinstance(document, dict) else []
    yield from (value for value in values if isinstance(value, list) and value and isinstance(value[0], dict))
    for value in values:
        yield from _lists(value)
