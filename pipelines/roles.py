"""Who may see which published table, and which of its rows. One list, from the contracts, for every door."""

from dataclasses import dataclass

from data_contracts.contract import Contract, load_contracts
from pipelines.errors import WrongUse

ROLES = ("engineer", "finance", "regulator", "tenant")


@dataclass(frozen=True)
class Role:
    """A role, for a regulator of one region or a tenant with what narrows it. Raises WrongUse if that is missing."""

    name: str
    region: str | None = None
    tenant: str | None = None

    def __post_init__(self) -> None:
        if self.name not in ROLES:
            raise WrongUse(f"There is no role '{self.name}'. Roles: {', '.join(ROLES)}.")
        if self.name == "tenant" and not self.tenant:
            raise WrongUse("The role tenant needs --tenant: whose rows.")
        if self.region and self.name != "regulator":
            raise WrongUse("--region narrows the role regulator only.")
        if self.tenant and self.name != "tenant":
            raise WrongUse("--tenant narrows the role tenant only.")

    def tables(self) -> list[Contract]:
        """The published tables that this role may read."""
        return [contract for contract in load_contracts("published") if self.name in contract.roles]

    def condition(self, contract: Contract) -> str | None:
        """The SQL condition that narrows this role's rows of a table, or None for all rows."""
        if self.tenant:
            return of_tenant(contract, quoted(self.tenant))
        if self.region:
            return of_region(contract, quoted(self.region))
        return None


def of_tenant(contract: Contract, tenant: str) -> str | None:
    """The condition on the rows of a tenant, which an SQL expression names; None for a table of no tenant."""
    return f'"{contract.tenant_column}" = {tenant}' if contract.tenant_column else None


def of_region(contract: Contract, region: str) -> str | None:
    """The condition on the rows of a region, which an SQL expression names; None for a table of no place.

    It may name the table `sites`, which is narrowed by its own condition.
    """
    names = contract.column_names
    if "region" in names:
        return f"region = {region}"
    if "from_site_id" in names:
        return " or ".join(f"{end} in (select site_id from sites)" for end in ("from_site_id", "to_site_id"))
    if own := next((each for each in ("source_id", "site_id") if each in names), None):
        return f"{own} in (select site_id from sites)"
    return None


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
