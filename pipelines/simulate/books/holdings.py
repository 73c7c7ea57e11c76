"""What each record says was held: by whom, of which class and model, how much, from when until when.

Jobs and instances alike. What comes of it by hour and day is told by `usage`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.simulate.facts import JobFact
from pipelines.simulate.feeds.records import RecordFact
from pipelines.simulate.network import World
from pipelines.simulate.replay import Known, SiteInstances, SiteJobs, layer_of

Key = tuple[str, str, str]
"""(compute class, resource kind, model)."""

MILLI = 1000
RUNNING_STATES = ("RUNNING", "SUSPENDED")


@dataclass(frozen=True, slots=True)
class Holding:
    """What one record held in [start, stop), in thousandths of cores and of cards; None where nobody knows."""

    site_id: str
    layer: str
    account: str
    compute_class: str
    core_milli: int | None
    card_milli: int | None
    model: str
    start: int
    stop: int
    is_open: bool
    is_conflict: bool
    node: str | None = None
    devices: str | None = None
    qos: str = ""

    def resources(self) -> tuple[tuple[Key, int | None], ...]:
        """Per resource kind its key and how much of it."""
        return (
            ((self.compute_class, "cpu_core", "all"), self.core_milli),
            ((self.compute_class, "accelerator", self.model), self.card_milli),
        )


def site_holdings(
    world: World, known: Known, site: str, aliases: dict[str, str]
) -> tuple[list[Holding], dict[str, int]]:
    """The holdings that a site's records state, and how far each of its layers reaches."""
    jobs, instances = known.jobs.get(site), known.instances.get(site)
    found: list[Holding] = []
    watermarks: dict[str, int] = {}
    if jobs is not None:
        found += _of_jobs(world, jobs, aliases)
        watermarks |= {} if jobs.watermark is None else {"job": jobs.watermark}
    if instances is not None:
        found += _of_instances(world, site, instances, aliases)
        watermarks |= instances.watermarks
    return found, watermarks


def _of_jobs(world: World, jobs: SiteJobs, aliases: dict[str, str]) -> Iterator[Holding]:
    for facts, conflict in ((jobs.current, False), (jobs.conflicting, True)):
        for fact in facts:
            interval = _ran(fact, jobs.watermark)
            if interval is not None:
                partition = world.partition(fact.site_id, fact.partition)
                named = next((word.split(":")[1] for word in fact.gres if ":" in word), None)
                configured = partition.accelerator_model if partition else None
                yield Holding(
                    *(fact.site_id, "job", fact.account, partition.compute_class if partition else "unknown"),
                    *(fact.cores * MILLI, fact.cards * MILLI),
                    _model(named, configured, aliases),
                    *interval,
                    fact.state in RUNNING_STATES,
                    conflict,
                    qos=fact.job.demand.qos,
                )


def _ran(fact: JobFact, watermark: int | None) -> tuple[int, int] | None:
    """The interval in which a job held its resources; None where there is none."""
    if fact.start is None or fact.state == "PENDING":
        return None
    stop = watermark if fact.state in RUNNING_STATES else fact.start + fact.elapsed
    return (fact.start, stop) if stop is not None and stop > fact.start else None


def _of_instances(
    world: World, site: str, instances: SiteInstances, aliases: dict[str, str]
) -> Iterator[Holding]:
    rules = world.sources[site].instances
    for records, conflict in ((instances.current, False), (instances.conflicting, True)):
        for record in records:
            start, end = record.instant("interval_start"), record.instant("interval_end")
            layer = layer_of(record)
            stop = instances.watermarks[layer] if end is None else end
            if record["state"] == "PENDING" or start is None or stop <= start:
                continue
            rule = next((each for each in rules if each.fits(record["node"], record["flavor"])), None)
            cards = int(record["accelerator_milli"]) if record["accelerator_milli"] else None
            if cards is None and rule is not None and rule.accelerator_model is None:
                cards = 0
            by_cards = "unknown" if cards is None else "intelligent" if cards else "general"
            yield Holding(
                *(site, layer, record["account"], rule.compute_class if rule else by_cards),
                *(_thousandths(record), cards),
                _model(record["accelerator_model"], rule.accelerator_model if rule else None, aliases),
                *(start, stop),
                end is None,
                conflict,
                *(record["node"] or None, record["device_ids"] or None),
            )


def _thousandths(record: RecordFact) -> int | None:
    """Virtual CPUs in thousandths; their text has three places at most."""
    if not record["vcpus"]:
        return None
    whole, _, part = record["vcpus"].partition(".")
    return int(whole) * MILLI + int(part.ljust(3, "0"))


def _model(named: str | None, configured: str | None, aliases: dict[str, str]) -> str:
    return (aliases.get(named.lower(), named) if named else configured) or "unknown"
