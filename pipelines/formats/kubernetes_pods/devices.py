"""What a container's resources say of accelerators, in thousandths of a card.

Whole cards are 1000 each. A MIG slice `<g>g.<m>gb` is g of the seven compute slices of its card (of four on cards that
have four), an Ascend vNPU `-<c>c` is c of the AI cores of its card; HAMi and Volcano state percent of a card's cores or
memory. All are rounded down, so that the slices of a card never add up to more than the card. Time-sliced cards
(`.shared`), shares by memory in MiB, and devices claimed by name or from vendors not listed are unknown, never 0.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.formats.kubernetes_pods.quantities import NANO, Amounts

MILLI = "milli"
WHOLE = {
    "nvidia.com/gpu", "amd.com/gpu", "hygon.com/dcu", "cambricon.com/mlu", "metax-tech.com/gpu", "iluvatar.ai/gpu",
    "kunlunxin.com/xpu", "enflame.com/gcu", "mthreads.com/gpu", "volcano.sh/gpu-number", "huawei.com/npu",
    "gpu.intel.com/i915", "gpu.intel.com/xe", "habana.ai/gaudi",
}  # fmt: skip
_NO_DEVICE = re.compile(
    r"[^/]*|(?:[a-z0-9.-]*\.)?kubernetes\.io/.*|rdma/.*|openshift\.io/.*|smarter-devices/.*|devices\.kubevirt\.io/.*"
    r"|intel\.com/(?:qat|sriov|dsa).*|mellanox\.com/.*|nvidia\.com/(?:hostdev|rdma|mlnx|sriov).*|github\.com/fuse"
)
_MIG = re.compile(r"(?:nvidia\.com/mig-)?((?:([1-7])c\.)?([1-7])g\.([0-9]{1,4})gb(?:[.+][a-z.+]+)?)")
_ASCEND = re.compile(r"huawei\.com/(Ascend[0-9]{3}[A-Za-z0-9]*?)(-memory|-([0-9]{1,2})c(\.[0-9a-z.]+)?)?")
_FOUR = {"1g.6gb", "2g.12gb", "4g.24gb", "2g.48gb", "4g.96gb"}
_FOUR_OR_SEVEN = "1g.24gb"
_CORES = {"2": 32, "4": 32, "8": 32, "16": 32, "5": 20, "10": 20, "3": 24, "6": 24, "12": 24}
"""AI cores of the Ascend 910 whose vNPU templates have that many."""


@dataclass
class _Shares:
    """Resources with which one platform cuts cards: how many, percent of cores, percent of memory, MiB."""

    cards: str
    cores: str
    percent: str
    memory: str


_SHARES = (
    _Shares("nvidia.com/gpu", "nvidia.com/gpucores", "nvidia.com/gpumem-percentage", "nvidia.com/gpumem"),
    _Shares(
        "volcano.sh/vgpu-number", "volcano.sh/vgpu-cores", "volcano.sh/vgpu-memory-percentage", "volcano.sh/vgpu-memory"
    ),
    _Shares("hygon.com/dcunum", "hygon.com/dcucores", "", "hygon.com/dcumem"),
)  # fmt: skip


@dataclass
class Devices:
    """Thousandths of cards that a container has (None: unknown), and the profiles and models that it names."""

    milli: int | None = 0
    profiles: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)

    def add(self, milli: int | None) -> None:
        self.milli = None if milli is None or self.milli is None else self.milli + milli


def devices(amounts: Amounts, product: str | None, cores: int | None) -> Devices:
    """The accelerators of one container; `product` is the card's name, `cores` the AI cores of an Ascend if given."""
    found = Devices()
    left = {
        name: amount for name, amount in amounts.items() if not _NO_DEVICE.fullmatch(name) and amount != 0
    }
    for shares in _SHARES:
        _share(shares, left, found)
    for name, amount in left.items():
        count = None if amount is None or amount < 0 or amount % NANO else amount // NANO
        if found_mig := _MIG.fullmatch(name):
            _slice(found_mig, count, product, found)
        elif found_ascend := _ASCEND.fullmatch(name):
            _ascend(found_ascend, count, cores, found)
        elif name in WHOLE and (mig := _MIG.search((product or "").partition("-MIG-")[2])):
            _slice(mig, count, product, found)
        elif name in WHOLE and not (product or "").endswith("-SHARED"):
            found.add(None if count is None else 1000 * count)
        elif name == "tencent.com/vcuda-core":
            found.add(None if count is None else 10 * count)
        elif name != "tencent.com/vcuda-memory":
            found.add(None)
    return found


def _share(shares: _Shares, left: dict[str, int | None], found: Devices) -> None:
    """Takes the resources of one platform's shares out of those that are left."""
    names = [name for name in (shares.cores, shares.percent, shares.memory) if name in left]
    if not names and shares.cards == "nvidia.com/gpu":
        return
    cards, percent = left.pop(shares.cards, 0), [left.pop(name) for name in names]
    if names and cards and names[0] != shares.memory and percent[0] is not None:
        found.add(cards * percent[0] * 10 // NANO // NANO if percent[0] <= 100 * NANO else None)
    elif names:
        found.add(None)
    else:
        found.add(None if cards is None else 1000 * cards // NANO)


def _slice(mig: re.Match[str], count: int | None, product: str | None, found: Devices) -> None:
    profile, part, compute, memory = mig.groups()
    size = f"{compute}g.{memory}gb"
    if count is None or (size == _FOUR_OR_SEVEN and not product):
        found.add(None)
        return
    four = size in _FOUR or (size == _FOUR_OR_SEVEN and "RTX-PRO-6000" in (product or "").replace(" ", "-"))
    found.add(1000 * int(part or compute) * count // (4 if four else 7))
    found.profiles.append(profile)


def _ascend(name: re.Match[str], count: int | None, cores: int | None, found: Devices) -> None:
    model, cut, share, more = name.groups()
    found.models.append(model)
    if not cut:
        found.add(None if count is None else 1000 * count)
        return
    whole = cores or (8 if model.startswith("Ascend310P") else _CORES.get(share or ""))
    if count is None or not share or not whole or int(share) > whole:
        found.add(None)
        return
    found.add(1000 * int(share) * count // whole)
    parts = (more or "").strip(".").replace("cpu", "c").split(".")
    found.profiles.append("_".join([f"vir{int(share):02}", *(part for part in parts if part)]))


def product_of(annotations: Mapping[str, str], selector: Mapping[str, str]) -> str | None:
    """The name of the card that a pod asks for in an annotation or its node selector."""
    keys = ("nvidia.com/gpu.product", "node.kubernetes.io/npu.chip.name", "amd.com/gpu.product-name")
    return next((each[key] for each in (annotations, selector) for key in keys if each.get(key)), None)
