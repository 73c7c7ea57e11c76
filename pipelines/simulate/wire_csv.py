"""The CSV forms: business tables (`table`) and meter readings (`dcim_csv`), row by row.

One row is one line: no value holds a line end.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from pipelines.simulate.clock import local_text
from pipelines.simulate.facts import ReadingFact, TableFact
from pipelines.simulate.parcels import Row
from pipelines.simulate.tenants import TableRow

METER_COLUMNS = ("meter_id", "meter_kind", "reading_type", "read_at", "value", "unit", "quality")
MILLION = 1_000_000


def line(values: Iterable[str]) -> str:
    """One CSV line, quoted where needed, without its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()


def table_rows(dataset: str, table: Sequence[TableRow], zone: str) -> list[Row]:
    """The lines of a business table; instants (columns given as epoch seconds with `@`) become local text."""
    return [
        Row(line(_written(value, zone) for value in row.values()), TableFact(dataset, row)) for row in table
    ]


def _written(value: str, zone: str) -> str:
    return local_text(int(value[1:]), zone, " ") if value.startswith("@") else value


def meter_rows(readings: Iterable[ReadingFact], zone: str) -> list[Row]:
    """The lines of meter readings, times local and without offset."""
    return [
        Row(
            f"{fact.meter_id},{fact.meter_kind},cumulative,{local_text(fact.read_at, zone, ' ')},"
            f"{decimal_text(fact.value)},{fact.unit},ok",
            fact,
        )
        for fact in readings
    ]


def decimal_text(millionths: int) -> str:
    """A number given in millionths, as shortest decimal text."""
    sign = "-" if millionths < 0 else ""
    whole, part = divmod(abs(millionths), MILLION)
    return f"{sign}{whole}.{part:06d}".rstrip("0").rstrip(".")
