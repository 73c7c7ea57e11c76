"""The network simulator: native files as each sender writes them, what truly happened, and what the files can prove.

Nothing here shares code with the pipeline that it tests: of the project it knows the sites' configuration and the
error classes.
"""

from pipelines.simulate.params import SimulationParams
from pipelines.simulate.simulator import simulate

__all__ = ["SimulationParams", "simulate"]
