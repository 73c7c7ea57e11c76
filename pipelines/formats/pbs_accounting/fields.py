"""From the text of records to the columns of job_records, whole columns at a time.

What a job held is what PBS gave it: exec_vnode of PBS Professional and OpenPBS (it names every counted resource),
else exec_host, else what is counted as used or was asked for. Exit statuses are those of job.h; Torque's own limits
have numbers of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.formats.base import Tally, cut_raw, flag
from pipelines.formats.pbs_accounting.events import Attempt
from pipelines.formats.times import read_instants

DEFAULT_RESOURCES = "ngpus,ndcus,nnpus,nmlus"
AMBIGUOUS = "ambiguous local time"
_KEYS = (
    "user", "group", "project", "queue", "ctime", "etime", "start", "end", "exec_host", "exec_vnode", "exec_gpus",
    "Exit_status", "run_count", "resources_used.walltime", "resources_used.ncpus", "Resource_List.ncpus",
    "Resource_List.nodect", "Resource_List.mem", "Resource_List.accelerator_model", "Resource_List.gpu_model",
)  # fmt: skip
_QUOTED = r'"[^"]*"'
_SIZES = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
_WORD = 8
_SIZE = r"^([0-9]{1,15})(?:([kmgtp]?)([bw]))?$"
_MIB = 1 << 20
_LARGEST = 2**53
_WALLTIME = r"^(?:([0-9]{1,7}):)?([0-9]{1,7}):([0-9]{2})$"
_SIGNAL = 256
_TIMEOUT, _MEMORY = -29, (-26, -27, -31)
_TORQUE_TIMEOUT, _TORQUE_MEMORY = -11, -10


@dataclass(frozen=True)
class Settings:
    """What a feed says once for all its jobs."""

    site_id: str | None
    cluster: str
    zone: str
    account: str
    resources: tuple[str, ...]


def attempt_rows(attempts: Sequence[Attempt], settings: Settings, tally: Tally) -> pl.DataFrame:
    """Rows for job_records: `_row`, `_raw`, typed columns, `!<rule>`."""
    said = _said(attempts, settings)
    rows = pl.DataFrame(
        [
            pl.Series("_row", [each.row for each in attempts], dtype=pl.Int64),
            cut_raw(pl.Series("_raw", [each.raw for each in attempts], dtype=pl.String)),
            pl.Series("site_id", [settings.site_id] * len(attempts), dtype=pl.String),
            pl.Series("cluster", [settings.cluster] * len(attempts), dtype=pl.String),
            pl.Series("job_id", [each.job_id for each in attempts], dtype=pl.String),
            said["account"],
            said["user"],
            said["queue"].alias("partition"),
            said["jobname"].alias("job_name"),
        ]
    )
    rows = flag(rows, "record.quotes", said["unpaired"])
    rows = flag(rows, "record.repeated", said["repeated"])
    rows = _outcomes(rows, said)
    rows = _times(rows, said, settings.zone, tally)
    rows = _elapsed(rows, said)
    return _resources(rows, said, settings.resources)


def _said(attempts: Sequence[Attempt], settings: Settings) -> pl.DataFrame:
    """The fields of the records as text; what users write in quotes is kept away from all other fields."""
    frame = pl.DataFrame(
        {
            "text": pl.Series([f" {each.text}" for each in attempts], dtype=pl.String),
            "state": pl.Series([each.state for each in attempts], dtype=pl.String),
            "is_over": pl.Series([each.is_over for each in attempts], dtype=pl.Boolean),
            "is_deleted": pl.Series([each.is_deleted for each in attempts], dtype=pl.Boolean),
            "runs": pl.Series([each.restart_no for each in attempts], dtype=pl.Int64),
            "submitted": pl.Series([each.submitted for each in attempts], dtype=pl.String),
            "ended": pl.Series([each.ended for each in attempts], dtype=pl.String),
        }
    )
    plain = pl.col("plain")
    keys = [
        *_KEYS,
        *(f"{held}.{name}" for held in ("resources_used", "Resource_List") for name in settings.resources),
    ]
    twice = [plain.str.count_matches(f" {key}=", literal=True) > 1 for key in keys]
    account = pl.coalesce(
        pl.col("text").str.extract(r' account="([^"]*)"'), plain.str.extract(r" account=([^\s\"]+)")
    )
    return frame.with_columns(pl.col("text").str.replace_all(_QUOTED, '""').alias("plain")).with_columns(
        *(_value(key).alias(key) for key in keys),
        plain.str.extract(r" jobname=(.*?)(?: queue=|$)").replace("", None).alias("jobname"),
        (account if settings.account == "account" else _value(settings.account))
        .replace("", None)
        .alias("account"),
        (pl.col("text").str.count_matches('"', literal=True) % 2 == 1).alias("unpaired"),
        pl.any_horizontal(twice).alias("repeated"),
    )


def _value(key: str) -> pl.Expr:
    escaped = key.replace(".", r"\.")
    return pl.col("plain").str.extract(rf" {escaped}=(\S*)").replace("", None)


def _outcomes(rows: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """The state, the exit code as exit:signal, and which run it was."""
    status = said["Exit_status"].cast(pl.Int64, strict=False)
    runs = said["run_count"].cast(pl.Int64, strict=False)
    found = said.with_columns(status.alias("status"), pl.col("exec_vnode").is_null().alias("torque"))
    number = pl.col("status")
    ended = (
        pl.when(number == 0)
        .then(pl.lit("COMPLETED"))
        .when(pl.col("is_deleted"))
        .then(pl.lit("CANCELLED"))
        .when((number == _TIMEOUT) | (pl.col("torque") & (number == _TORQUE_TIMEOUT)))
        .then(pl.lit("TIMEOUT"))
        .when(number.is_in(_MEMORY) | (pl.col("torque") & (number == _TORQUE_MEMORY)))
        .then(pl.lit("OUT_OF_MEMORY"))
        .when(number.is_not_null())
        .then(pl.lit("FAILED"))
    )
    code = (
        pl.when(number >= _SIGNAL)
        .then(pl.format("0:{}", number - _SIGNAL))
        .otherwise(pl.format("{}:0", number))
    )
    chosen = found.select(
        state=pl.coalesce("state", ended),
        exit_code=pl.when(number.is_not_null()).then(code),
        restart_no=pl.coalesce(runs - 1, pl.col("runs")),
    )
    rows = rows.with_columns(chosen.get_columns())
    lacking = status.is_null() & (said["state"].is_null() | said["Exit_status"].is_not_null())
    rows = flag(rows, "exit_status.unreadable", lacking)
    return flag(
        rows, "restart_no.unreadable", said["run_count"].is_not_null() & ~(runs >= 1).fill_null(False)
    )


def _times(rows: pl.DataFrame, said: pl.DataFrame, zone: str, tally: Tally) -> pl.DataFrame:
    over = said["is_over"]
    texts = {
        "submit_time": said["ctime"].fill_null(said["submitted"]),
        "eligible_time": said["etime"],
        "start_time": said["start"],
        "end_time": said["end"].fill_null(said["ended"]).set(~over, None),
    }
    for name, text in texts.items():
        times = read_instants(text, zone, ("", "0"))
        tally.label(AMBIGUOUS, int((times.earliest != times.latest).sum()))
        rows = rows.with_columns(times.earliest.alias(name))
        rows = flag(rows, f"{name}.unreadable", times.unreadable)
        rows = flag(rows, f"{name}.nonexistent", times.nonexistent)
    return rows


def _elapsed(rows: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Seconds by PBS's own clock, which stands still while a job is suspended; else from start to end.

    A job that never started used none.
    """
    parts = pl.col("resources_used.walltime").str.extract_groups(_WALLTIME)
    hours, minutes, seconds = (parts.struct.field(str(i)).cast(pl.Int64) for i in (1, 2, 3))
    plain = pl.col("resources_used.walltime").cast(pl.Int64, strict=False)
    counted = said.select(
        pl.when(seconds < 60).then(hours.fill_null(0) * 3600 + minutes * 60 + seconds).otherwise(plain)
    ).to_series()
    lasted = (rows["end_time"] - rows["start_time"]).dt.total_seconds()
    never = said["is_over"] & rows["start_time"].is_null()
    elapsed = counted.fill_null(lasted).fill_null(
        pl.Series([0]).new_from_index(0, rows.height).set(~never, None)
    )
    broken = said["resources_used.walltime"].is_not_null() & (counted.is_null() | (counted < 0))
    return flag(rows.with_columns(elapsed.alias("elapsed_s")), "elapsed_s.unreadable", broken)


