"""sacct text for tests: rows that are plain but for what a test says."""

from collections.abc import Sequence

COLUMN_LIST = (
    "JobID,JobIDRaw,Cluster,Partition,QOS,Account,Group,GID,User,UID,Submit,Eligible,Start,End,Elapsed,ExitCode,"
    "State,NNodes,NCPUS,ReqCPUS,ReqMem,ReqTRES,AllocTRES,Timelimit,NodeList,JobName"
)
COLUMNS = tuple(COLUMN_LIST.split(","))
PLAIN = {
    "JobID": "1",
    "JobIDRaw": "1",
    "Cluster": "lab",
    "Partition": "cpu",
    "QOS": "normal",
    "Account": "phys",
    "Group": "phys",
    "GID": "100",
    "User": "ann",
    "UID": "1001",
    "Submit": "2026-03-01T08:00:00",
    "Eligible": "2026-03-01T08:00:00",
    "Start": "2026-03-01T08:00:10",
    "End": "2026-03-01T08:00:20",
    "Elapsed": "00:00:10",
    "ExitCode": "0:0",
    "State": "COMPLETED",
    "NNodes": "1",
    "NCPUS": "4",
    "ReqCPUS": "4",
    "ReqMem": "8G",
    "ReqTRES": "billing=4,cpu=4,mem=8G,node=1",
    "AllocTRES": "billing=4,cpu=4,mem=8G,node=1",
    "Timelimit": "01:00:00",
    "NodeList": "n1",
    "JobName": "plain",
    "Comment": "",
    "WorkDir": "/home/ann",
    "SubmitLine": "sbatch run.sh",
    "ElapsedRaw": "10",
    "AllocCPUS": "4",
    "AllocGRES": "",
    "ConsumedEnergyRaw": "",
    "Restarts": "0",
    "Suspended": "00:00:00",
}


def row(columns: Sequence[str] = COLUMNS, delimiter: str = "|", **values: str) -> str:
    """One record without its line end."""
    return delimiter.join((PLAIN | values)[name] for name in columns)


def text(*rows: str, columns: Sequence[str] = COLUMNS, delimiter: str = "|", header: bool = True) -> str:
    """A file of these records."""
    lines = [delimiter.join(columns), *rows] if header else list(rows)
    return "".join(line + "\n" for line in lines)
