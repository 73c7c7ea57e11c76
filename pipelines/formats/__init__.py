"""Wire formats, one folder each: bytes as sent become rows that a contract can judge.

A folder with a `FORMAT` is a format; nothing else is needed to add one. No format knows another.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from pipelines.formats.base import Format

__all__ = ["FORMATS", "sniff_format"]


def _discover() -> dict[str, Format]:
    found = {}
    for module in iter_modules(__path__):
        if module.ispkg:
            found[module.name] = import_module(f"{__name__}.{module.name}").FORMAT
    return dict(sorted(found.items()))


FORMATS: Mapping[str, Format] = _discover()


def sniff_format(dataset: str, head: bytes) -> str | None:
    """The name of the one format for a dataset that a file's first bytes fit, or None where none or several do."""
    fitting = [name for name, each in FORMATS.items() if dataset in each.datasets and each.sniff(head)]
    return fitting[0] if len(fitting) == 1 else None
