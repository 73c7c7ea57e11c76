"""A statement as an Excel workbook: what the PDF says, and every row behind it with exact quantities and ids.

Amounts are numbers in yuan, exact to the fen or the micro-yuan. Equal statements give equal bytes.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from pipelines.statements import wording
from pipelines.statements.amounts import capitals, percent
from pipelines.statements.content import Party, Section, Statement
from pipelines.workbook import HEAD, Sheets, fit, workbook

MONEY, EXACT_MONEY, AMOUNT, COUNT = "#,##0.00", "#,##0.000000", "#,##0.0000", "#,##0"
A4 = 9
BOLD = {"bold": True}
TO_FILL = {"bg_color": "#FFF8DC", "border": 1}
Row = Sequence[Any]


def write(statement: Statement, key: str) -> bytes:
    """The workbook's bytes; `key` names the statement's content."""
    target = BytesIO()
    with workbook(target, f"{statement.party.party_id} {statement.period}") as sheets:
        _overview(sheets, statement, key)
        numbers = wording.numbered(statement)
        for name, heads, formats, rows in (
            ("明细 Lines", LINE_HEADS, LINE_FORMATS, list(_lines(statement, numbers))),
            ("单价 Prices", PRICE_HEADS, PRICE_FORMATS, list(_prices(statement, numbers))),
            ("分成 Parts", PART_HEADS, PART_FORMATS, list(_parts(statement))),
            ("保底 Top-ups", TOPUP_HEADS, TOPUP_FORMATS, list(_topups(statement))),
        ):
            if rows:
                _table(sheets, name, heads, formats, rows)
    return target.getvalue()


def _fen(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _micro(micro_yuan: int | None) -> Decimal | None:
    return None if micro_yuan is None else Decimal(micro_yuan).scaleb(-6)


def _priced(number: int | None, unit: str | None, period: str) -> tuple[Decimal | None, str]:
    """A quantity in the unit of its price, as the PDF has it."""
    shown, name = wording.quantity(number, unit, period)
    return (Decimal(shown.replace(",", "")) if shown else None), name


def _overview(sheets: Sheets, statement: Statement, key: str) -> None:
    """The first sheet: who, what in all, each section with its invoice fields, how to check."""
    sheet = sheets.book.add_worksheet("结算单 Statement")
    rows = [*_facts(statement), [], POSITION_HEADS, *_positions(statement), [], SECTION_HEADS]
    heads = {rows.index(POSITION_HEADS), len(rows) - 1}
    first_section = len(rows)
    rows += [_section(section) for section in statement.sections]
    rows += [[], *_check(statement, key)]
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            style: dict[str, Any] = dict(HEAD) if number in heads else {}
            if isinstance(value, Decimal):
                style |= {"num_format": MONEY}
            if number not in heads and (column == 0 or number == 0):
                style |= BOLD
            if (
                first_section <= number < first_section + len(statement.sections)
                and column in INVOICE_COLUMNS
            ):
                style |= TO_FILL
            sheets.cell(sheet, number, column, value, style)
    fit(sheet, rows[:first_section])
    _printable(sheet)
    sheet.set_column(0, 0, 30)


def _facts(statement: Statement) -> list[Row]:
    party, net = statement.party, statement.net_fen
    facts: list[Row] = [
        ["结算单 Statement of account", statement.period, wording.state(statement)],
        ["结算方 Party", party.name_zh, party.name_en],
        ["税号 Tax id", party.tax_id, "编号 Party id", party.party_id],
        ["币种 Currency", "人民币元 CNY, yuan"],
        ["付款条件 Terms", wording.payment(statement)],
        [wording.balance(net), _fen(abs(net)), f"人民币{capitals(abs(net))}"],
    ]
    return facts


POSITION_HEADS = [
    "对方 Counterparty",
    "名称",
    "Name",
    "税号 Tax id",
    "应收 Receivable",
    "应付 Payable",
    "净额 Net",
    "到期日 Due",
]


def _positions(statement: Statement) -> list[Row]:
    rows: list[Row] = [
        [
            *_who(each.counterparty),
            _fen(each.receivable_fen),
            _fen(each.payable_fen),
            _fen(each.net_fen),
            each.due_on,
        ]
        for each in statement.positions
    ]
    sums = (
        sum(getattr(each, name) for each in statement.positions)
        for name in ("receivable_fen", "payable_fen", "net_fen")
    )
    return [*rows, ["合计 Total", None, None, None, *map(_fen, sums)]]


def _who(party: Party) -> tuple[str | None, ...]:
    return party.party_id, party.name_zh, party.name_en, party.tax_id


SECTION_HEADS = [
    "方向 Direction", "对方 Counterparty", "名称", "Name", "税号 Tax id", "行数 Rows", "金额 Net", "税额 Tax",
    "价税合计 Gross", "大写 In capitals", "发票号码 Invoice no.", "红字发票所冲 Red invoice of",
]  # fmt: skip
INVOICE_COLUMNS = (10, 11)


def _section(section: Section) -> Row:
    sums = (_fen(each) for each in (section.net_fen, section.tax_fen, section.gross_fen))
    numbers = (
        "、".join(sorted({number for number in column if number})) or None
        for column in (
            [line.invoice_no for line in section.lines],
            [line.red_invoice_of for line in section.lines],
        )
    )
    direction = wording.DIRECTIONS[section.direction]
    return [
        direction,
        *_who(section.counterparty),
        section.count,
        *sums,
        f"人民币{capitals(section.gross_fen)}",
        *numbers,
    ]


def _check(statement: Statement, key: str) -> list[Row]:
    rows: list[Row] = [["如何核对 How to check"], ["证明命令 Proof", wording.proof(statement)]]
    closed = statement.closed
    if closed:
        rows += [
            ["结算行 Merkle 根 Root of lines", closed.lines_root],
            ["账包 Close pack sha256", closed.pack_sha256],
            ["截止 As known at", closed.cutoff],
            ["提出 / 批准 Proposed / approved", closed.proposed_by, closed.approved_by],
        ]
    return [*rows, ["内容 Content sha256", key]]


LINE_HEADS = [
    "行 No.", "方向 Direction", "对方 Counterparty", "类别 Group", "节点 Site", "节点名称", "Site name",
    "计费项 SKU", "资费 Tariff", "所属账期 Charge period", "用量（精确）Quantity, exact", "单位 Unit",
    "用量 Quantity", "计价单位 Price unit", "税率 Tax rate", "金额 Net", "税额 Tax", "价税合计 Gross",
    "算力券 Voucher", "发票号码 Invoice no.", "红字发票所冲 Red invoice of", "行标识 Line id",
    "计费明细（举一）A charge", "分成规则 Share rule", "自 From",
]  # fmt: skip
LINE_FORMATS = {10: COUNT, 12: AMOUNT, 15: MONEY, 16: MONEY, 17: MONEY}


def _lines(statement: Statement, numbers: dict[str, int]) -> Iterable[Row]:
    sites = {site: (zh, en) for site, zh, en in statement.sites}
    for section in statement.sections:
        for group, lines in wording.grouped(section.lines):
            for line in lines:
                yield [
                    numbers[line.line_id], wording.DIRECTIONS[section.direction], section.counterparty.party_id,
                    wording.GROUPS[group], line.site_id, *sites[line.site_id], line.sku_id, wording.tariff(line),
                    line.charge_period, line.quantity, line.unit,
                    *_priced(line.quantity, line.unit, line.charge_period), percent(line.tax_rate_ppm),
                    _fen(line.net_fen), _fen(line.tax_fen), _fen(line.gross_fen), wording.pays(line, numbers),
                    line.invoice_no, line.red_invoice_of, line.line_id, line.charge_id,
                    line.share_rule, line.share_valid_from,
                ]  # fmt: skip


PRICE_HEADS = [
    "行 No.", "计费项 SKU", "条款 Terms", "用量（精确）Quantity, exact", "单位 Unit", "用量 Quantity",
    "计价单位 Price unit", "目录单价 List price", "合同单价 Contracted price",
    "计费额（税前）Rated, before tax", "行标识 Line id",
]  # fmt: skip
PRICE_FORMATS = {3: COUNT, 5: AMOUNT, 7: EXACT_MONEY, 8: EXACT_MONEY, 9: EXACT_MONEY}


def _prices(statement: Statement, numbers: dict[str, int]) -> Iterable[Row]:
    for section in statement.sections:
        for _, lines in wording.grouped(section.lines):
            for line in lines:
                for price in line.prices:
                    yield [
                        numbers[line.line_id], line.sku_id, wording.terms(price, line.kind), price.quantity, price.unit,
                        *_priced(price.quantity, price.unit, line.charge_period), _micro(price.list_price),
                        _micro(price.contracted_price), _micro(price.rated), line.line_id,
                    ]  # fmt: skip


PART_HEADS = [
    "方向 Direction", "对方 Counterparty", "类别 Group", "角色 Role", "节点 Site", "节点名称", "Site name",
    "计费项 SKU", "资费 Tariff", "分成规则 Share rule", "所属账期 Charge period", "行数 Lines",
    "用量（精确）Quantity, exact", "单位 Unit", "用量 Quantity", "计价单位 Price unit", "所售金额 Sold, net",
    "所售税额 Sold, tax", "分得 Part", "计费明细（举一）A charge",
]  # fmt: skip
PART_FORMATS = {11: COUNT, 12: COUNT, 14: AMOUNT, 16: MONEY, 17: MONEY, 18: MONEY}


def _parts(statement: Statement) -> Iterable[Row]:
    sites = {site: (zh, en) for site, zh, en in statement.sites}
    for section in statement.sections:
        for group, parts in wording.grouped(section.parts):
            for part in parts:
                yield [
                    wording.DIRECTIONS[section.direction], section.counterparty.party_id, wording.GROUPS[group],
                    wording.ROLES[part.role], part.site_id, *sites[part.site_id], part.sku_id, wording.tariff(part),
                    part.share_rule, part.charge_period, part.lines, part.quantity, part.unit,
                    *_priced(part.quantity, part.unit, part.charge_period), _fen(part.sold_net_fen),
                    _fen(part.sold_tax_fen), _fen(part.amount_fen), part.charge_id,
                ]  # fmt: skip


TOPUP_HEADS = [
    "方向 Direction", "对方 Counterparty", "角色 Role", "分成规则 Share rule", "保底 Guaranteed", "已得 Earned",
    "补差 Top-up",
]  # fmt: skip
TOPUP_FORMATS = {4: MONEY, 5: MONEY, 6: MONEY}


def _topups(statement: Statement) -> Iterable[Row]:
    for section in statement.sections:
        for topup in section.topups:
            amounts = (topup.guaranteed_fen, topup.earned_fen, topup.topup_fen)
            direction = wording.DIRECTIONS[section.direction]
            named = (section.counterparty.party_id, wording.ROLES[topup.role], topup.share_rule)
            yield [direction, *named, *map(_fen, amounts)]


def _table(sheets: Sheets, name: str, heads: Row, formats: dict[int, str], rows: Sequence[Row]) -> None:
    """A sheet of rows with their numbers as money, quantities or counts."""
    sheet = sheets.book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for column, head in enumerate(heads):
        sheets.cell(sheet, 0, column, head, HEAD)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            style = {"num_format": formats[column]} if column in formats else {}
            sheets.cell(sheet, number, column, value, style)
    fit(sheet, [heads, *rows])
    sheet.repeat_rows(0)
    _printable(sheet)


def _printable(sheet: Any) -> None:
    """Prints on A4, landscape, as wide as a page, with page numbers."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&P / &N")
