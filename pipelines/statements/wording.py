"""The words of a statement, in Chinese and English on one document, and which rows stand together. No sums here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from data_contracts.contract import load_contract
from pipelines.home import month_bounds
from pipelines.statements.amounts import scaled
from pipelines.statements.content import Line, Part, Price, Statement

QUANTITY_DECIMALS = 4


@dataclass(frozen=True)
class Unit:
    """The unit in which a quantity is priced: how many of the smallest are one, or one a day of the month."""

    name: str
    smallest: int
    of_month: bool = False


UNITS = {
    "core-second": Unit("核时 core-h", 3_600),
    "milli-card-second": Unit("卡时 card-h", 3_600_000),
    "slice-second": Unit("切片时 slice-h", 3_600),
    "GFLOPS-milli-second": Unit("P时 PFLOPS-h", 3_600_000_000_000),
    "instance-second": Unit("实例时 inst-h", 3_600),
    "byte-day": Unit("GB·月 GB-mo", 1_000_000_000, of_month=True),
    "byte": Unit("GB", 1_000_000_000),
    "Mbps-day": Unit("Mbps·月 Mbps-mo", 1, of_month=True),
    "micro-CNY": Unit("元 CNY", 1_000_000),
    "nano-unit": Unit("转售单位 unit", 1_000_000_000),
}
DIRECTIONS = {"payable": "应付 Payable", "receivable": "应收 Receivable"}
ROLES = {
    "tax": "税款 Tax",
    "provider": "算力提供方 Provider",
    "operator": "节点运营方 Site operator",
    "network_operator": "网络运营方 Network operator",
}
GROUPS = {
    "sale": "本期计费 Charges of the period",
    "sla_credit": "服务等级赔付 Service level credits",
    "voucher": "算力券抵扣 Paid by compute vouchers",
    "correction": "以前账期更正 Corrections of earlier periods",
}
TOPUP = "保底补差 Guarantee top-ups"
MODELS = {"graduated": "分段阶梯 tier", "volume": "总量阶梯 volume tier", "spot": "竞价 spot"}
NO_TAX_ID = "—"


def quantity(number: int | None, unit: str | None, charge_period: str) -> tuple[str, str]:
    """A quantity in the unit of its price, half up at four decimals, and that unit; empty where nothing is counted."""
    if number is None or unit is None:
        return "", ""
    said = UNITS[unit]
    days = (month_bounds(charge_period)[1] - month_bounds(charge_period)[0]).days if said.of_month else 1
    return scaled(number, said.smallest * days, QUANTITY_DECIMALS), said.name


def terms(price: Price, kind: str) -> str:
    """What a price is of: fee or credit, tier, window, service, what covers it, with or without tax."""
    said = ["费用 fee"] if price.category == "Purchase" else ["赔付 credit"] if kind == "sla_credit" else []
    if price.price_model in MODELS:
        band = "" if price.band_from is None else f" ≥ {price.band_from:,}"
        said.append(f"{MODELS[price.price_model]}{band}")
    if price.window and price.window != "00-24":
        kind, _, hours = price.window.rpartition(".")
        days = {"workday": "工作日 workdays ", "restday": "休息日 rest days ", "": ""}[kind]
        said.append(f"{days}{hours.replace('-', '–')} 时 h")
    if price.qos:
        said.append(f"QOS {price.qos}")
    if price.coverage:
        said.append(f"{_covered()[price.coverage]} {price.coverage.replace('_', ' ')}")
    if price.contract_id:
        said.append(f"合同 contract {price.contract_id}")
    if price.tax_included is not None and price.category == "Usage":
        said.append("含税价 incl. tax" if price.tax_included else "不含税价 excl. tax")
    return " · ".join(said)


@cache
def _covered() -> dict[str, str]:
    """What covers usage, in Chinese, as the contract says it."""
    (column,) = (each for each in load_contract("charges").columns if each.name == "coverage")
    return {code: text.zh for code, text in column.code_texts.items()}


def tariff(row: Line | Part) -> str:
    """The price list that a row was rated by."""
    return f"{row.tariff_id} {row.tariff_version}" if row.tariff_id else row.tariff_version


def group_of(row: Line | Part) -> str:
    """Under which heading a row stands: corrections of earlier periods apart, whatever they correct."""
    return "correction" if row.correction else row.kind


def grouped(rows: Sequence[Any]) -> Iterable[tuple[str, list[Any]]]:
    """Rows by heading, in the order of the headings; only those that there are."""
    for group in GROUPS:
        of = [row for row in rows if group_of(row) == group]
        if of:
            yield group, of


def numbered(statement: Statement) -> dict[str, int]:
    """The number of each line on its statement, from 1, as it is printed."""
    ordered = [
        line.line_id
        for section in statement.sections
        for _, lines in grouped(section.lines)
        for line in lines
    ]
    return {line_id: number for number, line_id in enumerate(ordered, 1)}


def pays(line: Line, numbers: dict[str, int]) -> str:
    """What a voucher's line says of what it pays; empty for other lines."""
    if line.pays_line_id is None:
        return ""
    voucher = f"券 voucher {line.voucher_id} · " if line.voucher_id else ""
    number = numbers.get(line.pays_line_id)
    what = f"第 {number} 行 line {number}" if number else f"行 line {line.pays_line_id}"
    return f"{voucher}抵扣 pays {what}"


def state(statement: Statement) -> str:
    """Whether the statement may still change."""
    return "已关账 Closed" if statement.closed else "草稿 Draft"


def balance(fen: int) -> str:
    """Which way a net position goes."""
    return (
        "应收净额 Net receivable"
        if fen > 0
        else "应付净额 Net payable"
        if fen < 0
        else "两清 Nothing to settle"
    )


def payment(statement: Statement) -> str:
    """By when the positions are to be paid; where terms are many, the table of positions has the days."""
    terms = {(each.due_on, each.payment_days) for each in statement.positions if each.due_on}
    if len(terms) > 2:
        return "各方不同，见下表 see the table below"
    said = [
        f"{due} 前付清 by this day" + ("" if days is None else f"（期末后 {days} 天 days after the period）")
        for due, days in sorted(terms, key=str)
    ]
    return "；".join(said) or NO_TAX_ID


def proof(statement: Statement) -> str:
    """The command that proves a charge of the statement, or why there is none yet."""
    if statement.closed is None:
        return "草稿可能变化，关账后可证明。A draft may change; it can be proved once the period is closed."
    if statement.charge_id is None:
        return "无计费明细，以账包 guarantee_topups 为据。No charges: the pack's guarantee_topups is the evidence."
    return f"suanzhang prove {statement.charge_id} --pack close_packs/{statement.period}"
