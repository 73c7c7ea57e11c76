"""A statement as PDF by typst: `statement.typ` with the shipped font alone. Equal texts give equal bytes.

Warnings of typst are errors: it warns where it would leave something out. Nothing in a PDF comes from the clock.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.errors import Finding
from pipelines.files import canonical_json
from pipelines.statements import wording
from pipelines.statements.amounts import capitals, micro, percent
from pipelines.statements.content import Line, Part, Party, Price, Section, Statement, TopUp
from pipelines.statements.font import FOLDER, drawable
from pipelines.words import yuan

TEMPLATE = Path(__file__).parent / "statement.typ"
LISTED_LINES = 400
"""A party that is owed more lines than this has them in the workbook, and a row a counterparty in the PDF."""
Page = dict[str, Any]
Names = dict[str, tuple[str, str]]


class Printer:
    """Typst with the template and the font, read once for many statements."""

    def __init__(self) -> None:
        import typst

        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER)]
        )
        self._compiler = typst.Compiler(
            TEMPLATE, root=TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True
        )

    def print(self, statement: Statement, key: str) -> bytes:
        """A statement's PDF. Raises Finding if typst has anything to object to."""
        import typst

        data = {"data": canonical_json(page(statement, key))}
        try:
            made, warnings = self._compiler.compile_with_warnings(
                sys_inputs=data, format="pdf", timestamp=0, pdf_tags=False
            )
        except typst.TypstError as error:
            raise Finding(self._sentence(statement, error.message)) from error
        if warnings or not isinstance(made, bytes):
            raise Finding(self._sentence(statement, "; ".join(each.message for each in warnings) or "no PDF"))
        return made

    @staticmethod
    def _sentence(statement: Statement, said: str) -> str:
        return (
            f"The statement of {statement.party.party_id} for {statement.period} cannot be printed: {said}."
        )


def page(statement: Statement, key: str) -> Page:
    """All texts of a statement's pages, each drawable by the font; characters that it lacks are named in a note."""
    missing: set[str] = set()
    said = _drawable(_page(statement, key), missing)
    if missing:
        codes = "、".join(sorted(f"U+{ord(each):04X}" for each in missing))
        said["notes"].append(
            f"字体缺少 {codes}，以编码代替，Excel 中为原字。"
            f"The font lacks {codes}: written as codes here, as sent in the workbook."
        )
    return said


def _drawable(value: Any, missing: set[str]) -> Any:
    if isinstance(value, str):
        return drawable(value, missing)
    if isinstance(value, dict):
        return {name: _drawable(each, missing) for name, each in value.items()}
    return [_drawable(each, missing) for each in value] if isinstance(value, list | tuple) else value


def _page(statement: Statement, key: str) -> Page:
    party, period = statement.party, statement.period
    sections = _sections(statement)
    sums = [
        yuan(sum(getattr(each, name) for each in statement.positions))
        for name in ("receivable_fen", "payable_fen", "net_fen")
    ]
    return {
        "title": f"结算单 Statement · {party.name_zh} · {party.party_id} · {period}",
        "period": period,
        "state": wording.state(statement),
        "draft": statement.closed is None,
        "footer": f"内容 Content sha256 {key[:32]}",
        "party": _who(party),
        "facts": _facts(statement),
        "net": {
            "label": wording.balance(statement.net_fen),
            "capitals": capitals(abs(statement.net_fen)),
            "figures": yuan(abs(statement.net_fen)),
        },
        "positions": [
            {
                "party": _who(each.counterparty),
                "receivable": yuan(each.receivable_fen),
                "payable": yuan(each.payable_fen),
                "net": yuan(each.net_fen),
                "due": each.due_on or "",
            }
            for each in statement.positions
        ],
        "positions_total": ["合计 Total", *sums, ""],
        "sections": sections,
        "widths": {kind: _widths(sections, kind) for kind in WIDTHS},
        "check": _check(statement),
        "notes": list(NOTES),
    }


NOTES = (
    "用量按计价单位四舍五入到四位小数，精确整数见 Excel；计费额精确到微元，行金额四舍五入到分，尾差为调整项。"
    "Quantities are rounded to four decimals here and exact in the workbook; "
    "rated amounts are exact, lines are rounded to the fen.",
)


