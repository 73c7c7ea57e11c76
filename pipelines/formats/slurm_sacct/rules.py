"""What a `sacct` text can be reproached with, in words that somebody who runs a site understands."""

from collections.abc import Mapping

from pipelines.formats.base import Texts
from pipelines.formats.lines import RULES as LINE_RULES

_TIMES = {
    "submit_time": ("Submit", "提交时间（Submit）"),
    "eligible_time": ("Eligible", "可调度时间（Eligible）"),
    "start_time": ("Start", "开始时间（Start）"),
    "end_time": ("End", "结束时间（End）"),
}
_NUMBERS = {
    "nodes": ("NNodes", "节点数（NNodes）"),
    "cpu_cores": ("NCPUS", "CPU 核数（NCPUS）"),
    "restart_no": ("Restarts", "重启次数（Restarts）"),
    "energy_j": ("ConsumedEnergy", "能耗（ConsumedEnergy）"),
}

RULES: Mapping[str, Texts] = {
    **LINE_RULES,
    "file.format": (
        "This is not sacct --parsable text: it has no header in sacct's names, and it is not the known layout of 26"
        " columns. Send a header, or say --columns.",
        "这不是 sacct --parsable 文本：没有 sacct 列名表头，也不是已知的 26 列布局。"
        "请带上表头，或使用 --columns 指明列。",
    ),
    "file.columns": (
        "The column list does not fit the file.",
        "列清单与文件不符。",
    ),
    "record.fields": (
        "The row does not have the columns of this file: fields are missing, or a line end or delimiter inside a"
        " value tore it apart. Put JobName last in --format, or use --json.",
        "该行与文件的列不符：缺少字段，或某个值中的换行符、分隔符把记录拆开了。请在 --format 中把 JobName 放在最后。",
    ),
    "record.ambiguous": (
        "The row has more fields than columns and can be read in more than one way. Put JobName last in --format.",
        "该行字段多于列数，且存在多种读法，无法确定。请在 --format 中把 JobName 放在最后。",
    ),
    "record.fragment": (
        "The line is a piece of a record whose other pieces are not there.",
        "该行只是某条记录的一段，其余部分不在文件中。",
    ),
    "record.glued": (
        "The line holds two records in one: a file that was cut was probably joined with another.",
        "该行包含两条记录，可能是一个被截断的文件与另一个文件拼接而成。",
    ),
    "job_id.unreadable": (
        "The job id (JobID) is not in a form that Slurm writes, such as 12, 12_3, 12_[3-5] or 12+0.",
        "作业号（JobID）不是 Slurm 的写法，例如 12、12_3、12_[3-5] 或 12+0。",
    ),
    "elapsed_s.unreadable": (
        "The time used (Elapsed) is not in the form [days-]hours:minutes:seconds; Slurm writes INVALID where its"
        " clock went wrong.",
        "运行时长（Elapsed）不是 [天-]时:分:秒 的形式；时钟出错时 Slurm 会写 INVALID。",
    ),
    "memory_mib.unreadable": (
        "The memory (ReqMem or mem= of the TRES) is not in a form that Slurm writes.",
        "内存（ReqMem 或 TRES 中的 mem=）不是 Slurm 的写法。",
    ),
    "cpu_cores.contradiction": (
        "NCPUS and cpu= of AllocTRES name different numbers of cores for a job that ran.",
        "对已运行的作业，NCPUS 与 AllocTRES 中的 cpu= 给出的核数不一致。",
    ),
    "accelerators.unreadable": (
        "The allocated resources (AllocTRES) cannot be read, so the number of accelerators is unknown.",
        "已分配资源（AllocTRES）无法解析，加速卡数量未知。",
    ),
    "accelerators.contradiction": (
        "AllocTRES counts more accelerators of single types than accelerators in all.",
        "AllocTRES 中分型号的加速卡数之和大于总数。",
    ),
    **{
        f"{column}.unreadable": (
            f"The time {en} is not in a form that Slurm writes, such as 2026-03-01T08:00:00, or epoch seconds.",
            f"{zh}不是 Slurm 的时间写法，例如 2026-03-01T08:00:00 或纪元秒。",
        )
        for column, (en, zh) in _TIMES.items()
    },
    **{
        f"{column}.nonexistent": (
            f"The time {en} does not exist in the site's zone: a clock change skips it. Check the zone of the feed.",
            f"{zh}在站点时区中不存在（被夏令时跳过），请检查数据的时区。",
        )
        for column, (en, zh) in _TIMES.items()
    },
    **{
        f"{column}.unreadable": (
            f"{en} is not a number in a form that Slurm writes.",
            f"{zh}不是 Slurm 的数值写法。",
        )
        for column, (en, zh) in _NUMBERS.items()
    },
}
