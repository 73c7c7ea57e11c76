"""The prompt of `suanzhang sql`: completion of what the role has, statements that end with a semicolon, a few commands.

Belongs here: reading what a person types. What a statement may do is `ask`'s; how rows look is the command's.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output

KEYWORDS = (
    "select", "from", "where", "group by", "order by", "limit", "join", "left join", "inner join", "on", "using", "and",
    "or", "not", "in", "is null", "is not null", "between", "like", "as", "distinct", "having", "with", "case", "when",
    "then", "else", "end", "desc", "nulls last", "union all", "sum(", "count(*)", "avg(", "min(", "max(", "round(",
    "coalesce(", "date '",
)  # fmt: skip
HELP = (
    "Type a SELECT that ends with a semicolon; Tab completes names.\n"
    "\\d lists the tables, \\d TABLE its columns, \\e TABLE.COLUMN says what one means, \\q ends."
)
AFTER_TABLE = re.compile(r"(?:\b(?:from|join|describe)|\\d)\s+[\w.]*$", re.IGNORECASE)
WORD = re.compile(r"[\w\\.]*$")


class Names(Completer):
    """Completes tables where a table stands, else columns (of the tables named so far, if any) and words of SQL."""

    def __init__(self, tables: Mapping[str, Sequence[str]]) -> None:
        self.tables = tables

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        found = WORD.search(document.text_before_cursor)
        typed = found.group() if found else ""
        word = typed.rpartition(".")[2]
        for name in self._candidates(document, typed):
            if name.lower().startswith(word.lower()):
                yield Completion(name, start_position=-len(word))

    def _candidates(self, document: Document, typed: str) -> Sequence[str]:
        if AFTER_TABLE.search(document.text_before_cursor):
            return sorted(self.tables)
        table, point, _ = typed.rpartition(".")
        if point:
            return self._columns([table.rpartition(".")[2]]) or self._columns(self._named(document.text))
        if not typed:
            return []
        return [*self._columns(self._named(document.text)), *KEYWORDS, *sorted(self.tables)]

    def _named(self, text: str) -> list[str]:
        found = [table for table in self.tables if re.search(rf"\b{table}\b", text)]
        return found or list(self.tables)

    def _columns(self, tables: Sequence[str]) -> list[str]:
        return sorted({column for table in tables for column in self.tables.get(table, ())})


def typed_statements(
    tables: Mapping[str, Sequence[str]], source: Input | None = None, screen: Output | None = None
) -> Iterator[str]:
    """What a person types, statement by statement, or a command that begins with a backslash; ends with \\q or Ctrl-D.

    Ctrl-C drops what was typed. `source` and `screen` are the terminal unless given.
    """
    session: PromptSession[str] = PromptSession(completer=Names(tables), input=source, output=screen)
    waiting = ""
    while True:
        try:
            line = session.prompt("suanzhang> " if not waiting else "       ... ")
        except KeyboardInterrupt:
            waiting = ""
            continue
        except EOFError:
            return
        waiting = f"{waiting}\n{line}" if waiting else line.strip()
        if waiting == "\\q":
            return
        if waiting.startswith("\\") or waiting.rstrip().endswith(";"):
            yield waiting
            waiting = ""


def converse(
    statements: Iterable[str], answer: Callable[[str], None], commands: Mapping[str, Callable[[str], None]]
) -> None:
    """Gives each statement to `answer`, and each command, without its argument, to what does it."""
    for text in statements:
        name, _, argument = text.partition(" ")
        act = commands.get(name) if text.startswith("\\") else None
        if act:
            act(argument.strip())
        elif text.startswith("\\"):
            commands["\\?"]("")
        else:
            answer(text)
