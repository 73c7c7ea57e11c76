"""What is expected of deliveries as wholes: files as recorded, counts that add up, volume, freshness, drift.

Expectations on the figures of `measures`. Rows and their values are the contract's (`suite`).
"""

from data_contracts.dictionary import Text
from pipelines.certificates.facts import Expectation, Verdict
from pipelines.certificates.measures import NULL_SHIFT

VOLUME_FACTOR = 3
AHEAD_MINUTES = 5


def delivery_suite() -> tuple[Expectation, ...]:
    """Red where the books do not hold; amber where no contract bound is broken but somebody should know."""
    return (*_books(), *_remarks())


def _books() -> tuple[Expectation, ...]:
    return (
        Expectation(
            "delivery.sha256",
            "expect_column_pair_values_to_be_equal",
            {"column_A": "found_sha256", "column_B": "recorded_sha256"},
            Text(
                "Every stored file has the SHA-256 recorded when it was written.",
                "每个存储文件的 SHA-256 与写入时的记录一致。",
            ),
            Text(
                "A stored file is missing, or was changed after it was written: its SHA-256 is another.",
                "有存储文件缺失，或在写入之后被改动：其 SHA-256 与记录不一致。",
            ),
        ),
        Expectation(
            "delivery.files_sound",
            "expect_column_values_to_be_in_set",
            {"column": "files_sound", "value_set": [True]},
            Text(
                "Every stored file can be read and has the contract's columns and types.",
                "每个存储文件均可读取，且列与类型符合契约。",
            ),
            Text(
                "A stored file cannot be read, or does not have the contract's columns and types.",
                "有存储文件无法读取，或列与类型不符合契约。",
            ),
        ),
        _none(
            "rows_unaccounted",
            Text("Rows in = accepted + quarantined + duplicates.", "收到 = 接收 + 隔离 + 重复。"),
            Text("Rows in are not accepted + quarantined + duplicates.", "收到 ≠ 接收 + 隔离 + 重复。"),
        ),
        _none(
            "bronze_rows_off",
            Text("As many rows are stored as were accepted.", "存储的行数等于接收的行数。"),
            Text("More or fewer rows are stored than were accepted.", "存储的行数不等于接收的行数。"),
        ),
        _none(
            "quarantine_rows_off",
            Text("As many rejected rows are kept as were counted.", "保留的拒收行数等于计数。"),
            Text("More or fewer rejected rows are kept than were counted.", "保留的拒收行数不等于计数。"),
        ),
        _none(
            "rule_counts_off",
            Text("The counts per rule explain every rejected row.", "各规则的计数可解释每一条被拒收的行。"),
            Text("The counts per rule do not explain the rejected rows.", "各规则的计数无法解释被拒收的行。"),
        ),
        _within(
            "share_accepted",
            Text(
                "A delivery that holds rows has some that were accepted.", "有数据行的交付至少有一行被接收。"
            ),
            Text("No row of a delivery was accepted: see why below.", "有交付没有任何一行被接收：原因见下。"),
            Verdict.RED,
            min_value=0,
            strict_min=True,
        ),
    )


def _remarks() -> tuple[Expectation, ...]:
    ahead = f"more than {AHEAD_MINUTES} minutes after its receipt"
    volume = f"between 1/{VOLUME_FACTOR} and {VOLUME_FACTOR} times the usual number"
    return (
        _none(
            "quarantined",
            Text("No row was rejected.", "没有行被拒收。"),
            Text("Rows were rejected: see which and why below.", "有行被拒收：具体行与原因见下。"),
            Verdict.AMBER,
        ),
        _within(
            "minutes_late",
            Text("The delivery arrived by the time agreed.", "交付在约定时间之前到达。"),
            Text(
                "A delivery arrived later than agreed, by:",
                "有交付晚于约定时间到达，晚了：",
            ),
            max_value=0,
        ),
        _within(
            "minutes_ahead",
            Text(f"No event lies {ahead}.", f"没有事件晚于收到时间 {AHEAD_MINUTES} 分钟以上。"),
            Text(
                f"An event lies {ahead}: are the time zone and the clock right? It is later by:",
                f"有事件晚于收到时间 {AHEAD_MINUTES} 分钟以上：请检查时区与时钟。晚了：",
            ),
            max_value=AHEAD_MINUTES,
        ),
        _within(
            "volume_ratio",
            Text(f"The rows are {volume}.", f"行数为通常的 1/{VOLUME_FACTOR} 至 {VOLUME_FACTOR} 倍。"),
            Text(
                f"The rows are not {volume} (in brackets).",
                f"行数不在通常行数（括号内）的 1/{VOLUME_FACTOR} 至 {VOLUME_FACTOR} 倍之间。",
            ),
            min_value=round(1 / VOLUME_FACTOR, 6),
            max_value=VOLUME_FACTOR,
        ),
        _within(
            "null_shift",
            Text(
                f"No column's share of unknown values is {NULL_SHIFT:.0%} away from the usual one.",
                f"任何一列的空值比例与通常相差不超过 {NULL_SHIFT:.0%}。",
            ),
            Text(
                f"A column's share of unknown values is more than {NULL_SHIFT:.0%} away from the usual one.",
                f"有列的空值比例与通常相差超过 {NULL_SHIFT:.0%}。",
            ),
            max_value=NULL_SHIFT,
        ),
        _none(
            "declared_off",
            Text("As many records were found as the sender declared.", "找到的记录数等于申报数。"),
            Text("More or fewer records were found than the sender declared.", "找到的记录数不等于申报数。"),
            Verdict.AMBER,
        ),
    )


def _none(figure: str, text: Text, broken: Text, severity: Verdict = Verdict.RED) -> Expectation:
    return _within(figure, text, broken, severity, min_value=0, max_value=0)


def _within(
    figure: str, text: Text, broken: Text, severity: Verdict = Verdict.AMBER, **bounds: float
) -> Expectation:
    kwargs = {"column": figure, **bounds}
    return Expectation(
        f"delivery.{figure}", "expect_column_values_to_be_between", kwargs, text, broken, severity
    )
