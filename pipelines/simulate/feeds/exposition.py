"""Samples as exporters show them, in Prometheus's text format: a day's file is its scrapes, one after another.

A card of NVIDIA's is shown by dcgm-exporter, which writes no times: the collector puts one before each scrape. The
Ascend exporter and a federated node_exporter write the milliseconds of every sample.
"""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from pipelines.simulate.clock import day_number, day_of_number, local_text, utc_seconds
from pipelines.simulate.feeds.devices import Device
from pipelines.simulate.feeds.records import RecordFact
from pipelines.simulate.feeds.wire import Write, feed_of
from pipelines.simulate.network import World
from pipelines.simulate.parcels import Parcel, Row

DCGM = (
    ("DCGM_FI_DEV_SM_CLOCK", "gauge", "SM clock frequency (in MHz)."),
    ("DCGM_FI_DEV_GPU_TEMP", "gauge", "GPU temperature (in C)."),
    ("DCGM_FI_DEV_POWER_USAGE", "gauge", "Power draw (in W)."),
    ("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "counter", "Total energy consumption since boot (in mJ)."),
    ("DCGM_FI_DEV_GPU_UTIL", "gauge", "GPU utilization (in %)."),
    ("DCGM_FI_DEV_XID_ERRORS", "gauge", "Value of the last XID error encountered."),
    ("DCGM_FI_DEV_FB_USED", "gauge", "Framebuffer memory used (in MiB)."),
)
NPU = (
    ("npu_chip_info_health_status", "gauge", "the npu health status"),
    ("npu_chip_info_hbm_used_memory", "gauge", "the npu hbm used memory"),
    ("npu_chip_info_power", "gauge", "the npu power"),
    ("npu_chip_info_temperature", "gauge", "the npu temperature"),
    ("npu_chip_info_utilization", "gauge", "the npu ai core utilization"),
)
NODE = (
    ("node_hwmon_power_average_watt", "gauge", ""),
    ("node_hwmon_temp_celsius", "gauge", ""),
    ("node_rapl_package_joules_total", "counter", ""),
)


def expositions(
    world: World, source: str, name: str, scrapes: list[list[RecordFact]], exporter: str
) -> Iterator[tuple[date, Parcel]]:
    """A file per business day; `exporter` is dcgm, npu or node."""
    wire, options = feed_of(world, source, "device_samples")
    write = writer(world, source, exporter)
    days: dict[date, list[Row]] = {}
    for scrape in scrapes:
        for sample in scrape:
            at = sample.instant("sampled_at")
            assert at is not None
            days.setdefault(day_of_number(day_number(at)), []).append(write(sample))
    for day, rows in days.items():
        yield (
            day,
            Parcel(
                source=source,
                dataset="device_samples",
                format=wire,
                options=options,
                name=f"{name}_{day:%Y%m%d}.prom",
                header="",
                rows=tuple(rows),
                families=tuple(_family(*family) for family in FAMILIES[exporter]),
                write=write,
            ),
        )


FAMILIES = {"dcgm": DCGM, "npu": NPU, "node": NODE}


def _family(name: str, kind: str, text: str) -> str:
    return f"# HELP {name} {text}\n# TYPE {name} {kind}" if text else f"# TYPE {name} {kind}"


def writer(world: World, source: str, exporter: str) -> Write:
    """Writes a sample as lines: what marks its scrape, then a line per family (empty where the exporter has none)."""
    zone = world.sources[source].time_zone

    def dcgm(sample: RecordFact) -> Row:
        device: Device = sample.native
        at, percent, memory, power, energy, heat, health, namespace, pod = _measured(sample)
        labels = _dcgm_labels(device, namespace, pod, source == "cmcc-gx")
        values = (
            "1410" if percent != "0" else "210", heat, _six_places(power), energy, percent,
            "0" if health == "ok" else "79", memory,
        )  # fmt: skip
        lines = [f"{family[0]}{labels} {value}" for family, value in zip(DCGM, values, strict=True)]
        return Row("\n".join([f"# scraped_at {_local(at, zone)}", *lines]), sample, asides=1)

    def npu(sample: RecordFact) -> Row:
        at, percent, memory, power, _, heat, health, *_ = _measured(sample)
        labels, stamp = _npu_labels(sample.native), utc_seconds(at) * 1000
        values = ("1" if health == "ok" else "0", memory, power, heat, percent)
        lines = [f"{family[0]}{labels} {value} {stamp}" for family, value in zip(NPU, values, strict=True)]
        return Row("\n".join([f"@{stamp}", *lines]), sample)

    def node(sample: RecordFact) -> Row:
        stamp = utc_seconds(sample["sampled_at"]) * 1000
        host, _, part = sample["device_id"].partition("/")
        common = f'instance="{host}",job="node"'
        lines = ["", "", ""]
        if sample["power_w"]:
            lines[0] = f'{NODE[0][0]}{{chip="{part}",{common},sensor="power1"}} {sample["power_w"]} {stamp}'
        elif sample["temperature_c"]:
            lines[1] = (
                f'{NODE[1][0]}{{chip="{part}",{common},sensor="temp1"}} {sample["temperature_c"]} {stamp}'
            )
        else:
            index = part.rpartition("-")[2]
            path = f'index="{index}",{common},path="/host/sys/class/powercap/intel-rapl:{index}"'
            lines[2] = f"{NODE[2][0]}{{{path}}} {_thousandths(sample['energy_total_mj'])} {stamp}"
        return Row("\n".join([f"@{stamp}", *lines]), sample)

    return {"dcgm": dcgm, "npu": npu, "node": node}[exporter]


def _measured(sample: RecordFact) -> tuple[str, ...]:
    """When a card was sampled and what was measured of it, then who holds it."""
    return (sample.values[2], *sample.values[6:])


@lru_cache(maxsize=4096)
def _local(at: str, zone: str) -> str:
    return local_text(utc_seconds(at), zone, " ")


@lru_cache(maxsize=4096)
def _dcgm_labels(device: Device, namespace: str, pod: str, kubernetes: bool) -> str:
    held = f',container="{"main" if pod else ""}",namespace="{namespace}",pod="{pod}"' if kubernetes else ""
    return (
        f'{{gpu="{device.number}",UUID="{device.identifier}",pci_bus_id="00000000:{device.bus}",'
        f'device="nvidia{device.number}",modelName="{device.card.model}",Hostname="{device.node}"{held}}}'
    )


@lru_cache(maxsize=256)
def _npu_labels(device: Device) -> str:
    return (
        f'{{container_name="",id="{device.number}",model_name="{device.card.model}",namespace="",'
        f'pcie_bus_info="0000:{device.bus}",pod_name="",vdie_id="{device.identifier}"}}'
    )


def _six_places(decimal: str) -> str:
    whole, _, part = decimal.partition(".")
    return f"{whole}.{part:<06}"


def _thousandths(millis: str) -> str:
    return millis[:-3] or "0"
