"""A statement read back from its PDF and its workbook: sums, what stands apart, marks, odd texts, the same bytes."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from data_contracts.contract import load_contract
from pipelines.errors import Finding
from pipelines.statements import pdf, wording, xlsx
from pipelines.statements.content import Party, Statement
from pipelines.statements.font import has
from pipelines.statements.gathering import opened
from pipelines.statements.pdf import Printer, page
from tests.statements.release import (
    CREDIT,
    DEBTS,
    ISSUER,
    NETWORK,
    PACK,
    PERIOD,
    PROVIDER,
    ROOT,
    SALE,
    TAX,
    TENANT,
    USAGE,
    rows,
    write,
)

KEY = "0" * 64
PARTIES = sorted({party for debtor, creditor, *_ in DEBTS for party in (debtor, creditor)})
ALL = {"draft": False, "closed": True}


def read(folder: Path, closed: bool) -> dict[str, Statement]:
    with opened(write(folder, closed), folder / "packs") as books:
        assert books.parties(PERIOD) == PARTIES
        return {each.party.party_id: each for each in books.statements(PERIOD, PARTIES)}


@pytest.fixture(scope="module", params=list(ALL))
def statements(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Statement]:
    """Everybody's statement of a draft month, and of the same month when it is closed."""
    return read(tmp_path_factory.mktemp("books"), ALL[request.param])


@pytest.fixture(scope="module")
def printer() -> Printer:
    return Printer()


