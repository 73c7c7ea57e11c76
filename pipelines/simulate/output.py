"""The simulation on disk: native files, the list of deliveries, truth, expected figures, and last the manifest."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from pipelines.errors import WrongUse
from pipelines.simulate.books.tables import Table
from pipelines.simulate.clock import utc_text
from pipelines.simulate.faults import Note
from pipelines.simulate.parcels import Act, Parcel

MANIFEST = "manifest.json"
DELIVERIES = "deliveries.jsonl"
FOLDERS = ("feeds", "truth", "expected")
OURS = {MANIFEST, DELIVERIES, *FOLDERS}


def finished(out: Path, identity: dict[str, Any]) -> bool:
    """Whether `out` holds the finished simulation of that identity (parameters and code)."""
    manifest = out / MANIFEST
    if not manifest.is_file():
        return False
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(found, dict) and all(found.get(key) == value for key, value in identity.items())


def clear(out: Path) -> None:
    """Makes `out` an empty folder of ours. Raises WrongUse where somebody else's files are in it."""
    if out.exists() and not out.is_dir():
        raise WrongUse(f"{out} is a file; name a folder with --out.")
    foreign = sorted({each.name for each in out.iterdir()} - OURS) if out.is_dir() else []
    if foreign:
        raise WrongUse(
            f"{out} holds '{foreign[0]}', which no simulation wrote; name an empty folder with --out."
        )
    for name in (MANIFEST, DELIVERIES):
        (out / name).unlink(missing_ok=True)
    for name in FOLDERS:
        if (out / name).exists():
            shutil.rmtree(out / name)
        (out / name).mkdir(parents=True)


def numbered(acts: list[Act]) -> list[Act]:
    """The acts in order of time, each at its own second, numbered from 0."""
    ordered = sorted(acts, key=lambda act: act.at)
    for number, act in enumerate(ordered):
        if number and act.at <= ordered[number - 1].at:
            act.at = ordered[number - 1].at + 1
        act.number = number
    return ordered


def write_feeds(out: Path, acts: list[Act]) -> dict[str, str]:
    """The files of all receipts, and deliveries.jsonl with one line per act; returns the files' hashes."""
    written: dict[str, str] = {}
    lines: list[str] = []
    for act in acts:
        if act.parcel is not None:
            name, content = _file(act.parcel), act.parcel.settled()
            if written.setdefault(name, act.parcel.sha256) != act.parcel.sha256:
                raise AssertionError(f"two contents for {name}")
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
        lines.append(json.dumps(_described(act), ensure_ascii=False))
    (out / DELIVERIES).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return written


def _file(parcel: Parcel) -> str:
    return f"feeds/{parcel.source}/{parcel.dataset}/{parcel.name}"


def _described(act: Act) -> dict[str, Any]:
    if act.parcel is None:
        assert act.target is not None
        return {
            "act": "withdraw",
            "delivery": act.target.number,
            "received_at": utc_text(act.at),
            "reason": act.reason,
        }
    return {
        "act": "receipt",
        "source": act.parcel.source,
        "dataset": act.parcel.dataset,
        "format": act.parcel.format,
        "options": dict(act.parcel.options),
        "file": _file(act.parcel),
        "received_at": utc_text(act.at),
        "replaces": None if act.replaces is None else act.replaces.number,
        "faults": act.faults,
    }


def write_tables(folder: Path, tables: list[Table]) -> None:
    """One CSV per table."""
    for table in tables:
        table.write(folder)


def write_notes(folder: Path, notes: list[Note]) -> None:
    """What went wrong, by delivery, and whether it was put right: `final` faults make expected differ from truth."""
    ordered = sorted(notes, key=lambda note: note.act.number)
    lines = [
        json.dumps(
            {
                "delivery": note.act.number,
                "fault": note.fault,
                "final": note.final,
                "records": note.records,
                "note": note.text,
            }
        )
        for note in ordered
    ]
    (folder / "notes.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def write_manifest(
    out: Path, identity: dict[str, Any], summary: dict[str, Any], known: dict[str, str]
) -> Path:
    """The manifest: identity, summary and the hash of every file. Its presence says that all is there."""
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    hashes = {
        name: known.get(name) or hashlib.sha256((out / name).read_bytes()).hexdigest() for name in names
    }
    manifest = out / MANIFEST
    partial = manifest.with_suffix(".json.partial")
    document = {**identity, "summary": summary, "files": hashes}
    partial.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(manifest)
    return manifest
