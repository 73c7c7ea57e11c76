"""A whole Slurm of its own on loopback: munge, MariaDB, slurmdbd, slurmctld, a node, slurmrestd with tokens.

Needs root, for jobs of other users. Every daemon is a child; sockets lie in a short path, for theirs may not be long.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers.servers import free_port, listens, need, running, wait_until

DAEMONS = ("munged", "mariadbd", "mariadb-install-db", "slurmdbd", "slurmctld", "slurmd", "slurmrestd")
TOOLS = ("sacctmgr", "sbatch", "scancel", "sacct", "sreport", "squeue", "scontrol")
USERS = ("games", "nobody")
STATES = "BF,CA,CD,DL,F,NF,OOM,PD,PR,R,RQ,S,TO"
"""All states: without them sacct leaves out jobs that never became eligible."""
CORES, MEMORY_MB, GPUS = 48, 16_000, 4

SLURM = """\
ClusterName=peer
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={slurmd}
SlurmUser=root
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key={folder}/jwt.key
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={dbd}
AccountingStoragePass={folder}/munge.socket
AccountingStorageEnforce=associations
AccountingStorageTRES=gres/gpu,gres/gpu:a800
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,bf_interval=1
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/slurmd.pid
MpiDefault=none
ReturnToService=2
MinJobAge=10000
GresTypes=gpu
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={slurmd} CPUs={cores} RealMemory={memory} Gres=gpu:a800:{gpus}
PartitionName=cpu Nodes=n1 Default=YES MaxTime=60 DefMemPerCPU=100
PartitionName=gpu Nodes=n1 MaxTime=60 DefMemPerCPU=100
"""
SLURMDBD = """\
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key={folder}/jwt.key
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={dbd}
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=slurm_acct_db
PidFile={folder}/dbd.pid
"""


@dataclass
class Slurm:
    """A running cluster."""

    folder: Path
    env: dict[str, str]
    rest: str

    def run(self, *command: str, stdin: str | None = None) -> str:
        """What a Slurm command prints."""
        done = subprocess.run(
            command, env=self.env, input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    def submit(self, user: str, seconds: float, *options: str) -> str:
        """Submits a job that sleeps; returns its id."""
        owner = pwd.getpwnam(user)
        script = f"#!/bin/sh\nsleep {seconds}\n"
        options = (
            f"--uid={owner.pw_uid}",
            f"--gid={owner.pw_gid}",
            "-D",
            "/tmp",
            "-o",
            "/dev/null",
            *options,
        )
        return self.run("sbatch", "--parsable", *options, stdin=script).strip()

    def wait(self, span: tuple[str, str], seconds: float = 90) -> None:
        """Waits until no job is waiting or running and the accounting has all of it, rolled up for reports.

        slurmdbd is told of ends, and of which array a task belongs to, seconds after they happened: it has settled
        when nothing changed for six seconds.
        """
        queue = ("squeue", "-h", "-t", "PD,R,CG")
        wait_until(lambda: not self.run(*queue).strip(), "the end of all jobs", seconds)
        looks: list[str] = []

        def settled() -> bool:
            time.sleep(2)
            self.run("sacctmgr", "-i", "rollup", *span)
            report = self.run(
                "sreport", "-nP", "-t", "seconds", "cluster", "AccountUtilizationByUser", *between(span)
            )
            looks.append(self.sacct(span, "JobID,State,End") + report)
            return len(set(looks[-4:])) == 1 and len(looks) > 3 and "RUNNING" not in looks[-1]

        wait_until(settled, "the accounting of all ends", seconds)

    def sacct(self, span: tuple[str, str], fields: str) -> str:
        """All jobs of a span of time."""
        times = ("-S", span[0], "-E", span[1], "-s", STATES)
        return self.run("sacct", "-a", "-X", "-P", "--duplicates", *times, "-o", fields)

    def token(self, user: str) -> str:
        """A token for slurmrestd."""
        return self.run("scontrol", "token", f"username={user}", "lifespan=3600").strip().partition("=")[2]


def between(span: tuple[str, str]) -> tuple[str, str]:
    """A span of time as sreport takes it."""
    return f"start={span[0]}", f"end={span[1]}"


@contextmanager
def cluster(logs: Path) -> Iterator[Slurm]:
    """A cluster with two accounts: astro (games, nobody) and bio (games)."""
    if os.geteuid() != 0:
        pytest.skip("needs root to run Slurm jobs of several users")
    where = dict(zip(DAEMONS + TOOLS, need(*DAEMONS, *TOOLS), strict=True))
    if not list(Path("/usr/lib").glob("*/slurm-wlm/auth_jwt.so")):
        pytest.skip("needs slurm-wlm-jwt-plugin")
    folder = Path(tempfile.mkdtemp(prefix="slurm", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with ExitStack() as stack:
            yield _start(stack, folder, logs, where)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(stack: ExitStack, folder: Path, logs: Path, where: dict[str, str]) -> Slurm:
    ports = {name: free_port() for name in ("ctld", "slurmd", "dbd", "rest")}
    values = {"folder": folder, "host": socket.gethostname().split(".")[0], **ports}
    values |= {"cores": CORES, "memory": MEMORY_MB, "gpus": GPUS}
    for name, text in (("slurm.conf", SLURM), ("slurmdbd.conf", SLURMDBD), ("gres.conf", _gres(folder))):
        (folder / name).write_text(text.format(**values))
    (folder / "slurmdbd.conf").chmod(0o600)
    _secret(folder / "munge.key", secrets.token_bytes(128), 0o400)
    _secret(folder / "jwt.key", secrets.token_bytes(32), 0o600)
    for name in ("state", "spool", "mysql"):
        (folder / name).mkdir()
    env = {
        "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/bin",
        "SLURM_CONF": str(folder / "slurm.conf"),
        "MYSQL_UNIX_PORT": str(folder / "mysql.socket"),
        "TZ": "UTC",
    }
    slurm = Slurm(folder, env, f"http://127.0.0.1:{ports['rest']}")

    def start(name: str, *options: str, ready: int | Path, **more: object) -> None:
        up = (lambda: listens(ready)) if isinstance(ready, int) else ready.exists
        stack.enter_context(running([where[name], *options], logs / f"{name}.log", up, env, **more))

    munge = ("--key-file", "--socket", "--pid-file", "--seed-file", "--log-file")
    files = ("munge.key", "munge.socket", "munge.pid", "munge.seed", "munge.log")
    options = [f"{option}={folder / file}" for option, file in zip(munge, files, strict=True)]
    start("munged", "--foreground", "--force", *options, ready=folder / "munge.socket")
    _database(where, folder, env, logs)
    database = ["--no-defaults", "--user=root", f"--datadir={folder / 'mysql'}", "--skip-networking"]
    database += [f"--socket={folder / 'mysql.socket'}", f"--pid-file={folder / 'mysql.pid'}"]
    start("mariadbd", *database, "--skip-grant-tables", ready=folder / "mysql.socket")
    start("slurmdbd", "-D", ready=ports["dbd"])
    slurm.run("sacctmgr", "-i", "add", "cluster", "peer")
    for account, users in (("astro", ("games", "nobody")), ("bio", ("games",))):
        slurm.run(
            "sacctmgr", "-i", "add", "account", account, f"Description={account}", f"Organization={account}"
        )
        for user in users:
            slurm.run("sacctmgr", "-i", "add", "user", user, f"account={account}")
    start("slurmctld", "-D", ready=ports["ctld"])
    start("slurmd", "-D", "-N", "n1", ready=ports["slurmd"])
    wait_until(lambda: "idle" in slurm.run("sinfo", "-h", "-o", "%t"), "the node")
    rest = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    env["SLURM_JWT"] = "daemon"
    start("slurmrestd", "-a", "rest_auth/jwt", f"127.0.0.1:{ports['rest']}", ready=ports["rest"], **rest)
    del env["SLURM_JWT"]
    return slurm


def _gres(folder: Path) -> str:
    """Plain files serve as devices."""
    lines = []
    for number in range(GPUS):
        device = folder / f"gpu{number}"
        device.touch()
        lines.append(f"NodeName=n1 Name=gpu Type=a800 File={device}\n")
    return "".join(lines)


def _secret(path: Path, content: bytes, mode: int) -> None:
    path.touch(0o600)
    path.write_bytes(content)
    path.chmod(mode)


def _database(where: dict[str, str], folder: Path, env: dict[str, str], logs: Path) -> None:
    command = [where["mariadb-install-db"], "--no-defaults", "--user=root", "--skip-test-db"]
    command += ["--auth-root-authentication-method=normal", f"--datadir={folder / 'mysql'}"]
    with (logs / "install-db.log").open("wb") as log:
        subprocess.run(command, env=env, check=True, stdout=log, stderr=log)
