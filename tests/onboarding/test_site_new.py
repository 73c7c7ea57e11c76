"""A new site's folder: from flags to a site that the platform takes, or one sentence and nothing written."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.commands.site import site
from pipelines.errors import WrongUse
from pipelines.onboarding.folder import USUAL_FEEDS, site_document, write_site
from pipelines.sites_config import load_sources

FLAGS = [
    "--name-en", "Luoyang pole", "--name-zh", "洛阳算力节点", "--region", "luoyang", "--operator", "洛阳", "--kind",
]  # fmt: skip


@pytest.mark.parametrize("kind", USUAL_FEEDS)
def test_the_usual_feeds_of_a_kind_make_a_site(tmp_path: Path, kind: str) -> None:
    done = CliRunner().invoke(site, ["new", "luoyang", *FLAGS, kind, "--into", str(tmp_path)])
    assert done.exit_code == 0, done.output
    made = load_sources(tmp_path)["luoyang"]
    assert made.name_zh == "洛阳算力节点"
    assert [f"{feed.dataset}:{feed.format}" for feed in made.feeds] == [
        *USUAL_FEEDS[kind],
        "feed_totals:table",
    ]


def test_answers_are_asked_for_where_flags_are_missing(tmp_path: Path) -> None:
    answers = "Hebi pole\n鹤壁算力节点\nai_centre\nhebi\n鹤壁\n"
    done = CliRunner().invoke(site, ["new", "hebi", "--into", str(tmp_path)], input=answers)
    assert done.exit_code == 0, done.output
    assert load_sources(tmp_path)["hebi"].operator == "鹤壁"


def test_partitions_become_pools_and_classes(tmp_path: Path) -> None:
    partition = ["--partition", "gpu:a800:intelligent:nvidia-a800-80g", "--partition", "cpu:cpu:general"]
    CliRunner().invoke(site, ["new", "luoyang", *FLAGS, "ai_centre", *partition, "--into", str(tmp_path)])
    assert [
        (each.resource_pool, each.accelerator_model) for each in load_sources(tmp_path)["luoyang"].partitions
    ] == [
        ("a800", "nvidia-a800-80g"),
        ("cpu", None),
    ]


def _document(site_id: str = "luoyang", **changes: object) -> dict[str, object]:
    answers = {"name_en": "L", "name_zh": "洛", "kind": "ai_centre", "region": "luoyang", "operator": "L"}
    return site_document(site_id, **{**answers, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"site_id": "hami"}, "already taken"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"feeds": ["job_records:morse"]}, "morse"),
        ({"site_id": "Luo Yang"}, "lower-case"),
        ({"site_id": "../luoyang"}, "cannot be a site"),
    ],
)
def test_what_is_no_site_is_refused_and_nothing_written(
    tmp_path: Path, document: dict[str, object], said: str
) -> None:
    into = tmp_path / "sites"
    with pytest.raises(WrongUse, match=said):
        write_site(_document(**document), into)  # type: ignore[arg-type]
    assert not into.exists()


def test_a_site_that_is_there_is_left_alone(tmp_path: Path) -> None:
    folder = write_site(_document(), tmp_path)
    before = (folder / "site.yaml").read_bytes()
    with pytest.raises(WrongUse, match="already"):
        write_site(_document(), tmp_path)
    assert (folder / "site.yaml").read_bytes() == before


@pytest.mark.parametrize("wrong", [{"feeds": ["job_records"]}, {"partitions": ["gpu"]}])
def test_a_flag_in_another_form_is_told(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(WrongUse, match="takes"):
        _document(**wrong)
