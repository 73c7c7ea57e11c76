"""From Slurm's fields, by sacct's names, to the columns of job_records, whole columns at a time; steps are set aside.

Whatever wire brings the fields, the same job gives the same row. What a job used is said by Elapsed, NCPUS and
AllocTRES; what is not said stays NULL, what cannot be read rejects the row. Which values are permitted is the
contract's business.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.formats.base import ReadContext, Tally, Texts, flag
from pipelines.formats.slurm_amounts import by_value, counts, joules, mebibytes, seconds
from pipelines.formats.slurm_clock import read_times
from pipelines.formats.slurm_tres import from_gres, read_tres
from pipelines.formats.times import zone_option

DEFAULT_GRES = "gpu,dcu,npu,mlu,gcu,xpu"
"""The kinds of gres that are accelerators where the feed does not say."""

JOB_ID = r"[0-9]+(?:_(?:[0-9]+|\[[^\]|\n]*\]))?(?:\+[0-9]+)?(?:\.[A-Za-z0-9_+-]+)?"
_JOB = rf"^(?:{JOB_ID})$"
_STATE = r"^([A-Z_]+)(?: by \S+)?\+?$"
_NOBODY = ("", "None assigned", "(null)")
_TEXTS = {
    "account": "account",
    "user": "user",
    "partition": "partition",
    "qos": "qos",
    "node_list": "nodelist",
    "job_name": "jobname",
    "exit_code": "exitcode",
    "raw_job_id": "jobidraw",
}
_ENERGY_UNMEASURED = 0
STATES = {
    "COMPLETING": "RUNNING",
    "CONFIGURING": "RUNNING",
    "RESIZING": "RUNNING",
    "SIGNALING": "RUNNING",
    "STAGE_OUT": "RUNNING",
    "STOPPED": "RUNNING",
    "EXPEDITING": "PENDING",
    "REQUEUE_FED": "PENDING",
    "REQUEUE_HOLD": "PENDING",
    "RESV_DEL_HOLD": "PENDING",
    "SPECIAL_EXIT": "PENDING",
}
"""Words for what a job is passing through, as the state that it is in meanwhile."""


@dataclass(frozen=True)
class JobSettings:
    """What a feed says once for all its jobs. `cluster` is used where the column is not sent."""

    site_id: str | None
    cluster: str | None
    zone: str
    gres: Collection[str]


def job_settings(context: ReadContext, rules: Mapping[str, Texts]) -> JobSettings:
    """The settings that a delivery's options give: cluster, time_zone, accelerator_gres."""
    options = context.options
    gres = options.get("accelerator_gres") or DEFAULT_GRES
    return JobSettings(
        site_id=context.site_id,
        cluster=options.get("cluster") or context.site_id or context.source_id,
        zone=zone_option(context, rules),
        gres=tuple(kind.strip() for kind in gres.split(",")),
    )


class _Fields:
    """The records' columns by name; one that was not sent is all NULL."""

    def __init__(self, records: pl.DataFrame) -> None:
        self.records = records

    def sent(self, name: str) -> bool:
        return name in self.records.columns

    def get(self, *names: str) -> pl.Series:
        """The first of these columns that was sent."""
        for name in names:
            if self.sent(name):
                return self.records[name]
        return pl.Series(names[0], [None], dtype=pl.String).new_from_index(0, self.records.height)


def job_rows(records: pl.DataFrame, settings: JobSettings, tally: Tally) -> pl.DataFrame:
    """Rows for job_records (`_row`, `_raw`, typed columns, `!<rule>`) of records as `assemble` gives them."""
    records = _without_steps(records, tally)
    faulty, sound = records.filter(pl.col("_fault").is_not_null()), records
    if not faulty.is_empty():
        sound = records.filter(pl.col("_fault").is_null())
    rows = _rows(_Fields(sound), settings, tally)
    if faulty.is_empty():
        return rows
    return pl.concat([rows, _rejected(faulty)], how="diagonal").sort("_row")


def _without_steps(records: pl.DataFrame, tally: Tally) -> pl.DataFrame:
    """Steps repeat what their job holds: they are no records of their own."""
    step = pl.col("_fault").is_null() & pl.col("jobid").str.contains(".", literal=True)
    marked = records.select(step.fill_null(False)).to_series()
    if not marked.any():
        return records
    steps = marked & records["jobid"].str.contains(_JOB).fill_null(False)
    tally.put_aside("job step", int(steps.sum()))
    return records.filter(~steps)


def _rejected(faulty: pl.DataFrame) -> pl.DataFrame:
    """Records that could not be taken apart, each with the rule that it breaks."""
    rows = faulty.select("_row", "_raw", "_fault")
    for rule in rows["_fault"].unique(maintain_order=True):
        rows = flag(rows, rule, rows["_fault"] == rule)
    return rows.drop("_fault")


def _rows(fields: _Fields, settings: JobSettings, tally: Tally) -> pl.DataFrame:
    records = fields.records
    rows = records.select(
        "_row",
        "_raw",
        pl.lit(settings.site_id, pl.String).alias("site_id"),
        pl.col("jobid").alias("job_id"),
        *_texts(fields, settings),
    )
    rows = flag(rows, "job_id.unreadable", ~records["jobid"].str.contains(_JOB))
    rows = rows.with_columns(_states(fields))
    rows = _usage(rows, fields)
    rows = read_times(rows, fields.records, settings.zone, tally)
    return _resources(rows, fields, settings)


