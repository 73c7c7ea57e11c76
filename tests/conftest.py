"""What all tests share: hypothesis without deadlines (the machine is shared), and where the real data is."""

import os
from pathlib import Path

from hypothesis import settings

settings.register_profile("suanzhang", deadline=None)
settings.load_profile("suanzhang")

REAL_DATA = Path(
    os.environ.get("SUANZHANG_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
)
