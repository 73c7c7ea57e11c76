"""Job records as `sacct --parsable2` prints them, with a header: one layout per habit of a site.

What a record states is in `facts`; the text here is only its native form.
"""

from pipelines.simulate.clock import HOUR, duration_text, local_text
from pipelines.simulate.facts import ENDED_RANK, JobFact
from pipelines.simulate.network import SITES, SiteFacts
from pipelines.simulate.parcels import Row
from pipelines.simulate.scheduler import Job

LAYOUTS: dict[str, tuple[str, ...]] = {
    "wide": (
        "JobID", "JobIDRaw", "Cluster", "Partition", "QOS", "Account", "Group", "GID", "User", "UID", "Submit",
        "Eligible", "Start", "End", "Elapsed", "ExitCode", "State", "NNodes", "NCPUS", "ReqCPUS", "ReqMem",
        "ReqTRES", "AllocTRES", "Timelimit", "NodeList", "JobName",
    ),
    "energy": (
        "JobIDRaw", "JobID", "Cluster", "Account", "User", "Partition", "QOS", "State", "ExitCode", "Submit",
        "Eligible", "Start", "End", "ElapsedRaw", "NNodes", "AllocCPUS", "ReqMem", "AllocTRES",
        "ConsumedEnergyRaw", "NodeList", "JobName",
    ),
    "short": (
        "JobID", "Cluster", "Partition", "Account", "User", "State", "Submit", "Eligible", "Start", "End",
        "ElapsedRaw", "NNodes", "NCPUS", "AllocTRES", "JobName",
    ),
}  # fmt: skip
"""The columns that each layout asks sacct for; JobName last, because its text may hold the delimiter."""

SAFE_CUT = 3
"""A line cut after so many fields cannot be read in any layout."""

EXIT_CODES = {
    "FAILED": "1:0",
    "OUT_OF_MEMORY": "0:125",
    "CANCELLED": "0:15",
    "TIMEOUT": "0:15",
    "PREEMPTED": "0:15",
}
MIB_PER_CORE = 3840


def header(site: SiteFacts) -> str:
    """The header line of the site's files."""
    return "|".join(LAYOUTS[site.layout])


def fact_at(job: Job, at: int) -> JobFact | None:
    """What the scheduler of the job's site says of it at an instant; None before its submission."""
    if job.submit > at:
        return None
    demand = job.demand
    site = SITES[demand.site_id]
    start, end, elapsed, state = job.start, job.end, job.elapsed, job.state
    if end is None or end > at:
        end = None
        if start is not None and start <= at:
            elapsed, state = at - start, "RUNNING"
        else:
            start, elapsed, state = None, 0, "PENDING"
    return JobFact(
        job=job,
        site_id=demand.site_id,
        cluster=site.cluster,
        job_id=demand.job_id,
        submit=job.submit,
        eligible=job.eligible if job.eligible <= at else None,
        start=start,
        end=end,
        elapsed=elapsed,
        state=state,
        cores=demand.cores,
        cards=demand.cards if start is not None else 0,
        account=demand.account,
        partition=demand.partition,
        gres=next((words for pool, words in site.gres if pool == demand.pool.pool), ()),
    )


def rows(facts: list[JobFact], zone: str) -> list[Row]:
    """The lines of some job records; some jobs of some sites are followed by the lines of their steps."""
    lines: list[Row] = []
    for fact in facts:
        values = _values(fact, zone)
        layout = LAYOUTS[SITES[fact.site_id].layout]
        lines.append(Row("|".join([values[column] for column in layout]), fact))
        lines += [Row(text, None, "aside") for text in _steps(fact, layout, values)]
    return lines


