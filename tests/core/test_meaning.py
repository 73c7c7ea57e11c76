"""`--explain-column`: a column's meaning in both languages, by its contract, as far as the role has the column."""

import json

import pytest
from click.testing import CliRunner

from data_contracts.contract import load_contracts
from pipelines.commands.sql import sql
from pipelines.errors import Finding, WrongUse
from pipelines.meaning import ROOT, meaning, text_of
from pipelines.roles import Role

FINANCE = Role("finance")


def test_a_column_is_explained_by_its_contract_and_its_element() -> None:
    said = meaning(FINANCE, "statements.gross_fen")
    assert said["column"] == "statements.gross_fen"
    assert "价税合计" in said["name"]
    assert said["rules"] == ["gross_is_net_and_tax: Gross = net + tax. 价税合计＝金额＋税额。"]
    assert said["key"] == "period, party_id, counterparty_id, direction"
    assert said["read by"] == "engineer, finance, tenant"
    assert (ROOT / said["made by"]).exists()


def test_codes_units_and_what_is_unknown_are_said() -> None:
    quality = meaning(FINANCE, "energy_daily.quality")
    assert quality["domain"][0] == "measured: measured · 已计量"
    assert meaning(FINANCE, "energy_daily.ipue")["unit"] == "1, a ratio"
    assert meaning(FINANCE, "energy_daily.ipue")["unknown"].startswith("empty where it is unknown")
    assert quality["unknown"] == "never"


def test_every_published_column_can_be_explained() -> None:
    for contract in load_contracts("published"):
        for name in contract.column_names:
            assert text_of(meaning(Role("engineer"), f"{contract.name}.{name}"))


@pytest.mark.parametrize(
    ("role", "named", "error", "sentence"),
    [
        (Role("regulator"), "charges.charge_id", Finding, "no table 'charges' for the role regulator"),
        (FINANCE, "chargs.charge_id", Finding, "Did you mean charges"),
        (FINANCE, "charges.charge", Finding, "no column 'charge' in charges. Did you mean charge_id"),
        (FINANCE, "charges", WrongUse, "write it like energy_daily.ipue"),
    ],
)
def test_a_column_that_is_not_there_for_the_role_is_said(
    role: Role, named: str, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        meaning(role, named)


def test_the_command_needs_no_release_and_gives_json_to_programs() -> None:
    result = CliRunner().invoke(
        sql, ["--explain-column", "sites.region", "--format", "json"], catch_exceptions=False
    )
    assert json.loads(result.output)["sensitivity"] == "public"
