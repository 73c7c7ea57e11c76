"""The pages of a release: whose data they hold, and that they are the same every time."""

import json
import re
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from pipelines.dashboard.cubes import FOR_FINANCE, FOR_REGULATORS, USE
from pipelines.dashboard.kinds import FINANCE, KINDS, PUBLIC
from pipelines.dashboard.page import written_page
from pipelines.dashboard.preview import drawn, preview
from pipelines.dashboard.reading import page_data
from pipelines.defs.dashboard import dashboard
from pipelines.defs.resources import Platform
from pipelines.home import Home
from tests.dashboard.releases import RELEASE, TENANTS, made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("pages"))
    made(home, sites=4, days=12)
    return home


def text(home: Home, page: str) -> str:
    return (home.published / "current" / page / "index.html").read_text(encoding="utf-8")


def held(page: str) -> dict[str, Any]:
    """The data that a page holds."""
    found = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_no_tenant_is_in_the_public_page_or_in_the_docs(home: Home) -> None:
    for tenant in TENANTS:
        assert tenant in text(home, "finance")  # so that the search below can find something
        assert tenant not in text(home, "dashboard")
        assert tenant not in text(home, "docs")


def test_the_public_page_reads_what_a_regulator_may_read_and_nothing_else(home: Home) -> None:
    may = {contract.name for contract in PUBLIC.role.tables()}
    assert {each.table for each in (*PUBLIC.cubes, *PUBLIC.lists)} <= may
    assert set(held(text(home, "dashboard"))["tables"]) <= may


def test_a_page_that_asks_for_more_than_its_role_may_read_is_not_written(home: Home) -> None:
    with pytest.raises(duckdb.CatalogException, match="settlement_flows"):
        page_data(
            home,
            (home.published / "current").resolve(),
            type(PUBLIC)("x", PUBLIC.role, FINANCE.cubes, ()),
            RELEASE,
        )


def test_the_same_release_gives_the_same_bytes(home: Home, tmp_path: Path) -> None:
    again = made(Home(tmp_path), sites=4, days=12)
    for kind in KINDS:
        assert (again / kind.folder / "index.html").read_text(encoding="utf-8") == text(home, kind.folder)
    assert (again / "pages.json").read_bytes() == (home.published / "current" / "pages.json").read_bytes()


def test_a_page_names_no_address_that_it_could_ask(home: Home) -> None:
    for page in ("dashboard", "finance", "docs"):
        for tag in re.findall(r"<(?:script|link|img|iframe|object|source)\b[^>]*>", text(home, page)):
            assert set(re.findall(r"""(?:src|href)=["']?([^"'\s>]*)""", tag)) <= {"data:,"}, tag


def test_what_a_sender_wrote_cannot_end_the_element_that_holds_it() -> None:
    page = written_page("t", ("overview",), {"name": "</script><script>alert(1)</script>"})
    assert "</script><script>alert" not in page
    assert held(page) == {"name": "</script><script>alert(1)</script>"}


def test_weeks_are_cut_at_the_end_of_a_month() -> None:
    # 2026-01-26 is a Monday; 2026-02-01 a Sunday of the same week, and the first day of its month
    with duckdb.connect() as connection:
        connection.execute("create table utilisation_daily as select null::bigint as installed_unit_seconds")
        bucket = re.search(r"datediff\(.*?::date\)", USE.statement("week"))
        assert bucket is not None
        days = "(values (date '2026-01-31'), (date '2026-02-01'), (date '2026-02-02')) as t(day)"
        found = connection.sql(f"select date '1970-01-01' + ({bucket[0]})::int from {days}").fetchall()
    assert [str(day) for (day,) in found] == ["2026-01-26", "2026-02-01", "2026-02-02"]


def test_every_cube_reads_the_table_that_it_names() -> None:
    for cube in (*FOR_FINANCE, *FOR_REGULATORS):
        assert f"from {cube.table}" in " ".join(cube.sql.split())


def test_the_docs_say_what_is_checked_empty_and_estimated(home: Home) -> None:
    docs = text(home, "docs")
    assert "Installed = allocated + idle + down." in docs
    assert (
        "<code>reserved_unit_seconds</code>" in docs.split('id="utilisation_daily"')[1].split("</section>")[0]
    )
    assert "This is the first release." in docs
    for name in ("utilisation_daily", "charges", "landings"):
        assert f'id="{name}"' in docs


def test_a_preview_draws_every_class_and_breaks_where_nothing_is_known(home: Home) -> None:
    assert preview((home.published / "current").resolve()).startswith("![")
    picture: Any = drawn([("general cpu_core", [0.5, None, 1.0])], "2026-01-01", "2026-01-03")
    # y: 220 − 28 − 0.5 · 180 = 102 and 220 − 28 − 180 = 12; x: 40 and 40 + 490 = 530, without a line between
    assert 'd="M40 102 M530 12"' in picture


def test_the_asset_shows_where_the_pages_are_and_what_changed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUANZHANG_HOME", str(home.root))
    result = dg.materialize([dashboard], resources={"platform": Platform()})
    (event,) = result.asset_materializations_for_node("published__dashboard")
    metadata = {name: value.value for name, value in event.metadata.items()}
    assert Path(str(metadata["dashboard"])).is_file()
    assert str(metadata["preview"]).startswith("![Share of installed in use")
    assert metadata["since"] == "the first release"
    assert len(event.metadata["pages"].records) == 3
