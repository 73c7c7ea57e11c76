"""Kubernetes quantities, and what a pod as a whole requests.

Exact: whole thousand-millionths (n), rounded up where finer, as Kubernetes keeps them. A pod's effective request of a
resource is the larger of two: its containers together with its sidecars (init containers that restart always), and the
largest init container together with the sidecars started before it; then comes the overhead. Limits stand in where a
container requests nothing, as the API server does it; requests of the pod as a whole go before its containers'.
"""

import re
from collections.abc import Mapping
from typing import Any

from pipelines.formats.json_records import at, text_of

NANO = 1_000_000_000
_FORM = re.compile(
    r"([+-]?)([0-9]{1,30})?(?:\.([0-9]{0,30}))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?[0-9]{1,2}))?"
)
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}

Amounts = dict[str, int | None]
"""Amounts by resource in n; None where what was sent is no quantity or cannot be known."""


def quantity(value: Any) -> int | None:
    """A quantity in n, such as 500m, 1.5Gi, 2e3 or 4; None if it is none."""
    found = _FORM.fullmatch((text_of(value) or "").strip())
    if not found or not (found[2] or found[3]):
        return None
    sign, whole, part, binary, decimal, exponent = found.groups()
    digits, places = int((whole or "") + (part or "")), len(part or "")
    power = 9 - places + (_DECIMAL[decimal or ""] if exponent is None else int(exponent))
    digits <<= _BINARY.get(binary or "", 0)
    amount = digits * 10**power if power >= 0 else -(-digits // 10**-power)
    return -amount if sign == "-" else amount


def requested(container: Mapping[str, Any]) -> Amounts:
    """What one container requests, limits where it requests nothing."""
    amounts: Amounts = {}
    for kind in ("limits", "requests"):
        sent = at(container, "resources", kind)
        if isinstance(sent, dict):
            amounts |= {name: quantity(value) for name, value in sent.items()}
    return amounts


def effective(
    main: list[Amounts], first: list[tuple[bool, Amounts]], over: Amounts, whole: Amounts
) -> Amounts:
    """What the pod holds: of containers, init containers (with whether one is a sidecar), overhead, the pod itself."""
    total: Amounts = {}
    for amounts in main:
        _add(total, amounts)
    sidecars: Amounts = {}
    peak: Amounts = {}
    for sidecar, amounts in first:
        if sidecar:
            _add(total, amounts)
            _add(sidecars, amounts)
        here = dict(sidecars)
        if not sidecar:
            _add(here, amounts)
        _raise(peak, here)
    _raise(total, peak)
    total |= {name: amount for name, amount in whole.items() if name in {"cpu", "memory"}}
    _add(total, over)
    return total


def _add(total: Amounts, amounts: Amounts) -> None:
    for name, amount in amounts.items():
        before = total.get(name, 0)
        total[name] = None if before is None or amount is None else before + amount


def _raise(total: Amounts, amounts: Amounts) -> None:
    for name, amount in amounts.items():
        before = total.get(name, 0)
        total[name] = None if before is None or amount is None else max(before, amount)
