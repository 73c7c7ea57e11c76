"""What is known of sacct's columns: their names, the form of their values, and which may hold anything.

Names are in lower case here, as `sacct --format` takes them in any case.
"""

from pipelines.formats.slurm_jobs import JOB_ID

_TIME = r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[^|\n]{0,9}|[0-9]{1,11}|Unknown|None|INVALID|N/A)?"
_DURATION = r"(?:(?:[0-9]+-)?[0-9]+:[0-9:]{2,5}(?:\.[0-9]+)?|INVALID|UNLIMITED|Partition_Limit|Unknown|None)?"
_NUMBER = r"(?:-?[0-9]+(?:\.[0-9]+)?[KMGTPE]?)?"
_MEMORY = r"(?:[0-9.]+[KMGTPE]?[nc]?|\?[nc]?)?"
_STATE = r"[A-Z][A-Z_]*(?: by \S+)?\+?"
_EXIT = r"(?:[0-9]+:[0-9]+|None)?"
_TRES = r"(?:[A-Za-z][^=,\n]*=[^,\n]*(?:,[A-Za-z][^=,\n]*=[^,\n]*)*)?"
_WORD = r"[^\n]*"
_ANYTHING = r"[\s\S]*"

_FORMS = {
    JOB_ID: "jobid jobidraw",
    _TIME: "submit eligible start end",
    _DURATION: "elapsed timelimit suspended cputime reserved planned resvcpu plannedcpu systemcpu usercpu totalcpu"
    " avecpu mincpu",
    _NUMBER: "elapsedraw cputimeraw resvcpuraw plannedcpuraw timelimitraw allocnodes nnodes ncpus alloccpus reqcpus"
    " reqnodes ntasks uid gid associd dbindex priority qosraw wckeyid reservationid restarts consumedenergy"
    " consumedenergyraw avediskread avediskwrite avepages averss avevmsize maxdiskread maxdiskwrite maxpages"
    " maxrss maxvmsize maxdiskreadtask maxdiskwritetask maxpagestask maxrsstask maxvmsizetask mincputask",
    _MEMORY: "reqmem",
    _STATE: "state",
    _EXIT: "exitcode derivedexitcode",
    _TRES: "alloctres reqtres tresusageinave tresusageinmax tresusageinmin tresusageintot tresusageoutave"
    " tresusageoutmax tresusageoutmin tresusageouttot",
    _WORD: "account allocgres avecpufreq blockid cluster constraints container failednode flags group layout licenses"
    " maxdiskreadnode maxdiskwritenode maxpagesnode maxrssnode maxvmsizenode mcslabel mincpunode nodelist partition"
    " qos qosreq reason reqcpufreq reqcpufreqgov reqcpufreqmax reqcpufreqmin reqgres reservation segmentsize"
    " tresusageinmaxnode tresusageinmaxtask tresusageinminnode tresusageinmintask tresusageoutmaxnode"
    " tresusageoutmaxtask tresusageoutminnode tresusageoutmintask user wckey",
}

BREAKABLE = frozenset({"jobname", "comment", "admincomment", "systemcomment", "extra", "submitline"})
"""Columns in which users write: delimiters and line ends inside are written as they are."""

FREE = BREAKABLE | {"workdir", "stdin", "stdout", "stderr"}
"""Columns that may hold the delimiter."""

FORM = {name: form for form, names in _FORMS.items() for name in names.split()}
"""The form of a column's values, as a regular expression for the whole value."""

NAMES = frozenset(FORM) | FREE


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NEEDED = _names(
    "jobid jobidraw cluster partition qos account user submit eligible start end elapsed elapsedraw suspended"
    " exitcode state nnodes allocnodes ncpus alloccpus reqmem reqtres alloctres allocgres nodelist jobname restarts"
    " consumedenergy consumedenergyraw"
)
"""Columns that a job record is made of; all others are read over."""

USUAL_26 = _names(
    "jobid jobidraw cluster partition qos account group gid user uid submit eligible start end elapsed exitcode state"
    " nnodes ncpus reqcpus reqmem reqtres alloctres timelimit nodelist jobname"
)
"""The layout that is known without a header and without options."""


def form(name: str) -> str:
    """The regular expression for a whole value of a column, of an unknown one too."""
    return _ANYTHING if name in BREAKABLE else FORM.get(name, _WORD)
