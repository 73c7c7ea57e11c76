"""Numbers as Slurm writes them, one table of cases per kind."""

import polars as pl
import pytest

from pipelines.formats.slurm_amounts import counts, joules, mebibytes, seconds
from pipelines.formats.slurm_tres import from_gres, read_tres

GRES = ("gpu", "npu")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00:00:10", 10),
        ("1-02:03:04", 93784),
        ("10-13:27:06", 912426),
        ("03:04.123", 184),
        ("59:59", 3599),
        ("90:00", 5400),
        ("100:00:00", 360000),
        ("02:03:04.500", 7384),
    ],
)
def test_durations(text: str, value: int) -> None:
    found, unreadable = seconds(pl.Series([text]))
    assert (found[0], unreadable[0]) == (value, False)


@pytest.mark.parametrize(
    "text", ["INVALID", "1:xx", "00:61:00", "Partition_Limit", "UNLIMITED", "12", "-00:00:05"]
)
def test_what_is_no_duration(text: str) -> None:
    found, unreadable = seconds(pl.Series([text]))
    assert (found[0], unreadable[0]) == (None, True)


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("64", 64), ("1K", 1024), ("1.50K", 1536), ("", None), (None, None)]
)
def test_counts(text: str | None, value: int | None) -> None:
    found, unreadable = counts(pl.Series([text], dtype=pl.String))
    assert (found[0], unreadable[0]) == (value, False)


@pytest.mark.parametrize("text", ["x4", "-1", "1.5", "9" * 20, "2k", "٣"])
def test_what_is_no_count(text: str) -> None:
    assert counts(pl.Series([text]))[1][0]


def test_energy_counts_in_thousands_and_knows_slurms_words_for_unmeasured() -> None:
    found, unreadable = joules(pl.Series(["12.34K", "0", "18446744073709551614", "N/A"]))
    assert found.to_list() == [12340, 0, None, None]
    assert not unreadable.any()


@pytest.mark.parametrize(
    ("text", "value", "per"),
    [
        ("31000Mn", 31000, "node"),
        ("100Gn", 102400, "node"),
        ("2Gc", 2048, "cpu"),
        ("512Mc", 512, "cpu"),
        ("400M", 400, "job"),
        ("8G", 8192, "job"),
        ("62.50G", 64000, "job"),
        ("12653376K", 12357, "job"),
        ("1T", 1048576, "job"),
        ("2147486648Mn", 3000, "cpu"),
        ("9223372036854778808Mn", 3000, "cpu"),
        ("0n", None, "node"),
        ("?n", None, "node"),
    ],
)
def test_memory(text: str, value: int | None, per: str) -> None:
    assert mebibytes(pl.Series([text])).row(0) == (value, per, False)


@pytest.mark.parametrize("text", ["much", "4Gx", "-4G", "99999999999G"])
def test_what_is_no_memory(text: str) -> None:
    assert mebibytes(pl.Series([text]))["unreadable"][0]


@pytest.mark.parametrize(
    ("text", "accelerators", "model"),
    [
        ("billing=4,cpu=4,mem=8G,node=1", 0, None),
        ("cpu=4,gres/gpu=2", 2, None),
        ("cpu=4,gres/gpu:a100=2", 2, "a100"),
        ("cpu=4,gres/gpu:a100=2,gres/gpu=2", 2, "a100"),
        ("cpu=4,gres/gpu:a100=1,gres/gpu:v100=1,gres/gpu=2", 2, "a100+v100"),
        ("cpu=4,gres/gpu:a100=1,gres/gpu=2", 2, None),
        ("cpu=4,gres/gpu=2,gres/npu:910b=8", 10, None),
        ("cpu=4,gres/gpu:a100=0,gres/gpu=0", 0, None),
        ("cpu=4,gres/fpga=3,gres/shard=5", 0, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_accelerators_count_once(text: str | None, accelerators: int | None, model: str | None) -> None:
    row = read_tres(pl.Series([text], dtype=pl.String), GRES).row(0, named=True)
    assert (row["accelerators"], row["model"]) == (accelerators, model)
    assert (row["unreadable"], row["contradiction"]) == (False, False)


@pytest.mark.parametrize(
    "text", ["cpu=4,gres/gpu=many", "cpu=4,gres/gpu", "cpu=4,gres/gpu=2,gres/gpu=3", "nothing", "cpu="]
)
def test_an_unreadable_list_has_no_accelerators_rather_than_none(text: str) -> None:
    row = read_tres(pl.Series([text]), GRES).row(0, named=True)
    assert row["unreadable"]
    assert row["accelerators"] is None


def test_more_typed_cards_than_cards_is_a_contradiction() -> None:
    assert read_tres(pl.Series(["gres/gpu:a100=3,gres/gpu=2"]), GRES)["contradiction"][0]


def test_two_memories_are_none() -> None:
    assert read_tres(pl.Series(["mem=1G,mem=2G"]), GRES)["memory_unreadable"][0]


def test_older_lists_of_gres() -> None:
    lists = pl.Series(["gpu:2", "gpu:a100:2", "gres:gpu:2(IDX:0,2)", "gpu", "gpu:a100:1,npu:4", ""])
    assert read_tres(from_gres(lists), GRES)["accelerators"].to_list() == [2, 2, 2, 1, 5, None]
