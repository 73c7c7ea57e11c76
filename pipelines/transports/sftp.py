"""A folder on an SSH server: its host key is the one in the configuration, or nothing is asked.

Names are bytes to SSH: one that is not UTF-8 is carried through as it is.
"""

import io
import stat as modes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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

PORT = 22
PEM = "-----BEGIN"
MOST_NAMES = 1 << 16
"""No message of a server holds more names."""


class Sftp:
    """The files in a folder of a server; symbolic links are not followed. `client` is a paramiko SFTPClient."""

    def __init__(self, client: Any, path: str, recursive: bool, end: Any = None) -> None:
        self._client, self._path, self._recursive, self._end = client, path, recursive, end

    def entries(self, cursor: str) -> Iterator[Entry]:  # noqa: ARG002
        """The files, by path."""
        with _failures():
            found = sorted(self._files(self._path.rstrip("/") or "/"), key=lambda entry: entry.key)
        yield from found

    def _files(self, folder: str) -> Iterator[Entry]:
        for name, attributes in self._names(folder):
            mode, key = attributes.st_mode or 0, f"{folder.rstrip('/')}/{name}"
            if modes.S_ISREG(mode):
                yield _entry(key, attributes)
            elif self._recursive and modes.S_ISDIR(mode):
                yield from self._files(key)

    def _names(self, folder: str) -> Iterator[tuple[str, Any]]:
        """What a folder holds. The client's own listing ends at the first name that is not UTF-8."""
        from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_OPENDIR, CMD_READDIR
        from paramiko.sftp_attr import SFTPAttributes

        kind, answer = self._client._request(CMD_OPENDIR, _wire(folder))
        if kind != CMD_HANDLE:
            raise Refused(f"{folder} cannot be listed")
        handle = answer.get_string()
        try:
            while True:
                _, answer = self._client._request(CMD_READDIR, handle)
                for _ in range(min(answer.get_int(), MOST_NAMES)):
                    name = answer.get_string().decode(errors="surrogateescape")
                    answer.get_string()
                    attributes = SFTPAttributes._from_msg(answer)  # type: ignore[attr-defined]
                    if name not in (".", "..") and "/" not in name:
                        yield name, attributes
        except EOFError:
            self._client._request(CMD_CLOSE, handle)

    def fetch(self, entry: Entry, part: Path) -> bool:
        """Reads a file, from where `part` ends. Raises Changed if it changed meanwhile."""
        key, start = _wire(entry.key), bytes_of(part)
        if start > (entry.size or 0):
            start = 0
        with _failures():
            self._unchanged(entry, part)
            with self._client.open(key, "rb") as reader, part.open("r+b" if start else "wb") as writer:
                reader.seek(start)
                writer.seek(start)
                writer.truncate()
                reader.prefetch(entry.size)
                while block := reader.read(BLOCK):
                    writer.write(block)
            self._unchanged(entry, part)
        return True

    def _unchanged(self, entry: Entry, part: Path) -> None:
        if _entry(entry.key, self._client.stat(_wire(entry.key))) != entry:
            part.unlink(missing_ok=True)
            raise Changed(f"{entry.name} changed while it was read")

    def close(self) -> None:
        """Ends the session."""
        if self._end is not None:
            self._end.close()


def _wire(path: str) -> bytes:
    return path.encode(errors="surrogateescape")


def _entry(key: str, attributes: Any) -> Entry:
    return Entry(key, key.rpartition("/")[2], attributes.st_size, str(attributes.st_mtime))


@contextmanager
def _failures() -> Iterator[None]:
    """Errors of the session as ours."""
    import paramiko

    try:
        yield
    except PermissionError as error:
        raise Refused(f"access is denied: {reason(error)}") from error
    except FileNotFoundError as error:
        raise Refused(f"it is not there: {reason(error)}") from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise Unavailable(f"the connection broke off: {reason(error)}") from error


def connect(settings: Mapping[str, Any], secrets: Secrets) -> Sftp:
    """A session with the server, once it has shown its pinned key. Raises Refused for another key or a wrong login."""
    import paramiko

    host, port = settings["host"], settings.get("port", PORT)
    password, key = secrets.of(settings, "password_env"), _private_key(secrets.of(settings, "key_env"))
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    kind, _, encoded = settings["host_key"].partition(" ")
    name = host if port == PORT else f"[{host}]:{port}"
    line = paramiko.hostkeys.HostKeyEntry.from_line(f"{name} {kind} {encoded}")
    if line is None or line.key is None:
        raise Refused("host_key in the configuration is no public key")
    client.get_host_keys().add(name, kind, line.key)
    try:
        client.connect(
            host,
            port,
            username=settings["user"],
            password=password,
            pkey=key,
            look_for_keys=False,
            allow_agent=False,
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
        )
        session = client.open_sftp()
        channel = session.get_channel()
        if channel is not None:
            channel.settimeout(ANSWER_SECONDS)
    except paramiko.BadHostKeyException as error:
        client.close()
        raise Refused(f"{host} shows another host key than the pinned one; nothing was sent to it") from error
    except paramiko.ssh_exception.IncompatiblePeer as error:
        client.close()
        raise Refused(f"{host} shows no host key of the pinned kind, or speaks no cipher of ours") from error
    except paramiko.AuthenticationException as error:
        client.close()
        raise Refused(f"{host} does not let {settings['user']} in: {reason(error)}") from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        client.close()
        raise Unavailable(f"{host} port {port} cannot be reached: {reason(error)}") from error
    return Sftp(session, settings["path"], settings.get("recursive", False), client)


def _private_key(text: str | None) -> Any:
    """A private key given as text or as the path of its file."""
    import paramiko

    if text is None:
        return None
    try:
        pem = text if text.lstrip().startswith(PEM) else Path(text).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refused("the file of the private key cannot be read") from error
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(pem))
        except (paramiko.SSHException, ValueError):
            continue
    raise Refused("the private key cannot be read: it must be Ed25519, ECDSA or RSA, without a passphrase")
