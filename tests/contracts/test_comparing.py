"""What breaks senders and readers, and what does not."""

from dataclasses import replace

import pytest

from data_contracts.comparing import compare
from data_contracts.contract import Column, Contract, RowRule, load_contract
from data_contracts.dictionary import Text

SENT = load_contract("capacity_inventory")
READ = load_contract("energy_daily")


def with_column(contract: Contract, name: str, /, **element: object) -> Contract:
    """The contract with one column's element, or `required`, changed."""
    required = {"required": element.pop("required")} if "required" in element else {}

    def changed(column: Column) -> Column:
        return (
            replace(column, element=replace(column.element, **element), **required)
            if column.name == name
            else column
        )

    return replace(contract, columns=tuple(changed(column) for column in contract.columns))


def without(contract: Contract, name: str) -> Contract:
    return replace(contract, columns=tuple(column for column in contract.columns if column.name != name))


def plus(contract: Contract, *, required: bool) -> Contract:
    new = replace(
        contract.column("quality" if contract is READ else "sellable"), name="new", required=required
    )
    return replace(contract, columns=(*contract.columns, new))


def codes(contract: Contract, name: str, *, drop: str = "", add: str = "") -> Contract:
    known = {code: text for code, text in contract.column(name).code_texts.items() if code != drop}
    return with_column(contract, name, codes=known | ({add: Text(add, add)} if add else {}))


RULE = RowRule("new", "1 = 1", Text("New.", "新。"))
CASES = {
    "a removed column breaks senders": (SENT, without(SENT, "sellable"), "column removed", True),
    "a removed column breaks readers": (READ, without(READ, "ipue"), "column removed", True),
    "a retyped column breaks": (READ, with_column(READ, "it_wh", type="number"), "retyped from integer", True),
    "another unit breaks": (READ, with_column(READ, "it_wh", unit="kW.h"), "unit changed", True),
    "a new required column breaks senders": (SENT, plus(SENT, required=True), "required column added", True),
    "a new optional column breaks no sender": (SENT, plus(SENT, required=False), "column added", False),
    "a new column breaks no reader": (READ, plus(READ, required=True), "column added", False),
    "asking for a value breaks senders": (SENT, with_column(SENT, "sellable", required=True), "required", True),
    "not asking any more breaks no sender": (SENT, with_column(SENT, "nodes", required=False), "optional", False),
    "no longer promising a value breaks readers": (
        READ, with_column(READ, "quality", required=False), "became optional", True,
    ),
    "promising a value breaks no reader": (READ, with_column(READ, "it_wh", required=True), "required", False),
    "a removed code breaks senders": (SENT, codes(SENT, "state", drop="down"), "codes removed: down", True),
    "an added code breaks no sender": (SENT, codes(SENT, "state", add="sold"), "codes added: sold", False),
    "a removed code breaks readers": (READ, codes(READ, "quality", drop="incomplete"), "removed", True),
    "an added code breaks readers": (READ, codes(READ, "quality", add="guessed"), "codes added", True),
    "a higher minimum breaks senders": (SENT, with_column(SENT, "nodes", min=1), "minimum narrowed from 0 to 1", True),
    "no minimum breaks no sender": (SENT, with_column(SENT, "nodes", min=None), "minimum widened", False),
    "a lower maximum breaks senders": (SENT, with_column(SENT, "nodes", max=9), "maximum narrowed", True),
    "a new maximum breaks readers": (READ, with_column(READ, "it_wh", max=9), "narrowed from none to 9", True),
    "a shorter length breaks senders": (SENT, with_column(SENT, "model", max_length=9), "length narrowed", True),
    "a longer length breaks no sender": (SENT, with_column(SENT, "model", max_length=999), "length widened", False),
    "another form breaks": (SENT, with_column(SENT, "site_id", pattern="^x$"), "form changed", True),
    "no form breaks no sender": (SENT, with_column(SENT, "site_id", pattern=None), "form changed", False),
    "another name breaks nobody": (SENT, with_column(SENT, "nodes", name=Text("N", "数")), "reworded", False),
    "a rule more breaks senders": (SENT, replace(SENT, row_rules=(*SENT.row_rules, RULE)), "row rule added", True),
    "a warning more breaks nobody": (
        SENT, replace(SENT, row_rules=(*SENT.row_rules, replace(RULE, severity="warning"))), "rule added", False,
    ),
    "a rule less breaks no sender": (SENT, replace(SENT, row_rules=SENT.row_rules[1:]), "rule removed", False),
    "a role less breaks readers": (READ, replace(READ, roles=("engineer",)), "lost access", True),
    "another order breaks nobody": (SENT, replace(SENT, columns=SENT.columns[::-1]), "reordered", False),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_change_breaks_or_does_not(case: str):
    before, after, text, breaking = CASES[case]
    found = compare({before.name: before}, {after.name: after})
    assert any(text in change.text for change in found)
    assert any(change.breaking for change in found) is breaking
    assert all(change.allowed is not change.breaking for change in found)


def test_a_new_major_version_may_break():
    after = replace(without(SENT, "sellable"), version="2.0.0")
    (change,) = compare({SENT.name: SENT}, {SENT.name: after})
    assert (change.breaking, change.allowed) == (True, True)


def test_another_key_breaks():
    fewer = tuple(
        replace(column, key_position=None) if column.key_position == 5 else column for column in SENT.columns
    )
    (change,) = compare({SENT.name: SENT}, {SENT.name: replace(SENT, columns=fewer)})
    assert change.breaking
    assert "natural key" in change.text


def test_a_dataset_may_go_when_it_was_retired():
    (gone,) = compare({SENT.name: SENT}, {})
    (retired,) = compare({SENT.name: replace(SENT, status="retired")}, {})
    (added,) = compare({}, {SENT.name: SENT})
    assert [gone.allowed, retired.allowed, added.breaking] == [False, True, False]


def test_nothing_changed_is_nothing_said():
    assert compare({SENT.name: SENT}, {SENT.name: SENT}) == []
