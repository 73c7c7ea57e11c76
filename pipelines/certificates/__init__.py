"""Data quality certificates: a second reading of what was accepted, by Great Expectations, for its sender.

Here belongs reading recorded deliveries back, judging them and writing pages. What is accepted or
rejected is decided before, by `pipelines.bronze`; nothing is quarantined from here.
"""

from pipelines.certificates.certification import certify
from pipelines.certificates.facts import Certificate, Check, DeclaredTotal, DeliveryFacts, Verdict

__all__ = ["Certificate", "Check", "DeclaredTotal", "DeliveryFacts", "Verdict", "certify"]
