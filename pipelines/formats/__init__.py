"""Wire formats, one folder each: bytes as sent become rows that a contract can judge.

A folder with a `FORMAT` is a format; nothing else is needed to add one. No format knows another.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from pipelines.formats.base import Format

__all__ = ["FORMATS", "described"]


def _discover() -> dict[str, Format]:
    found = {}
    for module in iter_modules(__path__):
        if module.ispkg:
            found[module.name] = import_module(f"{__name__}.{module.name}").FORMAT
    return dict(sorted(found.items()))


FORMATS: Mapping[str, Format] = _discover()


def described(name: str) -> str:
    """What a format's folder says of it."""
    return (import_module(f"{__name__}.{name}").__doc__ or "").strip()
