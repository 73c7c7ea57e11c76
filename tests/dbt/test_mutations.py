"""The models broken on purpose, one rule at a time: the cases of that rule fail, and those that do not know it pass.

Each mutant is a copy of the dbt project in which one text is another; the cases run over it in a process of their own.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.dbt.harness import PROJECT

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
ERRORS = ("Compilation Error", "Runtime Error", "Parser Error", "Binder Error", "Catalog Error")
RATING = "models/intermediate/rating"


@dataclass(frozen=True)
class Mutant:
    """A rule broken: which text of which file becomes what, and the cases that must notice."""

    file: str
    sound: str
    broken: str
    cases: str


MUTANTS = {
    "half-up is cut off": Mutant(
        "macros/pricing.sql",
        "{{ half_up_div(exact_product(price, quantity), quantity_per_unit) }}",
        "cast(floor({{ exact_product(price, quantity) }} / {{ quantity_per_unit }}) as bigint)",
        "test_rating_charges.py",
    ),
    "a line is cut off to the fen": Mutant(
        "macros/rating.sql",
        "half_up_div('sum(billed_micro_yuan)', 10000)",
        "half_up_div('sum(billed_micro_yuan) - 5000', 10000)",
        "test_rating_lines.py",
    ),
    "a tier begins one unit late": Mutant(
        f"{RATING}/int_banded_graduated.sql",
        "greatest(pieces.month_from, rates.band_from * priced.quantity_per_unit) as part_from",
        "greatest(pieces.month_from, (rates.band_from + 1) * priced.quantity_per_unit) as part_from",
        "test_rating_tiers.py",
    ),
    "a volume at the bound belongs to the band before": Mutant(
        f"{RATING}/int_banded_volume.sql",
        ">= rates.band_from * priced",
        "> rates.band_from * priced",
        "test_rating_tiers.py",
    ),
    "a voucher's cap does not bind": Mutant(
        f"{RATING}/int_voucher_redemptions.sql",
        "least(claimed.cap_fen, claimed.claimed_fen)\n        -",
        "claimed.claimed_fen\n        -",
        "test_rating_vouchers.py",
    ),
    "a budget does not bind": Mutant(
        f"{RATING}/int_voucher_redemptions.sql",
        "least(summed.budget_fen, summed.programme_fen)\n        -",
        "summed.programme_fen\n        -",
        "test_rating_vouchers.py",
    ),
    "two shares change places": Mutant(
        f"{RATING}/int_line_splits.sql",
        "{{ micro('shares.provider_share') }} as provider_ppm",
        "{{ micro('shares.operator_share') }} as provider_ppm",
        "test_rating_lines.py",
    ),
    "what is left over goes to the least remainder": Mutant(
        f"{RATING}/int_line_splits.sql",
        "order by floored.remainder desc, floored.party_id asc",
        "order by floored.remainder asc, floored.party_id asc",
        "test_rating_lines.py",
    ),
    "tax within a price is taken on top": Mutant(
        "macros/pricing.sql",
        "' then 1000000 + ' ~ rate_ppm ~ ' else 1000000 end'",
        "' then 1000000 else 1000000 end'",
        "test_rating_charges.py",
    ),
    "a window ends an hour late": Mutant(
        "macros/pricing.sql",
        "length({{ price_window }}) - 1, 2) as int) * 3600",
        "length({{ price_window }}) - 1, 2) as int) * 3600 + 3600",
        "test_rating_windows.py",
    ),
}


def _mutated(folder: Path, mutant: Mutant) -> Path:
    project = folder / "dbt"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    path = project / mutant.file
    text = path.read_text(encoding="utf-8")
    assert text.count(mutant.sound) == 1, f"{mutant.file} has another form: mutate it anew"
    path.write_text(text.replace(mutant.sound, mutant.broken), encoding="utf-8")
    return project


def _failures(project: Path, cases: str) -> tuple[int, str]:
    """How pytest ends over the cases of one module, and what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/dbt/{cases}", "--tb=short"],
        cwd=ROOT,
        env={**os.environ, "DBT_PROJECT_DIR": str(project), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("cases", sorted({mutant.cases for mutant in MUTANTS.values()}))
def test_a_project_without_a_fault_passes(tmp_path: Path, cases: str) -> None:
    """Else each mutant would fail whatever is broken."""
    status, said = _failures(PROJECT, cases)
    assert status == 0, said


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_is_noticed(tmp_path: Path, name: str) -> None:
    mutant = MUTANTS[name]
    status, said = _failures(_mutated(tmp_path, mutant), mutant.cases)
    assert status == 1, said
    assert "FAILED" in said
    assert not [error for error in ERRORS if error in said], "the mutant is no SQL"
