"""The simulated network's own facts: machines, load, meters and habits of each site.

What a partition means, time zones and parties come from `pipelines.sites_config`; tenants and prices are in
`tenants` and `catalogue`. The numbers are invented, of the size that such sites have.
"""

from dataclasses import dataclass
from functools import cached_property

from pipelines.errors import Finding
from pipelines.simulate.params import JOB_SITES, SimulationParams
from pipelines.sites_config import Partition, Source, load_sources


@dataclass(frozen=True)
class PoolFacts:
    """One pool at scale 1. `load` is the wanted mean share of the pool's machines that is allocated.

    `sellable` and `reserved` are shares of the billable unit in service, None where the site does not state
    them. `grown` is the share of the nodes that enters service in the middle of the range. Powers in watts
    per node.
    """

    pool: str
    nodes: int
    node_cores: int
    node_devices: int
    jobs_per_day: int
    load: float
    idle_w: int
    busy_w: int
    cpu_model: str = ""
    sellable: float | None = None
    reserved: float | None = None
    compute_class: str = ""
    grown: float = 0.0


@dataclass(frozen=True)
class SiteFacts:
    """A site's habits: its scheduler's name, how its sacct text looks, its meters and how it writes them.

    `gres` maps a pool to the words of its accelerators in AllocTRES. `step_share` of the jobs come with steps.
    `meter_offset_s` is when in each quarter of an hour the meters are read. `pue` is facility ÷ IT energy.
    """

    site_id: str
    pools: tuple[PoolFacts, ...]
    pue: float
    cluster: str = ""
    layout: str = "wide"
    gres: tuple[tuple[str, tuple[str, ...]], ...] = ()
    step_share: float = 0.0
    meter_unit: str = "kWh"
    meter_offset_s: int = 0
    windows_text: bool = False


SITES: dict[str, SiteFacts] = {
    facts.site_id: facts
    for facts in (
        SiteFacts(
            "nscc-zz",
            (
                PoolFacts("cpu", 800, 64, 0, 1500, 0.68, 210, 560, "hygon-7285", sellable=0.9, reserved=0.05),
                PoolFacts("dcu", 2400, 32, 4, 900, 0.80, 480, 1650, sellable=0.85),
            ),
            pue=1.08,
            cluster="songshan",
            gres=(("dcu", ("gres/dcu:z100", "gres/dcu")),),
        ),
        SiteFacts(
            "unicom-zy",
            (
                PoolFacts(
                    "general", 24, 96, 0, 0, 0.55, 260, 610, "intel-xeon-8378c", compute_class="general"
                ),
            ),
            pue=1.29,
            meter_unit="MWh",
        ),
        SiteFacts(
            "cmcc-gx",
            (
                PoolFacts("general", 10, 128, 0, 0, 0.50, 270, 640, "kunpeng-920", 0.8, None, "general", 0.1),
                PoolFacts("gpu", 6, 128, 8, 0, 0.60, 620, 3100, "nvidia-l20", compute_class="intelligent"),
            ),
            pue=1.33,
            windows_text=True,
        ),
        SiteFacts(
            "yunai-ai",
            (
                PoolFacts("a800", 256, 112, 8, 340, 0.79, 900, 6200, sellable=0.9, reserved=0.1),
                PoolFacts("ascend", 512, 192, 8, 280, 0.82, 800, 5400, sellable=0.9),
            ),
            pue=1.18,
            cluster="yunai",
            layout="energy",
            gres=(("a800", ("gres/gpu:a800", "gres/gpu")), ("ascend", ("gres/npu:910b", "gres/npu"))),
            step_share=0.25,
            meter_unit="Wh",
        ),
        SiteFacts(
            "qingyang",
            (
                PoolFacts("h20", 200, 96, 8, 230, 0.70, 780, 5600),
                PoolFacts("ascend", 200, 192, 8, 200, 0.68, 800, 5400, sellable=1.0),
            ),
            pue=1.16,
            cluster="qy-ai",
            layout="short",
            gres=(("h20", ("gres/gpu",)), ("ascend", ("gres/npu",))),
            step_share=0.10,
            meter_unit="MWh",
            meter_offset_s=450,
        ),
        SiteFacts(
            "hami",
            (
                PoolFacts("l20", 100, 64, 8, 220, 0.64, 450, 2900, sellable=0.95, grown=0.1),
                PoolFacts("ascend", 100, 192, 8, 170, 0.60, 800, 5400),
            ),
            pue=1.12,
            cluster="hami-ai",
            gres=(("l20", ("gres/gpu:l20", "gres/gpu")), ("ascend", ("gres/npu",))),
            meter_offset_s=450,
            windows_text=True,
        ),
    )
}


@dataclass(frozen=True)
class World:
    """The configured network that the simulation takes place in, with what was asked for."""

    params: SimulationParams
    sources: dict[str, Source]

    @classmethod
    def of(cls, params: SimulationParams) -> "World":
        """The network as `site.yaml` files describe it. Raises Finding where a simulated site is not there."""
        sources = load_sources()
        missing = [site for site in params.chosen if site not in sources]
        if missing:
            raise Finding(
                f"There is no site {missing[0]} in pipelines/sites; add it or leave it out with --sites."
            )
        return cls(params, sources)

    @property
    def job_sites(self) -> tuple[str, ...]:
        """The chosen sites that send job records."""
        return tuple(site for site in self.params.chosen if site in JOB_SITES)

    @property
    def physical_sites(self) -> tuple[str, ...]:
        """The chosen sites that have machines and meters."""
        return tuple(site for site in self.params.chosen if site in SITES)

    def partition(self, site: str, name: str) -> Partition | None:
        """The partition of that name; None where the site has not announced it."""
        return self._partitions.get((site, name))

    @cached_property
    def _partitions(self) -> dict[tuple[str, str], Partition]:
        return {(s.source_id, p.partition): p for s in self.sources.values() for p in s.partitions}

    def pool_partitions(self, site: str, pool: str) -> list[Partition]:
        """The partitions of a pool; the first named like the pool, if there is one."""
        found = [each for each in self.sources[site].partitions if each.resource_pool == pool]
        return sorted(found, key=lambda each: (each.partition != pool, each.partition))

    def pool_class(self, site: str, facts: PoolFacts) -> str:
        """The pool's compute class: its partitions', or its own where the site has no scheduler."""
        partitions = self.pool_partitions(site, facts.pool)
        return partitions[0].compute_class if partitions else facts.compute_class

    def pool_model(self, site: str, facts: PoolFacts) -> str:
        """The model in the pool's inventory rows: the accelerator's, or the CPU's where it has none.

        Where the site has no scheduler, the pool says it."""
        models = [each.accelerator_model for each in self.pool_partitions(site, facts.pool)]
        return next((model for model in models if model is not None), facts.cpu_model)

    def pools(self, site: str) -> tuple[PoolFacts, ...]:
        """The site's pools."""
        return SITES[site].pools

    def nodes(self, facts: PoolFacts) -> int:
        """The pool's nodes at the wanted scale: enough for the smallest simulation."""
        return max(6, round(facts.nodes * self.params.scale))
