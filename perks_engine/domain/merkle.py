"""A Merkle tree over an append-only log (RFC 9162, section 2.1), with SHA-256.

The tree is kept as the hashes of its perfect subtrees: the node (level, index) covers the 2**level leaves
from index * 2**level on. They never change once they are there, so a root or a proof of any size that the
log ever had is read from a few of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Hash = bytes
"""32 bytes."""

NodeAt = Callable[[int, int], Hash]
"""The hash of the perfect subtree (level, index)."""

EMPTY_ROOT: Hash = hashlib.sha256().digest()
HASH_BYTES = 32


def leaf_hash(data: bytes) -> Hash:
    """Section 2.1.1: a zero byte stands before a leaf, so that no inner node can be taken for one."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed(position: int, leaf: Hash, node_at: NodeAt) -> list[tuple[int, int, Hash]]:
    """The nodes (level, index, hash) that a new leaf at this position completes, itself first.

    `node_at` gives those that were complete before.
    """
    found = [(0, position, leaf)]
    level, index, value = found[0]
    while index % 2:
        value = node_hash(node_at(level, index - 1), value)
        level, index = level + 1, index // 2
        found.append((level, index, value))
    return found


def root(size: int, node_at: NodeAt) -> Hash:
    """The root of the first `size` leaves."""
    return _subtree(0, size, node_at) if size else EMPTY_ROOT


def inclusion_proof(position: int, size: int, node_at: NodeAt) -> list[Hash]:
    """Section 2.1.3.1: that the leaf at `position` is one of the first `size`, from the leaf upwards.

    Raises `ValueError` where it is not.
    """
    if not 0 <= position < size:
        raise ValueError(f"there is no leaf {position} among the first {size}")
    return _path(position, 0, size, node_at)


def consistency_proof(first: int, second: int, node_at: NodeAt) -> list[Hash]:
    """Section 2.1.4.1: that the tree of `first` leaves is the beginning of the tree of `second`.

    Raises `ValueError` unless 0 < first <= second.
    """
    if not 0 < first <= second:
        raise ValueError(f"a tree of {first} leaves cannot be the beginning of one of {second}")
    return _growth(first, 0, second, node_at, is_whole=True)


def verify_inclusion(leaf: Hash, position: int, size: int, proof: Sequence[Hash], claimed: Hash) -> bool:
    """Section 2.1.3.2: whether the proof leads from the leaf at `position` to the root `claimed`."""
    if not 0 <= position < size or not _are_hashes(proof):
        return False
    number, last, found = position, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if number % 2 or number == last:
            found = node_hash(sibling, found)
            while number and not number % 2:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and found == claimed


def verify_consistency(
    first: int, second: int, first_root: Hash, second_root: Hash, proof: Sequence[Hash]
) -> bool:
    """Section 2.1.4.2: whether the tree of `first` leaves is the beginning of the other, by the proof."""
    if not 0 < first <= second or not _are_hashes(proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    number, last = first - 1, second - 1
    while number % 2:
        number, last = number >> 1, last >> 1
    of_first = of_second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if number % 2 or number == last:
            of_first, of_second = node_hash(sibling, of_first), node_hash(sibling, of_second)
            while number and not number % 2:
                number, last = number >> 1, last >> 1
        else:
            of_second = node_hash(of_second, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and of_first == first_root and of_second == second_root


def _are_hashes(proof: Sequence[Hash]) -> bool:
    return all(len(one) == HASH_BYTES for one in proof)


def _split(size: int) -> int:
    """The largest power of two below `size` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _subtree(start: int, end: int, node_at: NodeAt) -> Hash:
    size = end - start
    if size & (size - 1) == 0 and start % size == 0:
        level = size.bit_length() - 1
        return node_at(level, start >> level)
    middle = start + _split(size)
    return node_hash(_subtree(start, middle, node_at), _subtree(middle, end, node_at))


def _path(position: int, start: int, end: int, node_at: NodeAt) -> list[Hash]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if position < middle:
        return [*_path(position, start, middle, node_at), _subtree(middle, end, node_at)]
    return [*_path(position, middle, end, node_at), _subtree(start, middle, node_at)]


def _growth(first: int, start: int, end: int, node_at: NodeAt, *, is_whole: bool) -> list[Hash]:
    """The proof within the subtree [start, end); `is_whole` while the older tree's root is known."""
    if first == end:
        return [] if is_whole else [_subtree(start, end, node_at)]
    middle = start + _split(end - start)
    if first <= middle:
        below = _growth(first, start, middle, node_at, is_whole=is_whole)
        return [*below, _subtree(middle, end, node_at)]
    below = _growth(first, middle, end, node_at, is_whole=False)
    return [*below, _subtree(start, middle, node_at)]
