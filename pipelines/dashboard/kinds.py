"""Which pages a release has, whose they are and what they hold: one for everybody, one for finance."""

from pipelines.dashboard import cubes, lists
from pipelines.dashboard.reading import Kind
from pipelines.roles import Role

PUBLIC = Kind("dashboard", Role("regulator"), cubes.FOR_REGULATORS, lists.FOR_ALL)
"""Tables that a regulator may read, and so no tenant's data: whoever hosts this folder hosts nothing else."""
FINANCE = Kind("finance", Role("finance"), cubes.FOR_FINANCE, lists.FOR_FINANCE)
"""With settlement; a folder of its own, so that it is never hosted by accident."""
KINDS = (PUBLIC, FINANCE)
VIEWS = {
    "dashboard": ("overview", "utilisation", "energy", "network", "queues", "quality"),
    "finance": ("overview", "utilisation", "energy", "network", "queues", "settlement", "quality"),
}
TITLES = {"dashboard": "算账 suanzhang", "finance": "算账 suanzhang · 财务 finance"}
