"""What assets need from outside: the home and the sources. Nothing is read at import."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import dagster as dg

from pipelines.abandoned import alive
from pipelines.home import Home
from pipelines.sites_config import Source, load_sources

REPORT: ContextVar[Callable[[str], None] | None] = ContextVar("report", default=None)
"""Whom a run in this process tells of its progress besides its log: the command that started it."""


def teller(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Callable[[str], None]:
    """Tells of progress in the run's log and to whoever started the run here."""
    report = REPORT.get()

    def tell(text: str) -> None:
        context.log.info(text)
        if report:
            report(text)

    return tell


class Platform(dg.ConfigurableResource):
    """The home that `SUANZHANG_HOME` names and the configured sources, read when first asked for.

    A run has it from its first step to its last, and is known to be alive for as long.
    """

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Platform"]:
        """Holds the run's lock while the run executes."""
        if context.run is None:
            yield self
            return
        with alive(self.home, context.run.run_id):
            yield self

    @property
    def home(self) -> Home:
        return Home.from_environment()

    @property
    def sources(self) -> dict[str, Source]:
        return load_sources()
