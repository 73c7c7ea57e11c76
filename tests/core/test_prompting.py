"""The prompt of `suanzhang sql`: what it completes, where a statement ends, what a backslash does."""

from collections.abc import Iterator

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from pipelines.prompting import Names, converse, typed_statements

TABLES = {"sites": ["site_id", "region"], "energy_daily": ["site_id", "day", "ipue"]}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("select * from ", ["energy_daily", "sites"]),
        ("select * from en", ["energy_daily"]),
        ("select * from sites join EN", ["energy_daily"]),
        ("\\d si", ["sites"]),
        ("select ip", ["ipue"]),
        ("select re", ["region"]),
        ("select * from energy_daily where re", []),
        ("select * from energy_daily where da", ["day", "date '"]),
        ("select * from energy_daily e where e.ip", ["ipue"]),
        ("\\e energy_daily.", ["day", "ipue", "site_id"]),
        ("sel", ["select"]),
        ("", []),
    ],
)
def test_completion_offers_what_may_stand_there(typed: str, offered: list[str]) -> None:
    found = Names(TABLES).get_completions(Document(typed), CompleteEvent())
    assert [each.text for each in found] == offered


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    with create_pipe_input() as source:
        yield source


def test_a_statement_goes_on_to_its_semicolon_and_ctrl_c_drops_what_was_typed(keyboard: PipeInput) -> None:
    keyboard.send_text("select 1\rfrom sites;\rselect wrong\r\x03select 2;\r\\d sites\r\\q\rselect 3;\r")
    typed = list(typed_statements(TABLES, keyboard, DummyOutput()))
    assert typed == ["select 1\nfrom sites;", "select 2;", "\\d sites"]


def test_ctrl_d_ends(keyboard: PipeInput) -> None:
    keyboard.send_text("select 1;\r\x04")
    assert list(typed_statements(TABLES, keyboard, DummyOutput())) == ["select 1;"]


def test_a_command_gets_its_argument_and_an_unknown_one_the_help() -> None:
    done: list[tuple[str, str]] = []

    def doing(name: str):  # type: ignore[no-untyped-def]
        return lambda text: done.append((name, text))

    converse(
        ["select 1;", "\\d sites", "\\d", "\\nonsense"],
        doing("ask"),
        {"\\d": doing("d"), "\\?": doing("help")},
    )
    assert done == [("ask", "select 1;"), ("d", "sites"), ("d", ""), ("help", "")]
