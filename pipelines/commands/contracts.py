"""`suanzhang contracts`: render what derives from the contracts, check it, compare two states of the contracts.

Belongs here: arguments, output and exit status. Does not belong here: what a contract is (data_contracts/).
"""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from pipelines.errors import Finding, WrongUse


@click.group(epilog="Example: suanzhang contracts check")
def contracts() -> None:
    """Render, check and compare data contracts."""


@contracts.command(epilog="Example: suanzhang contracts render")
def render() -> int:
    """Write every file that derives from the contracts: dbt properties, expectation suites, pages."""
    from data_contracts.dictionary import ContractError
    from data_contracts.render import rendered_files, write

    try:
        mended = write()
    except ContractError as error:
        raise Finding(f"{error}. Correct it, then render again.") from error
    for each in mended:
        click.echo(f"{'removed' if each.kind == 'extra' else 'wrote'} {each.path}")
    click.echo(f"{len(rendered_files())} files are what the contracts say; {len(mended)} were not.")
    return 0


@contracts.command(epilog="Example: suanzhang contracts check --json")
@click.option("--json", "as_json", is_flag=True, help="Findings as a JSON list.")
def check(as_json: bool) -> int:
    """Check the contracts against ODCS 3.1 and their elements, and the rendered files against the contracts."""
    from data_contracts.checking import findings

    found = findings() or _drift_findings()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for sentence in found:
            click.echo(sentence)
        click.echo(f"{len(found)} findings." if found else "The contracts are sound and nothing has drifted.")
    return 1 if found else 0


def _drift_findings() -> list[str]:
    from data_contracts.render import drift

    what = {"missing": "is missing", "changed": "is not what the contracts say", "extra": "is no longer due"}
    return [f"{each.path} {what[each.kind]}: run `suanzhang contracts render`." for each in drift()]


@contracts.command(epilog="Example: suanzhang contracts diff HEAD~1")
@click.argument("old", default="HEAD")
@click.argument("new", required=False)
@click.option("--json", "as_json", is_flag=True, help="Changes as a JSON list.")
def diff(old: str, new: str | None, as_json: bool) -> int:
    """Compare the contracts of OLD (a folder or git revision; HEAD by default) with those of NEW (the working tree).

    Exit status 1 if a change breaks senders or readers and the dataset's major version was not raised.
    """
    from dataclasses import asdict

    from data_contracts.comparing import compare
    from data_contracts.contract import load_contracts
    from data_contracts.dictionary import ROOT, ContractError

    states = []
    for where in (old, new or str(ROOT)):
        with _state(where) as root:
            try:
                states.append({each.name: each for each in load_contracts(root=root)})
            except ContractError as error:
                raise Finding(f"The contracts of {where} cannot be read: {error}.") from error
    changes = compare(*states)
    refused = [change for change in changes if not change.allowed]
    if as_json:
        click.echo(json.dumps([asdict(change) for change in changes], ensure_ascii=False, indent=1))
        return 1 if refused else 0
    for change in changes:
        mark = "BREAKING" if change.breaking else "compatible"
        subject = change.dataset if change.subject == change.dataset else f"{change.dataset}.{change.subject}"
        click.echo(f"{mark:10}  {subject}: {change.text}")
    names = ", ".join(sorted({change.dataset for change in refused}))
    if refused:
        click.echo(
            f"Breaking, yet no new major version: {names}. Raise their `version`, or take the change back."
        )
        return 1
    click.echo(f"{len(changes)} changes, none of them breaking without a new major version.")
    return 0


@contextmanager
def _state(where: str) -> Iterator[Path]:
    """The folder with `elements` and `datasets` of a folder (itself or its data_contracts/) or of a git revision."""
    folder = Path(where)
    for candidate in (folder, folder / "data_contracts"):
        if (candidate / "datasets").is_dir():
            yield candidate
            return
    with TemporaryDirectory() as temporary:
        yield _unpacked(where, Path(temporary))


def _unpacked(revision: str, folder: Path) -> Path:
    """The contracts of a git revision, unpacked into a folder."""
    from data_contracts.dictionary import ROOT

    unknown = WrongUse(f"'{revision}' is neither a folder with contracts nor a git revision that has them.")
    if revision.startswith("-"):
        raise unknown
    command = ["git", "-C", str(ROOT.parent), "archive", "--format=tar", revision, "data_contracts"]
    try:
        result = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise WrongUse("git is not installed: name a folder with contracts instead of a revision.") from error
    if result.returncode:
        raise unknown
    with tarfile.open(fileobj=io.BytesIO(result.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "data_contracts"
