"""Whether a JSON file is of a format at all, told from its first 64 KiB before anything of it is read."""

from collections.abc import Callable, Mapping
from pathlib import Path

from pipelines.formats.base import Texts, unreadable
from pipelines.formats.lines import BOM, read_head


def opens_json(head: bytes) -> bool:
    """Whether a text begins as a JSON object or list."""
    return head.removeprefix(BOM).lstrip()[:1] in {b"{", b"["}


def require_head(path: Path, rules: Mapping[str, Texts], known: Callable[[bytes], bool]) -> None:
    """Raises Unreadable for a file whose first bytes are not of the format; a list without items is of any."""
    head = read_head(path, rules)
    if not known(head) and b"".join(head.split()) != b"[]":
        raise unreadable(rules, "file.format")
