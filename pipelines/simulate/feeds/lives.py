"""What truly happened to machines and pods, beside what their records tell: a row per stay, a row per pod."""

from pipelines.simulate.books.tables import Table
from pipelines.simulate.clock import utc_text
from pipelines.simulate.events import Events
from pipelines.simulate.feeds import pods
from pipelines.simulate.feeds.machines import ALIVE, machines


def tables(events: Events) -> list[Table]:
    """The stays of virtual machines and the pods of the chosen sites; an end beyond the last day is absent."""
    sites = events.world.physical_sites
    stays = Table.of(
        "machines",
        "site_id instance_id account start_time end_time vcpus host ended",
        (
            (
                *(site, machine.machine_id, machine.account, utc_text(stay.start), _instant(stay.end)),
                *(stay.flavor.vcpus, stay.host, stay.ended),
            )
            for site in sites
            if site in ALIVE
            for machine in machines(events, site)
            for stay in machine.stays
        ),
    )
    cluster = pods.cluster(events).pods if pods.SITE in sites else ()
    held = Table.of(
        "pods",
        "instance_id namespace created_time start_time end_time node milli_cpu memory_mib cards percent",
        (
            (
                *(pod.uid, pod.namespace, utc_text(pod.created), _instant(pod.started), _instant(pod.ended)),
                *(pod.node, pod.milli_cpu, pod.mib, " ".join(map(str, pod.cards)), pod.percent),
            )
            for pod in cluster
        ),
    )
    return [stays, held]


def _instant(at: int | None) -> str | None:
    return None if at is None else utc_text(at)
