"""Bills as the interfaces of Huawei Cloud and of Tianyi Cloud answer: pages of items as JSON, amounts in yuan.

Huawei's monthly resource records state what was due and the eight parts that it was paid or owed by. Both have refunds
and adjustments, which are negative or correct an earlier charge. Prices and quantities are invented.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from random import Random
from typing import Any

from pipelines.simulate.bills import plain
from pipelines.simulate.clock import day_start, days_between, next_month, utc_text
from pipelines.simulate.feeds.records import fact
from pipelines.simulate.feeds.wire import feed_of
from pipelines.simulate.network import World
from pipelines.simulate.parcels import Parcel, Row

PAGE = 1000
PARTS = (
    "cash_amount", "credit_amount", "coupon_amount", "flexipurchase_coupon_amount", "stored_card_amount",
    "bonus_amount", "debt_amount", "adjustment_amount",
)  # fmt: skip
CENTS = Decimal("0.01")


@dataclass(frozen=True)
class Item:
    """A product: its service in words, its service's and size's codes, list price a day, the unit of its usage."""

    service: str
    code: str
    sku: str
    price: Decimal
    unit: str


HUAWEI = (
    Item("弹性云服务器", "hws.service.type.ec2", "pi2.4xlarge.4.linux", Decimal("213.6"), ""),
    Item("ModelArts", "hws.service.type.modelarts", "modelarts.bm.npu.arm.8snt9b", Decimal("3184.32"), ""),
    Item("云硬盘", "hws.service.type.ebs", "GPSSD", Decimal("0.0243"), "GB"),
    Item("对象存储服务", "hws.service.type.obs", "obs.std.storage", Decimal("0.00329999"), "GB"),
)
CTYUN = (
    Item("弹性云主机", "10021017", "GPU云主机", Decimal("486.72"), "小时"),
    Item("物理机", "10021029", "physical.h5.3xlarge", Decimal("311.5"), "小时"),
    Item("对象存储", "10021034", "标准存储", Decimal("0.0033"), "GB"),
)
HUAWEI_TYPES = {
    "use": ("5", "Usage", ""),
    "refund": ("4", "Purchase", "Correction"),
    "adjust": ("9", "Adjustment", "Correction"),
}
CTYUN_TYPES = {
    "use": ("1", "Usage", ""),
    "refund": ("退订", "Purchase", "Correction"),
    "adjust": ("调账", "Adjustment", "Correction"),
}


@dataclass(frozen=True)
class Line:
    """A day's charge for a resource; `usage` is "" where only time is charged."""

    number: int
    day: date
    item: Item
    what: str
    usage: str
    listed: Decimal
    due: Decimal


def huawei(world: World, cloud: str, month: date) -> Iterator[Parcel]:
    """The pages of Huawei Cloud's bill of a month."""
    rng = Random(f"{world.params.seed}/{cloud}/{month.isoformat()}")
    rows = [_huawei_row(month, line, rng) for line in _lines(world, month, HUAWEI, 70, rng)]
    for page, first in enumerate(range(0, len(rows), PAGE), 1):
        part = rows[first : first + PAGE]
        name = f"monthly_records_{month:%Y-%m}_{page}.json"
        footer = f'], "total_count": {len(rows)}, "currency": "CNY"}}\n'
        yield _page(world, cloud, name, '{"monthly_records": [', part, footer)


def ctyun(world: World, cloud: str, month: date) -> Iterator[Parcel]:
    """The pages of Tianyi Cloud's bill of a month."""
    rng = Random(f"{world.params.seed}/{cloud}/{month.isoformat()}")
    rows = [_ctyun_row(month, line, rng) for line in _lines(world, month, CTYUN, 30, rng)]
    for page, first in enumerate(range(0, len(rows), PAGE), 1):
        header = (
            '{"statusCode": 800, "message": "成功", "returnObj": {"accountId": "ctyun-zhengsuan", '
            f'"billingCycleId": "{month:%Y%m}", "pageNo": {page}, "pageSize": {PAGE}, "totalCount": {len(rows)}, '
            '"result": ['
        )
        name = f"bill_{month:%Y%m}_{page}.json"
        yield _page(world, cloud, name, header, rows[first : first + PAGE], "]}}\n")


def _page(world: World, cloud: str, name: str, header: str, rows: list[Row], footer: str) -> Parcel:
    wire, options = feed_of(world, cloud, "cloud_charges")
    return Parcel(
        cloud, "cloud_charges", wire, options, name, header, tuple(rows), newline=",\n ", footer=footer
    )


def _lines(world: World, month: date, items: tuple[Item, ...], resources: int, rng: Random) -> Iterator[Line]:
    """A line per resource and day; now and then one that takes part of an earlier charge back, or grants something."""
    params = world.params
    first, last = max(params.first_day, month), min(params.last_day, next_month(month) - timedelta(days=1))
    for number in range(max(4, round(resources * min(1.0, params.scale)))):
        item = items[number % len(items)]
        for day in days_between(first, last):
            quantity = (
                Decimal(rng.randrange(50_000, 9_000_000)).scaleb(-3) if item.unit == "GB" else Decimal(24)
            )
            listed = (item.price * (quantity if item.unit == "GB" else 1)).quantize(Decimal("0.00000001"))
            due = (listed * rng.choice((Decimal("0.62"), Decimal("0.8"), Decimal(1)))).quantize(
                CENTS, ROUND_DOWN
            )
            yield Line(number, day, item, "use", plain(str(quantity)) if item.unit else "", listed, due)
            draw = rng.random()
            if draw < 0.05:
                yield Line(number, day, item, "refund", "", -listed / 2, -(due / 2).quantize(CENTS))
            elif draw < 0.08:
                yield Line(
                    number, day, item, "adjust", "", Decimal(0), -Decimal(rng.randrange(1, 5000)).scaleb(-2)
                )


