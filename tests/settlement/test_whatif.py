"""What-if: a month rated under a file's tariff beside what is billed now; nothing under the home changes.

One home: two tenants at nscc-zz, 6 % tax on top. In October
    tenant-a, SKU cpu:   100 cores from 04:00 to 14:00 =  1,000 core-hours × 0.10 = 100.00 + 6.00 = 10,600 fen
    tenant-b, SKU high:   30 cores from 10:00 to 20:00 =    300 core-hours × 0.20 =  60.00 + 3.60 =  6,360 fen
and in November tenant-a, SKU cpu: 10 cores for 10 hours = 100 core-hours × 0.10 = 10.00 + 0.60 = 1,060 fen.
"""

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines import cli
from pipelines.deliver import deliver
from pipelines.files import sha256_file
from pipelines.home import Home
from pipelines.orchestrate import build, close_period
from pipelines.sites_config import load_sources
from pipelines.warehouse import Target
from tests.core.conftest import HEADER, sacct_line

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, Any, str]]
RECEIVED = datetime(2026, 12, 2, 2, tzinfo=UTC)
RATES = "tariff_id,version,sku_id,band_from,window,unit,price,tax_included,valid_from,valid_to"
V1 = "std,v1,{sku},0,00-24,core-hour,{price},false,2026-01-01,"
TABLES = {
    "parties": """party_id,valid_from,kind,name_en,name_zh
party-network,2026-01-01,network_operator,Network,网
party-tax,2026-01-01,tax_authority,Tax,税
party-nscc-zz,2026-01-01,provider,Provider,提供方
party-zhengsuan,2026-01-01,operator,Operator,运营方""",
    "tenants": """tenant_id,valid_from,name_en,name_zh,segment
tenant-a,2026-01-01,A,甲,campus
tenant-b,2026-01-01,B,乙,campus""",
    "tenant_accounts": """site_id,account,valid_from,tenant_id
nscc-zz,phys,2026-01-01,tenant-a
nscc-zz,chem,2026-01-01,tenant-b""",
    "skus": """sku_id,valid_from,site_id,compute_class,resource_kind,qos,unit,tariff_id,tax_category,share_rule
cpu,2026-01-01,nscc-zz,super,cpu_core,,core-hour,std,compute,thirds
high,2026-01-01,nscc-zz,super,cpu_core,high,core-hour,std,compute,thirds""",
    "tax_rates": "tax_category,valid_from,rate\ncompute,2026-01-01,0.06",
    "revenue_shares": "share_rule,valid_from,provider_share,operator_share,network_operator_share\n"
    "thirds,2026-01-01,0.70,0.20,0.10",
    "tariff_rates": "\n".join([RATES, V1.format(sku="cpu", price="0.10"), V1.format(sku="high", price="0.20")]),
}  # fmt: skip
JOBS = [
    HEADER,
    sacct_line("1", "2026-10-05T03:00:00", "2026-10-05T04:00:00", "2026-10-05T14:00:00", 36000, cores=100),
    sacct_line(
        "2", "2026-10-06T09:00:00", "2026-10-06T10:00:00", "2026-10-06T20:00:00", 36000, account="chem", cores=30
    ).replace("|normal|", "|high|"),
    sacct_line("3", "2026-11-30T03:00:00", "2026-11-30T04:00:00", "2026-11-30T14:00:00", 36000, cores=10),
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home of this page, its warehouse built; October is closed by the last test."""
    folder = tmp_path_factory.mktemp("whatif")
    made = Home(folder / "home")
    for dataset, text in {**TABLES, "job_records": "\n".join(JOBS)}.items():
        path = folder / f"{dataset}.csv"
        path.write_text(text + "\n", encoding="utf-8")
        deliver(
            made,
            path,
            source_id="nscc-zz" if dataset == "job_records" else "network-ops",
            dataset=dataset,
            format_name=None,
            options={},
            received_at=RECEIVED,
        )
    build(Target(made), load_sources())
    return made


@pytest.fixture
def run(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs the command over rows of a tariff; its status, its JSON or text, its complaint. The home stays as it is."""

    def command(rows: list[str], period: str = "2026-10", *more: str) -> tuple[int, Any, str]:
        tariff = tmp_path / "tariff.csv"
        tariff.write_text("\n".join([RATES, *rows]) + "\n", encoding="utf-8")
        monkeypatch.setenv("SUANZHANG_HOME", str(home.root))
        monkeypatch.setattr(
            sys, "argv", ["suanzhang", "whatif", "--tariff", str(tariff), "--period", period, *more]
        )
        before = tree(home.root)
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert tree(home.root) == before
        said = capsys.readouterr()
        return int(end.value.code or 0), json.loads(said.out) if "--json" in more else said.out, said.err

    return command


def tree(folder: Path) -> dict[str, str]:
    """Every file under a folder with its sha256."""
    return {str(path.relative_to(folder)): sha256_file(path) for path in folder.rglob("*") if path.is_file()}


def told(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int, int, str | None, int]]:
    """Now, what if, difference, percent and at risk by name."""
    names = ("billed_now_fen", "what_if_fen", "difference_fen", "difference_percent", "at_risk_fen")
    return {row["name"]: tuple(row[name] for name in names) for row in rows}  # type: ignore[misc]


