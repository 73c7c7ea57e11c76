"""A month's usage lines rated by the models, beside a bare scan of the same lines.

The lines are rows of int_metered_usage (a record's part in a day and price window, with tenant and SKU), in Parquet
files of at most two million lines, each over the whole month and a copy of the first. Rating is all from
int_billable_usage to statement lines, for two dated versions of a tariff with three windows and three graduated bands.
A bare scan reads the columns that rating reads and adds up the quantity. Start-up is what few lines cost.
"""

import os
import shutil
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from tests.bench.measure import cpu_seconds, peak_megabytes
from tests.dbt.harness import Warehouse
from tests.dbt.rating_cases import START, Case, told
from tests.dbt.world import World

ROWS = int(os.environ.get("ROWS", "50000000"))
FEW, PIECE = 10_000, 2_000_000
SKUS, TENANTS, SKUS_OF_TENANT = 12, 300, 4
WINDOWS = ("00-08", "08-22", "22-24")
MEAN_QUANTITY = 100_000
SELECT = "int_billable_usage+,+int_sale_lines --full-refresh"
READ = ("day", "tenant_id", "site_id", "sku_id", "price_window", "qos", "quantity", "reason")
LINES = f"""
    copy (
        with numbered as (select range as n, hash(range) % 1000003 as h from range({{rows}}))
        select
            date '2026-10-01' + cast(n * 31 // {{rows}} as integer) as day,
            'tenant-' || h % {TENANTS} as tenant_id,
            'bench' as site_id,
            'sku-' || (h + n % {SKUS_OF_TENANT} * 3) % {SKUS} as sku_id,
            ['{"', '".join(WINDOWS)}'][cast(n % 3 as integer) + 1] as price_window,
            cast(null as varchar) as qos,
            cast(1 + h * 7919 % {2 * MEAN_QUANTITY} as bigint) as quantity,
            cast(null as varchar) as reason
        from numbered
    ) to '{{path}}' (format parquet, compression zstd)
"""
SCAN = f"select sum(quantity), {', '.join(f'count({name})' for name in READ)} from '{{files}}'"
SUM = "select sum(quantity) from '{files}'"
RATED = "select sum(quantity) as quantity, count(*) as charges from intermediate.int_charges where quantity is not null"


def main() -> None:
    """Measures and prints one table."""
    with tempfile.TemporaryDirectory() as folder:
        start_up = _rate(Path(folder) / "few", FEW)[0]
        rating, scan, plain, charges = _rate(Path(folder) / "many", ROWS)
    print(f"{'':44}{'cpu s':>8}{'lines / cpu s':>15}{'ratio':>8}  to")
    for name, seconds, peer, peer_name in (
        ("sum of the quantity alone", plain, plain, ""),
        ("bare scan", scan, scan, ""),
        (f"rating: to {charges:,} charges and their lines", rating, scan, "bare scan"),
        ("rating beyond start-up", max(rating - start_up, 1e-3), scan, "bare scan"),
        ("rating beyond start-up", max(rating - start_up, 1e-3), plain, "sum of the quantity alone"),
    ):
        print(f"{name:44}{seconds:>8.2f}{ROWS / seconds:>15,.0f}{seconds / peer:>8.1f}  {peer_name}")
    print(f"start-up {start_up:.2f} cpu s, peak memory {peak_megabytes():,.0f} MB")


def _rate(folder: Path, rows: int) -> tuple[float, float, float, int]:
    """Seconds of cpu to rate so many lines, to scan them, to add up their quantity; and the charges that came of it."""
    warehouse = Warehouse(folder, "+int_sale_lines")
    warehouse.build(_world(rows))
    files = _write(folder / "lines", rows)
    with warehouse.connected() as connection:
        connection.execute("drop table intermediate.int_metered_usage")
        connection.execute(f"create view intermediate.int_metered_usage as from '{files}'")
    warehouse.select = SELECT
    rating = cpu_seconds(lambda: warehouse.run("run"))
    scan = cpu_seconds(lambda: duckdb.sql(SCAN.format(files=files)).fetchall())
    plain = cpu_seconds(lambda: duckdb.sql(SUM.format(files=files)).fetchall())
    (rated,), ((used,),) = warehouse.sql(RATED), duckdb.sql(SUM.format(files=files)).fetchall()
    assert rated["quantity"] == used, f"{used} was used, {rated['quantity']} was rated"
    return rating, scan, plain, rated["charges"]


def _write(folder: Path, rows: int) -> str:
    """Writes the lines; returns the pattern of their files."""
    folder.mkdir()
    pieces = max(rows // PIECE, 1)
    first = folder / "1.parquet"
    duckdb.sql(LINES.format(rows=rows // pieces, path=first))
    for number in range(2, pieces + 1):
        shutil.copy(first, folder / f"{number}.parquet")
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    print(f"{rows // pieces * pieces:,} usage lines, {size:,.0f} MB", file=sys.stderr)
    return str(folder / "*.parquet")


def _world(rows: int) -> World:
    """What the lines are rated by: tenants, SKUs and the tariff, whose bands all tenants reach within the month."""
    world = World()
    case = Case(world, "bench")
    case.taxes()
    case.shares("0.70", "0.20", "0.10")
    case.maps(tenant="tenant-0")
    case.job(hours=1, start="2026-10-01 10:00")
    case.job(hours=1, start="2026-10-31 10:00")
    for number in range(TENANTS):
        case.tenant_is_known(f"tenant-{number}")
    used = rows * MEAN_QUANTITY // 3600 // TENANTS // SKUS_OF_TENANT
    for number in range(SKUS):
        case.offers(f"sku-{number}", qos=None if number == 0 else f"q{number}")
        for version, since, dearer in (("v1", START, 1), ("v2", date(2026, 10, 16), 2)):
            for window, price in zip(WINDOWS, ("0.05", "0.12", "0.08"), strict=True):
                bands = {0: price, used // 3: f"{Decimal(price) * dearer / 2}", used * 2 // 3: "0.01"}
                case.tiers(
                    "graduated", bands, sku=f"sku-{number}", window=window, version=version, valid_from=since
                )
    return told(world, [case])
