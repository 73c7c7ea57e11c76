"""An S3-compatible object store: objects below a prefix, each known by its ETag."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.transports.base import (
    ANSWER_SECONDS,
    BLOCK,
    CONNECT_SECONDS,
    Changed,
    Entry,
    Refused,
    Secrets,
    Unavailable,
    bytes_of,
    reason,
)

REGION = "us-east-1"
STATUS = re.compile(r"status code: ([0-9]{3}) ([A-Za-z ]+)")


class Bucket:
    """The objects of one store below a prefix. Any obstore store will do."""

    def __init__(self, store: Any, prefix: str) -> None:
        self._store, self._prefix = store, prefix

    def entries(self, cursor: str) -> Iterator[Entry]:  # noqa: ARG002
        """The objects by key."""
        import obstore

        try:
            found = [each for page in obstore.list(self._store, self._prefix or None) for each in page]
        except Exception as error:
            raise _failure(error) from error
        for each in sorted(found, key=lambda each: each["path"]):
            yield _entry(each)

    def fetch(self, entry: Entry, part: Path) -> bool:
        """Reads an object, from where `part` ends. Raises Changed if it is another by now.

        False for the empty objects that some tools put where a folder would be: they are listed, but not under a name.
        The ETag is compared here and not asked for by a header: some stores refuse it quoted.
        """
        import obstore

        start = bytes_of(part)
        if entry.size is not None and start >= entry.size:
            start = 0
        try:
            answer = obstore.get(
                self._store, entry.key, options={"range": {"offset": start}} if start else None
            )
            if _entry(answer.meta) != entry:
                raise Changed(f"{entry.name} changed while it was read")
            with part.open("r+b" if start else "wb") as writer:
                writer.seek(start)
                writer.truncate()
                for block in answer.stream(min_chunk_size=BLOCK):
                    writer.write(block)
        except Changed:
            part.unlink(missing_ok=True)
            raise
        except FileNotFoundError as error:
            if entry.size == 0:
                return False
            raise _failure(error) from error
        except Exception as error:
            raise _failure(error) from error
        return True

    def close(self) -> None:
        """Nothing to end: the store keeps no connection that matters."""


def _entry(meta: Mapping[str, Any]) -> Entry:
    changed = meta["last_modified"].isoformat()
    return Entry(meta["path"], meta["path"].rpartition("/")[2], meta["size"], meta["e_tag"] or changed)


def _failure(error: Exception) -> Exception:
    """Every error of obstore as one of ours; what is no error of obstore or the disk is raised as it is."""
    from obstore import exceptions

    if isinstance(error, FileNotFoundError):
        return Refused(f"there is no such bucket or object: {_said(error)}")
    if isinstance(error, (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError)):
        return Refused(f"access is denied: {_said(error)}")
    if isinstance(error, (exceptions.BaseError, OSError)):
        status = STATUS.search(str(error))
        mine = status and status[1][0] == "4" and status[1] not in ("408", "429")
        return (Refused if mine else Unavailable)(_said(error))
    return error


def _said(error: Exception) -> str:
    """What went wrong: the server's status where it gave one, without the document that came with it."""
    status, text = STATUS.search(str(error)), reason(error)
    return f"the store answers {status[1]} {status[2]}" if status else text.removeprefix("Generic S3 error: ")


def connect(settings: Mapping[str, Any], secrets: Secrets) -> Bucket:
    """The transport of a feed's settings: a bucket in the endpoint, asked by path unless it is AWS."""
    from datetime import timedelta

    from obstore.store import S3Store

    endpoint = settings.get("endpoint")
    key, secret = secrets.of(settings, "access_key_env"), secrets.of(settings, "secret_key_env")
    where: dict[str, Any] = {"endpoint": endpoint, "virtual_hosted_style_request": False} if endpoint else {}
    who: dict[str, Any] = (
        {"access_key_id": key, "secret_access_key": secret} if key else {"skip_signature": True}
    )
    store = S3Store(
        settings["bucket"],
        region=settings.get("region", REGION),
        client_options={
            "allow_http": bool(endpoint and endpoint.startswith("http:")),
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "timeout": timedelta(seconds=5 * ANSWER_SECONDS),
        },
        retry_config={"max_retries": 0},
        **where,
        **who,
    )
    return Bucket(store, settings.get("prefix", ""))
