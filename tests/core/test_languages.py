"""Pages that exist in Chinese too say the same: sections, code, tables, links and pictures are those in English."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT) for path in (*ROOT.glob("*.zh-CN.md"), *ROOT.glob("docs/*.zh-CN.md")))
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
ANY_TEXT = re.compile(r"[一-鿿]")


def both(page: Path) -> tuple[str, str]:
    chinese = (ROOT / page).read_text(encoding="utf-8")
    return (ROOT / str(page).replace(".zh-CN", "")).read_text(encoding="utf-8"), chinese


def prose(text: str) -> str:
    return BLOCK.sub("", text)


def levels(text: str) -> list[str]:
    """The depth of each heading, with its number where it has one."""
    return re.findall(r"^(#+ (?:\d+\.)?)", prose(text), re.MULTILINE)


def links(text: str) -> list[str]:
    """Where a page leads to, whichever the language of the page there."""
    return sorted(
        {
            link.replace(".zh-CN", "").replace("-zh.png", "-en.png")
            for link in re.findall(r"\]\(([^)]+)\)", prose(text))
        }
    )


def cells(text: str) -> list[int]:
    """The number of cells of each line of its tables."""
    return [line.count("|") for line in prose(text).splitlines() if line.startswith("|")]


def test_the_readme_and_the_guides_of_finance_and_regulators_exist_in_chinese() -> None:
    assert {str(page) for page in PAGES} >= {
        "README.zh-CN.md",
        "docs/close.zh-CN.md",
        "docs/questions.zh-CN.md",
    }


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_chinese_page_has_the_sections_code_tables_and_links_of_the_english_one(page: Path) -> None:
    english, chinese = both(page)
    assert levels(chinese) == levels(english)
    assert BLOCK.findall(chinese) == BLOCK.findall(english)
    assert cells(chinese) == cells(english)
    assert links(chinese) == links(english)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_chinese_page_names_the_same_things_and_is_chinese(page: Path) -> None:
    english, chinese = both(page)
    named = {text for text in re.findall(r"`([^`\n]+)`", prose(english)) if not ANY_TEXT.search(text)}
    assert named - set(re.findall(r"`([^`\n]+)`", prose(chinese))) == set()
    for heading in re.findall(r"^#+ (.+)$", prose(chinese), re.MULTILINE):
        assert ANY_TEXT.search(heading), heading
