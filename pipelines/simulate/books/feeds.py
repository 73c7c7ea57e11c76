"""The other feeds' records that stand, a table per dataset, and what they come to beside what was declared."""

from pipelines.simulate.books.tables import Table, TextTable, Value, boolean, millionths
from pipelines.simulate.feeds.records import COLUMNS, CONTROLS, RecordFact
from pipelines.simulate.feeds.standing import totals
from pipelines.simulate.tenants import TableRow
from pipelines.simulate.wire_csv import decimal_text

Records = dict[str, dict[str, list[RecordFact]]]


def tables(records: Records) -> list[Table]:
    """A table per dataset: who sent it, then the dataset's columns."""
    return [
        TextTable(
            dataset,
            ("source_id", *columns),
            [
                (source, *record.values)
                for source, facts in sorted(records.get(dataset, {}).items())
                for record in facts
            ],
        )
        for dataset, columns in COLUMNS.items()
    ]


def control_totals(records: Records, declared: dict[str, list[TableRow]]) -> Table:
    """What was declared of a dataset's business day and what is found, in number and control sum."""
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for dataset in CONTROLS:
        for source, facts in records.get(dataset, {}).items():
            for (_, day), (count, control) in totals(dataset, facts).items():
                found[(source, dataset, day.isoformat())] = (count, control)
    said = {
        (source, row["dataset"], row["day"]): (int(row["record_count"]), millionths(row["control_sum"]))
        for source, rows in declared.items()
        for row in rows
        if row["dataset"] in CONTROLS
    }
    rows: list[tuple[Value, ...]] = []
    for key in {**said, **found}:
        here, there = found.get(key, (0, 0)), said.get(key)
        sums = (None if there is None else decimal_text(there[1]), decimal_text(here[1]))
        complete = None if there is None else boolean(there == here)
        rows.append((*key, None if there is None else there[0], here[0], *sums, complete))
    return Table.of(
        "control_totals",
        "source_id dataset day declared found declared_control_sum found_control_sum complete",
        rows,
    )
