"""The page of a certificate: its document (document.py) as one HTML file that needs nothing but itself.

Grouping and escaping for readers belong here, the layout to `page.html`; what is said was decided before.
"""

from collections.abc import Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import jinja2

from data_contracts.contract import Contract
from pipelines.certificates import wording
from pipelines.certificates.measures import EARLIER

MOST_DELIVERIES = 200
RAW_SHOWN = 400
SHOWN = {
    **{chr(n): f"\\x{n:02x}" for n in (*range(0x20), *range(0x7F, 0xA0))},
    **{
        chr(n): f"\\u{n:04x}"
        for n in (0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
    },
    "\n": "↵\n",
    "\t": "⇥\t",
}
"""Characters that would hide or reorder what stands beside them, and how they are shown instead."""


def render(document: Mapping[str, Any], contract: Contract) -> str:
    """The page, as HTML text. The same document gives the same text."""
    checks, deliveries = document["checks"], document["deliveries"]
    failed = [check for check in checks if not check["passed"]]
    return _template().render(
        c=document,
        mark=wording.MARKS[document["verdict"]],
        verdict=wording.VERDICTS[document["verdict"]],
        meaning=wording.MEANINGS[document["verdict"]],
        severities=wording.SEVERITIES,
        figures=wording.FIGURES,
        failed=failed,
        met=sum(check["passed"] and check["looked_at"] > 0 for check in checks),
        idle=sum(check["looked_at"] == 0 for check in checks),
        received=_span([delivery["received_at"] for delivery in deliveries]),
        names={each["landing_id"]: ", ".join(each["names"]) for each in deliveries},
        most=MOST_DELIVERIES,
        declared=list(chain.from_iterable(delivery["declared"] for delivery in deliveries)),
        groups=_groups(checks, contract),
        basis=wording.basis(document, EARLIER),
    )


def visible(text: str) -> str:
    """The text with control and direction characters shown, so that it reads as what it is."""
    return "".join(SHOWN.get(character, character) for character in text)


def cut(text: str) -> str:
    """The beginning of a long text, with a mark."""
    return text if len(text) <= RAW_SHOWN else text[:RAW_SHOWN] + " …"


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(visible=visible, cut=cut, number=lambda number: f"{number:,}")
    return environment.get_template("page.html")


def _span(instants: list[str]) -> str:
    days = sorted({instant[:10] for instant in instants})
    return days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}" if days else "–"


def _groups(checks: list[dict[str, Any]], contract: Contract) -> list[dict[str, Any]]:
    """The checks by what they are about: columns in the contract's order, rows, deliveries."""
    groups: dict[str, dict[str, Any]] = {
        column.name: {"zh": column.name_zh, "en": column.name_en, "column": column.name, "checks": []}
        for column in contract.stored_columns()
    }
    groups["row"] = {"zh": "整行与整表", "en": "Rows and table", "column": None, "checks": []}
    groups["delivery"] = {"zh": "交付整体", "en": "Deliveries", "column": None, "checks": []}
    for check in sorted(checks, key=lambda each: each["name"]):
        about = check["name"].rpartition(".")[0]
        groups[about if about in groups else "row"]["checks"].append(check)
    return [group for group in groups.values() if group["checks"]]
