"""What a JSON document of Slurm can be reproached with, in words that somebody who runs a site understands."""

from collections.abc import Mapping

from pipelines.formats.base import Texts
from pipelines.formats.json_records import RULES as JSON_RULES

_TIMES = {
    "submit_time": "submission",
    "eligible_time": "eligible",
    "start_time": "start",
    "end_time": "end",
}
_NUMBERS = {
    "elapsed_s": ("time.elapsed", "运行时长（time.elapsed）"),
    "nodes": ("allocation_nodes", "节点数（allocation_nodes）"),
    "cpu_cores": ("the count of cpu in tres", "CPU 核数（tres 中的 cpu）"),
    "restart_no": ("restart_cnt", "重启次数（restart_cnt）"),
    "energy_j": ("the count of energy in tres.allocated", "能耗（tres.allocated 中的 energy）"),
}

RULES: Mapping[str, Texts] = {
    **JSON_RULES,
    "file.answer": (
        "Slurm answered with an error and without data; nothing was delivered.",
        "Slurm 返回的是错误信息而不是数据，没有可用内容。",
    ),
    "file.live_jobs": (
        "These are slurmctld's live jobs (job_state), not accounting: send sacct --json or slurmrestd's slurmdb jobs.",
        "这是 slurmctld 的实时作业（job_state），不是记账数据；请发送 sacct --json 或 slurmrestd 的 slurmdb jobs。",
    ),
    "file.observed": (
        "The document does not say when its nodes were observed (last_update); say --option valid_from=TIME.",
        "文档未说明节点的观测时间（last_update）；请使用 --option valid_from=时间。",
    ),
    "file.compute_class": (
        "Slurm does not know the compute class of a pool; say --option compute_class=general, or"
        " compute_class=gpu:intelligent,cpu:super.",
        "Slurm 不知道资源池的算力类型；请使用 --option compute_class=general，"
        "或 compute_class=gpu:intelligent,cpu:super。",
    ),
    "file.cut": (
        "The list of nodes is damaged or cut off, so that no pool's count is whole; send it again.",
        "节点列表已损坏或被截断，资源池的数量均不完整，请重新发送。",
    ),
    "job_id.unreadable": (
        "The job id (job_id, array, het) is not a number as Slurm writes it.",
        "作业号（job_id、array、het）不是 Slurm 的写法。",
    ),
    "memory_mib.unreadable": (
        "The memory (mem in tres, or required.memory_per_cpu or memory_per_node) is not a number of MiB.",
        "内存（tres 中的 mem，或 required.memory_per_cpu、memory_per_node）不是以 MiB 计的数值。",
    ),
    "cpu_cores.contradiction": (
        "The number of cores is not the count of cpu in tres.allocated, for a job that ran.",
        "对已运行的作业，核数与 tres.allocated 中的 cpu 不一致。",
    ),
    "accelerators.unreadable": (
        "The allocated resources (tres.allocated) cannot be read, so the number of accelerators is unknown.",
        "已分配资源（tres.allocated）无法解析，加速卡数量未知。",
    ),
    "accelerators.contradiction": (
        "tres.allocated counts more accelerators of single types than accelerators in all.",
        "tres.allocated 中分型号的加速卡数之和大于总数。",
    ),
    "resource_pool.unknown": (
        "A node of these is in no partition, so it is in no pool; say --option pool=NAME where all nodes are one pool.",
        "其中有节点不属于任何分区，因而不属于任何资源池；若全部节点为一个资源池，请使用 --option pool=名称。",
    ),
    "state.unknown": (
        "The state of a node of these is not one that Slurm has.",
        "其中有节点的状态不是 Slurm 的状态。",
    ),
    "cores.unreadable": (
        "The number of CPUs (cpus) of a node of these is not a number.",
        "其中有节点的 CPU 数（cpus）不是数值。",
    ),
    "devices.unreadable": (
        "The generic resources (gres) of a node of these cannot be read, so its accelerators are unknown.",
        "其中有节点的通用资源（gres）无法解析，加速卡数量未知。",
    ),
    "nodes.repeated": (
        "A node of these is named more than once in the delivery; send one document.",
        "其中有节点在同一交付中出现多次；请只发送一份文档。",
    ),
    **{
        f"{column}.unreadable": (
            f"The time time.{field} is not in epoch seconds.",
            f"时间 time.{field} 不是纪元秒。",
        )
        for column, field in _TIMES.items()
    },
    **{
        f"{column}.nonexistent": (
            f"The time time.{field} does not exist in the site's zone: a clock change skips it.",
            f"时间 time.{field} 在站点时区中不存在（被夏令时跳过）。",
        )
        for column, field in _TIMES.items()
    },
    **{
        f"{column}.unreadable": (f"The number {en} is not a whole number.", f"{zh}不是整数。")
        for column, (en, zh) in _NUMBERS.items()
    },
}