def _resources(rows: pl.DataFrame, said: pl.DataFrame, resources: Sequence[str]) -> pl.DataFrame:
    hosts = _hosts(said["exec_host"])
    vnode = said["exec_vnode"]
    nodect = said["Resource_List.nodect"].cast(pl.Int64, strict=False)
    cores = _first(_in_vnodes(vnode, "ncpus"), hosts["cores"])
    counted = _numbers(said["resources_used.ncpus"], said["Resource_List.ncpus"])
    cards, bad_cards = _cards(said, resources)
    memory, bad_memory = _memory(vnode, said["Resource_List.mem"])
    model = said["Resource_List.accelerator_model"].fill_null(said["Resource_List.gpu_model"])
    rows = rows.with_columns(
        hosts["nodes"].fill_null(nodect).alias("nodes"),
        _first(cores, counted[0]).alias("cpu_cores"),
        memory.alias("memory_mib"),
        cards.alias("accelerators"),
        model.set((cards.fill_null(0) == 0), None).alias("accelerator_model"),
        hosts["node_list"],
    )
    rows = flag(rows, "cpu_cores.unreadable", hosts["unreadable"] | (cores.is_null() & counted[1]))
    rows = flag(rows, "accelerators.unreadable", bad_cards)
    return flag(rows, "memory_mib.unreadable", bad_memory)


