"""Which deliveries have no certificate yet, and giving them one: one certificate per source, dataset and run."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from data_contracts.contract import Contract, load_contract
from pipelines.bronze import Ingest, read_ingest
from pipelines.certificates import Certificate, DeliveryFacts, certify
from pipelines.files import sha256_text
from pipelines.home import Home, business_day
from pipelines.landing import read_events
from pipelines.lateness import due_at
from pipelines.quarantine import meaning
from pipelines.sites_config import Source


def all_tallies(home: Home, dataset: str | None = None) -> list[Ingest]:
    """The tallies of a dataset's landings, or of all, in the order of first receipt."""
    found = (read_ingest(home, path.stem) for path in home.stats.glob("*.json"))
    return sorted(
        (each for each in found if each and dataset in (None, each.dataset)),
        key=lambda t: (t.received_at, t.landing_id),
    )


def certified(home: Home, source_id: str, dataset: str) -> set[tuple[str, str]]:
    """The deliveries that have a certificate: landing_id and the sha256 of the bronze file that it looked at."""
    found = set()
    for path in (home.outbox / source_id / "certificates" / dataset).glob("*.json"):
        for each in json.loads(path.read_text(encoding="utf-8"))["deliveries"]:
            found.add((each["landing_id"], each["files"][0]["sha256"]))
    return found


def verdicts(home: Home, dataset: str) -> dict[tuple[str, str], tuple[str, Path]]:
    """The verdict and the page of each certified delivery: landing_id and sha256 as in `certified`.

    Where several certificates name a delivery, the worst verdict stands.
    """
    worst = ("green", "amber", "red")
    found: dict[tuple[str, str], tuple[str, Path]] = {}
    for path in sorted(home.outbox.glob(f"*/certificates/{dataset}/*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for each in document["deliveries"]:
            key = (each["landing_id"], each["files"][0]["sha256"])
            if key not in found or worst.index(found[key][0]) < worst.index(document["verdict"]):
                found[key] = (document["verdict"], path.with_suffix(".html"))
    return found


def uncertified(home: Home, tallies: Sequence[Ingest]) -> list[Ingest]:
    """Those of the tallies whose deliveries no certificate names yet."""
    given = {pair: certified(home, *pair) for pair in {(each.source_id, each.dataset) for each in tallies}}
    return [
        each
        for each in tallies
        if (each.landing_id, each.files[0].sha256) not in given[each.source_id, each.dataset]
    ]


def key_of(batch: Sequence[Ingest]) -> str:
    """The name of a certificate: the received days it covers and a digest of its deliveries."""
    days = [business_day(datetime.fromisoformat(each.received_at)).isoformat() for each in batch]
    digest = sha256_text(" ".join(f"{each.landing_id}:{each.files[0].sha256}" for each in batch))[:8]
    span = days[0] if days[0] == days[-1] else f"{days[0]}_{days[-1]}"
    return f"{span}-{digest}"


def certify_due(
    home: Home,
    sources: dict[str, Source],
    dataset: str,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Certificate]:
    """Certifies, per source, the deliveries of a dataset that have no certificate yet."""
    contract, made = load_contract(dataset), []
    tallies = all_tallies(home, dataset)
    names = _names(home) if tallies else {}
    for source_id in sorted({each.source_id for each in tallies}):
        mine = [each for each in tallies if each.source_id == source_id]
        todo = uncertified(home, mine)
        if todo:
            progress(f"  certificate: {source_id} {dataset}, {len(todo)} deliveries")
            made.append(_certify(home, contract, sources.get(source_id), mine, todo, names))
    return made


def _certify(
    home: Home,
    contract: Contract,
    source: Source | None,
    mine: Sequence[Ingest],
    todo: Sequence[Ingest],
    names: dict[str, tuple[str, ...]],
) -> Certificate:
    waiting = {each.landing_id for each in todo}
    before = [
        each for each in mine if each.landing_id not in waiting and each.received_at < todo[0].received_at
    ]
    return certify(
        home.root,
        contract,
        todo[0].source_id,
        [facts_of(each, contract, source, names.get(each.landing_id, ())) for each in todo],
        key_of(todo),
        earlier=[home.bronze / each.files[0].path for each in before],
    )


def _names(home: Home) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for event in read_events(home):
        if event.act == "receipt":
            found.setdefault(event.landing_id, {})[event.name] = None
    return {landing_id: tuple(names) for landing_id, names in found.items()}


def facts_of(
    tally: Ingest, contract: Contract, source: Source | None, names: tuple[str, ...]
) -> DeliveryFacts:
    """What a certificate holds a delivery against."""
    reasons = {rule: meaning(contract, tally.format, rule) for rule in tally.rules}
    return DeliveryFacts.of(tally, names=names, reasons=reasons, due_at=due_at(tally, source))


def certify_again(home: Home, sources: dict[str, Source], source_id: str, dataset: str) -> list[Certificate]:
    """Certifies anew every delivery of a source and dataset that already has a certificate, under the same names."""
    contract, names, made = load_contract(dataset), _names(home), []
    mine = [each for each in all_tallies(home, dataset) if each.source_id == source_id]
    for path in sorted((home.outbox / source_id / "certificates" / dataset).glob("*.json")):
        wanted = {each["landing_id"] for each in json.loads(path.read_text(encoding="utf-8"))["deliveries"]}
        todo = [each for each in mine if each.landing_id in wanted]
        if todo and key_of(todo) == path.stem:
            made.append(_certify(home, contract, sources.get(source_id), mine, todo, names))
    return made
