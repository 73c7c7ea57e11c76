"""What all tests share: hypothesis without deadlines (the machine is shared), the parsed dbt project, the real data."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from pipelines import dbt_project
from tests.parsed import parsed_once

settings.register_profile("suanzhang", deadline=None)
settings.load_profile("suanzhang")

dbt_project.parse = partial(parsed_once, dbt_project.PROJECT, dbt_project.parse)

WORLDS = ("tests/dbt/test_rating_", "tests/dbt/test_usage_")
"""Modules that share a world which dbt builds once in a process."""

REAL_DATA = Path(
    os.environ.get("SUANZHANG_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`, files that share a world run in one process as if they were one file."""
    return _ByWorld(config, log) if config.getoption("dist") == "loadfile" else None


class _ByWorld(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return next((world for world in WORLDS if nodeid.startswith(world)), super()._split_scope(nodeid))
