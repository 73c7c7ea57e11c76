"""What Dagster sees, in the order of the flow: landing, bronze, warehouse, published; thin, the work is elsewhere."""

import warnings

from dagster import BetaWarning, PreviewWarning

for _category in (
    BetaWarning,
    PreviewWarning,
):  # single-run backfills and partitioned checks: pinned, and tested here
    warnings.filterwarnings("ignore", category=_category)
