"""What counts of a cluster can be reproached with, and what of a cluster a feed has to say beside them."""

from collections.abc import Mapping

from pipelines.formats.base import Texts
from pipelines.formats.csv_records import RULES as CSV_RULES

RULES: Mapping[str, Texts] = {
    **CSV_RULES,
    "file.declared": (
        "The file counts cards and says nothing else of the pool; say as options of the feed:",
        "文件只有卡数，未说明资源池的其他信息；请以选项给出：",
    ),
    "cards.contradiction": (
        "The cards do not add up: running and idle cards are not the total, or the clusters' are not the day's total.",
        "卡数不相符：运行卡数与空闲卡数之和不等于总数，或各集群之和不等于当日总数。",
    ),
    "cards.unreadable": (
        "A number of cards is not a whole number.",
        "卡数不是整数。",
    ),
    "nodes.fraction": (
        "The cards are no whole number of nodes by the feed's cards_per_node.",
        "按 cards_per_node 计算，卡数不是整数个节点。",
    ),
    "time.order": (
        "The time is not later than that of the row before, so that it is not known what holds from when.",
        "时间不晚于上一行，无法确定各数量的生效时间。",
    ),
    "time.unreadable": (
        "The time is not in the form 2026-03-01 08:00:00, or for days 2026-03-01.",
        "时间不是 2026-03-01 08:00:00 的形式（按天为 2026-03-01）。",
    ),
    "time.nonexistent": (
        "The time does not exist in the site's zone: a clock change skips it.",
        "时间在站点时区中不存在（被夏令时跳过）。",
    ),
}
