"""A release into PostgreSQL, in one transaction: readers see the release before it until the commit, and it after.

Where the tables are as they were, rows are replaced by DELETE and COPY, which stand in nobody's way: a statement sees
one state of all tables, that of its beginning. Where contracts changed, the tables are laid out beside, and take the
place of the others in an instant that waits for readers and never lets them wait for long. A table of which the release
holds the same bytes as before is left alone.
"""

import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from psycopg import sql

from data_contracts.contract import Contract, load_contracts
from pipelines.errors import Finding
from pipelines.files import sha256_text
from pipelines.release import read_manifest
from pipelines.serving.connecting import statement
from pipelines.serving.groundwork import harden, lay, open_schema
from pipelines.serving.schema import DOOR, NEXT, SCHEMA, definitions

ROWS = 65_536
"""Rows that are sent at a time."""
HOLD_MS, PAUSE, PATIENCE = 400, 0.5, 300.0
"""How long readers may wait for the change of tables, shorter than the server's patience with deadlocks (a second); how
long they are left alone between two attempts, and for how long it is tried (seconds)."""
NUL, NUL_SHOWN = "\0", "\N{SYMBOL FOR NULL}"
"""A byte that PostgreSQL's texts cannot hold, in a rejected row as sent, and what stands for it."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Loaded:
    """What the server holds after a load. `tables` are those whose rows were sent; none where all was there."""

    release_id: str
    tables: tuple[str, ...]
    rows: int
    hardened: bool


@dataclass(frozen=True)
class _Part:
    """One table of a release: its contract, its line in the manifest, its file."""

    contract: Contract
    line: Mapping[str, Any]
    file: Path


def load(connection: psycopg.Connection, folder: Path, tell: Tell) -> Loaded:
    """Brings a release, a folder, to where people read. The same release again changes nothing.

    Raises Finding where the release was written under other contracts, or readers never pause.
    """
    manifest = read_manifest(folder)
    parts = [
        _part(folder, line, load_contracts("published"))
        for line in sorted(manifest["tables"], key=lambda line: line["name"])
    ]
    statements = definitions([part.contract for part in parts])
    digest = sha256_text("\n".join(each.as_string(connection) for each in statements))
    with connection.transaction():
        cursor = connection.cursor()
        lay(cursor)
        hardened = harden(cursor)
        state = cursor.execute(statement(f"select release_id, definitions from {DOOR}.state")).fetchall()
        if state and state[0][1] == digest:
            changed = _changed(cursor, parts)
            _fill(cursor, SCHEMA, changed, tell)
        else:
            changed = parts
            _rebuild(cursor, statements, parts, tell)
        if changed or state != [(manifest["release_id"], digest)]:
            _note(cursor, manifest["release_id"], digest, parts)
    for part in changed:
        connection.execute(statement("vacuum (analyze) {}.{}", *_named(SCHEMA, part)))
    names = tuple(part.contract.name for part in changed)
    return Loaded(manifest["release_id"], names, sum(part.line["rows"] for part in changed), hardened)


def _part(folder: Path, line: Mapping[str, Any], contracts: Sequence[Contract]) -> _Part:
    contract = next((each for each in contracts if each.name == line["name"]), None)
    if contract is None or contract.version != line["contract_version"]:
        raise Finding(
            f"The release holds {line['name']} as its contract {line['contract_version']} says, which is not the one "
            "here: run `suanzhang materialize`, then load again."
        )
    return _Part(contract, line, folder / line["file"])


def _changed(cursor: psycopg.Cursor, parts: Sequence[_Part]) -> list[_Part]:
    """The tables whose bytes are not those that were loaded last."""
    there: dict[str, str] = dict(
        cursor.execute(statement(f"select table_name, sha256 from {DOOR}.loaded")).fetchall()
    )
    return [part for part in parts if there.get(part.contract.name) != part.line["sha256"]]


def _rebuild(
    cursor: psycopg.Cursor, statements: Sequence[sql.Composed], parts: Sequence[_Part], tell: Tell
) -> None:
    """Lays out the tables anew, fills them, and puts them in the place of those that readers have."""
    cursor.execute(statement(f"create schema {NEXT}"))
    cursor.execute(statement(f"set local search_path = {NEXT}"))
    for each in statements:
        cursor.execute(each)
    _fill(cursor, NEXT, parts, tell)
    _await_readers(cursor, tell)
    cursor.execute(statement(f"drop schema if exists {SCHEMA} cascade"))
    cursor.execute(statement(f"alter schema {NEXT} rename to {SCHEMA}"))
    open_schema(cursor)


def _await_readers(cursor: psycopg.Cursor, tell: Tell) -> None:
    """Holds all tables of the readers alone, at an instant when nobody reads them."""
    found = cursor.execute(
        "select tablename from pg_tables where schemaname = %s order by 1", [SCHEMA]
    ).fetchall()
    tables = sql.SQL(", ").join(sql.Identifier(SCHEMA, name) for (name,) in found)
    end = time.monotonic() + PATIENCE
    while found:
        try:
            with cursor.connection.transaction():
                cursor.execute(statement(f"set local statement_timeout = {HOLD_MS}"))
                cursor.execute(statement("lock table {} in access exclusive mode", tables))
                cursor.execute(statement("set local statement_timeout = 0"))
                return
        except psycopg.errors.QueryCanceled as error:
            if time.monotonic() > end:
                raise Finding(
                    "The tables have other columns than before, and somebody has read the old ones without a pause for "
                    "minutes: end that session (pg_stat_activity shows it), then load again."
                ) from error
            tell("Waiting for a reader to finish …")
            time.sleep(PAUSE)


def _fill(cursor: psycopg.Cursor, schema: str, parts: Sequence[_Part], tell: Tell) -> None:
    for number, part in enumerate(parts, 1):
        tell(f"Loading {part.contract.name}, {part.line['rows']:,} rows ({number} of {len(parts)}) …")
        cursor.execute(statement("delete from {}.{}", *_named(schema, part)))
        with cursor.copy(statement("copy {}.{} from stdin (format csv)", *_named(schema, part))) as copy:
            for batch in pq.ParquetFile(part.file).iter_batches(
                ROWS, columns=list(part.contract.column_names)
            ):
                copy.write(csv_of(batch))


def csv_of(batch: pa.RecordBatch) -> bytes:
    """Rows as PostgreSQL's CSV: unknown values are empty, empty texts quoted; numbers and instants exact."""
    columns = [
        _without_nul(column) if pa.types.is_string(column.type) else column for column in batch.columns
    ]
    sink = io.BytesIO()
    pyarrow.csv.write_csv(
        pa.record_batch(columns, batch.schema), sink, pyarrow.csv.WriteOptions(include_header=False)
    )
    return sink.getvalue()


def _without_nul(column: pa.Array) -> pa.Array:
    return pc.replace_substring(column, NUL, NUL_SHOWN)


def _note(cursor: psycopg.Cursor, release_id: str, digest: str, parts: Sequence[_Part]) -> None:
    """Records what is loaded now, where the loader looks and where readers do."""
    cursor.execute(statement(f"delete from {DOOR}.state"))
    cursor.execute(statement(f"insert into {DOOR}.state values (%s, %s)"), [release_id, digest])
    cursor.execute(statement(f"delete from {DOOR}.loaded"))
    cursor.executemany(
        statement(f"insert into {DOOR}.loaded values (%s, %s)"),
        [(part.contract.name, part.line["sha256"]) for part in parts],
    )
    said = (
        f"Release {release_id} of suanzhang; published tables, one comment each. 算账发布版本 {release_id}。"
    )
    cursor.execute(statement(f"comment on schema {SCHEMA} is {{}}", sql.Literal(said)))


def _named(schema: str, part: _Part) -> tuple[sql.Identifier, sql.Identifier]:
    return sql.Identifier(schema), sql.Identifier(part.contract.name)
