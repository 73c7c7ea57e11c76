"""Notices to people outside, as JSON to the address in SUANZHANG_ALERT_WEBHOOK; nowhere where there is none."""

import os
from collections.abc import Mapping

from pipelines.errors import Finding

WEBHOOK = "SUANZHANG_ALERT_WEBHOOK"
ANSWER_SECONDS = 10.0


def post(notice: Mapping[str, str]) -> None:
    """Posts a notice. Raises Finding where it is not taken; the address, which may hold a secret, is never repeated."""
    import httpx

    address = os.environ.get(WEBHOOK)
    if not address:
        return
    try:
        answer = httpx.post(address, json=dict(notice), timeout=ANSWER_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Finding(f"The address in {WEBHOOK} cannot be reached ({type(error).__name__}).") from error
    if not answer.is_success:
        raise Finding(f"The address in {WEBHOOK} answers {answer.status_code}.")
