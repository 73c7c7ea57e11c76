"""docs/serving.md: each command in it is one that there is, with arguments that it takes; it names what there is."""

import re
import shlex
from pathlib import Path

import click
import pytest

from pipelines import cli
from pipelines.retention import KEPT
from pipelines.roles import ROLES
from pipelines.serving.connecting import OLDEST, VARIABLE
from pipelines.serving.groundwork import WRITERS
from pipelines.serving.people import CONNECTIONS, SETTINGS

PAGE = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ suanzhang (.+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_is_one_that_there_is(line: str) -> None:
    command: click.Command = cli.suanzhang
    arguments, context = shlex.split(line), click.Context(cli.suanzhang)
    while isinstance(command, click.Group) and arguments:
        found = command.get_command(context, arguments.pop(0))
        assert found, line
        command, context = found, click.Context(found)
    command.make_context("suanzhang", arguments)


def test_the_page_names_each_command_the_groups_and_the_limits() -> None:
    assert {" ".join(line.split()[:2]) for line in COMMANDS} == {
        "serve", "serve admit", "serve list", "serve dismiss", "releases list", "releases prune",
    }  # fmt: skip
    assert {f"suanzhang_{role}" for role in ROLES} <= set(re.findall(r"`(suanzhang_\w+)`", PAGE))
    assert f"PostgreSQL {OLDEST} or" in PAGE
    assert VARIABLE in PAGE
    assert SETTINGS["statement_timeout"] == "60s"
    assert CONNECTIONS == KEPT == 10, "the page says ten of both"


def test_the_page_forbids_the_functions_that_a_superusers_load_forbids() -> None:
    (block,) = re.findall(r"proname in \((.*?)\)", PAGE, re.DOTALL)
    assert set(re.findall(r"'(\w+)'", block)) == set(WRITERS)


def test_the_pictures_of_the_page_are_there() -> None:
    for name in re.findall(r"\]\((images/[^)]+)\)", PAGE):
        assert (Path(__file__).parents[2] / "docs" / name).exists()
