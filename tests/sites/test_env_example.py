"""`.env.example` lists every variable of ours that code, models and verbs read."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = [
    *(
        file
        for folder in ("pipelines", "sensors", "data_contracts")
        for file in (ROOT / folder).rglob("*.py")
    ),
    *(ROOT / "dbt").glob("*.yml"),
    *(file for file in (ROOT / "Makefile", ROOT / ".ci" / "run") if file.exists()),
]


def test_every_variable_that_is_read_is_listed() -> None:
    listed = set(
        re.findall(r"^#?(SUANZHANG_[A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M)
    )
    used = {
        name
        for file in READ
        for name in re.findall(r"\bSUANZHANG_[A-Z_]+\b", file.read_text(encoding="utf-8"))
    }
    assert used <= listed, f"add to .env.example: {sorted(used - listed)}"
