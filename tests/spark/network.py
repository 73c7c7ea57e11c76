"""A small network with hostile faults over a month's end, as the pipeline builds it on DuckDB, in two builds.

The first is whole. Then the month that ended is closed and one delivery of jobs is withdrawn, so that the second build
computes some days again, keeps the others, and takes the closed month from the ledger.
"""

from datetime import UTC, datetime
from pathlib import Path

from pipelines.closing.recording import decide_incomplete
from pipelines.home import Home
from pipelines.lake import refresh
from pipelines.landing import read_events, withdraw
from pipelines.orchestrate import build, close_period
from pipelines.sites_config import load_sources
from pipelines.warehouse import Target
from tests.spark.engine import Sources, sources_told
from tests.whole.network import land, month_end

CLOSED = "2026-09"
WITHDRAWN = ("nscc-zz", "sacct_20261001.psv")
"""A delivery with jobs that ran over the month's end."""
SHORT = ("nscc-zz", "yunai-ai")
"""Who lost records of the month for good."""
AFTERWARDS = datetime(2026, 10, 20, tzinfo=UTC)


class Network:
    """The home of the network, all of it landed and read."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home")
        self.target = Target(self.home)
        self.config = load_sources()
        land(self.home, month_end(seed=11, faults="hostile", scale=0.01), folder / "simulated")
        refresh(self.home, self.config)
        for source in SHORT:
            decide_incomplete(
                self.home,
                CLOSED,
                source,
                "job_records",
                "accepted",
                "an approver",
                "lost for good",
                AFTERWARDS,
            )

    def build(self) -> Sources:
        """Builds and tests the models on DuckDB; returns what they read."""
        with sources_told() as told:
            build(self.target, self.config)
        return told

    def close_and_withdraw(self) -> None:
        """Closes the month, then takes back jobs of both months."""
        close_period(self.home, self.config, CLOSED, "a proposer", "an approver", AFTERWARDS)
        (landing_id,) = {
            each.landing_id for each in read_events(self.home) if (each.source_id, each.name) == WITHDRAWN
        }
        withdraw(self.home, landing_id, "sent in error", AFTERWARDS)
