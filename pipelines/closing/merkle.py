"""Merkle trees as RFC 6962 builds them (SHA-256; 0x00 before a leaf, 0x01 before a node), whatever leaves mean.

    root(leaves)                          what a tree comes to
    path(levels(leaves), index)           the audit path of one leaf: the hashes that lead from it to the root
    climbed(leaf, index, size, path)      the root that a leaf and its path lead to

Leaves are hashes from `leaf_hash`. An odd node at the end of a level rises as it is, which is the RFC's split.
"""

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").hexdigest()
"""The root of a tree without leaves."""


def leaf_hash(content: bytes) -> str:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).hexdigest()


def node_hash(left: str, right: str) -> str:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def levels(leaves: Sequence[str]) -> list[list[str]]:
    """The levels of the tree over leaves in their order, from the leaves to the root."""
    found = [list(leaves)]
    while len(found[-1]) > 1:
        found.append(_above(found[-1]))
    return found


def root(leaves: Sequence[str]) -> str:
    """The root over leaves in their order."""
    return levels(leaves)[-1][0] if leaves else EMPTY


def path(tree: Sequence[Sequence[str]], index: int) -> list[str]:
    """The audit path of the leaf at `index` of a tree's levels, from the leaf's sibling upwards."""
    found = []
    for level in tree[:-1]:
        if index ^ 1 < len(level):
            found.append(level[index ^ 1])
        index //= 2
    return found


def climbed(leaf: str, index: int, size: int, path: Sequence[str]) -> str | None:
    """The root that a leaf at `index` of `size` leads to by its audit path; None where the path does not fit."""
    if not 0 <= index < size:
        return None
    at, rest = leaf, list(path)
    while size > 1:
        if index ^ 1 < size:
            if not rest:
                return None
            sibling = rest.pop(0)
            at = node_hash(sibling, at) if index % 2 else node_hash(at, sibling)
        index, size = index // 2, (size + 1) // 2
    return None if rest else at


def _above(level: Sequence[str]) -> list[str]:
    pairs = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs
