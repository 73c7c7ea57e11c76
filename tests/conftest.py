"""What all tests share: hypothesis without deadlines (the machine is shared), the parsed dbt project, the real data."""

import os
from functools import partial
from pathlib import Path

from hypothesis import settings

from pipelines import dbt_project
from tests.parsed import parsed_once

settings.register_profile("suanzhang", deadline=None)
settings.load_profile("suanzhang")

dbt_project.parse = partial(parsed_once, dbt_project.PROJECT, dbt_project.parse)

REAL_DATA = Path(
    os.environ.get("SUANZHANG_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
)
