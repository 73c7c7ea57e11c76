"""Merkle trees: the published values of RFC 6962's reference tree, and laws over any tree."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.closing.merkle import EMPTY, climbed, leaf_hash, levels, node_hash, path, root

CONTENTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The roots over the first one to eight CONTENTS, as certificate-transparency's own tests give them."""

LEAVES = [leaf_hash(bytes.fromhex(each)) for each in CONTENTS]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_reference_tree(size: int) -> None:
    assert root(LEAVES[:size]) == ROOTS[size - 1]


def test_no_leaves_come_to_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY == hashlib.sha256(b"").hexdigest()


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = LEAVES[:2]
    assert leaf_hash(bytes.fromhex(left) + bytes.fromhex(right)) != node_hash(left, right)


@given(st.integers(1, 70), st.data())
def test_every_leaf_leads_to_the_root_by_its_path_and_no_other_leaf_does(
    size: int, data: st.DataObject
) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    way = path(levels(leaves), index)
    assert climbed(leaves[index], index, size, way) == root(leaves)
    assert climbed(leaf_hash(b"another"), index, size, way) != root(leaves)
    assert climbed(leaves[index], index, size, [*way, leaves[0]]) is None
    assert climbed(leaves[index], size, size, way) is None
    if way:
        assert climbed(leaves[index], index, size, way[:-1]) is None
