"""The other feeds' records that stand: a table per dataset."""

from pipelines.simulate.books.tables import Table, TextTable
from pipelines.simulate.feeds.records import COLUMNS, RecordFact

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
