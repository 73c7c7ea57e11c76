"""Documentation pages from contracts, in English and Chinese.

Belongs here: how a contract reads as a page. Does not belong here: what it says (elements/, datasets/).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data_contracts.contract import Column, Contract, load_contracts, system_columns
from data_contracts.dictionary import Text, bound_text

_TYPES = {
    "string": "string 字符串",
    "integer": "integer 整数",
    "decimal": "decimal 定点小数",
    "timestamp": "timestamp (UTC) 时刻",
    "date": "date 日期",
    "boolean": "boolean 布尔",
    "number": "number 浮点数",
}
_SENSITIVITIES = {
    "public": "public 公开",
    "internal": "internal 内部",
    "confidential": "confidential 保密",
    "personal": "personal 个人信息",
}
_GROUPS = {
    "input": Text("Input datasets", "输入数据集"),
    "utilisation": Text("Published: utilisation", "发布：利用"),
    "settlement": Text("Published: settlement", "发布：结算"),
    "focus": Text("Published: FOCUS 1.4", "发布：FOCUS 1.4"),
    "quality": Text("Published: quality", "发布：质量"),
}
_SERVICE_LEVELS = {"frequency": "frequency 频率", "latency": "latency 时延"}
_UNITS = {"d": "day 日", "month": "month 月"}


def doc_files(marker: str) -> dict[str, str]:
    """Repository paths and texts of the generated pages: one per dataset and an index."""
    contracts = load_contracts()
    pages = {f"docs/data/{contract.name}.md": _page(contract, marker) for contract in contracts}
    return {"docs/data/index.md": _index(contracts, marker), **pages}


def release_pages() -> dict[str, str]:
    """File names and texts of the pages that go with a release: one per published table and an index."""
    marker = "From the data contracts of this release."
    contracts = load_contracts("published")
    pages = {f"{contract.name}.md": _page(contract, marker) for contract in contracts}
    return {"index.md": _index(contracts, marker), **pages}


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


def _index(contracts: Sequence[Contract], marker: str) -> str:
    lines = [f"<!-- {marker} -->", "", "# Datasets · 数据集", ""]
    for group, title in _GROUPS.items():
        if not any((each.group or each.kind) == group for each in contracts):
            continue
        lines += [f"## {title.en} · {title.zh}", "", "| Dataset 数据集 | One row 一行 |", "| --- | --- |"]
        chosen = [each for each in contracts if (each.group or each.kind) == group]
        lines += [
            f"| [{each.name}]({each.name}.md)<br>{each.title.en} {each.title.zh} | {_both(each.granularity)} |"
            for each in chosen
        ]
        lines.append("")
    if any(each.kind == "input" for each in contracts):
        lines += ["## Columns of every input row · 每条入库记录的系统列", "", *_columns(system_columns())]
    return _joined(lines)


def _page(contract: Contract, marker: str) -> str:
    sections = [
        [f"<!-- {marker} -->", "", f"# {contract.name}: {contract.title.en} · {contract.title.zh}"],
        [contract.granularity.en, "", contract.granularity.zh],
        list(_facts(contract)),
        ["## Columns · 列", "", *_columns(contract.columns)],
        *(
            [["## Codes · 代码", "", *_codes(contract)]]
            if any(column.codes for column in contract.columns)
            else []
        ),
        *([["## Rules over a row · 行规则", "", *_row_rules(contract)]] if contract.row_rules else []),
    ]
    return _joined("\n\n".join("\n".join(section) for section in sections).split("\n"))


def _facts(contract: Contract) -> Iterator[str]:
    group = _GROUPS[contract.group or contract.kind]
    yield f"- Contract 契约: `data_contracts/datasets/{contract.name}.odcs.yaml`, version 版本 {contract.version}"
    yield f"- Kind 类别: {group.en} · {group.zh}"
    yield f"- Natural key 自然键: {', '.join(f'`{name}`' for name in contract.key)}"
    yield f"- Readers 可读角色: {', '.join(contract.roles)}"
    if contract.tenant_column:
        yield f"- A tenant sees its own rows by 租户仅可见本方的行，依据: `{contract.tenant_column}`"
    for level in contract.sla:
        name = _SERVICE_LEVELS.get(level["property"], level["property"])
        yield f"- Service level 服务水平: {name} {level['value']} {_UNITS.get(level['unit'], level['unit'])}"
    if contract.control_sum:
        counted = (
            f", counting rows where 计入条件: `{contract.control_filter}`" if contract.control_filter else ""
        )
        yield (
            f"- Declared totals 申报总数: Σ `{contract.control_sum}` by business day of 按营业日 "
            f"`{contract.control_day}`{counted}"
        )


def _columns(columns: Sequence[Column]) -> Iterator[str]:
    yield "| Column 列 | Type 类型 | Must 必填 | Domain 值域 | Sensitivity 敏感级别 | Meaning 含义 |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for column in columns:
        must = "key 主键" if column.key_position else "yes 是" if column.required else ""
        meaning = f"{column.name_en}: {column.definition_en}<br>{column.name_zh}：{column.definition_zh}"
        cells = [
            f"`{column.name}`",
            _type(column),
            must,
            _domain(column),
            _SENSITIVITIES[column.sensitivity],
            meaning,
        ]
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _type(column: Column) -> str:
    scale = f"({column.scale})" if column.type == "decimal" else ""
    unit = f"<br>`{column.unit}`" if column.unit else ""
    return f"{_TYPES[column.type]}{scale}{unit}"


def _domain(column: Column) -> str:
    low, high = bound_text(column.min), bound_text(column.max)
    parts = []
    if column.codes:
        parts.append("codes below 见下列代码")
    if column.min is not None and column.max is not None:
        parts.append(f"{low} … {high}")
    elif column.min is not None:
        parts.append(f"≥ {low}")
    elif column.max is not None:
        parts.append(f"≤ {high}")
    if column.form:
        parts.append(_both(column.form))
    if column.max_length:
        parts.append(f"≤ {column.max_length} characters 字符")
    return "<br>".join(parts)


def _codes(contract: Contract) -> Iterator[str]:
    yield "| Column 列 | Code 代码 | Meaning 含义 |"
    yield "| --- | --- | --- |"
    for column in contract.columns:
        for code, text in column.code_texts.items():
            yield f"| `{column.name}` | `{code}` | {_both(text)} |"


def _row_rules(contract: Contract) -> Iterator[str]:
    yield "| Rule 规则 | Broken 违反时 | Condition 条件 |"
    yield "| --- | --- | --- |"
    for rule in contract.row_rules:
        effect = "rejects 拒绝" if rule.severity == "error" else "labels 仅标注"
        yield f"| `row.{rule.name}`<br>{_both(rule.text)} | {effect} | `{rule.sql}` |"


def _both(text: Text) -> str:
    return f"{text.en}<br>{text.zh}"
