"""The page that says what a release holds: each table and column, what was checked, estimated, left out and changed.

Belongs here: what is said, from contracts, the manifest, the changes and counts over the tables. How it looks is
`docs.html`. No value of a row is shown, only counts of them, so that everybody may read it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from data_contracts.contract import Contract, load_contracts
from data_contracts.dictionary import Text
from pipelines.roles import quoted

GROUPS = {
    "utilisation": Text("Utilisation", "利用"),
    "settlement": Text("Settlement", "结算"),
    "focus": Text("FOCUS 1.4", "FOCUS 1.4"),
    "quality": Text("Quality", "质量"),
}
LIMITS = (
    Text(
        "An empty figure is unknown, never zero; what was rejected is in quarantine, not guessed.",
        "空值表示未知，绝非零；被拒绝的记录在隔离区，不作猜测。",
    ),
    Text(
        "Active is of what telemetry watched, never more; of cores, slices and racks nothing is watched.",
        "活跃量仅指遥测观测到的部分；CPU 核、切片和机架没有观测。",
    ),
    Text(
        "PUE proper is of twelve whole months; a figure of fewer days is interim (iPUE).",
        "PUE 为完整十二个月的值；不足则为阶段值（iPUE）。",
    ),
    Text(
        "Latency circles are taken as one way; half of a round trip is an estimate and labelled so.",
        "时延圈按单向理解；往返折半为估算并已标注。",
    ),
    Text(
        "Published figures of the scorecard are compared with this network's sites alone; what adds compute classes "
        "cannot be computed without an adopted conversion between precisions.",
        "记分卡仅以本网络节点与公开数字对照；跨算力类型相加需要已采用的精度换算，否则无法计算。",
    ),
)


def docs_page(release: Path, release_id: str, manifest: Mapping[str, Any], changes: Mapping[str, Any]) -> str:
    """The page of a release folder, as HTML. The same release gives the same text."""
    rows = {each["name"]: each for each in manifest["tables"]}
    with duckdb.connect() as connection:
        tables = [
            _table(connection, release / rows[contract.name]["file"], contract, rows[contract.name])
            for contract in load_contracts("published")
        ]
    return _template().render(
        release_id=release_id,
        groups=[
            (text, [each for each in tables if each["group"] == group]) for group, text in GROUPS.items()
        ],
        limits=LIMITS,
        since=changes["since"],
        changed=[each for each in changes["tables"] if each["changed"]],
        unchanged=sum(not each["changed"] for each in changes["tables"]),
        watermarks=manifest["watermarks"],
        known_at=manifest["known_at"],
        code=manifest["code"],
    )


def _table(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, line: Mapping[str, Any]
) -> dict[str, Any]:
    """What is said of one table. `empty` are the columns without any value though the table has rows."""
    source = f"read_parquet({quoted(str(path))})"
    filled = _filled(connection, source, contract) if line["rows"] else {}
    return {
        "contract": contract,
        "group": contract.group,
        "rows": line["rows"],
        "file": line["file"],
        "sha256": line["sha256"],
        "checks": list(checks(contract)),
        "empty": [contract.column(name) for name, count in filled.items() if not count],
        "qualities": _qualities(connection, source, contract) if line["rows"] else [],
    }


def _filled(connection: duckdb.DuckDBPyConnection, source: str, contract: Contract) -> dict[str, int]:
    names = [column.name for column in contract.columns if not column.required]
    if not names:
        return {}
    counts = ", ".join(f'count("{name}")' for name in names)
    return dict(zip(names, connection.sql(f"select {counts} from {source}").fetchall()[0], strict=True))


def _qualities(
    connection: duckdb.DuckDBPyConnection, source: str, contract: Contract
) -> list[tuple[str, Text, int]]:
    """How many rows are measured, estimated, open …, where a table says so."""
    if "quality" not in contract.column_names:
        return []
    texts = contract.column("quality").code_texts
    found = connection.sql(
        f"select quality, count(*) from {source} group by quality order by quality"
    ).fetchall()
    return [(code, texts[code], count) for code, count in found]


def checks(contract: Contract) -> Sequence[Text]:
    """What holds for every row of a published table: a release is made only after all of it passed."""
    required = sum(column.required for column in contract.columns)
    coded = sum(bool(column.codes) for column in contract.columns)
    bounded = sum(column.min is not None or column.max is not None for column in contract.columns)
    key = ", ".join(contract.key)
    return [
        Text(f"No two rows have the same {key}.", f"没有两行的 {key} 相同。"),
        *([Text(f"{required} columns are never empty.", f"{required} 列从不为空。")] if required else []),
        *(
            [Text(f"{coded} columns hold the codes listed only.", f"{coded} 列仅取所列代码。")]
            if coded
            else []
        ),
        *([Text(f"{bounded} columns keep their bounds.", f"{bounded} 列在界限之内。")] if bounded else []),
        *(rule.text for rule in contract.row_rules),
    ]


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    return environment.from_string(Path(__file__).with_name("docs.html").read_text(encoding="utf-8"))