WIDTHS: dict[str, dict[str, int]] = {
    "lines": {
        "quantity": 44, "unit": 48, "list": 40, "contracted": 42, "rated": 62, "rate": 30, "net": 44, "tax": 40,
        "gross": 46,
    },
    "parts": {"lines": 30, "quantity": 44, "unit": 54, "sold_net": 48, "sold_tax": 48, "amount": 48},
    "topups": {"guaranteed": 56, "earned": 56, "topup": 56},
}  # fmt: skip
"""How wide the columns of figures are at least, in points, so that their headings fit."""
SUMMED = {"lines": ("net", "tax", "gross"), "parts": ("amount",), "topups": ("topup",)}
"""The columns that totals stand in, in the order of the totals."""
WIDE, NARROW, SPACE = 4.3, 2.3, 7.5
"""How wide a digit and a mark between digits are at most in points, and the room beside them."""


def _widths(sections: Sequence[Page], kind: str) -> list[float]:
    """The widths of a kind of table's columns of figures, one for all tables of the statement."""
    groups = [group for section in sections for group in section["groups"] if group["kind"] == kind]
    rows = [row for group in groups for row in group["rows"]]
    rows += [price for row in rows for price in row.get("prices", ())]
    rows += [dict(zip(SUMMED[kind], group["total"][1:], strict=True)) for group in groups]

    def wide(text: str) -> float:
        return SPACE + sum(NARROW if each in ",.-" else WIDE for each in text)

    figures = {name: least for name, least in WIDTHS[kind].items() if name != "unit"}
    found = {
        name: max([least, *(wide(row.get(name, "")) for row in rows)]) for name, least in figures.items()
    }
    return [found.get(name, least) for name, least in WIDTHS[kind].items()]


def _who(party: Party) -> dict[str, str]:
    return {
        "party_id": party.party_id,
        "name_zh": party.name_zh,
        "name_en": party.name_en,
        "tax_id": party.tax_id or wording.NO_TAX_ID,
    }


def _facts(statement: Statement) -> list[list[str]]:
    facts = [
        ["账期", "Billing period", f"{statement.period}（北京时间自然月 calendar month, Asia/Shanghai）"],
        ["币种", "Currency", "人民币元 CNY, yuan"],
        ["付款条件", "Terms", wording.payment(statement)],
    ]
    if statement.closed:
        people = f"{statement.closed.proposed_by} / {statement.closed.approved_by}"
        facts.append(["提出 / 批准", "Proposed / approved", people])
        facts.append(["账包", "Close pack", f"{statement.closed.pack_sha256[:16]}…"])
    return facts


def _check(statement: Statement) -> list[list[str]]:
    rows = [["证明命令", "Proof", wording.proof(statement)]]
    if statement.closed:
        root = f"{statement.closed.lines_root}（{statement.closed.lines:,} 行 lines）"
        rows.insert(0, ["结算行 Merkle 根", "Root of lines", root])
        rows.insert(1, ["账包", "Close pack sha256", statement.closed.pack_sha256])
        rows.append(["截止", "As known at", statement.closed.cutoff])
    return rows


def _sections(statement: Statement) -> list[Page]:
    numbers = wording.numbered(statement)
    claims = [each for each in statement.sections if each.direction == "receivable" and each.lines]
    if sum(len(each.lines) for each in claims) <= LISTED_LINES:
        return [_section(statement, each, numbers) for each in statement.sections]
    others = [_section(statement, each, numbers) for each in statement.sections if each not in claims]
    return [_claims(claims), *others]


def _section(statement: Statement, section: Section, numbers: dict[str, int]) -> Page:
    sites = {site: (zh, en) for site, zh, en in statement.sites}
    groups = [
        _group(title, "lines", [_line(row, sites, numbers) for row in rows], _sums(rows))
        for title, rows in wording.grouped(section.lines)
    ]
    groups += [
        _group(title, "parts", [_part(row, sites) for row in rows], [sum(row.amount_fen for row in rows)])
        for title, rows in wording.grouped(section.parts)
    ]
    if section.topups:
        rows = [_topup(each) for each in section.topups]
        groups.append(_group("topup", "topups", rows, [sum(each.topup_fen for each in section.topups)]))
    return {
        "title": wording.DIRECTIONS[section.direction],
        "counterparty": _who(section.counterparty),
        "groups": groups,
        "total": _total(section.direction, section.net_fen, section.tax_fen, section.gross_fen),
        "invoice": _joined(line.invoice_no for line in section.lines),
        "red_invoice": _joined(line.red_invoice_of for line in section.lines),
    }


