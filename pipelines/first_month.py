"""The main job: a simulated month taken all the way, from native files to a closed and published month."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.ask import session
from pipelines.files import canonical_json, sha256_text
from pipelines.home import Home
from pipelines.landing import receive, withdraw
from pipelines.orchestrate import close_through
from pipelines.release import Release
from pipelines.roles import Role
from pipelines.runs import materialise
from pipelines.simulate import SimulationParams, simulate
from pipelines.sites_config import Source
from pipelines.words import yuan

PROPOSER, APPROVER = "simulated finance officer", "simulated controller"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Summary:
    """What a month came to, as its release tells it. Money in fen, hours as published."""

    period: str
    release: Release
    pack: Path
    records: dict[str, int]
    utilisation: list[tuple[str, str, str, float, float, float]]
    amounts: dict[str, int]


def run_month(
    home: Home, sources: dict[str, Source], params: SimulationParams, progress: Progress
) -> Summary:
    """Simulates, lands, materialises, closes and publishes; each step finds what is done already."""
    folder = home.simulated / sha256_text(canonical_json(params.canonical()))[:12]
    progress(f"Simulating {params.first_day} to {params.last_day} …")
    simulate(params, folder, progress)
    count = land_simulated(home, folder, progress)
    progress(f"{count} acts of the simulated senders are in landing.")
    materialise(home, sources, progress)
    period = params.first_day.strftime("%Y-%m")
    progress(f"Closing {period} …")
    last = json.loads((folder / "deliveries.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    at = datetime.fromisoformat(last["received_at"])
    pack = close_through(home, sources, period, PROPOSER, APPROVER, at)
    done = materialise(home, sources, progress)
    return summarise(home, period, done.release, pack)


def land_simulated(home: Home, folder: Path, progress: Progress) -> int:
    """Lands a simulation's deliveries at their simulated times, as its list of acts says; returns how many acts."""
    landings: dict[int, str] = {}
    acts = (folder / "deliveries.jsonl").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(acts):
        act: dict[str, Any] = json.loads(line)
        at = datetime.fromisoformat(act["received_at"])
        if act["act"] == "withdraw":
            withdraw(home, landings[act["delivery"]], act["reason"], at)
            continue
        event, _ = receive(
            home,
            folder / act["file"],
            source_id=act["source"],
            dataset=act["dataset"],
            format_name=act["format"],
            options=act["options"],
            received_at=at,
            replaces=landings[act["replaces"]] if act["replaces"] is not None else None,
        )
        landings[number] = event.landing_id
        if number % 400 == 399:
            progress(f"  landing: {number + 1} of {len(acts)}")
    return len(acts)


def summarise(home: Home, period: str, release: Release, pack: Path) -> Summary:
    """Asks a release for the figures of a month."""
    with session(home, Role("engineer")) as connection:

        def row(query: str) -> tuple[Any, ...]:
            found: list[tuple[Any, ...]] = connection.sql(query).fetchall()
            return found[0]

        names = ("rows_in", "accepted", "quarantined", "duplicates", "set_aside")
        sums = ", ".join(f"sum({name})::bigint" for name in names)
        records = dict(zip(names, row(f"select {sums} from data_quality_daily"), strict=True))
        utilisation = connection.sql(
            "select site_id, compute_class, resource_kind, sum(installed_hours), sum(allocated_hours), "
            "sum(allocated_hours) / nullif(sum(installed_hours), 0) from utilisation_daily "
            f"where strftime(day, '%Y-%m') = '{period}' and resource_kind <> 'rack' group by all order by all"
        ).fetchall()
        lines = row(
            "select count(*), coalesce(sum(net_fen), 0)::bigint, coalesce(sum(tax_fen), 0)::bigint, "
            f"coalesce(sum(gross_fen), 0)::bigint from statement_lines where period = '{period}'"
        )
        settled = row(
            f"select coalesce(sum(amount_fen), 0)::bigint from line_splits where period = '{period}'"
        )
        parties = row(
            "select count(distinct tenant_id) from statement_lines "
            f"where period = '{period}' and line_kind <> 'voucher'"
        )
    amounts = dict(zip(("lines", "net_fen", "tax_fen", "gross_fen"), lines, strict=True))
    return Summary(
        period,
        release,
        pack,
        records,
        utilisation,
        {**amounts, "settled_fen": settled[0], "statements": parties[0]},
    )


def text_of(summary: Summary) -> str:
    """The summary for a person's eyes."""
    records, amounts = summary.records, summary.amounts
    columns = ("utilisation", "class", "resource", "installed h", "allocated h", "of installed")
    lines = [
        "",
        f"Period {summary.period} is closed and published.",
        f"  rows in        {records['rows_in']:>14,}   (and {records['set_aside']:,} records set aside by name)",
        f"  accepted       {records['accepted']:>14,}",
        f"  quarantined    {records['quarantined']:>14,}",
        f"  duplicates     {records['duplicates']:>14,}",
        "",
        "  {:14} {:12} {:12} {:>14} {:>14} {:>13}".format(*columns),
    ]
    for site, compute_class, kind, installed, allocated, share in summary.utilisation:
        lines.append(
            f"  {site:14} {compute_class:12} {kind:12} {_hours(installed):>14} {_hours(allocated):>14} "
            f"{'unknown' if share is None else f'{share:.1%}':>13}"
        )
    lines += [
        "",
        f"  billed         {yuan(amounts['gross_fen']):>18} 元 "
        f"in {amounts['lines']:,} lines to {amounts['statements']:,} tenants",
        f"    net          {yuan(amounts['net_fen']):>18} 元",
        f"    tax          {yuan(amounts['tax_fen']):>18} 元",
        f"  settled        {yuan(amounts['settled_fen']):>18} 元 among providers, operators and tax",
        "",
        f"  release        {summary.release.folder}",
        f"  close pack     {summary.pack}",
        f"  statements     {summary.release.folder / 'statements' / summary.period}",
        f"                 {summary.release.statements.get(summary.period, 0):,} parties, each as PDF and Excel",
        f"  dashboard      {summary.release.folder / 'dashboard' / 'index.html'}",
        f"  for finance    {summary.release.folder / 'finance' / 'index.html'}",
        '  ask            .venv/bin/suanzhang sql "select * from statements limit 5"',
        "  look           make dev",
    ]
    return "\n".join(lines)


def _hours(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.1f}"
