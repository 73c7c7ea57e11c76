"""The proof of a charge: what it says, that its paths hold by themselves, and that nothing altered passes."""

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import cli, ledger
from pipelines.closing import leaves, merkle
from pipelines.closing.pack import pack_hash
from pipelines.closing.proving import as_dict, prove, text_of
from pipelines.closing.reading import read_pack
from pipelines.errors import Finding
from pipelines.files import sha256_file, write_json
from tests.settlement.books import ADJUSTMENT_B, LINE_A, LINE_B, PERIOD, TAX_A, USAGE_A, USAGE_B, Books, built


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Books of which October is closed."""
    books = built().copy(tmp_path_factory.mktemp("closed"))
    books.close("Li Ming", "Wang Fang")
    return books


@pytest.fixture
def pack(closed: Books, tmp_path: Path) -> Path:
    """A copy of October's pack, on its own."""
    return Path(shutil.copytree(closed.home.close_packs / PERIOD, tmp_path / "pack"))


def test_a_charge_is_proved_by_the_pack_alone(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUANZHANG_HOME", "/nowhere")
    proof = prove(USAGE_A, pack, None)
    assert proof.line.row["line_id"] == LINE_A
    assert [step.row["quantity"] for step in proof.evidence] == [14_400, 28_800]
    page = text_of(proof)
    for said in (
        "1,000,000 micro-yuan",
        "1.06 元",
        proof.evidence[0].row["record_hash"],
        proof.pack.said["merkle"]["root"],
    ):
        assert said in page


def test_the_paths_hold_without_the_pack_for_whoever_has_its_root(pack: Path) -> None:
    proof = json.loads(json.dumps(as_dict(prove(USAGE_A, pack, None)), default=str))
    roots = proof["merkle"]
    for step in (proof["charge"], proof["line"], *proof["evidence"]):
        leaf = merkle.leaf_hash(step["content"].encode())
        root = merkle.climbed(leaf, step["index"], step["size"], step["path"])
        assert root == roots[step["tree"]]["root"] == step["root"]
        assert step["size"] == roots[step["tree"]]["leaves"]
    assert json.loads(proof["evidence"][0]["content"]) == [
        "evidence", USAGE_A, proof["evidence"][0]["row"]["record_hash"], 14_400,
    ]  # fmt: skip


def test_a_tax_or_an_adjustment_rests_on_the_records_of_its_line(pack: Path) -> None:
    assert prove(TAX_A, pack, None).evidence_of == (USAGE_A,)
    proof = prove(ADJUSTMENT_B, pack, None)
    assert (proof.line.row["line_id"], proof.evidence_of) == (LINE_B, (USAGE_B,))
    assert "1 of the line's 1 charges" in text_of(proof)


def test_with_the_home_each_record_is_named_by_its_file_and_row(closed: Books) -> None:
    proof = prove(USAGE_A, None, closed.home)
    assert proof.origins is not None
    first, second = proof.origins
    assert (first.file, first.row, second.row) == (
        "jobs.psv",
        *[each["landing_row"] for each in closed.records()[:2]],
    )
    assert first.content_sha256 == sha256_file(closed.folder / "jobs.psv")
    assert "every record stands in bronze" in text_of(proof)


def test_a_charge_of_no_pack_is_not_proved(closed: Books, pack: Path) -> None:
    with pytest.raises(Finding, match="no charge_id ffff"):
        prove("f" * 32, pack, None)
    with pytest.raises(Finding, match="No close pack has the charge"):
        prove("f" * 32, None, closed.home)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_altered_byte_of_any_file_of_a_pack_is_found(pack: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(each for each in pack.rglob("*") if each.is_file())))
    whole = path.read_bytes()
    at, change = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :])
    try:
        with pytest.raises(Finding, match=f"is not what was closed: {path.relative_to(pack)} was altered"):
            read_pack(pack)
    finally:
        path.write_bytes(whole)
    read_pack(pack)


def test_an_older_pack_without_roots_is_whole_and_proves_no_charge(pack: Path) -> None:
    said = json.loads((pack / "pack.json").read_text())
    restated(pack, {key: value for key, value in said.items() if key != "merkle"})
    with pytest.raises(Finding, match=r"holds no Merkle roots.*its files are whole, yet it proves no single"):
        prove(USAGE_A, pack, None)


