"""Whose accounts a site's are, as the business system has said so far: read from bronze, in deliveries that count."""

import polars as pl

from pipelines.bronze import read_ingest
from pipelines.effective import landings_as_of
from pipelines.home import Home
from pipelines.landing import read_events

DATASET = "tenant_accounts"
COLUMNS = ["account", "valid_from", "valid_to"]


def owned_accounts(home: Home, site_id: str) -> pl.DataFrame | None:
    """account, valid_from, valid_to of a site's accounts; None where nobody has said anything of them."""
    found = [
        pl.read_parquet(home.bronze / file.path).filter(pl.col("site_id") == site_id).select(COLUMNS)
        for state in landings_as_of(read_events(home))
        if state.effective and state.receipt.dataset == DATASET
        if (tally := read_ingest(home, state.landing_id))
        for file in tally.files
    ]
    return pl.concat(found) if any(each.height for each in found) else None
