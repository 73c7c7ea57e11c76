"""A certificate's content as plain values, for the JSON file and the page. No files, no clock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from data_contracts.contract import Contract
from data_contracts.dictionary import Text
from pipelines.certificates import validation
from pipelines.certificates.facts import Check, DeliveryFacts, Verdict, verdict_of
from pipelines.certificates.rejected import Rejected
from pipelines.certificates.stored import SAMPLE_ROWS, Reading
from pipelines.home import BUSINESS_ZONE

FORMAT = 1
"""Version of this document's shape."""
COUNTS = ("rows_in", "accepted", "quarantined", "duplicates")


def document(
    contract: Contract,
    source_id: str,
    key: str,
    pairs: Sequence[tuple[DeliveryFacts, Reading]],
    checks: Sequence[Check],
    rejected: Rejected,
    rejected_file: str | None,
) -> dict[str, Any]:
    """Everything that the certificate says; texts are valid UTF-8, but not escaped for any format."""
    deliveries = [facts for facts, _ in pairs]
    ordered = sorted(checks, key=lambda check: (check.passed, check.expectation.severity is not Verdict.RED))
    return {
        "format": FORMAT,
        "key": key,
        "source_id": source_id,
        "dataset": {"name": contract.name, "en": contract.title.en, "zh": contract.title.zh},
        "contract": {"version": contract.version, "digest": contract.digest},
        "verdict": str(verdict_of(tuple(checks))),
        "counts": {name: sum(getattr(facts, name) for facts in deliveries) for name in COUNTS}
        | {"set_aside": sum(sum(facts.set_aside.values()) for facts in deliveries)},
        "sample": {
            "rows_per_delivery": SAMPLE_ROWS,
            "rows_read": sum(reading.sampled for _, reading in pairs),
            "deliveries_read_whole": sum(reading.whole for _, reading in pairs),
        },
        "deliveries": [_delivery(facts, reading) for facts, reading in pairs],
        "rules": _rules(deliveries, rejected),
        "rejected": {
            "file": rejected_file,
            "rows": rejected.rows,
            "first": [
                {
                    "landing_id": row.landing_id,
                    "landing_row": row.landing_row,
                    "rules": list(row.rules),
                    "raw": clean(row.raw),
                }
                for row in rejected.first
            ],
        },
        "checks": [_check(check) for check in ordered],
        "great_expectations": validation.version(),
    }


def clean(text: str) -> str:
    """The text with what UTF-8 cannot hold (bytes of a foreign file name) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _delivery(facts: DeliveryFacts, reading: Reading) -> dict[str, Any]:
    return {
        "landing_id": facts.landing_id,
        "names": [clean(name) for name in facts.names],
        "received_at": _local(facts.received_at),
        "due_at": _local(facts.due_at),
        "newest_event": _local(reading.footer.newest),
        **{name: getattr(facts, name) for name in COUNTS},
        "set_aside": dict(sorted(facts.set_aside.items())),
        "labels": dict(sorted(facts.labels.items())),
        "rules": dict(sorted(facts.rules.items())),
        "rows_read": reading.sampled,
        "read_whole": reading.whole,
        "files": [
            {"path": file.recorded.path, "sha256": file.recorded.sha256, "found_sha256": file.sha256}
            for file in (*reading.files, *([reading.quarantine] if reading.quarantine else []))
        ],
        "declared": [
            {"day": each.day.isoformat(), "declared": each.declared, "found": each.found}
            for each in facts.declared
        ],
    }


def _local(at: datetime | None) -> str | None:
    """An instant in the zone of business days, to the second, with its offset."""
    return at.astimezone(BUSINESS_ZONE).isoformat(sep=" ", timespec="seconds") if at else None


def _rules(deliveries: Sequence[DeliveryFacts], rejected: Rejected) -> list[dict[str, Any]]:
    """Broken rules, most rows first, with their reason and where they were first broken."""
    rows: dict[str, int] = {}
    reasons: dict[str, Text] = {}
    for facts in deliveries:
        reasons.update(facts.reasons)
        for rule, count in facts.rules.items():
            rows[rule] = rows.get(rule, 0) + count
    return [
        {
            "rule": rule,
            "rows": count,
            "en": reasons[rule].en if rule in reasons else None,
            "zh": reasons[rule].zh if rule in reasons else None,
            "first": [
                {"landing_id": row.landing_id, "landing_row": row.landing_row}
                for row in rejected.by_rule.get(rule, ())
            ],
        }
        for rule, count in sorted(rows.items(), key=lambda item: (-item[1], item[0]))
    ]


def _check(check: Check) -> dict[str, Any]:
    return {
        "name": check.expectation.name,
        "columns": list(check.expectation.columns),
        "severity": str(check.expectation.severity),
        "en": check.expectation.text.en,
        "zh": check.expectation.text.zh,
        "broken": {"en": check.expectation.broken.en, "zh": check.expectation.broken.zh},
        "passed": check.passed,
        "looked_at": check.looked_at,
        "failed": check.failed,
        "error": check.error,
        "examples": [
            {
                "landing_id": example.landing_id,
                "landing_row": example.landing_row,
                "value": clean(example.value),
            }
            for example in check.examples
        ],
    }
