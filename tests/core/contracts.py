"""Other states of a contract than the present one, as this code would have found them at another time."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from data_contracts import contract as contracts
from data_contracts.contract import Contract

USERS = ("pipelines.bronze", "pipelines.quarantine")


def in_force(monkeypatch: pytest.MonkeyPatch, change: Callable[[Contract], Contract]) -> None:
    """From now on the contract of job records is what `change` makes of it."""
    real = contracts.load_contract

    def load(name: str) -> Contract:
        found = real(name)
        return change(found) if name == "job_records" else found

    for user in USERS:
        monkeypatch.setattr(f"{user}.load_contract", load)


def most_cores(limit: int, version: str = "1.0.0") -> Callable[[Contract], Contract]:
    """A contract that accepts jobs with at most so many cores."""

    def change(found: Contract) -> Contract:
        columns = tuple(
            replace(column, element=replace(column.element, max=limit))
            if column.name == "cpu_cores"
            else column
            for column in found.columns
        )
        return replace(found, columns=columns, version=version)

    return change
