"""What a Prometheus exposition can be refused for, in both languages."""

from collections.abc import Mapping

from pipelines.formats.base import Texts
from pipelines.formats.lines import RULES as LINE_RULES
from pipelines.formats.prometheus_text.mapping import IDENTITY, MEASURED, TIME

_TIMES = {
    "absent": (
        "The sample carries no time; send timestamps, a comment # scraped_at TIME, or --option sampled_at=TIME.",
        "样本没有时间；请发送时间戳、“# scraped_at 时间”注释行，或使用 --option sampled_at=时间。",
    ),
    "seconds": (
        "The timestamp is plausible in seconds only, where this format means milliseconds; say --option "
        "timestamp_unit=seconds, or end an OpenMetrics file with # EOF.",
        "时间戳只有按秒解释才合理，而该格式以毫秒计；请使用 --option timestamp_unit=seconds，"
        "OpenMetrics 文件须以 # EOF 结尾。",
    ),
    "milliseconds": (
        "The timestamp is plausible in milliseconds only, where OpenMetrics (# EOF) means seconds; say --option "
        "timestamp_unit=milliseconds.",
        "时间戳只有按毫秒解释才合理，而 OpenMetrics（# EOF）以秒计；请使用 --option timestamp_unit=milliseconds。",
    ),
    "unreadable": (
        "The timestamp is no time: not a number of the expected size.",
        "时间戳不是合理的时间。",
    ),
}
_UNKNOWN = (
    "The labels do not say which device it is; an exporter that names no host needs --option node=NAME.",
    "标签未指明是哪个设备；导出器不含主机名时须使用 --option node=名称。",
)
_CONFLICT = (
    "Samples of one device, metric and time have different values.",
    "同一设备、同一指标、同一时刻的样本取值不同。",
)

FAULTS = ("", *_TIMES)
"""What may be wrong with a sample's time, by number."""

RULES: Mapping[str, Texts] = {
    **LINE_RULES,
    "file.format": (
        'The file is no Prometheus text: no line is a sample such as name{label="value"} 1.5.',
        '文件不是 Prometheus 文本：没有形如 name{label="value"} 1.5 的样本行。',
    ),
    "record.format": (
        'The line is no sample: name{label="value"} value, then perhaps a timestamp.',
        '该行不是样本；应为 name{label="value"} 数值，其后可有时间戳。',
    ),
    **{f"{column}.{fault}": text for column in TIME.values() for fault, text in _TIMES.items()},
    **{f"{column}.unknown": _UNKNOWN for column in IDENTITY.values()},
    **{f"{column}.conflict": _CONFLICT for columns in MEASURED.values() for column in columns},
}
