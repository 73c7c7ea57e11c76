"""Which columns of a contract a header names, in English or Chinese."""

import unicodedata
from collections.abc import Sequence

from data_contracts.contract import Contract
from pipelines.formats.base import unreadable
from pipelines.formats.table.rules import RULES


def plain(text: str) -> str:
    """A text with full-width letters, digits and punctuation in their usual form, without spaces around it."""
    return unicodedata.normalize("NFKC", text).strip()


def known_names(contract: Contract) -> dict[str, str]:
    """The contract's columns by everything that a header may call them; a Chinese name of two columns is none."""
    chinese = [column.name_zh for column in contract.columns]
    names = {column.name_zh: column.name for column in contract.columns if chinese.count(column.name_zh) == 1}
    names |= {column.name: column.name for column in contract.columns}
    return {plain(name): column for name, column in names.items()}


def column_names(header: Sequence[str], contract: Contract) -> tuple[str, ...]:
    """The contract's names of the columns in a header; Unreadable for one that is unknown or given twice."""
    known = known_names(contract)
    names = [known.get(plain(name), known.get(plain(name).lower(), "")) for name in header]
    if not any(names):
        raise unreadable(RULES, "file.format")
    strange = [given for given, name in zip(header, names, strict=True) if not name]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if strange or twice:
        said = ", ".join([*(f"“{name}”" for name in strange), *twice])
        raise unreadable(
            RULES, "file.columns", f"Not known, or given twice: {said}.", f"未知或重复的列：{said}。"
        )
    return tuple(names)


def require_columns(names: Sequence[str], contract: Contract, site_id: str | None) -> None:
    """Raises Unreadable where a column is lacking that must be there; a site's own id need not."""
    missing = [
        column.name
        for column in contract.columns
        if column.required and column.name not in names and (column.name != "site_id" or site_id is None)
    ]
    if missing:
        said = ", ".join(missing)
        raise unreadable(RULES, "file.columns", f"It lacks {said}.", f"缺少：{said}。")
