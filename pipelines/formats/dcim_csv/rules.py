"""What a DCIM export can be refused for, in both languages."""

from collections.abc import Mapping

from pipelines.formats.base import Texts
from pipelines.formats.csv_records import RULES as CSV_RULES

RULES: Mapping[str, Texts] = {
    **CSV_RULES,
    "read_at.unreadable": (
        "The time of the reading (read_at) is not in the form 2026-03-01 08:00:00, with or without an offset.",
        "读数时间（read_at）不是 2026-03-01 08:00:00 的形式（可带时区偏移）。",
    ),
    "read_at.nonexistent": (
        "The time of the reading (read_at) does not exist in the site's zone: a clock change skips it.",
        "读数时间（read_at）在站点时区中不存在（被夏令时跳过）。",
    ),
    "valid_from.unreadable": (
        "The time of the count (valid_from) is not in the form 2026-03-01 or 2026-03-01 08:00:00.",
        "统计时间（valid_from）不是 2026-03-01 或 2026-03-01 08:00:00 的形式。",
    ),
    "valid_from.nonexistent": (
        "The time of the count (valid_from) does not exist in the site's zone: a clock change skips it.",
        "统计时间（valid_from）在站点时区中不存在（被夏令时跳过）。",
    ),
    "record.status": (
        "Whether the rack is occupied is none of the known words, such as occupied, free, yes, no.",
        "机架状态不是已知的词（如 已上架、空闲、是、否）。",
    ),
    "record.unnamed": (
        "The rack has no name, so it cannot be counted once.",
        "机架没有编号，无法保证只计一次。",
    ),
    "record.conflict": (
        "The room names this rack twice, with a different status or power.",
        "同一机房中该机架出现两次，且状态或功率不同。",
    ),
    "record.uncounted": (
        "The rack could not be read, so it is not counted into its room.",
        "该机架无法读取，因此未计入机房。",
    ),
    "room.incomplete": (
        "A rack of this room, or one whose room or time is not known, could not be read, so the counts are not known.",
        "该机房有机架无法读取（或机房、时间未知），因此数量未知。",
    ),
}