def test_a_doubled_price_doubles_what_its_tenants_pay_and_nothing_else(run: Run) -> None:
    """300 core-hours × 0.40 = 120.00 + 7.20 = 12,720 fen: 6,360 more, 100 %."""
    status, said, _ = run([V1.format(sku="high", price="0.40")], "2026-10", "--json")
    assert (status, said["winners"], said["unchanged_tenants"], said["unpriced"]) == (0, [], 1, [])
    assert told(said["losers"]) == {"tenant-b": (6_360, 12_720, 6_360, "100.00", 0)}
    assert told(said["skus"]) == {
        "cpu": (10_600, 10_600, 0, "0.00", 0),
        "high": (6_360, 12_720, 6_360, "100.00", 0),
    }
    # 6,360 ÷ 16,960 = 37.5 %
    assert told(said["sites"]) == {"nscc-zz": (16_960, 23_320, 6_360, "37.50", 0)}
    assert told([said["total"]]) == {"total": (16_960, 23_320, 6_360, "37.50", 0)}


def test_windows_of_a_new_version_divide_the_usage_anew(run: Run) -> None:
    """04:00 to 08:00: 400 core-hours × 0.05 = 20.00; to 14:00: 600 × 0.10 = 60.00; 80.00 + 4.80 = 8,480 fen, 2,120
    less; 2,120 ÷ 10,600 = 20 %. tenant-b's dearer hours do not make up for what is at risk: 300 × 0.30 = 90.00 + 5.40 =
    9,540, 3,180 more."""
    nights = [
        "std,v2,cpu,0,00-08,core-hour,0.05,false,2026-10-01,",
        "std,v2,cpu,0,08-24,core-hour,0.10,false,2026-10-01,",
        "std,v2,high,0,00-24,core-hour,0.30,false,2026-10-01,",
    ]
    status, said, _ = run(nights, "2026-10", "--json")
    assert status == 0
    assert told(said["winners"]) == {"tenant-a": (10_600, 8_480, -2_120, "-20.00", 2_120)}
    assert told(said["losers"]) == {"tenant-b": (6_360, 9_540, 3_180, "50.00", 0)}
    assert told([said["total"]])["total"] == (16_960, 18_020, 1_060, "6.25", 2_120)


def test_a_version_that_begins_later_leaves_the_month_before_it_alone(run: Run) -> None:
    """November: 100 core-hours × 0.30 = 30.00 + 1.80 = 3,180 fen."""
    later = ["std,v2,cpu,0,00-24,core-hour,0.30,false,2026-11-01,"]
    _, october, _ = run(later, "2026-10", "--json")
    assert (october["winners"], october["losers"], october["unchanged_tenants"]) == ([], [], 2)
    _, november, _ = run(later, "2026-11", "--json")
    assert told(november["losers"]) == {"tenant-a": (1_060, 3_180, 2_120, "200.00", 0)}


def test_usage_that_would_have_no_price_is_named_and_its_revenue_is_at_risk(run: Run) -> None:
    """A day of which only the night has a price cannot be billed at all."""
    status, said, _ = run(["std,v2,cpu,0,00-08,core-hour,0.05,false,2026-10-01,"])
    assert status == 1
    assert "cpu could not be billed on 1 days: tariff_conflict." in said
    assert "tenant-a                            106.00              0.00           -106.00   -100.00" in said


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (["std,v1,cpu,0,00-24,core-hour,free,false,2026-01-01,"], "rejected in 1 of 1 rows.*row 2: .*price"),
        ([V1.format(sku="cpu", price="1"), V1.format(sku="cpu", price="2")], "rows 2 and 3 price the same"),
        ([], "no rows below its header"),
    ],
)
def test_a_file_that_would_be_rejected_rates_nothing(run: Run, rows: list[str], complaint: str) -> None:
    status, said, error = run(rows)
    assert (status, said) == (1, "")
    assert re.search(complaint, error, re.DOTALL), error


def test_a_month_without_usage_and_a_period_that_is_none_are_refused(run: Run) -> None:
    rows = [V1.format(sku="cpu", price="1")]
    assert "nothing to compare" in run(rows, "2026-08")[2]
    assert run(rows, "2026-13")[0] == 2


def test_a_closed_month_is_rated_as_if_the_late_tariff_were_accepted(home: Home, run: Run) -> None:
    """As before the close: 6,360 fen more for tenant-b."""
    sources = load_sources()
    close_period(home, sources, "2026-10", "Li Ming", "Wang Fang", RECEIVED)
    build(Target(home), sources)
    _, said, _ = run([V1.format(sku="high", price="0.40")], "2026-10", "--json")
    assert told(said["losers"]) == {"tenant-b": (6_360, 12_720, 6_360, "100.00", 0)}
