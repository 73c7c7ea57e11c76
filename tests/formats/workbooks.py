"""Excel workbooks as tests need them, written by hand: the same cells give the same bytes.

A cell is text, a number, a Boolean, a date or datetime, None, or `Cell` for what Excel stores beyond that.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001
_NS = "http://schemas.openxmlformats.org/"
_MAIN, _REL = _NS + "spreadsheetml/2006/main", _NS + "officeDocument/2006/relationships"
_DATE_STYLE, _TIME_STYLE = 1, 2
_PACKAGE = _NS + "package/2006/"
_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_DEFAULTS = (
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
)
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3">'
    '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
)


@dataclass(frozen=True)
class Cell:
    """A cell as XML has it: its type (`e` is an error), its value, its formula."""

    kind: str
    value: str
    formula: str = ""


def workbook(
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    hidden: Sequence[str] = (),
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """The bytes of an .xlsx file; `extra` are further or other parts by name."""
    listed, related, overrides = "", "", ""
    for number, name in enumerate(sheets, 1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"{state}/>'
        related += _related(number, "worksheet", f"worksheets/sheet{number}.xml")
        overrides += (
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_OFFICE}worksheet+xml"/>'
        )
    related += _related(999, "styles", "styles.xml")
    top = _related(1, "officeDocument", "xl/workbook.xml")
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}content-types">{_DEFAULTS}{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}relationships">{top}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}relationships">{related}</Relationships>',
        "xl/styles.xml": _STYLES,
    } | {f"xl/worksheets/sheet{number}.xml": _sheet(rows) for number, rows in enumerate(sheets.values(), 1)}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (parts | dict(extra or {})).items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _related(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_REL}/{kind}" Target="{target}"/>'


def _sheet(rows: Sequence[Sequence[Any]]) -> str:
    data = "".join(
        f'<row r="{number}">{"".join(_cell(value, _reference(place, number)) for place, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData></worksheet>'


def _reference(column: int, row: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def _cell(value: Any, place: str) -> str:
    match value:
        case None:
            return ""
        case Cell():
            formula = f"<f>{escape(value.formula)}</f>" if value.formula else ""
            return f'<c r="{place}" t="{value.kind}">{formula}<v>{escape(value.value)}</v></c>'
        case bool():
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        case int() | float() | Decimal():
            return f'<c r="{place}"><v>{value}</v></c>'
        case datetime():
            serial = Decimal((value - _ZERO).days) + Decimal((value - _ZERO).seconds) / 86400
            return f'<c r="{place}" s="{_TIME_STYLE}"><v>{serial}</v></c>'
        case date():
            return f'<c r="{place}" s="{_DATE_STYLE}"><v>{value.toordinal() - _ZERO.toordinal()}</v></c>'
        case _:
            return (
                f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'
            )
