"""What is sold and how it is shared: SKUs, tariffs with versions, tax rates, revenue shares. Prices are invented.

Who buys is in `tenants`, what was agreed with some of them in `agreements`. Rows are dicts of text by column; an absent
value is "".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from pipelines.simulate.clock import month_start
from pipelines.simulate.network import World
from pipelines.simulate.tenants import TableRow

VAT_LAW = "中华人民共和国增值税法（2024年12月25日通过，2026年1月1日施行）第十条"
VAT_NOTICE = "财税〔2016〕36号；财政部 税务总局 海关总署公告2019年第39号"
SERVICE_TAX = "information-technology-service"
LEASE_TAX = "leasing-of-tangible-movables"
UNITS = {
    "cpu_core": "core-hour", "accelerator": "card-hour", "subscription": "month", "storage": "GB-month",
    "bandwidth": "Mbps-month", "cloud": "CNY",
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """A SKU: what it is and its prices. `model` "" is any model. The second price holds from mid-range.

    `windows` are further prices by hours of the day, which then all stand there, `bands` by quantity of the month.
    """

    site_id: str
    kind: str
    model: str
    price: str
    tax_included: bool
    share_rule: str
    tax: str = SERVICE_TAX
    later_price: str = ""
    price_model: str = ""
    windows: Mapping[str, str] = field(default_factory=dict)
    bands: Mapping[int, str] = field(default_factory=dict)

    @property
    def sku_id(self) -> str:
        return f"{self.site_id}-{self.kind.replace('_', '-')}-{self.model or 'any'}"

    @property
    def tariff_id(self) -> str:
        return f"tariff-{self.site_id}"

    @property
    def unit(self) -> str:
        return UNITS[self.kind]


OFFERS = (
    Offer("nscc-zz", "cpu_core", "", "0.085000", True, "supercomputer", later_price="0.079137"),
    Offer("nscc-zz", "accelerator", "hygon-dcu-z100", "1.350000", True, "supercomputer", later_price="1.285"),
    Offer("nscc-zz", "subscription", "", "800", True, "supercomputer"),
    Offer("yunai-ai", "cpu_core", "", "0", True, "ai-centre"),
    Offer(
        "yunai-ai", "accelerator", "nvidia-a800-80g", "9.8", True, "ai-centre",
        price_model="graduated", bands={40: "9.31", 2000: "8.82"},
    ),
    Offer("yunai-ai", "accelerator", "", "7.25", True, "ai-centre"),
    Offer("qingyang", "cpu_core", "", "0.011111", False, "green-west"),
    Offer(
        "qingyang", "accelerator", "nvidia-h20", "", False, "green-west",
        windows={"00-08": "3.259265", "08-22": "5.432109", "22-24": "4.345687"},
    ),
    Offer("qingyang", "accelerator", "huawei-ascend-910b", "4.9", False, "green-west"),
    Offer("hami", "cpu_core", "", "0.009", False, "thirds"),
    Offer(
        "hami", "accelerator", "", "3.333333", False, "thirds", tax=LEASE_TAX,
        price_model="volume", bands={30: "3.1", 1500: "2.966667"},
    ),
)  # fmt: skip
BESIDES = (
    Offer("yunai-ai", "storage", "nvme-cache", "0.92", True, "ai-centre"),
    Offer(
        "yunai-ai", "storage", "", "0.165", True, "ai-centre",
        price_model="graduated", bands={2000: "0.142857"},
    ),
    Offer("unicom-zy", "bandwidth", "", "6.6", False, "carrier"),
    Offer("aliyun", "cloud", "", "1.0525", True, "cloud"),
)  # fmt: skip
"""Storage, lines, and a cloud's bill, passed on with a markup: sold where the site takes part."""

QOS_FACTORS = {"high": "1.5", "low": "0.666667"}
MEMBER_FACTORS = {"gold": "0.95"}


@dataclass(frozen=True)
class Catalogue:
    """The business tables about prices, and the tariff version that comes in the middle of the range."""

    skus: list[TableRow]
    tariffs: list[TableRow]
    later_tariffs: list[TableRow]
    multipliers: list[TableRow]
    later_multipliers: list[TableRow]
    shares: list[TableRow]
    later_shares: list[TableRow]
    taxes: list[TableRow]