def _claims(sections: Sequence[Section]) -> Page:
    """What many owe one: a row each."""
    rows = []
    for section in sections:
        of = dict(wording.grouped(section.lines))
        by_group = [yuan(sum(line.gross_fen for line in of.get(group, ()))) for group in wording.GROUPS]
        sums = [yuan(each) for each in (section.net_fen, section.tax_fen, section.gross_fen)]
        rows.append(
            {"party": _who(section.counterparty), "figures": [f"{section.count:,}", *by_group, *sums]}
        )
    net, tax, gross = (
        sum(getattr(each, name) for each in sections) for name in ("net_fen", "tax_fen", "gross_fen")
    )
    everybody = {
        "name_zh": f"{len(sections):,} 方",
        "name_en": "parties; lines in the workbook",
        "tax_id": "—",
    }
    return {
        "title": wording.DIRECTIONS["receivable"],
        "counterparty": everybody,
        "groups": [
            {
                "title": "各方应付 What each owes",
                "kind": "claims",
                "rows": rows,
                "total": ["合计 Total", *map(yuan, (net, tax, gross))],
            }
        ],
        "total": _total("receivable", net, tax, gross),
        "invoice": "",
        "red_invoice": "",
    }


def _group(title: str, kind: str, rows: Sequence[Any], sums: Sequence[int]) -> Page:
    named = {**wording.GROUPS, "topup": wording.TOPUP}[title]
    return {"title": named, "kind": kind, "rows": rows, "total": ["小计 Subtotal", *map(yuan, sums)]}


def _sums(lines: Sequence[Line]) -> list[int]:
    return [sum(getattr(line, name) for line in lines) for name in ("net_fen", "tax_fen", "gross_fen")]


def _total(direction: str, net: int, tax: int, gross: int) -> Page:
    label = f"{wording.DIRECTIONS[direction]}合计 total" if direction else ""
    return {
        "label": label,
        "capitals": capitals(gross),
        "net": yuan(net),
        "tax": yuan(tax),
        "gross": yuan(gross),
    }


def _joined(numbers: Any) -> str:
    return "、".join(sorted({number for number in numbers if number}))


def _line(line: Line, sites: Names, numbers: dict[str, int]) -> Page:
    prices = [_price(price, line) for price in line.prices]
    number, unit = wording.quantity(line.quantity, line.unit, line.charge_period)
    one = prices[0] if len(prices) == 1 else {"list": "", "contracted": "", "rated": "", "terms": ""}
    if len(prices) > 1:
        one["rated"] = micro(sum(price.rated for price in line.prices))
    said = [one["terms"], wording.pays(line, numbers)]
    return {
        "number": str(numbers[line.line_id]),
        "site": sites[line.site_id][0],
        "site_en": sites[line.site_id][1],
        "sku": line.sku_id,
        "line_id": line.line_id,
        "tariff": _tariff(line),
        "terms": " · ".join(each for each in said if each),
        "quantity": number,
        "unit": unit,
        **{name: one[name] for name in ("list", "contracted", "rated")},
        "rate": percent(line.tax_rate_ppm),
        "net": yuan(line.net_fen),
        "tax": yuan(line.tax_fen),
        "gross": yuan(line.gross_fen),
        "prices": prices if len(prices) > 1 else [],
    }


def _tariff(row: Line | Part) -> str:
    original = f"原账期 of {row.charge_period} · " if row.correction else ""
    return f"{original}{wording.tariff(row)}"


def _price(price: Price, line: Line) -> dict[str, str]:
    number, unit = wording.quantity(price.quantity, price.unit, line.charge_period)
    return {
        "terms": wording.terms(price, line.kind),
        "quantity": number,
        "unit": unit,
        "list": micro(price.list_price) if price.list_price is not None else "",
        "contracted": micro(price.contracted_price) if price.contracted_price is not None else "",
        "rated": micro(price.rated),
    }


def _part(part: Part, sites: Names) -> Page:
    number, unit = wording.quantity(part.quantity, part.unit, part.charge_period)
    return {
        "role": wording.ROLES[part.role],
        "site": sites[part.site_id][0],
        "site_en": sites[part.site_id][1],
        "sku": part.sku_id,
        "tariff": _tariff(part),
        "rule": part.share_rule,
        "lines": f"{part.lines:,}",
        "quantity": number,
        "unit": unit,
        "sold_net": yuan(part.sold_net_fen),
        "sold_tax": yuan(part.sold_tax_fen),
        "amount": yuan(part.amount_fen),
    }


def _topup(topup: TopUp) -> Page:
    return {
        "role": wording.ROLES[topup.role],
        "rule": topup.share_rule,
        "guaranteed": yuan(topup.guaranteed_fen),
        "earned": yuan(topup.earned_fen),
        "topup": yuan(topup.topup_fen),
    }