def _first(one: pl.Series, other: pl.Series) -> pl.Series:
    return one.fill_null(other)


def _numbers(*texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The first of these columns that says something, as a number; and where that is no number."""
    text = texts[0]
    for other in texts[1:]:
        text = text.fill_null(other)
    value = text.cast(pl.Int64, strict=False)
    value = value.set((value < 0).fill_null(False), None)
    return value, text.is_not_null() & value.is_null()


def _in_vnodes(vnode: pl.Series, resource: str) -> pl.Series:
    """What exec_vnode gives of a resource in all: `(n1:ncpus=4:ngpus=2)+(n2:ncpus=4)`. NULL where it does not."""
    pieces = pl.col("v").str.extract_all(rf":{resource}=[0-9]+")
    number = pl.element().str.extract(r"=([0-9]{1,9})$").cast(pl.Int64, strict=False)
    return pl.DataFrame({"v": vnode}).select(_whole_sum(pieces.list.eval(number))).to_series()


def _whole_sum(numbers: pl.Expr) -> pl.Expr:
    """The sum of a list of which every item is known; NULL of an empty one."""
    known = numbers.list.drop_nulls().list.len()
    return pl.when((known > 0) & (known == numbers.list.len())).then(numbers.list.sum())


def _cards(said: pl.DataFrame, resources: Sequence[str]) -> tuple[pl.Series, pl.Series]:
    """Accelerators held. exec_vnode names all that was counted, so that what it does not name was not held."""
    vnode = said["exec_vnode"]
    held = pl.DataFrame([_in_vnodes(vnode, name).alias(name) for name in resources])
    given = held.select(pl.sum_horizontal(pl.all().fill_null(0))).to_series().set(vnode.is_null(), None)
    listed = said.select(
        pl.col("exec_gpus").str.count_matches("+", literal=True).cast(pl.Int64) + 1
    ).to_series()
    asked = [_numbers(said[f"resources_used.{name}"], said[f"Resource_List.{name}"]) for name in resources]
    total = pl.DataFrame([value.alias(name) for (value, _), name in zip(asked, resources, strict=True)])
    summed = total.select(
        pl.when(pl.any_horizontal(pl.all().is_not_null())).then(pl.sum_horizontal(pl.all().fill_null(0)))
    ).to_series()
    cards = _first(_first(given, listed), summed)
    broken = pl.DataFrame([bad.alias(name) for (_, bad), name in zip(asked, resources, strict=True)])
    lost = broken.select(pl.any_horizontal(pl.all())).to_series()
    return cards.set(lost & vnode.is_null(), None), lost & vnode.is_null() & listed.is_null()


def _hosts(exec_host: pl.Series) -> pl.DataFrame:
    """Cores, hosts and their names of `n1/0*8+n2/0*8` (PBS) or `n1/0+n1/1`, `n1/0-3,8` (Torque)."""
    items = (
        pl.DataFrame({"host": exec_host})
        .with_row_index("at")
        .drop_nulls()
        .with_columns(pl.col("host").str.split("+"))
        .explode("host", empty_as_null=True)
        .with_columns(
            name=pl.col("host").str.extract("^([^/]+)"),
            times=pl.col("host").str.extract(r"\*([0-9]{1,9})$").cast(pl.Int64),
            places=pl.col("host").str.extract(r"^[^/]+/([0-9][0-9,-]*)$"),
        )
    )
    ranges = pl.element().str.extract_groups(r"^([0-9]{1,9})(?:-([0-9]{1,9}))?$")
    first, last = (ranges.struct.field(str(i)).cast(pl.Int64) for i in (1, 2))
    counted = items.with_columns(
        listed=pl.col("places")
        .str.split(",")
        .list.eval(pl.coalesce(last - first + 1, first * 0 + 1))
        .list.sum()
    ).with_columns(cores=pl.coalesce("times", "listed"))
    summed = counted.group_by("at").agg(
        pl.col("cores").sum(),
        nodes=pl.col("name").n_unique().cast(pl.Int64),
        node_list=pl.col("name").unique(maintain_order=True).str.join(","),
        unreadable=(pl.col("cores").is_null() | (pl.col("cores") < 0) | pl.col("name").is_null()).any(),
    )
    every = pl.DataFrame({"at": pl.int_range(len(exec_host), eager=True, dtype=pl.get_index_type())})
    found = every.join(summed, on="at", how="left", maintain_order="left")
    return found.with_columns(
        pl.col("unreadable").fill_null(False),
        pl.when(~pl.col("unreadable").fill_null(False)).then("cores").alias("cores"),
    )


def _bytes(size: pl.Expr) -> pl.Expr:
    """`4194304kb`, `4gb`, `512mw` (words of eight bytes), `1024` in bytes; NULL if unreadable."""
    parts = size.str.to_lowercase().str.extract_groups(_SIZE)
    scale = (parts.struct.field("2").fill_null("") + "b").replace_strict(
        _SIZES, default=None, return_dtype=pl.Int64
    )
    word = pl.when(parts.struct.field("3") == "w").then(_WORD).otherwise(1)
    number = parts.struct.field("1").cast(pl.Int64)
    fits = number.cast(pl.Float64) * scale.cast(pl.Float64) < _LARGEST
    return pl.when(fits).then(number * scale * word)


def _memory(vnode: pl.Series, asked: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Memory given, in whole MiB rounded up; and where it was asked for in a form that nobody writes."""
    frame = pl.DataFrame({"v": vnode, "asked": asked})
    sizes = pl.col("v").str.extract_all(r":mem=[0-9]+[a-zA-Z]*").list.eval(_bytes(pl.element().str.slice(5)))
    found = frame.select(given=_whole_sum(sizes), asked=_bytes(pl.col("asked")))
    held = found["given"].fill_null(found["asked"])
    return (held + _MIB - 1) // _MIB, asked.is_not_null() & held.is_null()