def catalogue(world: World, changed_on: date) -> Catalogue:
    """The price list of all simulated sites; on business day `changed_on` one tariff gets its next version."""
    opened = world.params.opened
    return Catalogue(
        skus=[_sku(world, offer) for offer in OFFERS],
        tariffs=[row for offer in OFFERS for row in _rates(offer, opened)],
        later_tariffs=[
            _rate(offer, "v2", "0", "00-24", offer.later_price, changed_on)
            for offer in OFFERS
            if offer.later_price
        ],
        multipliers=_multipliers("v1", opened),
        later_multipliers=_multipliers("v2", changed_on),
        shares=[
            _share("supercomputer", opened, "0.8", "0.15", "0.05"),
            _share("ai-centre", opened, "0.85", "0.1", "0.05"),
            _share("green-west", opened, "0.877777", "0.072223", "0.05"),
            _share("thirds", opened, "0.333333", "0.333333", "0.333334"),
        ],
        later_shares=[_share("ai-centre", changed_on + timedelta(days=1), "0.84", "0.105", "0.055")],
        taxes=[
            _tax(SERVICE_TAX, date(2016, 5, 1), "0.06", VAT_NOTICE),
            _tax(SERVICE_TAX, date(2026, 1, 1), "0.06", VAT_LAW),
            _tax(LEASE_TAX, date(2019, 4, 1), "0.13", VAT_NOTICE),
            _tax(LEASE_TAX, date(2026, 1, 1), "0.13", VAT_LAW),
        ],
    )


@dataclass(frozen=True)
class Besides:
    """The business tables about what is sold besides compute."""

    skus: list[TableRow]
    tariffs: list[TableRow]
    shares: list[TableRow]


def besides(world: World) -> Besides:
    """The price list of what is sold besides compute at the sites that take part; from the first month on the carrier
    is guaranteed a least sum."""
    opened = world.params.opened
    offers = [offer for offer in BESIDES if offer.site_id in world.params.chosen]
    guaranteed = {"provider_minimum": "120000", "operator_minimum": "20000.00"}
    shares = [
        _share("carrier", opened, "0.7", "0.2", "0.1") | dict.fromkeys(guaranteed, ""),
        _share("carrier", month_start(world.params.first_day), "0.7", "0.2", "0.1") | guaranteed,
        _share("cloud", opened, "0.92", "0.05", "0.03") | dict.fromkeys(guaranteed, ""),
    ]
    rules = {offer.share_rule for offer in offers}
    return Besides(
        skus=[_sku(world, offer) for offer in offers],
        tariffs=[row for offer in offers for row in _rates(offer, opened)],
        shares=[row for row in shares if row["share_rule"] in rules],
    )


def _sku(world: World, offer: Offer) -> TableRow:
    partitions = world.sources[offer.site_id].partitions
    classes = {partition.compute_class for partition in partitions} or {"general"}
    return {
        "sku_id": offer.sku_id,
        "valid_from": world.params.opened.isoformat(),
        "site_id": offer.site_id,
        "compute_class": sorted(classes)[0],
        "resource_kind": offer.kind,
        "model": offer.model,
        "unit": offer.unit,
        "tariff_id": offer.tariff_id,
        "tax_category": offer.tax,
        "share_rule": offer.share_rule,
    }


def _rates(offer: Offer, valid_from: date) -> list[TableRow]:
    """The first version's rows of a SKU."""
    windows = offer.windows or {"00-24": offer.price}
    first = [_rate(offer, "v1", "0", window, price, valid_from) for window, price in windows.items()]
    return first + [
        _rate(offer, "v1", str(band), "00-24", price, valid_from) for band, price in offer.bands.items()
    ]


def _rate(offer: Offer, version: str, band: str, window: str, price: str, valid_from: date) -> TableRow:
    return {
        "tariff_id": offer.tariff_id,
        "version": version,
        "sku_id": offer.sku_id,
        "band_from": band,
        "window": window,
        "unit": offer.unit,
        "price": price,
        "tax_included": "true" if offer.tax_included else "false",
        "valid_from": valid_from.isoformat(),
        "valid_to": "",
        "price_model": offer.price_model,
    }


def _multipliers(version: str, valid_from: date) -> list[TableRow]:
    """The factors of the supercomputer's tariff, which knows QOS and members."""
    kinds = (("qos", QOS_FACTORS), ("member_class", MEMBER_FACTORS))
    return [
        {
            "tariff_id": "tariff-nscc-zz",
            "version": version,
            "kind": kind,
            "value": value,
            "factor": factor,
            "valid_from": valid_from.isoformat(),
        }
        for kind, factors in kinds
        for value, factor in factors.items()
    ]


def _share(rule: str, valid_from: date, provider: str, operator: str, network: str) -> TableRow:
    return {
        "share_rule": rule,
        "valid_from": valid_from.isoformat(),
        "provider_share": provider,
        "operator_share": operator,
        "network_operator_share": network,
    }


def _tax(category: str, valid_from: date, rate: str, source: str) -> TableRow:
    return {
        "tax_category": category,
        "valid_from": valid_from.isoformat(),
        "rate": rate,
        "legal_source": source,
    }
