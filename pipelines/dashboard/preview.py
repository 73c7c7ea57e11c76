"""A picture of a release for the Dagster UI: the share of installed in use by day, one line for each class and kind."""

import base64
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.roles import quoted

WIDTH, HEIGHT, LEFT, TOP, RIGHT = 720, 220, 40, 12, 190
COLOURS = ("#2f6fb3", "#c9701a", "#23835a", "#7a58a6", "#b8403a", "#7b8797")

Line = tuple[str, list[float | None]]


def preview(release: Path) -> str:
    """The picture as Markdown that needs no address; a sentence where there is nothing to draw."""
    path = release / "utilisation" / "utilisation_daily.parquet"
    with duckdb.connect() as connection:
        found = connection.sql(
            f"""select compute_class || ' ' || resource_kind as name, day,
                sum(allocated_unit_seconds) / nullif(sum(installed_unit_seconds), 0) as share
            from read_parquet({quoted(str(path))}) where idle_unit_seconds is not null
            group by all order by name, day"""
        ).fetchall()
    days = sorted({day for _, day, _ in found})
    if len(days) < 2:
        return "There are fewer than two days to draw."
    shares = {(name, day): share for name, day, share in found}
    lines = [
        (name, [shares.get((name, day)) for day in days]) for name in sorted({name for name, *_ in found})
    ]
    picture = drawn(lines, str(days[0]), str(days[-1]))
    data = base64.b64encode(picture.encode()).decode()
    return f"![Share of installed in use, by day](data:image/svg+xml;base64,{data})"


def drawn(lines: Sequence[Line], first: str, last: str) -> str:
    """Lines of shares as an SVG: from 0 to 100 %, or to what the highest needs. An unknown share breaks its line."""
    top = max(1.0, *(share for _, shares in lines for share in shares if share is not None))
    steps = max(len(shares) for _, shares in lines) - 1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    ]
    for part in (0.0, 0.5, 1.0):
        height = _height(part, top)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height}" y2="{height}" stroke="#d3d9e2"/>'
            f'<text x="{LEFT - 6}" y="{height + 4}" text-anchor="end">{part:.0%}</text>'
        )
    for number, (name, shares) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        parts.append(
            f'<path d="{_path(shares, top, steps)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(
            f'<text x="{WIDTH - RIGHT + 10}" y="{TOP + 12 + number * 18}" fill="{colour}">{name}</text>'
        )
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 6}">{first}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{last}</text></svg>')
    return "".join(parts)


def _height(share: float, top: float) -> int:
    return round(HEIGHT - 28 - share / top * (HEIGHT - 28 - TOP))


def _path(shares: Sequence[float | None], top: float, steps: int) -> str:
    steps_taken, pen = [], "M"
    for number, share in enumerate(shares):
        if share is None:
            pen = "M"
            continue
        across = round(LEFT + number / steps * (WIDTH - RIGHT - LEFT))
        steps_taken.append(f"{pen}{across} {_height(share, top)}")
        pen = "L"
    return " ".join(steps_taken)
