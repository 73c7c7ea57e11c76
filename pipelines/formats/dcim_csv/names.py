"""What DCIM systems call their columns and values, in English and Chinese."""

from collections.abc import Mapping, Sequence

READING_NAMES: Mapping[str, tuple[str, ...]] = {
    "meter_id": ("表计", "表计编号", "表计名称", "电表编号", "设备编号"),
    "meter_kind": ("表计类别", "表计类型", "用途"),
    "reading_type": ("读数类型", "计量方式"),
    "read_at": ("抄表时间", "采集时间", "读数时间"),
    "value": ("读数", "表计读数"),
    "unit": ("读数单位", "单位"),
    "quality": ("读数质量", "质量", "数据质量"),
}
KINDS = {
    "总": "facility", "总表": "facility", "数据中心": "facility", "市电进线": "facility", "数据中心总用电": "facility",
    "IT": "it", "IT设备": "it", "IT 设备": "it", "信息设备": "it",
    "制冷": "cooling", "空调": "cooling", "冷却": "cooling",
    "水": "water", "用水": "water",
    "可再生": "renewable", "可再生能源": "renewable", "绿电": "renewable",
}  # fmt: skip
TYPES = {"累计": "cumulative", "累计值": "cumulative", "瞬时": "gauge", "瞬时值": "gauge", "即时": "gauge"}
UNITS = {
    "千瓦时": "kWh", "度": "kWh", "兆瓦时": "MWh", "瓦时": "Wh",
    "千瓦": "kW", "瓦": "W", "升": "L", "立方米": "m3", "m³": "m3",
}  # fmt: skip

RACK_NAMES: Mapping[str, tuple[str, ...]] = {
    "room": ("机房", "机房名称", "房间"),
    "rack": ("rack_id", "rack_name", "cabinet", "机架", "机架编号", "机柜", "机柜编号"),
    "status": ("occupancy", "in_use", "state", "状态", "机架状态", "机柜状态", "使用状态", "是否上架", "是否占用"),
    "valid_from": ("as_of", "counted_at", "date", "生效时间", "统计时间", "盘点时间", "盘点日期", "统计日期"),
    "installed": (
        "racks_installed", "racks_total", "total_racks", "已安装机架数", "机架总数", "机柜总数",
        "标准机架数",
    ),
    "occupied": (
        "racks_occupied", "racks_in_use", "used_racks", "已上架机架数", "已用机架数", "在用机架数",
        "已上架机柜数",
    ),
    "rated_kw": (
        "rated_power_kw", "power_kw", "额定功率", "额定功率(kw)", "单机架功率(kw)", "单机架额定功率(kw)",
        "机架功率(kw)",
    ),
}  # fmt: skip
OCCUPIED = frozenset(
    {"yes", "y", "true", "1", "occupied", "in use", "in_use", "used"}
    | {"是", "已上架", "已占用", "占用", "在用", "使用中", "已用"}
)
FREE = frozenset(
    {"no", "n", "false", "0", "free", "vacant", "empty", "available", "reserved"}
    | {"否", "未上架", "未占用", "空闲", "空置", "未用", "可用", "预留", "预占"}
)
"""A rack that is only reserved holds nothing yet."""


def plain(name: str) -> str:
    """A column's name without what exports vary in: case, spaces, full-width brackets."""
    return name.strip().lower().replace("（", "(").replace("）", ")").replace(" ", "_").replace("__", "_")


def columns_of(header: Sequence[str], known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The header's name of each column that it has; of a column given twice the first."""
    meant = {plain(alias): column for column, aliases in known.items() for alias in (column, *aliases)}
    found: dict[str, str] = {}
    for name in header:
        column = meant.get(plain(name))
        if column is not None:
            found.setdefault(column, name)
    return found
