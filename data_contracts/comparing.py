"""What changed between two states of the contracts, and whether it breaks who relies on them.

Belongs here: the comparison and its classification. Does not belong here: where the two states come from.

Senders rely on an input: it breaks when more is asked of them. Readers rely on a published table: it breaks when
less is promised to them. A removed, narrowed or retyped element breaks either; so does a widened published domain,
because a reader may have relied on its bounds. Breaking is allowed with a higher major version, and the removal of
a dataset once its contract is retired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from data_contracts.contract import Column, Contract
from data_contracts.dictionary import Bound, bound_text


@dataclass(frozen=True)
class Change:
    """One difference. `allowed`: not breaking, or the major version was raised for it."""

    dataset: str
    subject: str
    text: str
    breaking: bool
    allowed: bool


@dataclass(frozen=True)
class _Difference:
    subject: str
    text: str
    breaking: bool


def compare(old: Mapping[str, Contract], new: Mapping[str, Contract]) -> list[Change]:
    """Every difference between two states of the contracts by name, datasets in alphabetical order."""
    changes: list[Change] = []
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before is None:
            changes.append(Change(name, name, "dataset added", False, True))
        elif after is None:
            retired = before.status == "retired"
            changes.append(Change(name, name, "dataset removed", True, retired))
        else:
            changes += _changes(before, after)
    return changes


def _changes(before: Contract, after: Contract) -> Iterator[Change]:
    raised = after.major > before.major
    for each in _differences(before, after):
        yield Change(after.name, each.subject, each.text, each.breaking, raised or not each.breaking)


_IDENTITY = {"kind": "kind", "release folder": "group", "natural key": "key"}
_CONTROLS = {
    "day of declared totals": "control_day",
    "declared sum": "control_sum",
    "declared rows": "control_filter",
}


def _differences(before: Contract, after: Contract) -> Iterator[_Difference]:
    published = after.kind == "published"
    for what, attribute in (_IDENTITY | _CONTROLS).items():
        was, now = getattr(before, attribute), getattr(after, attribute)
        if was != now:
            yield _Difference(after.name, f"{what} changed from {_said(was)} to {_said(now)}", True)
    for role in sorted({*before.roles} ^ {*after.roles}):
        lost = role in before.roles
        yield _Difference(
            after.name, f"role {role} {'lost' if lost else 'gained'} access", lost and published
        )
    yield from _columns(before, after, published)
    yield from _row_rules(before, after, published)


def _said(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, tuple) else str(value or "none")


def _columns(before: Contract, after: Contract, published: bool) -> Iterator[_Difference]:
    was = {column.name: column for column in before.columns}
    now = {column.name: column for column in after.columns}
    for name in [*was, *(name for name in now if name not in was)]:
        if name not in now:
            yield _Difference(name, "column removed", True)
        elif name not in was:
            asked = now[name].required and not published
            yield _Difference(name, f"{'required ' if now[name].required else ''}column added", asked)
        else:
            yield from _column(was[name], now[name], published)
    common = [name for name in was if name in now]
    if common != [name for name in now if name in was]:
        yield _Difference(after.name, "columns reordered", False)


def _column(was: Column, now: Column, published: bool) -> Iterator[_Difference]:
    def difference(text: str, breaking: bool) -> _Difference:
        return _Difference(now.name, text, breaking)

    if (was.type, was.element.scale) != (now.type, now.element.scale):
        yield difference(f"retyped from {_typed(was)} to {_typed(now)}", True)
        return
    if was.unit != now.unit:
        yield difference(f"unit changed from {_said(was.unit)} to {_said(now.unit)}", True)
    if was.required != now.required:
        yield difference("became required" if now.required else "became optional", now.required != published)
    yield from _domain(was, now, published, difference)
    if was.sensitivity != now.sensitivity:
        yield difference(f"sensitivity changed from {was.sensitivity} to {now.sensitivity}", False)
    if (was.element.name, was.element.definition) != (now.element.name, now.element.definition):
        yield difference("name or definition reworded", False)


def _typed(column: Column) -> str:
    return f"decimal({column.scale})" if column.type == "decimal" else column.type


def _domain(
    was: Column, now: Column, published: bool, difference: Callable[[str, bool], _Difference]
) -> Iterator[_Difference]:
    """Differences of the value domain: a narrower one always breaks, a wider one breaks readers."""
    removed = [code for code in was.codes if now.codes and code not in now.codes]
    added = [code for code in now.codes if was.codes and code not in was.codes]
    if removed:
        yield difference(f"codes removed: {', '.join(removed)}", True)
    if added:
        yield difference(f"codes added: {', '.join(added)}", published)
    if bool(was.codes) != bool(now.codes):
        text = "narrowed to codes" if now.codes else "no longer limited to codes"
        yield difference(text, bool(now.codes) or published)
    limits = (
        ("minimum", was.min, now.min),
        ("maximum", was.max, now.max),
        ("length", was.max_length, now.max_length),
    )
    for what, old, new in limits:
        if old != new:
            narrower = _narrower(old, new, lower=what == "minimum")
            text = f"{what} {'narrowed' if narrower else 'widened'} from {_limit(old)} to {_limit(new)}"
            yield difference(text, narrower or published)
    if was.pattern != now.pattern:
        text = f"form changed from {_said(was.pattern)} to {_said(now.pattern)}"
        yield difference(text, now.pattern is not None or published)


def _narrower(old: Bound, new: Bound, *, lower: bool) -> bool:
    """Whether a limit that changed leaves less room than before; no limit leaves all of it."""
    if old is None or new is None:
        return old is None
    return bool(new > old if lower else new < old)  # type: ignore[operator]


def _limit(bound: Bound) -> str:
    return "none" if bound is None else bound_text(bound)


def _row_rules(before: Contract, after: Contract, published: bool) -> Iterator[_Difference]:
    was = {rule.name: (rule.sql, rule.severity) for rule in before.row_rules}
    now = {rule.name: (rule.sql, rule.severity) for rule in after.row_rules}
    for name in sorted({*was, *now}):
        if name not in now:
            yield _Difference(f"row.{name}", "row rule removed", published)
        elif name not in was:
            yield _Difference(f"row.{name}", "row rule added", not published and now[name][1] == "error")
        elif was[name] != now[name]:
            yield _Difference(f"row.{name}", "row rule changed", True)
