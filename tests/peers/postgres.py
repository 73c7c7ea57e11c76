"""Debian's PostgreSQL as a child on loopback: a throwaway cluster with TLS and SCRAM, never run as root."""

import datetime
import ipaddress
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg import sql

from tests.peers.servers import free_port, running

PASSWORD = "for-the-test"


@dataclass(frozen=True)
class Server:
    """A running server; `superuser` may do everything there."""

    port: int
    certificate: Path

    def dsn(self, user: str = "postgres", database: str = "postgres", password: str = PASSWORD) -> str:
        return (
            f"host=127.0.0.1 port={self.port} user={user} dbname={database} password={password} "
            f"sslmode=verify-full sslrootcert={self.certificate} options='-c lock_timeout=30s'"
        )

    def answers(self) -> bool:
        """Whether it lets somebody in."""
        try:
            psycopg.connect(self.dsn(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def create(self, database: str, owner: str = "postgres") -> str:
        """A new database; the DSN of its owner."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(database), sql.Identifier(owner))
            )
        return self.dsn(owner, database)


@contextmanager
def serving(access: str) -> Iterator[Server]:
    """A server with a `pg_hba.conf` of the test's. Skips where no PostgreSQL 15 or later is installed."""
    programs = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)), None)
    found = programs or (Path(path).parent if (path := shutil.which("initdb")) else None)
    if found is None or (programs and _major(programs) < 15):
        pytest.skip("needs postgresql 15 or later")
    folder = Path(tempfile.mkdtemp(prefix="suanzhang-postgres-"))
    try:
        as_user = _somebody(folder)
        _initialise(found, folder, access, as_user)
        port = free_port()
        settings = {
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "ssl": "on",
            "max_connections": 60,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(found / "postgres"), "-D", str(folder / "data"), *options]
        server = Server(port, folder / "data" / "server.crt")
        with running(command, folder / "log", server.answers, cwd=folder, **as_user):
            yield server
    finally:
        shutil.rmtree(folder)


def _major(programs: Path) -> int:
    return int(programs.parent.name) if programs.parent.name.isdigit() else 0


def _somebody(folder: Path) -> dict[str, object]:
    """Whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    try:
        somebody = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("needs a user postgres, for PostgreSQL refuses to run as root")
    os.chown(folder, somebody.pw_uid, somebody.pw_gid)
    folder.chmod(0o711)
    return {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}


def _initialise(programs: Path, folder: Path, access: str, as_user: dict[str, object]) -> None:
    secret, data = folder / "secret", folder / "data"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    command = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}"]
    subprocess.run(
        [*command, "--no-sync", "-E", "UTF8", "--locale=C"],
        check=True,
        capture_output=True,
        cwd=folder,
        **as_user,
    )  # type: ignore[call-overload]
    (data / "pg_hba.conf").write_text(access)
    _certify(data)


def _certify(data: Path) -> None:
    """A key and a certificate of its own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    owner = data.stat()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for path, content in (
        (data / "server.key", private),
        (data / "server.crt", certificate.public_bytes(serialization.Encoding.PEM)),
    ):
        path.write_bytes(content)
        os.chown(path, owner.st_uid, owner.st_gid)
        path.chmod(0o600)
