"""Statements on request, of the current release, open periods too: what `suanzhang statement` does."""

from pathlib import Path

from pipelines.errors import Finding, WrongUse
from pipelines.home import Home, month_bounds
from pipelines.release import current_release
from pipelines.statements import gathering
from pipelines.statements.writing import SUFFIXES, content_key, render


def make(home: Home, period: str, party: str | None, out: Path) -> list[Path]:
    """Writes the statements of a period, or one party's, as PDF and Excel to a folder; returns the files' paths.

    Raises WrongUse for what is no period or a party without a statement, Finding where the release has none.
    """
    month_bounds(period)
    release = current_release(home)
    with gathering.opened(release.folder, home.close_packs) as books:
        parties = books.parties(period)
        if not parties:
            known = ", ".join(name for name, _ in books.periods()) or "none"
            raise Finding(
                f"The release {release.release_id} has no statements for {period}. Periods: {known}."
            )
        if party is not None and party not in parties:
            raise WrongUse(
                f'{party} has no statement for {period}: `suanzhang sql "select distinct party_id from statements '
                f"where period = '{period}'\"` names who has."
            )
        names = parties if party is None else [party]
        wanted = ((each, content_key(each)) for each in books.statements(period, names))
        made = [name for name, _ in render(wanted, out)]
    return [out / f"{name}.{suffix}" for name in made for suffix in SUFFIXES]
