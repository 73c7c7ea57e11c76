"""A comparison in words and for scripts."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from pipelines.whatif.comparing import Comparison, Difference
from pipelines.words import plain, yuan

SHOWN = 20
HEAD = f"{'元, with tax':26}{'billed now':>18}{'what if':>18}{'difference':>18}{'%':>10}{'at risk':>18}"


def as_dict(compared: Comparison) -> dict[str, Any]:
    """For a script: amounts in fen with tax."""
    return {
        "period": compared.period,
        "total": compared.total.as_dict(),
        "winners": [each.as_dict() for each in compared.winners],
        "losers": [each.as_dict() for each in compared.losers],
        "unchanged_tenants": _unchanged(compared),
        "sites": [each.as_dict() for each in compared.sites],
        "skus": [each.as_dict() for each in compared.skus],
        "unpriced": [vars(each) for each in compared.unpriced],
    }


def text_of(compared: Comparison, tariff: str) -> str:
    """For a person: at most twenty rows of a kind, those that change most."""
    lines = [f"{compared.period} under {tariff}, beside what is billed now:", "", HEAD, _row(compared.total)]
    for title, rows in (
        ("sites", compared.sites),
        ("SKUs", compared.skus),
        ("winners: tenants that would pay less", compared.winners),
        ("losers: tenants that would pay more", compared.losers),
    ):
        lines += ["", f"{title} ({len(rows)})", *_rows(rows)]
    lines += ["", f"{_unchanged(compared)} tenants would pay the same."]
    lines += [
        f"{plain(each.sku_id)} could not be billed on {each.days} days: {each.reason}."
        for each in compared.unpriced
    ]
    return "\n".join(lines)


def _rows(rows: Sequence[Difference]) -> Iterable[str]:
    most = sorted(rows, key=lambda each: -abs(each.difference_fen))
    yield from map(_row, islice(most, SHOWN))
    if len(rows) > SHOWN:
        yield f"  … and {len(rows) - SHOWN} more: --json has all."


def _row(each: Difference) -> str:
    percent = "–" if each.percent is None else f"{each.percent:+,.2f}"
    return (
        f"  {plain(each.name or '(none)'):24}{yuan(each.now_fen):>18}{yuan(each.whatif_fen):>18}"
        f"{yuan(each.difference_fen):>18}{percent:>10}{yuan(each.at_risk_fen):>18}"
    )


def _unchanged(compared: Comparison) -> int:
    return sum(not each.difference_fen for each in compared.tenants)
