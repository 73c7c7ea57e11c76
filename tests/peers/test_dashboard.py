"""The pages of a release in the distribution's Chromium: what they show is what SQL says, in both languages."""

import json
import math
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from pipelines.ask import ask, session
from pipelines.home import Home
from pipelines.roles import Role
from tests.dashboard.releases import TENANTS, made

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt-get install chromium"),
]
PAGES = {"dashboard": Role("regulator"), "finance": Role("finance")}
VIEWS = {
    "dashboard": ("overview", "utilisation", "energy", "network", "queues", "quality"),
    "finance": ("overview", "settlement"),
}
"""The views whose numbers are compared; those that both pages have, once."""
CHOICES: tuple[dict[str, str], ...] = (
    {},
    {"kind": "cpu_core", "class": "super"},
    {"kind": "rack", "place": "region:zhengzhou"},
    {"place": "site:hami", "period": "week"},
    {
        "place": "region:qingyang",
        "period": "2026-01",
        "kind": "cpu_core",
        "month": "2026-02",
        "tenant": TENANTS[0],
    },
)
NOTHING_CHOSEN = {"kind": "accelerator", "class": "", "place": "", "period": "", "month": "", "tenant": ""}


class Seen:
    """A browser page that notes what it asks for and complains of."""

    def __init__(self, browser: Any) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: Path, **chosen: str) -> None:
        """Opens a page from its file, at what is chosen in its address."""
        self.page.goto("about:blank")
        self.page.goto(f"{path.as_uri()}#{'&'.join(f'{name}={value}' for name, value in chosen.items())}")
        self.page.wait_for_function("window.suanzhang && window.suanzhang.shownAfter")

    def choose(self, **chosen: str) -> None:
        self.page.evaluate("(chosen) => window.suanzhang.choose(chosen)", chosen)

    def panels(self) -> list[dict[str, Any]]:
        """What the view shows: of each figure and panel its id, SQL, columns and rows."""
        found: list[dict[str, Any]] = json.loads(
            self.page.evaluate(
                "JSON.stringify(window.suanzhang.panels().map(({id, sql, rows, columns, answers}) =>"
                " ({id, sql, rows: (answers || {rows}).rows})))"
            )
        )
        return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("dashboard"))
    made(home)
    return home


@pytest.fixture(scope="module")
def release(home: Home) -> Path:
    return (home.published / "current").resolve()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def seen(browser: Any) -> Iterator[Seen]:
    seen = Seen(browser)
    yield seen
    seen.page.close()


def same(shown: Sequence[Any], answered: Sequence[Any]) -> bool:
    """Whether a row that the page shows is the row that SQL answers."""
    return len(shown) == len(answered) and all(
        mine == str(theirs)[:10]
        if isinstance(theirs, date)
        else math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-9)
        if isinstance(mine, int | float) and isinstance(theirs, int | float | Decimal)
        else mine == theirs
        for mine, theirs in zip(shown, answered, strict=True)
    )


@pytest.mark.parametrize("folder", PAGES)
def test_every_number_is_what_its_sql_says_of_the_release(
    home: Home, release: Path, seen: Seen, folder: str
) -> None:
    seen.open(release / folder / "index.html")
    answers: dict[str, list[tuple[Any, ...]]] = {}
    shown = 0
    with session(home, PAGES[folder]) as connection:
        for view in VIEWS[folder]:
            for choice in CHOICES:
                seen.choose(view=view, **{**NOTHING_CHOSEN, **choice})
                for panel in seen.panels():
                    sql = panel["sql"]
                    if sql not in answers:
                        answers[sql] = ask(connection, sql).fetchall()
                    differing = [
                        (mine, theirs)
                        for mine, theirs in zip_longest(panel["rows"], answers[sql], fillvalue=())
                        if not same(mine, theirs)
                    ]
                    assert not differing, f"{view} {choice} {panel['id']}: {sql}\n{differing[:3]}"
                    shown += len(panel["rows"])
    assert shown > 300
    assert not seen.complaints


