"""What is no delivery of a format is refused with one clear reason, whatever the format, and nothing is lost."""

from pathlib import Path

import pytest

from data_contracts.contract import load_contract
from data_contracts.rules import apply_rules
from pipelines.formats import FORMATS
from pipelines.formats.base import Tally, Unreadable
from tests.formats.reading import context
from tests.formats.test_golden import cases

SAMPLES = {(name, dataset): sample.read_bytes() for name, dataset, sample, _ in cases()}


def consume(folder: Path, name: str, dataset: str, data: bytes) -> str | None:
    """Reads a file to its end and judges it; returns the rule by which it was refused. Counts must add up."""
    path = folder / "sent"
    path.write_bytes(data)
    tally, rows, refused = Tally(), 0, None
    try:
        for frame in FORMATS[name].read(path, context(dataset, {}), tally):
            rows += frame.height
            extra = [column[1:] for column in frame.columns if column.startswith("!")]
            assert set(extra) <= set(FORMATS[name].rules)
            apply_rules(frame, load_contract(dataset), extra)
    except Unreadable as refusal:
        refused = refusal
    assert tally.records_read == rows + tally.folded + sum(tally.set_aside.values())
    if refused is None:
        return None
    assert rows == 0
    for said, text in zip((refused.en, refused.zh), FORMATS[name].rules[refused.rule], strict=True):
        assert said.startswith(text)
    return refused.rule


@pytest.mark.parametrize(("name", "dataset"), SAMPLES)
@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "file.empty"),
        (b"\n\n  \n", "file.empty"),
        (b"\x1f\x8b\x08\x00rest of an archive", "file.binary"),
        (bytes(range(256)) * 50, "file.binary"),
        ("JobID|State\n".encode("utf-16"), "file.encoding"),
        (b"dear colleagues, here are the numbers\n", "file.format"),
        (b"x" * 3_000_000, "file.format"),
    ],
    ids=["empty", "blank", "archive", "binary", "utf16", "letter", "long"],
)
def test_one_clear_reason_each(tmp_path: Path, name: str, dataset: str, data: bytes, rule: str) -> None:
    assert consume(tmp_path, name, dataset, data) == rule


@pytest.mark.parametrize(("name", "dataset"), SAMPLES)
def test_each_format_refuses_the_samples_of_all_others(tmp_path: Path, name: str, dataset: str) -> None:
    for (other, _), data in SAMPLES.items():
        if other != name:
            assert consume(tmp_path, name, dataset, data) in {"file.format", "file.columns", None}
    others = [data for (other, _), data in SAMPLES.items() if other not in {name, "table", "dcim_csv"}]
    assert all(consume(tmp_path, name, dataset, data) == "file.format" for data in others)
