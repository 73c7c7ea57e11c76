"""What a simulation is asked for, checked once. Nothing here simulates."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.errors import WrongUse

FAULT_LEVELS = ("none", "normal", "hostile")
JOB_SITES = ("nscc-zz", "yunai-ai", "qingyang", "hami")
METERED_SITES = ("nscc-zz", "unicom-zy", "cmcc-gx", "yunai-ai", "qingyang", "hami")
CLOUDS = ("aliyun", "huawei-cloud", "ctyun")
SIMULATED = (*METERED_SITES, *CLOUDS)
BUSINESS_SOURCE = "network-ops"
DISPATCH_SOURCE = "network-dispatch"
LONGEST_DAYS = 400
LARGEST_SCALE = 100


@dataclass(frozen=True)
class SimulationParams:
    """A simulation: business days (both included), sites (empty: all that are simulated), seed, scale, faults.

    `scale` multiplies jobs, machines and households (at most 300). The business management and the dispatch
    system always take part. Raises WrongUse for what cannot be.
    """

    first_day: date = date(2026, 10, 1)
    last_day: date = date(2026, 10, 31)
    sites: tuple[str, ...] = ()
    seed: int = 1
    scale: float = 1.0
    faults: str = "normal"

    def __post_init__(self) -> None:
        if self.first_day > self.last_day:
            raise WrongUse(f"--from {self.first_day} is after --to {self.last_day}; exchange them.")
        if (self.last_day - self.first_day).days >= LONGEST_DAYS:
            raise WrongUse(f"More than {LONGEST_DAYS} days are asked for; simulate a shorter range.")
        if not date(2010, 2, 1) <= self.first_day <= self.last_day < date(2100, 1, 1):
            raise WrongUse("The days lie outside 2010-02-01 to 2099-12-31; choose days inside.")
        if not 0 < self.scale <= LARGEST_SCALE:
            raise WrongUse(
                f"--scale {self.scale:g} is not above 0 and at most {LARGEST_SCALE}; choose such a one."
            )
        if self.faults not in FAULT_LEVELS:
            raise WrongUse(f"--faults {self.faults} is not known; choose one of {', '.join(FAULT_LEVELS)}.")
        unknown = sorted(set(self.sites) - set(SIMULATED))
        if unknown:
            raise WrongUse(f"--sites {unknown[0]} is not simulated; choose from {', '.join(SIMULATED)}.")

    @property
    def chosen(self) -> tuple[str, ...]:
        """The sites that take part, in the network's order."""
        return tuple(site for site in SIMULATED if not self.sites or site in self.sites)

    @property
    def opened(self) -> date:
        """Since when the network trades: tenants, accounts and prices are valid from that day."""
        return date(self.first_day.year - 1, 1, 1)

    def canonical(self) -> dict[str, Any]:
        """The parameters as JSON values; equal for equal simulations."""
        return {
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "sites": list(self.chosen),
            "seed": self.seed,
            "scale": self.scale,
            "faults": self.faults,
        }