def split_payment(due: Decimal, rng: Random) -> dict[str, Decimal]:
    """The eight parts of an amount, which add up to it: most of it cash, some of it other means, something owed."""
    parts = dict.fromkeys(PARTS, Decimal(0))
    for name in rng.sample(PARTS[1:7], rng.randrange(3)):
        parts[name] = (due * Decimal(rng.randrange(1, 30)).scaleb(-2)).quantize(CENTS)
    parts["cash_amount"] = due - sum(parts.values(), Decimal(0))
    return parts


def _huawei_row(month: date, line: Line, rng: Random) -> Row:
    kind, category, charge_class = HUAWEI_TYPES[line.what]
    customer, resource = f"hw-tenant-{line.number % 9 + 1:02d}", f"res-{line.number:04d}"
    item = line.item
    sent = {
        "cycle": f"{month:%Y-%m}", "bill_date": line.day.isoformat(), "bill_type": int(kind),
        "customer_id": customer, "payer_account_id": "hw-zhengsuan", "region": "cn-north-9",
        "region_name": "华北-乌兰察布一", "cloud_service_type": item.code, "cloud_service_type_name": item.service,
        "resource_type_name": item.service, "res_instance_id": resource, "resource_name": f"算力-{line.number:04d}",
        "sku_code": item.sku, "enterprise_project_id": "0", "charge_mode": 3,
        "trade_id": f"CS{line.day:%y%m%d}{line.number:05d}{kind}",
        **({"usage": Decimal(line.usage), "usage_measure_id": 10} if line.usage else {}),
        "consume_amount": line.due, **split_payment(line.due, rng), "official_amount": line.listed,
        "discount_amount": line.listed - line.due, "measure_id": 1,
    }  # fmt: skip
    stated = _stated(month, line, "Huawei Cloud", category, charge_class)
    proved = fact(
        "cloud_charges",
        **stated,
        billing_account="hw-zhengsuan",
        sub_account_id=customer,
        service_name=item.service,
        sku_id=item.sku,
        resource_id=resource,
        resource_name=f"算力-{line.number:04d}",
        region_id="cn-north-9",
        consumed_quantity=line.usage,
        consumed_unit="GB" if line.usage else "",
    )
    return Row(_json(sent), proved)


def _ctyun_row(month: date, line: Line, rng: Random) -> Row:
    kind, category, charge_class = CTYUN_TYPES[line.what]
    item, resource = line.item, f"ct-{line.number:05d}"
    coupon = (line.due * Decimal(rng.randrange(0, 20)).scaleb(-2)).quantize(CENTS)
    mode = "1" if category == "Purchase" else "2"
    sent = {
        "resourceId": f"{resource}-0", "realResourceId": resource, "billMode": mode, "billType": kind,
        "productName": item.service, "productCode": item.code, "regionId": "cn-zhengzhou-1", "offerName": item.sku,
        "consumeDate": line.day.isoformat(), "orderNo": f"{line.day:%Y%m%d}{line.number:06d}{mode}",
        **({"usageType": "用量", "usage": line.usage, "usageUnit": item.unit} if line.usage else {}),
        "price": f"{line.listed:f}", "discountAmount": f"{line.listed - line.due:f}",
        "payableAmount": f"{line.due:f}", "coupon": f"{coupon:f}", "amount": f"{line.due - coupon:f}",
        "billingCycleId": f"{month:%Y%m}", "projectId": f"p-{line.number % 5}",
    }  # fmt: skip
    proved = fact(
        "cloud_charges",
        **_stated(month, line, "CTYUN", category, charge_class),
        billing_account="ctyun-zhengsuan",
        service_name=item.service,
        sku_id=item.code,
        resource_id=resource,
        region_id="cn-zhengzhou-1",
        charge_description=item.sku,
        consumed_quantity=line.usage,
        consumed_unit=item.unit if line.usage else "",
    )
    return Row(_json(sent), proved)


def _stated(month: date, line: Line, provider: str, category: str, charge_class: str) -> dict[str, str]:
    """What any bill states of a line. Its id is the simulator's: these providers give none."""
    return {
        "provider": provider,
        "billing_period": f"{month:%Y-%m}",
        "line_id": f"{line.day.isoformat()}/{line.number}/{line.what}",
        "line_ordinal": "1",
        "billing_period_start": utc_text(day_start(month)),
        "billing_period_end": utc_text(day_start(next_month(month))),
        "charge_category": category,
        "charge_class": charge_class,
        "list_cost": plain(f"{line.listed:f}"),
        "billed_cost": plain(f"{line.due:f}"),
        "billing_currency": "CNY",
        "tax_included": "true",
    }


def _json(sent: dict[str, Any]) -> str:
    """An object as text; decimals are written as they are."""
    texts = (f"{json.dumps(name)}: {_value(value)}" for name, value in sent.items())
    return f"{{{', '.join(texts)}}}"


def _value(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
