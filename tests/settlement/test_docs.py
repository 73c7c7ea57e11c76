"""docs/close.md: each command in it is one that there is, with arguments that it takes; it names what there is."""

import re
import shlex
from pathlib import Path

import click
import pytest

from data_contracts.contract import contract_names
from pipelines import cli
from pipelines.closing.blockers import MATERIAL_FEN
from pipelines.closing.freezing import FIGURES
from pipelines.closing.leaves import TABLES

PAGE = (Path(__file__).parents[2] / "docs" / "close.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ suanzhang (.+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_is_one_that_there_is(line: str) -> None:
    command: click.Command = cli.suanzhang
    arguments, context = shlex.split(line), click.Context(cli.suanzhang)
    while isinstance(command, click.Group):
        found = command.get_command(context, arguments.pop(0))
        assert found, line
        command, context = found, click.Context(found)
    command.make_context("suanzhang", arguments)


def test_the_page_names_each_command_of_closing() -> None:
    named = {"status", "close", "prove", "decide", "dispute", "whatif"}
    assert {line.split()[0] for line in COMMANDS} == named


def test_the_page_names_the_files_of_a_pack_the_trees_and_the_threshold() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert {*FIGURES, *TABLES, "landings", "decisions", "disputes"} <= named
    assert {"decisions", "disputes", "periods"} <= set(contract_names())
    assert f"disputes of {MATERIAL_FEN // 100} 元" in PAGE
