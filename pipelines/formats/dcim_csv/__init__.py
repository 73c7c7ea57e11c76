"""What a building's DCIM exports as CSV: meter readings, one per row, and racks, counted per room or one per row.

Headers in English or Chinese, in any order; times local or with an offset.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from data_contracts.contract import load_contract
from pipelines.formats.base import Format, ReadContext, Tally
from pipelines.formats.csv_records import first_names, read_header
from pipelines.formats.dcim_csv.names import RACK_NAMES, READING_NAMES, columns_of
from pipelines.formats.dcim_csv.racks import PER_RACK, PER_ROOM, read_racks
from pipelines.formats.dcim_csv.readings import NEEDED, read_readings
from pipelines.formats.dcim_csv.rules import RULES

__all__ = ["FORMAT", "RULES"]

OPTIONS = {
    "valid_from": "when the racks were counted, where the export does not say",
    "time_zone": "the zone of times without an offset, if it is not the site's",
    "encoding": "utf-8 or gb18030",
    "delimiter": "what stands between the fields, if it is no comma: tab, semicolon or one character",
}


def sniff(head: bytes) -> bool:
    """Whether the first line names a meter's columns or a rack's, the latter not just as the contract does."""
    names = first_names(head)
    if set(NEEDED) <= set(columns_of(names, READING_NAMES)):
        return True
    racks = set(columns_of(names, RACK_NAMES))
    if set(PER_RACK) <= racks:
        return True
    contract = load_contract("rack_inventory")
    table = {name for column in contract.columns for name in (column.name, column.name_zh)}
    return set(PER_ROOM) <= racks and not set(names) <= table


def read(path: Path, context: ReadContext, tally: Tally) -> Iterator[pl.DataFrame]:
    """Frames of facility readings or of rooms' racks; see `base.Format`."""
    header = read_header(path, context, RULES)
    reader = read_racks if context.dataset == "rack_inventory" else read_readings
    yield from reader(path, header, context, tally)


FORMAT = Format("dcim_csv", ("facility_readings", "rack_inventory"), OPTIONS, sniff, read, RULES)
