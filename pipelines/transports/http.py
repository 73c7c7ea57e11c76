"""What the transports over HTTP share: a client with its credentials, and answers that are errors as ours."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pipelines.transports.base import ANSWER_SECONDS, CONNECT_SECONDS, Refused, Secrets, Unavailable, reason

BUSY = (408, 425, 429)


def client(settings: Mapping[str, Any], secrets: Secrets, headers: Mapping[str, str] | None = None) -> Any:
    """An httpx client: bearer token or user and password by name, redirects not followed."""
    import httpx

    token, password = secrets.of(settings, "token_env"), secrets.of(settings, "password_env")
    bearer = {"Authorization": f"Bearer {token}"} if token and headers is None else {}
    ca_file = settings.get("ca_file")
    try:
        verify = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise Refused(f"{ca_file} is no file of certificates") from error
    return httpx.Client(
        headers={"Accept-Encoding": "identity", **bearer, **(headers or {})},
        auth=httpx.BasicAuth(settings["user"], password) if password else None,
        timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        verify=verify,
    )


@contextmanager
def failures(what: str) -> Iterator[None]:
    """Errors on the way as ours."""
    import httpx

    try:
        yield
    except httpx.InvalidURL as error:
        raise Refused(f"{what} has no valid address: {reason(error)}") from error
    except httpx.HTTPError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise Refused(f"{what} shows a certificate that nobody here vouches for") from error
        raise Unavailable(f"{what} cannot be reached: {reason(error)}") from error


def require_success(answer: Any, what: str) -> None:
    """Raises Unavailable where the server is busy or broken, Refused for any other answer that is no success."""
    if 200 <= answer.status_code < 300:
        return
    sentence = f"{what} answers {answer.status_code} {answer.reason_phrase}".rstrip()
    raise (Unavailable if answer.status_code >= 500 or answer.status_code in BUSY else Refused)(sentence)
