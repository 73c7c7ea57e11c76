"""The published table `definitions`: the vocabulary, then every published column.

Belongs here: rows made of the vocabulary and the contracts. Does not belong here: the texts (vocabulary.yaml,
elements/), writing the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data_contracts.contract import Column, Contract, load_contracts
from data_contracts.dictionary import ROOT, read_yaml

Row = dict[str, str | None]


def definitions_rows(root: Path = ROOT) -> list[Row]:
    """Rows with the columns of the contract `definitions`, in a fixed order; a column is `table.column`."""
    columns = (
        (contract, column) for contract in load_contracts("published", root) for column in contract.columns
    )
    return [*_vocabulary(root), *(_column(contract, column) for contract, column in columns)]


def _vocabulary(root: Path) -> Iterator[Row]:
    for term, said in read_yaml(root / "vocabulary.yaml").items():
        yield {
            "term": term,
            "name_en": term,
            "name_zh": said["zh"],
            "definition_en": said["definition_en"],
            "definition_zh": said["definition_zh"],
            "unit": None,
            "table_name": None,
            "column_name": None,
            "sensitivity": "public",
        }


def _column(contract: Contract, column: Column) -> Row:
    return {
        "term": f"{contract.name}.{column.name}",
        "name_en": column.name_en,
        "name_zh": column.name_zh,
        "definition_en": column.definition_en,
        "definition_zh": column.definition_zh,
        "unit": column.unit,
        "table_name": contract.name,
        "column_name": column.name,
        "sensitivity": column.sensitivity,
    }
