"""The natural keys that the models name are those of the contracts."""

from data_contracts.contract import load_contract
from tests.dbt import lint_library


def test_the_keys_of_jobs_and_reference_data_are_the_contracts() -> None:
    named = {"job_records": lint_library.job_key(), **lint_library.reference_keys()}
    assert named == {name: list(load_contract(name).key) for name in named}
