"""The published tables as PostgreSQL holds them: columns, comments in both languages, who may read which rows.

Statements only; nothing here speaks with a server. Names in them are resolved in the schema that the loader fills.
"""

from collections.abc import Sequence

from psycopg import sql

from data_contracts.contract import Column, Contract
from data_contracts.dictionary import LogicalType
from pipelines.roles import of_region, of_tenant
from pipelines.serving.connecting import statement

SCHEMA, NEXT, DOOR = "suanzhang", "suanzhang_next", "suanzhang_door"
"""Where people read; where a release is laid out that has other columns; what only the loader sees."""

TYPES: dict[LogicalType, str] = {
    "string": 'text collate "C"',
    "integer": "bigint",
    "decimal": "numeric",
    "timestamp": "timestamptz",
    "date": "date",
    "boolean": "boolean",
    "number": "double precision",
}
"""Texts sort by code point, as they do in the files' own engines."""

ROUND = (
    "create function round(value double precision, digits integer) returns double precision language sql immutable "
    "strict parallel safe return pg_catalog.round(value::numeric, digits)::double precision"
)
"""PostgreSQL rounds numerics only; the same SQL has to work on the files."""


def group(role: str) -> sql.Identifier:
    """The PostgreSQL role whose members may read what a role of ours may."""
    return sql.Identifier(f"suanzhang_{role}")


def definitions(contracts: Sequence[Contract]) -> list[sql.Composed]:
    """Everything that the schema of the readers is, but for rows. `sites` comes first: others are narrowed by it."""
    statements = [statement(ROUND)]
    for contract in sorted(contracts, key=lambda each: each.name != "sites"):
        statements += [_table(contract), *_comments(contract), *_rights(contract)]
    return statements


def _table(contract: Contract) -> sql.Composed:
    columns = [statement("{} {}", sql.Identifier(column.name), _type(column)) for column in contract.columns]
    return statement("create table {} ({})", sql.Identifier(contract.name), sql.SQL(", ").join(columns))


def _type(column: Column) -> sql.Composed:
    return statement(f"numeric(38, {column.scale})" if column.type == "decimal" else TYPES[column.type])


def _comments(contract: Contract) -> list[sql.Composed]:
    """What a table and its columns mean, as the published files say it."""
    said = {key.decode(): text.decode() for key, text in contract.described_schema().metadata.items()}
    table = sql.Identifier(contract.name)
    whole = f"{said['comment']} / {said['comment_zh']} (contract 契约 {contract.version})"
    return [
        statement("comment on table {} is {}", table, sql.Literal(whole)),
        *(
            statement(
                "comment on column {}.{} is {}",
                table,
                sql.Identifier(name),
                sql.Literal(said[f"column.{name}"]),
            )
            for name in contract.column_names
        ),
    ]


def _rights(contract: Contract) -> list[sql.Composed]:
    """Who may read the table, and which rows.

    The policy is for everybody, not for a group: a member of a group may take the group's policies away (DROP OWNED).
    A login of which the door knows nothing sees nothing.
    """
    table = sql.Identifier(contract.name)
    groups = sql.SQL(", ").join(group(role) for role in contract.roles)
    return [
        statement("grant select on {} to {}", table, groups),
        statement("alter table {} enable row level security", table),
        statement(f"create policy seen on {{}} for select to public using ({_seen(contract)})", table),
    ]


def _seen(contract: Contract) -> str:
    region, tenant = (f"(select {DOOR}.{name}())" for name in ("region", "tenant"))
    conditions = [f"(select {DOOR}.sees_all())"]
    if "regulator" in contract.roles:
        conditions.append(f"({region} is not null and ({of_region(contract, region) or 'true'}))")
    if "tenant" in contract.roles:
        conditions.append(f"({tenant} is not null and ({of_tenant(contract, tenant) or 'true'}))")
    return " or ".join(conditions)