@pytest.mark.parametrize("folder", PAGES)
def test_every_view_shows_in_both_languages_and_asks_for_nothing(
    release: Path, seen: Seen, folder: str
) -> None:
    for language, heading in (("en", "Overview"), ("zh", "总览")):
        seen.open(release / folder / "index.html", lang=language)
        assert seen.page.inner_text("h1") == heading
        for view in seen.page.evaluate("window.suanzhang.views"):
            for theme in ("light", "dark"):
                seen.choose(view=view, theme=theme)
                assert seen.page.locator("section.panel h3").count() >= 3
                assert "undefined" not in seen.page.inner_text("body")
                assert "NaN" not in seen.page.inner_text("body")
    assert not seen.complaints
    assert {url for url in seen.asked if not url.startswith(("file:", "data:", "about:", "blob:"))} == set()


def test_a_phone_needs_no_sideways_scrolling(release: Path, seen: Seen) -> None:
    seen.page.set_viewport_size({"width": 360, "height": 740})
    seen.open(release / "finance" / "index.html")
    for view in seen.page.evaluate("window.suanzhang.views"):
        seen.choose(view=view)
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360, view


def test_a_figure_leads_to_its_definition_its_sql_and_its_lineage(release: Path, seen: Seen) -> None:
    seen.open(release / "dashboard" / "index.html", place="site:hami")
    seen.page.click("[data-figure=of_installed] button")
    said = seen.page.inner_text("dialog")
    assert "Allocated ÷ installed." in said
    assert "装机利用率" in said
    assert "from utilisation_daily" in said
    # hami's rows of lineage_summary: 9 days × 7 records
    assert "job_records\t63" in said
    seen.page.keyboard.press("Escape")
    assert not seen.page.evaluate("document.getElementById('about').open")


def test_the_page_works_by_keyboard_and_keeps_its_choices_in_the_address(release: Path, seen: Seen) -> None:
    seen.open(release / "dashboard" / "index.html", view="energy")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.className") == "skip"
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    assert seen.page.inner_text("h1") == "能耗"
    assert "lang=zh" in seen.page.url
    assert seen.page.evaluate("document.documentElement.lang") == "zh-CN"
    seen.page.select_option("#filter-place", "site:hami")
    seen.page.reload()
    assert seen.page.input_value("#filter-place") == "site:hami"
    controls = "[...document.querySelectorAll('button, select, a')]"
    unnamed = f"{controls}.filter((e) => !(e.innerText || e.labels?.length || e.ariaLabel)).length"
    assert seen.page.evaluate(unnamed) == 0


def test_a_chart_is_also_a_table_and_a_csv(release: Path, seen: Seen) -> None:
    seen.open(release / "dashboard" / "index.html", view="utilisation")
    panel = seen.page.locator("[data-panel=use_by_site]")
    panel.get_by_role("button", name="Table").click()
    assert panel.locator("tbody tr").count() == 4  # of six sites every third has no cards
    with seen.page.expect_download() as download:
        panel.get_by_role("button", name="CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("site_id,of_installed,")
    assert len(lines) == 5


def test_paper_is_light_and_scales_whatever_the_screen_is(release: Path, seen: Seen) -> None:
    seen.open(release / "dashboard" / "index.html", view="energy", theme="dark")
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert seen.page.evaluate("document.documentElement.dataset.theme") == "light"
    assert seen.page.locator(".chart svg:not([viewBox])").count() == 0
    seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert seen.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_what_a_sender_wrote_is_shown_and_not_run(release: Path, seen: Seen) -> None:
    seen.open(release / "dashboard" / "index.html")
    assert "<script>alert(1)</script>" in seen.page.inner_text("[data-panel=scorecard]")
    assert not seen.complaints


def test_a_year_of_a_hundred_sites_is_small_and_shows_at_once(tmp_path: Path, home: Home, seen: Seen) -> None:
    folder = made(Home(tmp_path), sites=100, days=365)
    page = folder / "finance" / "index.html"
    assert page.stat().st_size < 3_000_000
    best = 9_999.0
    for _ in range(5):  # the machine is shared: the quickest of five tells of the page
        seen.open(page)
        best = min(best, seen.page.evaluate("window.suanzhang.shownAfter"))
    assert best < 1_000, f"the first view took {best:.0f} ms"
    assert not seen.complaints
