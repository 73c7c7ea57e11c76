"""Running dbt in this process: where the project is, what its code amounts to, one invocation and what came of it."""

import gc
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_contracts.contract import contract_names, load_contract
from pipelines.errors import Finding
from pipelines.files import sha256_text, write_json
from pipelines.home import Home

PROJECT = Path(__file__).resolve().parent.parent / "dbt"
CODE = ("models/**/*.sql", "macros/**/*.sql", "seeds/*.csv", "seeds/*.yml", "dbt_project.yml")


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test. `status` is dbt's own word; `rows` None where dbt does not count."""

    unique_id: str
    resource_type: str
    name: str
    status: str
    seconds: float
    message: str
    failures: int

    @property
    def failed(self) -> bool:
        return self.status in ("error", "fail", "runtime error")


def code_digest(*more: str) -> str:
    """What the models are: SQL, seeds and contracts. Another digest means that everything is rebuilt."""
    digest = hashlib.sha256()
    for pattern in CODE:
        for path in sorted(PROJECT.glob(pattern)):
            digest.update(path.relative_to(PROJECT).as_posix().encode())
            digest.update(path.read_bytes())
    for name in contract_names():
        digest.update(load_contract(name).digest.encode())
    for text in more:
        digest.update(text.encode())
    return digest.hexdigest()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def environment(home: Home, warehouse: Path) -> dict[str, str]:
    """The variables by which dbt finds its profile and warehouse and writes nowhere but under the home."""
    return {
        "SUANZHANG_WAREHOUSE": str(warehouse),
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(home.warehouse / "dbt" / "target"),
        "DBT_LOG_PATH": str(home.warehouse / "dbt" / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
    }


def invoke(
    home: Home, warehouse: Path, arguments: Sequence[str], progress: Callable[[str], None] = lambda _: None
) -> list[NodeResult]:
    """Runs one dbt command in this process; returns the results of its nodes.

    Raises Finding with the first failures if a node failed or the command could not run.
    """

    def listen(event: Any) -> None:
        if event.info.name == "LogStartLine" and event.data.index % 20 == 0:
            progress(f"  models: {event.data.index} of {event.data.total}")

    with _environment(environment(home, warehouse)):
        parsed = None if "--target" in arguments else _parsed(warehouse.name)
        outcome = _run(arguments, parsed, listen)
    results = [_node(each) for each in getattr(outcome.result, "results", []) if hasattr(each, "node")]
    if results:
        write_json(_seconds_file(home), {each.unique_id: round(each.seconds, 3) for each in results})
    failed = [each for each in results if each.failed]
    if failed:
        first = "; ".join(f"{each.name}: {_one_line(each.message)}" for each in failed[:3])
        raise Finding(f"{len(failed)} of {len(results)} models and tests failed: {first}")
    if not outcome.success:
        raise Finding(f"dbt {arguments[0]} did not run: {_one_line(str(outcome.exception))}")
    return results


def write_manifest(home: Home, warehouse: Path, path: Path) -> None:
    """Writes dbt's manifest of the project as JSON. Raises Finding if the project cannot be parsed."""
    with _environment(environment(home, warehouse)):
        _parsed(warehouse.name).write(str(path))


def _run(arguments: Sequence[str], manifest: Any, listen: Callable[[Any], None] = lambda _: None) -> Any:
    """One invocation. Its artifacts, megabytes of JSON that nobody reads, are written only where asked for.

    Garbage is collected when it ends: to search a large manifest for some again and again takes a tenth of the time.
    """
    from dbt.cli.main import dbtRunner

    quiet = ["--log-level", "none", "--no-use-colors"]
    written = [] if "--write-json" in arguments else ["--no-write-json"]
    collecting = gc.isenabled()
    gc.disable()
    try:
        return dbtRunner(manifest=manifest, callbacks=[listen]).invoke([*arguments, *quiet, *written])
    finally:
        if collecting:
            gc.enable()
        _release_warehouse()


_PARSED: dict[tuple[str, str], Any] = {}


def _parsed(database: str) -> Any:
    """The project as dbt parsed it, once per process and state of its files. Raises Finding if it cannot be parsed."""
    state = sha256_text(
        "".join(f"{path}{path.stat().st_mtime_ns}" for path in sorted(PROJECT.rglob("*")) if path.is_file())
    )
    if (database, state) not in _PARSED:
        _PARSED.clear()
        _PARSED[database, state] = parse()
    return _PARSED[database, state]


def parse() -> Any:
    """dbt's manifest of the project: seconds of work. Raises Finding if the project cannot be parsed."""
    outcome = _run(["parse"], None)
    if not outcome.success:
        raise Finding(f"dbt parse did not run: {_one_line(str(outcome.exception))}")
    return outcome.result


def last_seconds(home: Home) -> dict[str, float]:
    """The seconds that each node took in the last build, by dbt's unique id; empty before the first."""
    path = _seconds_file(home)
    if not path.exists():
        return {}
    seconds: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return seconds


def _seconds_file(home: Home) -> Path:
    return home.warehouse / "dbt" / "seconds.json"


def _release_warehouse() -> None:
    """Closes what dbt keeps open after a run: else this process goes on with that database even if its file is gone."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    reset_adapters()  # type: ignore[no-untyped-call]
    gc.collect()


def _node(result: Any) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        resource_type=str(result.node.resource_type.value),
        name=result.node.name,
        status=str(result.status),
        seconds=float(result.execution_time),
        message=str(result.message or ""),
        failures=int(result.failures or 0),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:400]
