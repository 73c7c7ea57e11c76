"""The public clouds' monthly bills: a month of the range in one file or its pages, on the third day of the next."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from pipelines.simulate import bills, wire_csv
from pipelines.simulate.clock import HOUR, day_start, month_start, next_month
from pipelines.simulate.events import Events
from pipelines.simulate.feeds.provider_bills import ctyun, huawei
from pipelines.simulate.feeds.wire import feed_of
from pipelines.simulate.network import World
from pipelines.simulate.parcels import Act, Parcel


def billing(events: Events, cloud: str) -> Iterator[Act]:
    """The bills of a cloud."""
    params = events.world.params
    month = month_start(params.first_day)
    while month <= params.last_day:
        at = day_start(next_month(month) + timedelta(days=2)) + 10 * HOUR
        for page, parcel in enumerate(BILLS[cloud](events.world, cloud, month)):
            yield Act(at + page * 7, parcel)
        month = next_month(month)


def _focus(world: World, cloud: str, month: date) -> Iterator[Parcel]:
    wire, options = feed_of(world, cloud, "cloud_charges")
    lines = bills.bill_lines(world, month, world.params.first_day, world.params.last_day)
    yield Parcel(
        source=cloud,
        dataset="cloud_charges",
        format=wire,
        options=options,
        name=f"focus_{month:%Y-%m}.csv",
        header=wire_csv.line(bills.COLUMNS),
        rows=tuple(bills.bill_rows(lines)),
        newline="\r\n",
        bom=True,
    )


BILLS: dict[str, Callable[[World, str, date], Iterator[Parcel]]] = {
    "aliyun": _focus,
    "huawei-cloud": huawei,
    "ctyun": ctyun,
}
