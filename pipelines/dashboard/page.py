"""A page as one HTML file: template, style, scripts and data put together. No file beside it, no address to ask."""

import html
import json
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.files import canonical_json, sha256_text

ASSETS = Path(__file__).resolve().parents[2] / "dashboard"


def written_page(title: str, views: tuple[str, ...], data: dict[str, Any]) -> str:
    """The page with the views named, over its data. The same data gives the same bytes."""
    parts = {
        "title": html.escape(title),
        "style": asset("style.css"),
        "echarts": asset("echarts/echarts.min.js"),
        "data": _within_script(json.dumps(data, separators=(",", ":"), ensure_ascii=False)),
        "script": script(views),
    }
    head, *rest = asset("template.html").split("{{")
    pieces = [head]
    for each in rest:
        name, after = each.split("}}", 1)
        pieces += [parts[name], after]
    return "".join(pieces)


def script(views: tuple[str, ...]) -> str:
    """The scripts of a page in the order of their names, with the views that it has, as one function's body."""
    files = sorted(path.name for path in (ASSETS / "js").glob("*.js"))
    chosen = [name for name in files if not name.startswith("view_") or name[5:-3] in views]
    body = "\n".join(asset(f"js/{name}") for name in chosen)
    return f'(function () {{\n"use strict";\n{body}\nstart();\n}})();'


@cache
def design() -> str:
    """What the pages are made of besides data, as one hash: other scripts or styles make another release."""
    names = sorted(path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file())
    return sha256_text(canonical_json([[name, asset(name)] for name in names]))


@cache
def asset(name: str) -> str:
    """The text of a file of `dashboard/`."""
    return (ASSETS / name).read_text(encoding="utf-8")


def _within_script(text: str) -> str:
    """JSON that cannot end the script element that holds it, whatever its texts say."""
    return text.replace("<", "\\u003c")