def _texts(fields: _Fields, settings: JobSettings) -> list[pl.Series]:
    """Columns kept as sent; the empty text and Slurm's words for nobody are NULL."""
    cluster = fields.get("cluster")
    if not fields.sent("cluster"):
        cluster = pl.Series([settings.cluster], dtype=pl.String).new_from_index(0, len(cluster))
    sent = {"cluster": cluster, **{name: fields.get(column) for name, column in _TEXTS.items()}}
    nothing = {name: text.is_in(_NOBODY) for name, text in sent.items()}
    return [
        text.set(nothing[name], None).alias(name) if nothing[name].any() else text.alias(name)
        for name, text in sent.items()
    ]


def _states(fields: _Fields) -> pl.Series:
    """The state's word; one that Slurm does not know stays as sent, for the contract to judge."""

    def read(texts: pl.Series) -> pl.DataFrame:
        word = pl.col("t").str.extract(_STATE).replace(STATES)
        return pl.DataFrame({"t": texts}).select(state=word.fill_null(pl.col("t")))

    return by_value(fields.get("state"), read)["state"]


def _usage(rows: pl.DataFrame, fields: _Fields) -> pl.DataFrame:
    """Seconds used, how often restarted, how many nodes, how much energy."""
    elapsed, bad = counts(fields.get("elapsedraw"))
    if elapsed.null_count():
        worded, bad_words = seconds(fields.get("elapsed"))
        elapsed, bad = elapsed.fill_null(worded), bad | (bad_words & elapsed.is_null())
    restarts, bad_restarts = counts(fields.get("restarts"))
    nodes, bad_nodes = counts(fields.get("nnodes", "allocnodes"))
    energy, bad_energy = joules(fields.get("consumedenergyraw", "consumedenergy"))
    unmeasured = (energy == _ENERGY_UNMEASURED) & (elapsed > 0)
    rows = rows.with_columns(
        elapsed.alias("elapsed_s"),
        restarts.fill_null(0).alias("restart_no"),
        nodes.alias("nodes"),
        energy.zip_with(~unmeasured.fill_null(False), pl.Series([None], dtype=pl.Int64)).alias("energy_j"),
    )
    for column, broken in {
        "elapsed_s": bad,
        "restart_no": bad_restarts,
        "nodes": bad_nodes,
        "energy_j": bad_energy,
    }.items():
        rows = flag(rows, f"{column}.unreadable", broken)
    return rows


def _resources(rows: pl.DataFrame, fields: _Fields, settings: JobSettings) -> pl.DataFrame:
    """Cores, memory and accelerators held; for a job that never started, what it asked for where that is all."""
    allocated = read_tres(_allocated(fields), settings.gres)
    cores, bad_cores = counts(fields.get("ncpus", "alloccpus"))
    held = pl.DataFrame(
        {
            "cpu_cores": cores.fill_null(allocated["cpu"]),
            "nodes": rows["nodes"].fill_null(allocated["nodes"]),
            "ran": (rows["elapsed_s"] > 0).fill_null(False),
            "memory_mib": allocated["memory_mib"],
            "accelerators": allocated["accelerators"],
            "accelerator_model": allocated["model"],
        }
    )
    memory, bad_memory = _memory(held, fields)
    none = 0 if fields.sent("alloctres") or fields.sent("allocgres") else None
    values = held.select(
        "cpu_cores",
        "nodes",
        memory.alias("memory_mib"),
        pl.col("accelerators").fill_null(pl.when(~pl.col("ran")).then(pl.lit(none, pl.Int64))),
        "accelerator_model",
    )
    rows = rows.with_columns(values.get_columns())
    broken = {
        "cpu_cores.unreadable": bad_cores,
        "cpu_cores.contradiction": held["ran"] & (cores != allocated["cpu"]).fill_null(False),
        "memory_mib.unreadable": allocated["memory_unreadable"] | bad_memory,
        "accelerators.unreadable": allocated["unreadable"],
        "accelerators.contradiction": allocated["contradiction"],
    }
    for rule, flags in broken.items():
        rows = flag(rows, rule, flags)
    return rows


def _memory(held: pl.DataFrame, fields: _Fields) -> tuple[pl.Series, pl.Series]:
    """Memory in MiB: what was given; else, for a job that never ran, what ReqTRES asks for; else ReqMem."""
    memory = held["memory_mib"]
    lacking = memory.is_null()
    broken = pl.Series([False]).new_from_index(0, len(memory))
    if not lacking.any():
        return memory, broken
    some = held.filter(lacking)
    asked = read_tres(fields.get("reqtres").filter(lacking), ())["memory_mib"]
    request = by_value(fields.get("reqmem").filter(lacking), mebibytes)
    number = {"cpu": pl.col("cpu_cores"), "node": pl.col("nodes"), "job": pl.lit(1, pl.Int64)}
    times = pl.coalesce(pl.when(pl.col("per") == per).then(count) for per, count in number.items())
    asked_for = some.with_columns(
        asked.alias("asked"), request["value"].alias("requested"), request["per"]
    ).select(
        memory=pl.coalesce(
            pl.when(~pl.col("ran")).then("asked"), pl.when(times > 0).then(pl.col("requested") * times)
        )
    )["memory"]
    where = lacking.arg_true()
    unreadable = request["unreadable"] & asked_for.is_null()
    return memory.scatter(where, asked_for), broken.scatter(where, unreadable)


def _allocated(fields: _Fields) -> pl.Series:
    """The list of what a job was given: AllocTRES, or AllocGRES of an older Slurm."""
    if fields.sent("alloctres") or not fields.sent("allocgres"):
        return fields.get("alloctres")
    return by_value(fields.get("allocgres"), lambda lists: pl.DataFrame({"gres": from_gres(lists)}))["gres"]