def _values(fact: JobFact, zone: str) -> dict[str, str]:
    """Every column of a job's line, by sacct's name."""
    demand = fact.job.demand
    started = fact.start is not None
    unknown = "Unknown" if fact.rank < ENDED_RANK else "None"
    memory = fact.cores * MIB_PER_CORE
    nodes = max(1, demand.nodes)
    asked = f"billing={fact.cores},cpu={fact.cores},mem={memory}M,node={nodes}"
    group = fact.account.split("_")[0].split("-")[0]
    user_id = str(demand.uid)
    return {
        "JobID": fact.job_id,
        "JobIDRaw": str(demand.raw_id),
        "Cluster": fact.cluster,
        "Partition": fact.partition,
        "QOS": demand.qos,
        "Account": fact.account,
        "Group": group,
        "GID": str(10_000 + len(group)),
        "User": demand.user,
        "UID": user_id,
        "Submit": local_text(fact.submit, zone),
        "Eligible": "Unknown" if fact.eligible is None else local_text(fact.eligible, zone),
        "Start": unknown if fact.start is None else local_text(fact.start, zone),
        "End": "Unknown" if fact.end is None else local_text(fact.end, zone),
        "Elapsed": duration_text(fact.elapsed),
        "ElapsedRaw": str(fact.elapsed),
        "ExitCode": EXIT_CODES.get(fact.state, "0:0"),
        "State": f"CANCELLED by {user_id}" if fact.state == "CANCELLED" else fact.state,
        "NNodes": str(nodes),
        "NCPUS": str(fact.cores),
        "AllocCPUS": str(fact.cores),
        "ReqCPUS": str(fact.cores),
        "ReqMem": f"{MIB_PER_CORE}Mc" if demand.raw_id % 3 else f"{memory // nodes}Mn",
        "ReqTRES": asked,
        "AllocTRES": _allocated(fact, memory, nodes) if started else "",
        "Timelimit": duration_text(demand.limit_s),
        "ConsumedEnergyRaw": str(_joules(fact)),
        "NodeList": _node_list(fact, nodes) if started else "None assigned",
        "JobName": demand.name,
    }


def energy_j(fact: JobFact) -> int | None:
    """The joules that a job's line says; None where the site's layout has no column for them."""
    return _joules(fact) if "ConsumedEnergyRaw" in LAYOUTS[SITES[fact.site_id].layout] else None


def _joules(fact: JobFact) -> int:
    demand = fact.job.demand
    return max(1, demand.nodes) * demand.pool.busy_w * 3 // 4 * fact.elapsed if fact.start is not None else 0


def _allocated(fact: JobFact, memory: int, nodes: int) -> str:
    """AllocTRES, with the accelerators in the site's words, in sacct's alphabetical order."""
    cards = "".join(f",{word}={fact.cards}" for word in fact.gres) if fact.cards else ""
    mem = f"{memory}M" if memory % 1024 else f"{memory // 1024}G"
    return f"billing={fact.cores},cpu={fact.cores}{cards},mem={mem},node={nodes}"


def _node_list(fact: JobFact, nodes: int) -> str:
    demand = fact.job.demand
    first = demand.raw_id * 37 % max(1, demand.pool.nodes - nodes) + 1
    prefix = f"{demand.pool.pool[:3]}"
    return f"{prefix}{first:04d}" if nodes == 1 else f"{prefix}[{first:04d}-{first + nodes - 1:04d}]"


def _steps(fact: JobFact, layout: tuple[str, ...], values: dict[str, str]) -> list[str]:
    """The lines of the job's steps, which repeat its resources: batch, extern and, for longer ones, a first step."""
    share = SITES[fact.site_id].step_share
    if fact.start is None or fact.elapsed == 0 or fact.job.demand.raw_id % 100 >= share * 100:
        return []
    names = ["batch", "extern", *(["0"] if fact.elapsed > HOUR else [])]
    blank = {"Partition", "QOS", "Group", "GID", "User", "UID", "ReqMem", "ReqTRES", "Timelimit"}
    state = fact.state if fact.state in ("COMPLETED", "RUNNING") else "CANCELLED"
    lines = []
    for name in names:
        own = dict.fromkeys(blank, "") | {
            "JobID": f"{fact.job_id}.{name}",
            "JobIDRaw": f"{fact.job.demand.raw_id}.{name}",
            "State": state,
            "JobName": "launch" if name == "0" else name,
        }
        lines.append("|".join([own.get(column, values[column]) for column in layout]))
    return lines
