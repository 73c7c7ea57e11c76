"""`suanzhang contracts`: what it says and with which status it ends."""

import json
import shutil
from functools import partial
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from data_contracts import render
from data_contracts.contract import ROOT
from pipelines.commands.contracts import contracts
from pipelines.errors import Finding, WrongUse


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A copy of the contracts, to be altered into an earlier or later state."""
    for part in ("elements", "datasets"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    """The status and the output of one invocation."""
    with CliRunner().isolation() as (out, *_):
        status = contracts.main([*arguments], standalone_mode=False, prog_name="contracts")
        return status, out.getvalue().decode()


def replace_in(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text(encoding="utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new), encoding="utf-8")


def test_check_finds_nothing():
    assert run("check") == (0, "The contracts are sound and nothing has drifted.\n")


def test_render_says_what_it_wrote(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(render, "write", partial(render.write, tmp_path))
    status, said = run("render")
    assert status == 0
    assert "wrote docs/data/skus.md\n" in said
    assert run("render")[1].endswith("; 0 were not.\n")


def test_a_narrowed_element_is_refused_until_the_major_version_is_raised(earlier: Path):
    replace_in(earlier, "elements/jobs.yaml", "max: 1000000000\n", "max: 2000000000\n")
    status, said = run("diff", str(earlier))
    assert status == 1
    assert "BREAKING    job_records.elapsed_s: maximum narrowed from 2000000000 to 1000000000" in said
    still_earlier = shutil.copytree(earlier, earlier / "still")
    replace_in(still_earlier, "datasets/job_records.odcs.yaml", "version: 2.0.0", "version: 1.0.0")
    assert run("diff", str(still_earlier))[0] == 0


def test_a_widened_input_is_compatible(earlier: Path):
    replace_in(earlier, "elements/jobs.yaml", "max: 1000000000\n", "max: 900000000\n")
    status, said = run("diff", str(earlier), "--json")
    (change,) = json.loads(said)
    assert status == 0
    assert (change["dataset"], change["subject"], change["breaking"]) == ("job_records", "elapsed_s", False)


def test_two_states_may_both_be_named(earlier: Path):
    (earlier / "datasets" / "skus.odcs.yaml").unlink()
    assert run("diff", str(ROOT), str(earlier))[0] == 1
    assert run("diff", str(earlier), str(ROOT))[0] == 0


def test_head_is_a_state_when_there_is_git():
    if not (ROOT.parent / ".git").exists():
        pytest.skip("needs a git checkout")
    status, said = run("diff", "--json")
    assert status in {0, 1}
    assert isinstance(json.loads(said), list)


@pytest.mark.parametrize("where", ["no-such-revision", "--", "-x"])
def test_what_is_neither_folder_nor_revision_is_wrong_use(where: str):
    with pytest.raises((WrongUse, click.UsageError)):
        run("diff", "--", where)


def test_contracts_that_cannot_be_read_are_a_finding(earlier: Path):
    replace_in(earlier, "elements/jobs.yaml", "type: integer", "type: whole")
    with pytest.raises(Finding, match="unknown type"):
        run("diff", str(earlier))


@pytest.mark.parametrize("command", [[], ["render"], ["check"], ["diff"]])
def test_help_has_an_example(command: list[str]):
    result = CliRunner().invoke(contracts, [*command, "--help"])
    assert result.exit_code == 0
    assert "Example: suanzhang contracts" in result.output
