"""A materialisation that dies at its n-th act, as by kill -9. Run as a program: `python -m tests.whole.killed N`.

An act is a file renamed into its place, a model begun by dbt, or a state written: the instants between which a death
could leave half a work behind. Without N it counts the acts and lives.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from pipelines import dbt_project, warehouse
from pipelines.home import Home
from tests.whole.network import settle

acts = 0


def act(limit: int) -> None:
    """Counts an act, and dies at the limit."""
    global acts  # noqa: PLW0603
    acts += 1
    if acts == limit:
        os.kill(os.getpid(), signal.SIGKILL)


def main(limit: int) -> None:
    """Settles the home of the environment, watched."""
    rename, built, invoke = Path.replace, warehouse.write_built, dbt_project.invoke

    def watched_rename(self: Path, target: Any) -> Path:
        act(limit)
        done = rename(self, target)
        act(limit)
        return done

    def watched_built(*arguments: Any) -> None:
        act(limit)
        built(*arguments)
        act(limit)

    def watched_invoke(home: Any, file: Any, arguments: Any, progress: Any = None) -> Any:
        from dbt.cli import main as cli

        class Watched(cli.dbtRunner):  # type: ignore[misc]
            def __init__(self, callbacks: Any = None, **more: Any) -> None:
                super().__init__(callbacks=[*(callbacks or []), self.begun], **more)

            def begun(self, event: Any) -> None:
                if event.info.name in ("LogStartLine", "LogModelResult"):
                    act(limit)

        cli.dbtRunner, original = Watched, cli.dbtRunner
        try:
            return invoke(home, file, arguments)
        finally:
            cli.dbtRunner = original

    import pipelines.build
    import pipelines.orchestrate

    Path.replace = watched_rename  # type: ignore[method-assign, assignment]
    pipelines.build.write_built = watched_built
    pipelines.orchestrate.invoke = watched_invoke
    settle(Home.from_environment())
    print(acts)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
