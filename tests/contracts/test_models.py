"""The dbt models publish what the contracts say: the columns by name, order aside, and their types."""

import pyarrow as pa
import pytest

from data_contracts.contract import Contract, load_contracts
from tests.dbt.harness import Warehouse
from tests.dbt.world import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse built from no deliveries at all."""
    built = Warehouse(tmp_path_factory.mktemp("models"))
    built.build(World())
    return built


@pytest.mark.parametrize("contract", load_contracts("published"), ids=lambda contract: contract.name)
def test_a_model_has_the_columns_and_types_of_its_contract(warehouse: Warehouse, contract: Contract):
    with warehouse.connected() as connection:
        table = connection.execute(f"select * from marts.{contract.name}").to_arrow_table()
    found = {field.name: field.type for field in table.schema}
    wanted = {field.name: field.type for field in contract.arrow_schema()}
    assert {*found} == {*wanted}
    assert {name: found[name] for name in wanted if not same_type(found[name], wanted[name])} == {}


def same_type(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Equal types; a zone may have another name, a decimal fewer digits before the point."""
    if pa.types.is_timestamp(wanted):
        return pa.types.is_timestamp(found) and found.tz in {"UTC", "Etc/UTC"}
    if pa.types.is_decimal(wanted):
        return pa.types.is_decimal(found) and found.scale == wanted.scale
    return found.equals(wanted)
