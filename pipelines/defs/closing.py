"""The close of a billing period as a job: what `suanzhang close` does, for who works in the UI."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.defs.resources import Platform
from pipelines.orchestrate import build, close_period, release
from pipelines.warehouse import Target


class CloseConfig(dg.Config):
    """Which period, who proposes it and who approves it; one of the names may be empty for the other's turn."""

    period: str
    propose_as: str = ""
    approve_as: str = ""


@dg.op(description="Proposes or approves the close of a billing period, or both. 对账期提出或批准关账。")
def close_books(context: dg.OpExecutionContext, config: CloseConfig, platform: Platform) -> None:
    """Closes, then brings the models and the release up to it."""
    home, sources = platform.home, platform.sources
    names = config.propose_as or None, config.approve_as or None
    outcome = close_period(home, sources, config.period, *names, datetime.now(UTC))
    context.log.info(outcome.text())
    build(Target(home), sources, progress=context.log.info)
    made = release(Target(home), sources, context.log.info)
    context.add_output_metadata(
        {"state": outcome.state, "release_id": made.release_id, "said": outcome.text()}
    )


@dg.job(
    description="Closes a billing period: one person proposes, another approves. 关账：一人提出，另一人批准。",
    executor_def=dg.in_process_executor,
)
def close_period_job() -> None:
    """One step: closing is one act."""
    close_books()


defs = dg.Definitions(jobs=[close_period_job])
