"""Every format folder brings a sample as its senders write it, and the rows that it means."""

import json
from pathlib import Path

import pytest

from pipelines.formats import FORMATS
from tests.formats.reading import SAMPLES, as_json, read_path

DATASETS = {
    "slurm_sacct": "job_records",
    "redfish": "facility_readings",
    **dict.fromkeys(("atlas_ping", "probe_csv", "rtt_matrix"), "network_probes"),
    **dict.fromkeys(("focus", "aliyun_bill", "ctyun_bill", "huawei_bill", "tencent_bill"), "cloud_charges"),
}
OPTIONS = {
    ("rtt_matrix", "network_probes"): {"unit": "s", "probed_at": "2026-03-01T00:00:00Z"},
    ("slurm_rest", "capacity_inventory"): {"compute_class": "gpu:intelligent,super"},
    ("cluster_minutes", "capacity_inventory"): {
        "compute_class": "intelligent",
        "model": "v100",
        "cards_per_node": "8",
        "cores_per_node": "64",
    },
    ("gpu_trace", "job_records"): {"epoch": "2026-03-01 00:00:00"},
}
"""What a sample has to be read with, where a format asks for more than the bytes say."""
FOLDERS = sorted(path for path in SAMPLES.iterdir() if (path / "__init__.py").exists())


def cases() -> list[tuple[str, str, Path, Path]]:
    """(format, dataset, sample, expected rows); `sample.<dataset>.csv` where a format has several datasets."""
    found = []
    for folder in FOLDERS:
        for sample in sorted(folder.glob("sample*")):
            _, *dataset, _ = sample.name.split(".")
            expected = folder / ".".join(["expected", *dataset, "jsonl"])
            found.append((folder.name, dataset[0] if dataset else DATASETS[folder.name], sample, expected))
    return found


@pytest.mark.parametrize(
    ("name", "dataset", "sample", "expected"), cases(), ids=lambda value: getattr(value, "name", value)
)
def test_a_sample_means_its_expected_rows(name: str, dataset: str, sample: Path, expected: Path) -> None:
    rows, tally = read_path(name, dataset, sample, OPTIONS.get((name, dataset)))
    assert as_json(rows, tally) == [
        json.loads(line) for line in expected.read_text(encoding="utf-8").splitlines()
    ]


def test_every_folder_is_a_format_with_a_sample() -> None:
    assert [folder.name for folder in FOLDERS] == list(FORMATS)
    assert {name for name, *_ in cases()} == set(FORMATS)


def test_every_sample_is_recognised_by_its_own_format_alone() -> None:
    for name, dataset, sample, _ in cases():
        head = sample.read_bytes()[:65536]
        assert [other for other, each in FORMATS.items() if each.sniff(head) and dataset in each.datasets][
            :1
        ] == [name]


@pytest.mark.parametrize("name", FORMATS)
def test_every_rule_speaks_both_languages(name: str) -> None:
    for rule, (en, zh) in FORMATS[name].rules.items():
        assert rule.count(".") == 1
        assert en.isascii() or "“" in en
        assert any("一" <= character <= "鿿" for character in zh)
