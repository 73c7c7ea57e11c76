"""Why a row was rejected, in English and Chinese, for the people who sent it.

Belongs here: the wording of every rule of a contract. Does not belong here: judging rows (rules.py), the
formats' own rules (each format brings its texts).
"""

from __future__ import annotations

from collections.abc import Mapping

from data_contracts.contract import Column, Contract
from data_contracts.dictionary import Text, bound_text

_TYPES = {
    "integer": Text("is not a whole number within 64 bits", "不是 64 位以内的整数"),
    "decimal": Text("is not a number with at most {scale} decimals", "不是至多 {scale} 位小数的数值"),
    "timestamp": Text(
        "is not a time with zone such as 2026-03-01T08:00:00+08:00",
        "不是带时区的时间（如 2026-03-01T08:00:00+08:00）",
    ),
    "date": Text("is not a date such as 2026-03-01", "不是日期（如 2026-03-01）"),
    "boolean": Text("is neither true nor false", "既不是 true 也不是 false"),
    "number": Text("is not a number", "不是数值"),
}
_KINDS = {
    "required": Text("is missing", "缺失"),
    "pattern": Text("does not have the agreed form: {form.en}", "不符合约定格式：{form.zh}"),
    "code": Text("is none of the agreed codes: {codes}", "不在约定代码之内：{codes}"),
    "length": Text("is longer than {length} characters", "超过 {length} 个字符"),
}


def rule_text(contract: Contract, rule: str, extra: Mapping[str, tuple[str, str]] | None = None) -> Text:
    """The reason text (en, zh) of a rule; `extra` holds the format's own. KeyError for an unknown rule."""
    if extra and rule in extra:
        return Text(*extra[rule])
    subject, _, kind = rule.rpartition(".")
    texts = {item.name: item.text for item in contract.row_rules}
    return texts[kind] if subject == "row" else _column_text(contract.column(subject), kind)


def _column_text(column: Column, kind: str) -> Text:
    said = {
        "scale": column.scale,
        "form": column.form,
        "codes": ", ".join(column.codes),
        "length": column.max_length,
    }
    match kind:
        case "type":
            text = _TYPES[column.type]
        case "range":
            text = _range_text(column)
        case _:
            text = _KINDS[kind]
    en, zh = text.en.format(**said), text.zh.format(**said)
    return Text(f"{column.name_en} ({column.name}) {en}.", f"{column.name_zh}（{column.name}）{zh}。")


def _range_text(column: Column) -> Text:
    low, high = bound_text(column.min), bound_text(column.max)
    if column.max is None:
        return Text(f"is below {low}", f"小于 {low}")
    if column.min is None:
        return Text(f"is above {high}", f"大于 {high}")
    return Text(f"is outside {low} to {high}", f"超出范围 {low} 至 {high}")
