"""How one `sacct` text is laid out: its columns, its delimiter, whether lines end in a delimiter, its header.

From options, else from a header in sacct's names, else by trying the one layout that is known by itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.formats.base import unreadable
from pipelines.formats.slurm_sacct.columns import BREAKABLE, FREE, NAMES, NEEDED, USUAL_26, form
from pipelines.formats.slurm_sacct.rules import RULES

_HEADER_START = re.compile(r"([A-Za-z]+)([^\w\s]+|\t|[\x1c-\x1f])(?=[A-Za-z])")
_REQUIRED = ("jobid", "submit", "state")
_SAMPLE = 200
_SEVERAL = 3
_NAMED_DELIMITERS = {"tab": "\t", "\\t": "\t", "us": "\x1f", "comma": ",", "pipe": "|"}


@dataclass(frozen=True)
class Layout:
    """`columns` in lower case; `trailing` where every line ends in the delimiter; `header` as sent, if any."""

    columns: tuple[str, ...]
    delimiter: str
    trailing: bool = False
    header: str | None = None

    @property
    def free(self) -> tuple[bool, ...]:
        """Which columns may hold the delimiter."""
        return tuple(name in FREE for name in self.columns)

    @property
    def only_last_is_free(self) -> bool:
        return self.free[-1] and sum(self.free) == 1

    @property
    def end_proves_itself(self) -> bool:
        """Whether a record without its line end is whole all the same: only a field of no interest can be cut."""
        return self.trailing or self.columns[-1] not in NEEDED

    @property
    def joins(self) -> bool:
        """Whether a record can lie in several lines that are found by what stands around the break."""
        return any(name in BREAKABLE for name in self.columns) and not self.breaks_at_end

    @property
    def begins_with_id(self) -> bool:
        """Whether a job id stands before everything that can break, so that it tells a record from a piece."""
        return "jobid" in _before_free(self.columns)

    @property
    def breaks_at_end(self) -> bool:
        """Whether a line end inside a value leaves its first line whole: only the last column can hold one."""
        breakable = [name in BREAKABLE for name in self.columns]
        return breakable[-1] and sum(breakable) == 1 and not self.trailing


def find_layout(head: str, options: Mapping[str, str]) -> Layout:
    """The layout of a file that begins with `head`; Unreadable where there is none."""
    lines = _lines(head)
    listed, delimiter = (
        columns_option(options.get("columns", "")),
        delimiter_option(options.get("delimiter", "")),
    )
    layout = find_header(lines[0], delimiter) if lines else None
    if layout is None:
        layout = _headless(lines, listed or USUAL_26, delimiter)
        if layout is None:
            raise _misfit(lines, listed, delimiter)
    elif listed and listed != layout.columns:
        raise unreadable(
            RULES,
            "file.columns",
            "The file's own header names other columns; leave the list out.",
            "文件自带的表头与之不同，请去掉列清单。",
        )
    _require(layout.columns)
    return layout


def _lines(head: str) -> list[str]:
    return [line.removesuffix("\r") for line in head.split("\n") if line.strip()]


def columns_option(text: str) -> tuple[str, ...]:
    """Column names from a list as `sacct --format` takes it: any case, widths (`JobName%40`) dropped."""
    return (
        _distinct([name.partition("%")[0].strip().lower() for name in text.split(",")])
        if text.strip()
        else ()
    )


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """A name that comes again is another column, and of no interest."""
    return tuple(f"{name}#{i}" if name in names[:i] else name for i, name in enumerate(names))


def delimiter_option(text: str) -> str:
    """The delimiter as given, by its name (tab, us, comma, pipe), or as \\x1f."""
    if match := re.fullmatch(r"\\x([0-9a-fA-F]{2})", text):
        return chr(int(match[1], 16))
    return _NAMED_DELIMITERS.get(text.lower(), text)


def find_header(line: str, delimiter: str = "") -> Layout | None:
    """The layout that a header line tells, or None if it is none: at least half of its words are sacct's names."""
    if not delimiter:
        match = _HEADER_START.match(line)
        if match is None:
            return None
        delimiter = match[2]
    trailing = line.endswith(delimiter)
    names = [name.strip().lower() for name in line.removesuffix(delimiter).split(delimiter)]
    known = sum(name in NAMES for name in names)
    if known < 2 or known * 2 < len(names):
        return None
    return Layout(_distinct(names), delimiter, trailing, line)


def _headless(lines: Sequence[str], columns: tuple[str, ...], delimiter: str) -> Layout | None:
    """The delimiter and line end under which most of the first lines are records of these columns.

    None if no line is, or if all of several have a field too many: then a column is missing from the list.
    """
    sample = lines[:_SAMPLE]
    best, most, exact = None, 0, 0
    for candidate in [delimiter] if delimiter else _delimiters(sample):
        fits = {
            trailing: [line for line in sample if fits_record(line, Layout(columns, candidate, trailing))]
            for trailing in (True, False)
        }
        trailing = bool(fits[True]) and 2 * len(fits[True]) >= len(fits[False])
        if len(fits[trailing]) > most:
            best, most = Layout(columns, candidate, trailing), len(fits[trailing])
            exact = sum(line.count(candidate) == len(columns) - 1 + trailing for line in fits[trailing])
    return best if exact or most < _SEVERAL else None


def _delimiters(lines: Sequence[str]) -> Iterator[str]:
    """What may stand between a job id and the next field: one character, also doubled or tripled; the pipe first."""
    found = {"|": None}
    for line in lines[:20]:
        found.update(dict.fromkeys(re.findall(r"[^\w.:+\-\[\]]", line)))
    for character in found:
        yield from (character, character * 2, character * 3)


def fits_record(line: str, layout: Layout) -> bool:
    """Whether a line is a whole record by the number of its fields and the form of those before any free text."""
    columns, delimiter = layout.columns, layout.delimiter
    if layout.trailing:
        if not line.endswith(delimiter):
            return False
        line = line.removesuffix(delimiter)
    fields = line.split(delimiter)
    excess = len(fields) - len(columns)
    if excess < 0 or (excess and not any(layout.free)):
        return False
    return looks_right(fields, columns if not excess else _before_free(columns))


def looks_right(fields: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether fields have the form of these columns, a job id among them."""
    anchored = "jobid" in columns or "jobidraw" in columns
    return anchored and all(
        name in FREE or re.fullmatch(form(name), field) for name, field in zip(columns, fields, strict=False)
    )


def _before_free(columns: tuple[str, ...]) -> tuple[str, ...]:
    first = next((i for i, name in enumerate(columns) if name in FREE), len(columns))
    return columns[:first]


def _require(columns: Sequence[str]) -> None:
    missing = [name for name in _REQUIRED if name not in columns]
    if not {"elapsed", "elapsedraw"} & set(columns):
        missing.append("elapsed")
    if missing:
        names = ", ".join(missing)
        raise unreadable(
            RULES,
            "file.columns",
            f"It lacks {names}, without which no job is known.",
            f"缺少必需的列：{names}。",
        )


def _misfit(lines: Sequence[str], listed: tuple[str, ...], delimiter: str) -> Exception:
    if not listed:
        return unreadable(RULES, "file.format")
    used = delimiter or next((one for one in _delimiters(lines[:1])), "|")
    fields = len(lines[0].split(used)) if lines else 0
    return unreadable(
        RULES,
        "file.columns",
        f"The list names {len(listed)} columns; the first line, split at “{used}”, has {fields} fields.",
        f"列清单有 {len(listed)} 列；首行按“{used}”切分得到 {fields} 个字段。",
    )