def sheets(content: bytes, folder: Path) -> dict[str, list[list[Any]]]:
    path = folder / "statement.xlsx"
    path.write_bytes(content)
    book = CalamineWorkbook.from_path(str(path))
    return {name.split(" ")[-1]: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def text(content: bytes, folder: Path) -> str:
    """What a PDF says, in reading order. Skips where pdftotext (poppler-utils) is not installed."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (Debian: poppler-utils)")
    path = folder / "statement.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def column(table: list[list[Any]], head: str) -> list[Any]:
    (index,) = (number for number, name in enumerate(table[0]) if name.endswith(head))
    return [row[index] for row in table[1:]]


def fen(amounts: list[Any]) -> int:
    return sum(round(amount * 100) for amount in amounts)


@pytest.mark.parametrize("party", PARTIES)
def test_the_workbooks_rows_come_to_the_published_sums(
    statements: dict[str, Statement], party: str, tmp_path: Path
) -> None:
    read_back = sheets(xlsx.write(statements[party], KEY), tmp_path)
    amounts = {"Gross": ("Lines", 1), "Part": ("Parts", 1), "Top-up": ("Top-ups", 1)}
    found: dict[str, int] = {}
    for head, (sheet, _) in amounts.items():
        table = read_back.get(sheet, [[head, "Direction"]])
        for way, amount in zip(column(table, "Direction"), column(table, head), strict=True):
            found[way] = found.get(way, 0) + round(amount * 100)
    published = {"应收 Receivable": 0, "应付 Payable": 0}
    for row in rows(closed=False)["settlement_positions"]:
        if row["party_id"] == party:
            published["应收 Receivable"] += row["receivable_fen"]
            published["应付 Payable"] += row["payable_fen"]
    assert found == {way: sum_fen for way, sum_fen in published.items() if sum_fen}


@pytest.mark.parametrize("party", PARTIES)
def test_the_pdf_says_every_sum_in_figures_and_capitals(
    statements: dict[str, Statement], printer: Printer, party: str, tmp_path: Path
) -> None:
    said = text(printer.print(statements[party], KEY), tmp_path)
    wanted = {
        TENANT: ["87.00", "8.22", "95.22", "玖拾伍元贰角贰分"],
        ISSUER: ["50.00", "伍拾元整"],
        PROVIDER: ["116.00", "-8.00", "1.60", "90.40", "200.00", "贰佰元整"],
        NETWORK: ["145.22", "221.92", "-76.70", "柒拾陆元柒角整"],
        TAX: ["8.70", "-0.60", "0.12", "8.22", "捌元贰角贰分"],
    }
    for each in wanted.get(party, ["13.70", "壹拾叁元柒角整"]):
        assert each in said, each


def test_credits_vouchers_and_corrections_stand_apart(
    statements: dict[str, Statement], tmp_path: Path
) -> None:
    (section,) = page(statements[TENANT], KEY)["sections"]
    said = [(group["title"].split(" ")[0], group["total"][1:]) for group in section["groups"]]
    assert said == [
        ("本期计费", ["145.00", "8.70", "153.70"]),
        ("服务等级赔付", ["-10.00", "-0.60", "-10.60"]),
        ("算力券抵扣", ["-50.00", "0.00", "-50.00"]),
        ("以前账期更正", ["2.00", "0.12", "2.12"]),
    ]
    sale, credit, voucher, correction = (group["rows"][0] for group in section["groups"])
    assert [price["terms"] for price in sale["prices"]] == [
        "分段阶梯 tier ≥ 0 · 不含税价 excl. tax",
        "分段阶梯 tier ≥ 1,000 · 不含税价 excl. tax",
    ]
    assert (sale["quantity"], sale["unit"], sale["rated"]) == ("1,500.0000", "核时 core-h", "145.000000")
    assert credit["terms"] == "赔付 credit · 合同 contract sla-1"
    assert voucher["terms"] == "券 voucher v-0001 · 抵扣 pays 第 1 行 line 1"
    assert correction["tariff"] == "原账期 of 2026-09 · std v1"
    table = sheets(xlsx.write(statements[TENANT], KEY), tmp_path)["Lines"]
    assert column(table, "Charge period") == [PERIOD, PERIOD, PERIOD, "2026-09"]


def test_a_draft_says_so_across_each_page_and_a_closed_statement_how_to_check_it(
    statements: dict[str, Statement], printer: Printer, tmp_path: Path
) -> None:
    statement = statements[TENANT]
    said = text(printer.print(statement, KEY), tmp_path)
    overview = [cell for row in sheets(xlsx.write(statement, KEY), tmp_path)["Statement"] for cell in row]
    command = f"suanzhang prove {USAGE} --pack close_packs/{PERIOD}"
    if statement.closed is None:
        assert said.count("草稿\nDRAFT\n") == said.count("\f") == 2
        assert command not in said
        assert "草稿 Draft" in overview
    else:
        assert "草稿" not in said
        assert all(each in said for each in (ROOT, PACK, command, "Li Ming / Wang Fang"))
        assert {ROOT, PACK, command} <= {*overview}


def test_pages_are_numbered_and_headings_come_again(printer: Printer, tmp_path: Path) -> None:
    tenant = read(tmp_path, closed=True)[TENANT]
    (section,) = tenant.sections
    many = tuple(replace(section.lines[0], line_id=f"{number:032x}") for number in range(60))
    sums = {"count": 60, "net_fen": 60 * 14_500, "tax_fen": 60 * 870, "gross_fen": 60 * 15_370}
    long = replace(tenant, sections=(replace(section, lines=many, **sums),))
    pages = text(printer.print(long, KEY), tmp_path).split("\f")[:-1]
    assert len(pages) > 3
    for number, said in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in said
    assert all("计费额（税前）" in said for said in pages[:-1])


def test_terms_of_payment_are_said_with_their_day(statements: dict[str, Statement]) -> None:
    facts = {zh: value for zh, _, value in page(statements[TENANT], KEY)["facts"]}
    assert facts["付款条件"] == "2026-11-30 前付清 by this day（期末后 30 天 days after the period）"


def test_names_are_those_of_the_periods_last_day(statements: dict[str, Statement]) -> None:
    assert statements[TENANT].party.name_zh == "=河畔科创园"


def test_texts_that_begin_like_formulas_are_inert(statements: dict[str, Statement], tmp_path: Path) -> None:
    from zipfile import ZipFile

    path = tmp_path / "statement.xlsx"
    path.write_bytes(xlsx.write(statements[TENANT], KEY))
    with ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")}
    assert not any("<f>" in part for part in parts.values())
    assert 'quotePrefix="1"' in parts["xl/styles.xml"]
    overview = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert overview[1][:3] == ["结算方 Party", "=河畔科创园", "@Riverside Park"]


def test_the_same_statement_gives_the_same_bytes(statements: dict[str, Statement], printer: Printer) -> None:
    for statement in statements.values():
        assert printer.print(statement, KEY) == Printer().print(statement, KEY)
        assert xlsx.write(statement, KEY) == xlsx.write(statement, KEY)


def test_a_character_that_the_font_lacks_is_written_as_its_code_and_said(
    statements: dict[str, Statement], printer: Printer, tmp_path: Path
) -> None:
    odd = replace(statements[TENANT], party=Party(TENANT, "𠮷野🚀园\n", "Rocket", None))
    said = page(odd, KEY)
    assert said["party"]["name_zh"] == "𠮷野[U+1F680]园\\n"
    assert "The font lacks U+1F680" in said["notes"][-1]
    assert "[U+1F680]" in text(printer.print(odd, KEY), tmp_path)
    assert "🚀" in str(sheets(xlsx.write(odd, KEY), tmp_path)["Statement"][1])


def test_the_font_has_every_character_of_the_template_and_of_the_words() -> None:
    labels = [pdf.TEMPLATE.read_text(encoding="utf-8"), Path(wording.__file__).read_text(encoding="utf-8")]
    labels.append(Path(pdf.__file__).read_text(encoding="utf-8"))
    assert sorted(each for each in {*"".join(labels)} - {"\n"} if not has(each)) == []


def test_the_font_has_the_characters_of_gb2312_and_of_rare_names() -> None:
    codes = (bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    gb2312 = [code.decode("gb2312", "ignore") for code in codes]
    assert len([each for each in gb2312 if each]) == 6_763
    assert all(map(has, "".join(gb2312)))
    assert all(map(has, "㬎䶮喆堃淼犇翀赟镕𠅤𡐓𣗋𤩽𥔲𦈡𨱏𪤗𫍯𬇹𬺓𫟅"))


@pytest.fixture
def spoilt(tmp_path: Path) -> Callable[..., Statement]:
    """Reads the tenant's statement of a release with other rows in some tables."""

    def read_with(**changed: Any) -> Statement:
        with opened(write(tmp_path, False, changed), tmp_path / "packs") as books:
            (found,) = books.statements(PERIOD, [TENANT])
            return found

    return read_with


def test_rows_that_do_not_come_to_their_sum_are_a_finding(spoilt: Any) -> None:
    lines = [row for row in rows(False)["statement_lines"] if row["line_id"] != CREDIT]
    # without the credit: 3 rows, net 87.00 + 10.00, tax 8.22 + 0.60
    with pytest.raises(Finding, match=re.escape("come to (3, 9700, 882)")):
        spoilt(statement_lines=lines)


def test_whom_nobody_names_is_called_by_id(spoilt: Any) -> None:
    found = spoilt(settlement_parties=[], voucher_redemptions=[])
    assert found.party == Party(TENANT, TENANT, TENANT, None)
    assert [line.voucher_id for line in found.sections[0].lines if line.pays_line_id == SALE] == [None]


def test_a_pack_that_is_another_or_altered_is_a_finding(tmp_path: Path) -> None:
    release = write(tmp_path, closed=True)
    names = tmp_path / "packs" / PERIOD / "reference" / "parties.parquet"
    names.write_bytes(names.read_bytes() + b" ")
    with opened(release, tmp_path / "packs") as books, pytest.raises(Finding, match="was altered"):
        list(books.statements(PERIOD, [TENANT]))
    with opened(release, tmp_path / "elsewhere") as books, pytest.raises(Finding, match="is not in"):
        list(books.statements(PERIOD, [TENANT]))


def test_every_kind_of_line_has_its_heading_and_every_role_its_name() -> None:
    codes = {
        name: {*column.codes}
        for table in ("statement_lines", "line_splits")
        for name, column in ((each.name, each) for each in load_contract(table).columns)
    }
    assert {*wording.GROUPS} == codes["line_kind"] | {"correction"}
    assert {*wording.ROLES} == codes["role"]
    assert codes["charge_class"] == {"Correction"}


def test_every_unit_of_a_quantity_has_its_unit_of_price() -> None:
    (unit,) = (each for each in load_contract("charges").columns if each.name == "unit")
    assert {*wording.UNITS} == {*unit.codes}
    # February of 2026 has 28 days: 28 GB kept for a day are a GB-month; 14 Mbps for a day half a month of one.
    assert wording.quantity(28 * 10**9, "byte-day", "2026-02") == ("1.0000", "GB·月 GB-mo")
    assert wording.quantity(14, "Mbps-day", "2026-02") == ("0.5000", "Mbps·月 Mbps-mo")
    assert wording.quantity(1_800_000_000_000, "GFLOPS-milli-second", "2026-02")[0] == "0.5000"
    assert wording.quantity(2_500_000_000, "nano-unit", "2026-02") == ("2.5000", "转售单位 unit")
    assert wording.quantity(None, None, "2026-02") == ("", "")