def test_an_older_close_of_the_home_is_passed_over_and_named(
    closed: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((period, body),) = ledger.closes(closed.home).items()
    older = {key: value for key, value in body.items() if key != "merkle"}
    monkeypatch.setattr(ledger, "closes", lambda home: {"2026-09": older, period: body})
    assert prove(USAGE_A, None, closed.home).pack.said["period"] == PERIOD
    with pytest.raises(Finding, match=r"\(2026-10; packs without Merkle roots prove none: 2026-09\)"):
        prove("0" * 32, None, closed.home)


@pytest.mark.parametrize("name", ["charges.parquet", "reference/skus.parquet", "pack.json"])
def test_a_missing_file_is_found(pack: Path, name: str) -> None:
    (pack / name).unlink()
    with pytest.raises(Finding, match=f"{name} is missing"):
        prove(USAGE_A, pack, None)


def test_a_file_that_is_no_part_of_a_pack_is_found(pack: Path) -> None:
    (pack / "reference" / "more.parquet").write_bytes(b"")
    with pytest.raises(Finding, match=r"reference/more\.parquet is no part of it"):
        read_pack(pack)


def altered(pack: Path, name: str, column: str, value: Any) -> dict[str, Any]:
    """Writes another value into a table's first row and tells `pack.json` of the new file, as a forger would."""
    rows = pq.read_table(pack / f"{name}.parquet")
    changed = [{**rows.to_pylist()[0], column: value}, *rows.to_pylist()[1:]]
    pq.write_table(pa.Table.from_pylist(changed, rows.schema), pack / f"{name}.parquet")
    said = json.loads((pack / "pack.json").read_text())
    said["tables"][name] = sha256_file(pack / f"{name}.parquet")
    return said


def restated(pack: Path, said: dict[str, Any]) -> None:
    write_json(pack / "pack.json", {**said, "pack_sha256": pack_hash(said)})


@pytest.mark.parametrize(
    ("name", "column", "value", "tree"),
    [
        ("statement_lines", "gross_fen", 107, "lines"),
        ("charges", "billed_cost_micro_yuan", 2_000_000, "charges"),
        ("lineage", "record_hash", "0" * 32, "evidence"),
        ("lineage", "quantity", 1, "evidence"),
    ],
)
def test_a_forged_row_whose_file_hash_was_forged_too_does_not_come_to_its_root(
    pack: Path, name: str, column: str, value: Any, tree: str
) -> None:
    restated(pack, altered(pack, name, column, value))
    with pytest.raises(Finding, match=f"the {tree} do not come to their root"):
        read_pack(pack)


def test_a_wholly_forged_pack_is_not_the_one_that_the_ledger_names(closed: Books, pack: Path) -> None:
    said = altered(pack, "lineage", "quantity", 1)
    said["merkle"] = leaves.stated(leaves.trees(lambda name: pq.read_table(pack / f"{name}.parquet")))
    restated(pack, said)
    read_pack(pack)
    genuine, aside = closed.home.close_packs / PERIOD, closed.folder / "aside"
    genuine.rename(aside)
    try:
        shutil.copytree(pack, genuine)
        with pytest.raises(Finding, match="not the one that the ledger's close of 2026-10 names"):
            prove(USAGE_A, None, closed.home)
    finally:
        shutil.rmtree(genuine)
        aside.rename(genuine)


def test_charges_that_do_not_come_to_their_line_are_found(tmp_path: Path) -> None:
    # line A: 1,000,001 + 60,000 micro-yuan are not 106 fen
    books = built().copy(tmp_path)
    books.rows["charges"][0]["billed_cost_micro_yuan"] = 1_000_001
    books.build()
    books.close("Li Ming", "Wang Fang")
    with pytest.raises(Finding, match="come to 1060001 micro-yuan, not to its 106 fen"):
        prove(TAX_A, books.home.close_packs / PERIOD, None)
    prove(USAGE_B, books.home.close_packs / PERIOD, None)


def test_records_that_do_not_come_to_their_charge_are_found(tmp_path: Path) -> None:
    # usage of line A: 14,400 + 28,799 core-seconds are not 43,200
    books = built().copy(tmp_path)
    books.rows["lineage"][1]["quantity"] = 28_799
    books.build()
    books.close("Li Ming", "Wang Fang")
    with pytest.raises(Finding, match="come to 43199, not to its 43200"):
        prove(USAGE_A, books.home.close_packs / PERIOD, None)


def test_delivered_bytes_that_were_altered_are_found(closed: Books) -> None:
    path = closed.home.object(closed.jobs.receipt.content_sha256)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"phys", b"chem", 1))
    try:
        with pytest.raises(Finding, match="missing or altered"):
            prove(USAGE_A, None, closed.home)
    finally:
        path.write_bytes(whole)


def test_a_record_that_bronze_has_otherwise_is_found(closed: Books) -> None:
    path = closed.home.bronze / closed.jobs.ingest.files[0].path
    whole, table = path.read_bytes(), pq.read_table(path)
    hashes = pa.array(["0" * 32] * table.num_rows, table.schema.field("record_hash").type)
    pq.write_table(table.set_column(table.schema.get_field_index("record_hash"), "record_hash", hashes), path)
    try:
        with pytest.raises(Finding, match="is not the record"):
            prove(USAGE_A, None, closed.home)
    finally:
        path.write_bytes(whole)


def test_the_command_ends_with_1_for_an_altered_pack_and_with_0_for_a_whole_one(
    pack: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["suanzhang", "prove", USAGE_A, "--pack", str(pack), *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0)

    assert told() == 0
    assert capsys.readouterr().out.startswith(f"Charge {USAGE_A} of 2026-10: proved.")
    assert told("--json") == 0
    assert json.loads(capsys.readouterr().out)["proved"] is True
    (pack / "charges.parquet").write_bytes(b"")
    assert told() == 1
    assert "charges.parquet was altered" in capsys.readouterr().err


def test_leaves_say_instants_in_utc_whatever_the_reader_s_zone() -> None:
    row = {"at": datetime(2026, 10, 1, tzinfo=UTC), "n": 1, "none": None, "text": "算"}
    said = b'["lines",{"at":"2026-10-01T00:00:00+00:00","n":1,"none":null,"text":"\xe7\xae\x97"}]'
    assert leaves.content("lines", row) == said
