"""What a table can be held against, and the options that it can be read with."""

from collections.abc import Iterator, Mapping

from data_contracts.contract import load_contracts
from pipelines.formats.base import Texts
from pipelines.formats.csv_records import RULES as CSV_RULES

_FILE: Mapping[str, Texts] = {
    "file.workbook": (
        "The file is no Excel workbook that can be opened (.xlsx, .xlsm or .xls); it is damaged or of another kind.",
        "该文件不是可打开的 Excel 工作簿（.xlsx、.xlsm 或 .xls），已损坏或为其他类型。",
    ),
    "file.encrypted": (
        "The workbook is protected by a password; send it without one.",
        "该工作簿受密码保护，请取消密码后重新发送。",
    ),
    "file.too_large": (
        "The workbook is larger unpacked than a table may be: 512 MiB, or 5 million cells from the first to the last.",
        "该工作簿解压后超过上限：512 MiB，或首尾单元格之间超过 500 万格。",
    ),
    "file.sheet": (
        "No sheet of the workbook begins with the header that this dataset has.",
        "工作簿中没有一张工作表以该数据集应有的表头开始。",
    ),
}
_COLUMN: Mapping[str, Texts] = {
    "error_cell": (
        "The cell in column {0} holds an Excel error such as #REF! or #N/A.",
        "{0} 列的单元格是 Excel 错误值（如 #REF! 或 #N/A）。",
    ),
    "digits": (
        "The number in column {0} has more digits than Excel keeps; format the cell as text and type it again.",
        "{0} 列的数字超过 Excel 可保留的位数，请将单元格设为文本后重新填写。",
    ),
}
_TIMES: Mapping[str, Texts] = {
    "unreadable": (
        "The time in column {0} is not in a form such as 2026-03-01 08:00:00, 2026/3/1 8:00 or 2026-03-01T08:00:00Z.",
        "{0} 列的时间不是 2026-03-01 08:00:00、2026年3月1日 8:00 或 2026-03-01T08:00:00Z 这样的形式。",
    ),
    "nonexistent": (
        "The time in column {0} does not exist in the sender's zone: a clock change skips it.",
        "{0} 列的时间在发送方时区中不存在（被夏令时跳过）。",
    ),
}
OPTIONS = {
    "time_zone": "the zone of times without an offset, if it is not the source's",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no comma: tab, semicolon or one character",
    "sheet": "the sheet of a workbook to read; without it all visible ones whose header fits",
}


class _Rules(Mapping[str, Texts]):
    """The rules of CSV, of workbooks and, for every column of any contract, those of its cells and times."""

    def __getitem__(self, rule: str) -> Texts:
        if rule in CSV_RULES or rule in _FILE:
            return CSV_RULES[rule] if rule in CSV_RULES else _FILE[rule]
        column, _, kind = rule.rpartition(".")
        en, zh = self._kinds().get(column, {})[kind]
        return en.format(column), zh.format(column)

    def __iter__(self) -> Iterator[str]:
        yield from CSV_RULES
        yield from _FILE
        yield from (f"{column}.{kind}" for column, kinds in self._kinds().items() for kind in kinds)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @staticmethod
    def _kinds() -> dict[str, dict[str, Texts]]:
        """The rules of each column's own, by their kind."""
        found: dict[str, dict[str, Texts]] = {}
        for contract in load_contracts("input"):
            for column in contract.columns:
                kinds = found.setdefault(column.name, dict(_COLUMN))
                kinds.update(_TIMES if column.type == "timestamp" else {})
        return dict(sorted(found.items()))


RULES = _Rules()
