"""One delivery by hand: landed, read into bronze at once, and told in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.arrivals import choose_format, require_dataset
from pipelines.bronze import Ingest, read_ingest
from pipelines.errors import Finding, WrongUse
from pipelines.formats import FORMATS
from pipelines.home import Home
from pipelines.lake import refresh
from pipelines.landing import Event, receive
from pipelines.quarantine import reasons, refusal
from pipelines.sites_config import load_sources
from pipelines.words import plain


@dataclass(frozen=True)
class Delivered:
    """A delivery's receipt, whether it is new, and what became of its records.

    `refusal` says why the file as a whole could not be read, with its particulars; None if it could.
    """

    receipt: Event
    new: bool
    ingest: Ingest
    refusal: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The figures for a script."""
        tally = self.ingest
        return {
            "landing_id": tally.landing_id,
            "new_receipt": self.new,
            "records_read": tally.records_read,
            "folded": tally.folded,
            "set_aside": dict(tally.set_aside),
            "rows_in": tally.rows_in,
            "accepted": tally.accepted,
            "quarantined": tally.quarantined,
            "duplicates": tally.duplicates,
            "rules": dict(tally.rules),
        }

    def text(self) -> str:
        """The figures for a person, with the reasons why rows were rejected."""
        tally = self.ingest
        aside = ", ".join(f"{count:,} {name}" for name, count in tally.set_aside.items())
        lines = [
            f"{plain(self.receipt.name)}: landing {tally.landing_id}"
            + ("" if self.new else " (this receipt was known)"),
            f"  {tally.rows_in:,} rows in = {tally.accepted:,} accepted + {tally.quarantined:,} quarantined "
            f"+ {tally.duplicates:,} duplicates" + (f"; set aside: {aside}" if aside else ""),
        ]
        for rule, count in tally.rules.items():
            whole = self.refusal if rule.startswith("file.") else None
            en_zh = whole or " ".join(reasons(tally.dataset, tally.format, rule))
            lines.append(f"  {count:,} × {rule}: {plain(en_zh)}")
        return "\n".join(lines)


def deliver(
    home: Home,
    path: Path,
    *,
    source_id: str,
    dataset: str,
    format_name: str | None,
    options: Mapping[str, str],
    received_at: datetime,
    replaces: str | None = None,
) -> Delivered:
    """Lands a file and reads it.

    Raises WrongUse for a source, dataset, format or option that does not exist, Finding otherwise.
    """
    require_dataset(dataset)
    sources = load_sources()
    if not path.is_file():
        raise Finding(f"{path} is not a file. Nothing was landed.")
    chosen, configured = choose_format(sources, source_id, dataset, format_name, path)
    if chosen not in FORMATS or dataset not in FORMATS[chosen].datasets:
        fitting = sorted(name for name, each in FORMATS.items() if dataset in each.datasets)
        raise WrongUse(f"Format '{chosen}' does not give {dataset}. Formats that do: {', '.join(fitting)}.")
    unknown = sorted(set(options) - set(FORMATS[chosen].options))
    if unknown:
        allowed = ", ".join(sorted(FORMATS[chosen].options)) or "none"
        raise WrongUse(f"Format '{chosen}' has no option {', '.join(unknown)}. Options: {allowed}.")
    receipt, new = receive(
        home,
        path,
        source_id=source_id,
        dataset=dataset,
        format_name=chosen,
        options={**configured, **options},
        received_at=received_at,
        replaces=replaces,
    )
    refresh(home, sources, datasets=[dataset])
    tally = read_ingest(home, receipt.landing_id)
    assert tally is not None
    return Delivered(receipt, new, tally, refusal(home, receipt) if tally.quarantined else None)
