"""What a PBS accounting log can be reproached with, in words that somebody who runs a site understands."""

from collections.abc import Mapping

from pipelines.formats.base import Texts
from pipelines.formats.lines import RULES as LINE_RULES

_TIMES = {"submit_time": "ctime", "eligible_time": "etime", "start_time": "start", "end_time": "end"}

RULES: Mapping[str, Texts] = {
    **LINE_RULES,
    "file.format": (
        "This is no PBS accounting log: no line is like 03/01/2026 08:00:00;E;12.server;user=ann queue=workq.",
        "这不是 PBS 记账日志：没有 03/01/2026 08:00:00;E;12.server;user=ann queue=workq 形式的行。",
    ),
    "record.form": (
        "The line is no accounting record (time;type;id;text): a line end inside a value probably tore a record apart.",
        "该行不是记账记录（时间;类型;标识;内容），可能是某个值中的换行符把记录拆开了。",
    ),
    "record.quotes": (
        "The quotes of the record do not pair, so that its fields cannot be told apart.",
        "该记录的双引号不成对，无法区分各字段。",
    ),
    "record.repeated": (
        "The record names one of its fields twice, so that it is not known which one counts.",
        "该记录中同一字段出现两次，无法确定以哪个为准。",
    ),
    "exit_status.unreadable": (
        "The record of an ended job has no Exit_status, or one that is no whole number; it was probably cut.",
        "已结束作业的记录没有 Exit_status，或其不是整数，记录可能被截断。",
    ),
    "elapsed_s.unreadable": (
        "The time used (resources_used.walltime) is not in the form hours:minutes:seconds.",
        "运行时长（resources_used.walltime）不是 时:分:秒 的形式。",
    ),
    "restart_no.unreadable": (
        "The number of runs (run_count) is not a whole number from 1 on.",
        "运行次数（run_count）不是从 1 起的整数。",
    ),
    "cpu_cores.unreadable": (
        "The cores held (exec_vnode, exec_host, resources_used.ncpus or Resource_List.ncpus) cannot be read.",
        "占用的核数（exec_vnode、exec_host、resources_used.ncpus 或 Resource_List.ncpus）无法解析。",
    ),
    "accelerators.unreadable": (
        "The accelerators held (exec_vnode, exec_gpus, resources_used or Resource_List) cannot be read.",
        "占用的加速卡数（exec_vnode、exec_gpus、resources_used 或 Resource_List）无法解析。",
    ),
    "memory_mib.unreadable": (
        "The memory (Resource_List.mem) is not in a form that PBS writes, such as 4194304kb or 4gb.",
        "内存（Resource_List.mem）不是 PBS 的写法，例如 4194304kb 或 4gb。",
    ),
    **{
        f"{column}.unreadable": (f"The time {field} is not in epoch seconds.", f"时间 {field} 不是纪元秒。")
        for column, field in _TIMES.items()
    },
    **{
        f"{column}.nonexistent": (
            f"The record's time, which stands for {field}, does not exist in the site's zone: a clock change skips it.",
            f"记录的时间（用作 {field}）在站点时区中不存在（被夏令时跳过）。",
        )
        for column, field in _TIMES.items()
    },
}
