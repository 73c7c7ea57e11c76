"""What Dagster loads: merges what `pipelines.defs` and `sensors` define. No logic, no I/O of its own."""

import dagster as dg

from pipelines.defs import audits, bronze, checks, closing, dashboard, landing, published, warehouse
from pipelines.defs.resources import Platform
from sensors import arrivals, fetching, lateness

defs = dg.Definitions.merge(
    landing.defs,
    bronze.defs,
    checks.defs,
    warehouse.definitions(),
    audits.defs,
    published.defs,
    dashboard.defs,
    closing.defs,
    arrivals.defs,
    fetching.defs,
    lateness.defs,
    dg.Definitions(resources={"platform": Platform()}, executor=dg.in_process_executor),
)
