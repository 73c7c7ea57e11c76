"""Racks of a room: exports that count them per room, and exports with a row per rack, which are counted here.

A rack of an export per rack counts for its room as of its time. Where one rack of a room cannot be read, the room's
counts are not known, and its row says so.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from pipelines.formats.base import ReadContext, Tally, flag, unreadable
from pipelines.formats.csv_records import read_records, refuse_lacking, with_flags
from pipelines.formats.dcim_csv.names import FREE, OCCUPIED, RACK_NAMES, columns_of
from pipelines.formats.dcim_csv.rules import RULES
from pipelines.formats.times import read_instants, zone_option

PER_ROOM = ("room", "installed", "occupied")
PER_RACK = ("room", "rack", "status")
_ROOM = ("room", "valid_from")


def read_racks(
    path: Path, header: tuple[str, ...], context: ReadContext, tally: Tally
) -> Iterator[pl.DataFrame]:
    """Frames of a room's racks."""
    zone = zone_option(context, RULES)
    names = columns_of(header, RACK_NAMES)
    _require(names, header)
    as_of = _valid_from(context, names)
    frames = (
        _dated(records, names, as_of, zone, context.site_id, tally)
        for records in read_records(path, header, context, RULES, tally)
    )
    if set(PER_ROOM) <= set(names):
        yield from (rows.drop("rack", "status", strict=False) for rows in frames)
    else:
        yield from _counted(list(frames), tally)


def _require(names: Mapping[str, str], header: tuple[str, ...]) -> None:
    if not {"installed", "occupied", "rack", "status"} & set(names):
        raise unreadable(RULES, "file.format")
    shape = PER_RACK if "rack" in names and "installed" not in names else PER_ROOM
    refuse_lacking(header, [name for name in shape if name not in names], RULES)


def _valid_from(context: ReadContext, names: Mapping[str, str]) -> str | None:
    given = context.options.get("valid_from", "").strip()
    if not given and "valid_from" not in names:
        raise unreadable(
            RULES,
            "file.columns",
            "It does not say when the racks were counted; name it with --option valid_from=2026-03-01.",
            "未说明统计时间，请使用 --option valid_from=2026-03-01 指明。",
        )
    return given or None


def _dated(
    records: pl.DataFrame,
    names: Mapping[str, str],
    as_of: str | None,
    zone: str,
    site_id: str | None,
    tally: Tally,
) -> pl.DataFrame:
    """The columns that are known, as text, with the time from which they hold."""
    time = pl.lit(as_of) if as_of else pl.col(names["valid_from"]).str.strip_chars().str.replace_all("/", "-")
    sent = records.select(time.alias("time")).to_series()
    sent = sent.new_from_index(0, records.height) if as_of else sent
    day = sent.str.len_bytes() == len("2026-03-01")
    times = read_instants(pl.select(pl.when(day).then(sent + " 00:00:00").otherwise(sent)).to_series(), zone)
    tally.label("ambiguous local time", int((times.earliest != times.latest).sum()))
    rows = records.select(
        "_row",
        "_raw",
        pl.lit(site_id, pl.String).alias("site_id"),
        times.earliest.alias("valid_from"),
        *(
            pl.col(name).str.strip_chars().alias(column)
            for column, name in names.items()
            if column != "valid_from"
        ),
    )
    rows = flag(rows, "valid_from.unreadable", times.unreadable)
    rows = flag(rows, "valid_from.nonexistent", times.nonexistent)
    return with_flags(rows, records["_fault"])


def _counted(frames: list[pl.DataFrame], tally: Tally) -> Iterator[pl.DataFrame]:
    """One row per room and time from one row per rack, and the racks that cannot be counted."""
    if not frames:
        return
    racks = pl.concat(frames, how="diagonal")
    racks = (
        racks.with_columns(pl.lit(None, pl.String).alias("rated_kw"))
        if "rated_kw" not in racks.columns
        else racks
    )
    status = racks["status"].str.to_lowercase()
    racks = racks.with_columns(
        pl.when(status.is_in(list(OCCUPIED)))
        .then(True)
        .when(status.is_in(list(FREE)))
        .then(False)
        .alias("held")
    )
    racks = _with_faults(racks)
    flags = [name for name in racks.columns if name.startswith("!")]
    broken = racks.select(pl.any_horizontal(pl.lit(False), *flags)).to_series().fill_null(False)
    if broken.any():
        yield racks.filter(broken).select("_row", "_raw", "site_id", *_ROOM, *flags)
    lost = racks.filter(broken).select(_ROOM).unique()
    sound = racks.filter(~broken)
    rooms = _rooms(sound)
    tally.folded += sound.height - rooms.height
    tally.label("racks of a room differ in power", int(rooms["mixed"].sum()))
    doubtful = rooms.select(
        pl.struct(_ROOM).is_in(lost.select(pl.struct(_ROOM)).to_series().implode())
    ).to_series()
    if lost["room"].is_null().any() or lost["valid_from"].is_null().any():
        doubtful = pl.Series([True]).new_from_index(0, rooms.height)
    yield flag(rooms.drop("mixed"), "room.incomplete", doubtful)


def _with_faults(racks: pl.DataFrame) -> pl.DataFrame:
    """Flags racks of no known status, and racks that a room names twice with different content."""
    broken = racks.select(pl.any_horizontal(pl.lit(False), "^!.*$")).to_series()
    readable = ~broken.fill_null(False)
    racks = flag(racks, "record.status", readable & racks["held"].is_null())
    racks = flag(racks, "record.unnamed", readable & (racks["rack"].fill_null("") == ""))
    named = racks.select(*_ROOM, "rack", pl.struct("held", "rated_kw").alias("said"))
    differ = named.select(pl.col("said").n_unique().over(*_ROOM, "rack") > 1).to_series()
    racks = flag(racks, "record.conflict", readable & differ)
    return flag(racks, "record.uncounted", ~readable)


def _rooms(racks: pl.DataFrame) -> pl.DataFrame:
    """Counts per room and time; a rack that is named twice is one."""
    once = racks.unique([*_ROOM, "rack"], keep="first", maintain_order=True)
    power = pl.col("rated_kw")
    rooms = once.group_by(*_ROOM, maintain_order=True).agg(
        pl.col("_row", "_raw", "site_id").first(),
        pl.len().cast(pl.Int64).alias("installed"),
        pl.col("held").sum().cast(pl.Int64).alias("occupied"),
        pl.when(power.n_unique() == 1).then(power.first()).alias("rated_kw"),
        (power.n_unique() > 1).alias("mixed"),
    )
    return rooms.sort("_row")
