"""Quarantine: rejected rows with the reasons why, in words; what a replay under the present contracts would release."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl
from polars._typing import PolarsDataType

from data_contracts.contract import Contract, load_contract
from data_contracts.dictionary import Text
from data_contracts.rules import rule_names, rule_text
from pipelines.bronze import Ingest, read_context, read_ingest
from pipelines.conform import Origin, conform
from pipelines.effective import LandingState, landings_as_of
from pipelines.errors import Finding
from pipelines.files import exclusive, written_aside
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from pipelines.home import Home
from pipelines.landing import Event, read_events, record, resolve, utc_text
from pipelines.sites_config import Source

EMPTY: dict[str, PolarsDataType] = {
    "landing_id": pl.String,
    "landing_row": pl.Int64,
    "source_id": pl.String,
    "dataset": pl.String,
    "received_at": pl.Datetime("us", "UTC"),
    "rules": pl.String,
    "raw": pl.String,
}


def rejected(home: Home, landing_ids: Sequence[str] | None = None) -> pl.LazyFrame:
    """The rejected rows of some landings, or of all, as bronze wrote them."""
    paths = sorted(home.quarantine.glob("*/source=*/received_day=*/*.parquet"))
    if landing_ids is not None:
        wanted = set(landing_ids)
        paths = [path for path in paths if path.stem in wanted]
    return pl.scan_parquet(paths, hive_partitioning=False) if paths else pl.LazyFrame(schema=EMPTY)


def refusal(home: Home, receipt: Event) -> str | None:
    """Why a landing's file as a whole could not be read; None if it could."""
    whole = rejected(home, [receipt.landing_id]).filter(pl.col("landing_row") == 0).collect()
    return str(whole["raw"][0]).removeprefix(f"{receipt.name}: ") if whole.height else None


def with_reasons(rows: pl.LazyFrame, home: Home) -> pl.LazyFrame:
    """Adds to rejected rows what their rules mean, in English and Chinese."""
    broken = rows.select("landing_id", "dataset", "rules").unique().collect()
    texts = [
        (landing_id, rules, *reasons(dataset, _format_of(home, landing_id), rules))
        for landing_id, dataset, rules in broken.sort("landing_id", "rules").iter_rows()
    ]
    schema = {"landing_id": pl.String, "rules": pl.String, "reason_en": pl.String, "reason_zh": pl.String}
    meanings = pl.LazyFrame(texts, schema=schema, orient="row")
    return rows.join(meanings, on=["landing_id", "rules"], how="left", maintain_order="left")


def _format_of(home: Home, landing_id: str) -> str:
    tally = read_ingest(home, landing_id)
    return tally.format if tally else ""


def reasons(dataset: str, format_name: str, rules: str) -> tuple[str, str]:
    """The meaning of comma separated rule names, in English and Chinese."""
    texts = [meaning(load_contract(dataset), format_name, rule) for rule in rules.split(",")]
    return " ".join(text.en for text in texts), "".join(text.zh for text in texts)


def meaning(contract: Contract, format_name: str, rule: str) -> Text:
    """What a rule says, even if it is a rule of an earlier contract or format under which a row was rejected."""
    known = FORMATS[format_name].rules if format_name in FORMATS else {}
    if rule in known or rule in rule_names(contract):
        return rule_text(contract, rule, known)
    return Text(
        f"The rule {rule} of an earlier contract rejected it: a replay may release it.",
        f"被早期契约的规则 {rule} 拒收：重放后可能放行。",
    )


def write_rejected(home: Home, landing_ids: Sequence[str], path: Path) -> None:
    """Writes the rejected rows of some landings with their reasons, in the contract's columns and key order."""
    columns = list(load_contract("quarantine_rows").column_names)
    rows = (
        with_reasons(rejected(home, landing_ids), home)
        .select(columns)
        .sort("landing_id", "landing_row", "rules")
    )
    with written_aside(path) as aside:
        rows.collect().write_parquet(aside, compression="zstd")


def releasable(home: Home, state: LandingState, tally: Ingest, source: Source) -> tuple[int, ...]:
    """The landing rows in quarantine that the present contract and format would accept.

    Where the file as a whole was refused (row 0), these are all its rows but those that are in bronze already.
    """
    contract = load_contract(state.receipt.dataset)
    origin = Origin(state.receipt.source_id, state.landing_id, state.first_received_at)
    waiting = set(rejected(home, [state.landing_id]).select("landing_row").collect()["landing_row"])
    known = {row for event in state.replays for row in event.rows} | _in_bronze(home, tally)
    context = read_context(source, contract, state.receipt.options)
    found: list[int] = []
    try:
        for batch in FORMATS[tally.format].read(home.object(state.receipt.content_sha256), context, Tally()):
            accepted, _ = conform(batch, contract, origin)
            found += [row for row in accepted["landing_row"] if row in waiting or 0 in waiting]
    except Unreadable:
        return ()
    return tuple(sorted(set(found) - known))


def _in_bronze(home: Home, tally: Ingest) -> set[int]:
    paths = [home.bronze / file.path for file in tally.files]
    return set(pl.scan_parquet(paths).select("landing_row").collect()["landing_row"])


def replay(
    home: Home,
    sources: dict[str, Source],
    at: datetime,
    landing: str | None = None,
    dataset: str | None = None,
) -> list[Event]:
    """Records, for each landing with quarantine, which rows pass now; they become known at `at`.

    Bronze takes them up at its next refresh. Raises Finding if a named landing does not exist.
    """
    events = read_events(home)
    named = resolve(events, landing).landing_id if landing else None
    replays = []
    with exclusive(home.locks / "lake"):
        for state in landings_as_of(events):
            tally = read_ingest(home, state.landing_id)
            skip = (named and state.landing_id != named) or (dataset and state.receipt.dataset != dataset)
            if skip or tally is None or tally.quarantine is None:
                continue
            source = sources.get(state.receipt.source_id)
            if source is None:
                raise Finding(
                    f"There is no source '{state.receipt.source_id}' any more: its quarantine stays."
                )
            rows = releasable(home, state, tally, source)
            if rows:
                event = replace(state.receipt, act="replay", at=utc_text(at), replaces=None, rows=rows)
                record(home, event)
                replays.append(event)
    return replays
