"""The log's tree is RFC 9162's: known answers come out, proofs are taken, altered ones refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.domain import merkle
from perks_engine.domain.merkle import Hash, leaf_hash, verify_consistency, verify_inclusion

LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The leaves of the certificate transparency project's tests, which its clients in all languages share."""

ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The root of the first 0, 1, … 8 of them, by the same source."""

INCLUDED = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
GROWN = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


class Log:
    """A log as it grows: the perfect subtrees, and nothing else."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], Hash] = {}
        for position, data in enumerate(leaves):
            for level, index, value in merkle.completed(position, leaf_hash(data), self.at):
                self.nodes[level, index] = value

    def at(self, level: int, index: int) -> Hash:
        return self.nodes[level, index]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_the_known_ones(size: int) -> None:
    assert merkle.root(size, Log(LEAVES[:size]).at).hex() == ROOTS[size]
    assert merkle.root(size, Log(LEAVES).at).hex() == ROOTS[size]  # the same when the log has grown since


@pytest.mark.parametrize("asked", INCLUDED, ids=str)
def test_the_inclusion_proofs_are_the_known_ones(asked: tuple[int, int]) -> None:
    proof = merkle.inclusion_proof(*asked, Log(LEAVES).at)
    assert [one.hex() for one in proof] == INCLUDED[asked]


@pytest.mark.parametrize("asked", GROWN, ids=str)
def test_the_consistency_proofs_are_the_known_ones(asked: tuple[int, int]) -> None:
    proof = merkle.consistency_proof(*asked, Log(LEAVES).at)
    assert [one.hex() for one in proof] == GROWN[asked]


def _reference_root(leaves: list[bytes]) -> Hash:
    """The definition of section 2.1.1, word for word."""
    if len(leaves) <= 1:
        return leaf_hash(leaves[0]) if leaves else merkle.EMPTY_ROOT
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return merkle.node_hash(_reference_root(leaves[:half]), _reference_root(leaves[half:]))


logs = st.lists(st.binary(max_size=6), min_size=1, max_size=70)


@given(logs)
def test_the_root_is_the_definition(leaves: list[bytes]) -> None:
    assert merkle.root(len(leaves), Log(leaves).at) == _reference_root(leaves)


@given(logs, st.data())
def test_every_leaf_of_every_size_is_proved(leaves: list[bytes], data: st.DataObject) -> None:
    log, size = Log(leaves), data.draw(st.integers(1, len(leaves)))
    position = data.draw(st.integers(0, size - 1))
    proof, root = merkle.inclusion_proof(position, size, log.at), merkle.root(size, log.at)
    leaf = leaf_hash(leaves[position])

    assert verify_inclusion(leaf, position, size, proof, root)
    assert not verify_inclusion(leaf_hash(leaves[position] + b"!"), position, size, proof, root)
    assert not verify_inclusion(leaf, position, size, [*proof, root], root)
    assert not verify_inclusion(leaf, position, size, proof[:-1], root) or not proof
    assert not verify_inclusion(leaf, size, size, proof, root)


@given(logs, st.data())
def test_every_beginning_is_proved(leaves: list[bytes], data: st.DataObject) -> None:
    log, second = Log(leaves), data.draw(st.integers(1, len(leaves)))
    first = data.draw(st.integers(1, second))
    before, after = merkle.root(first, log.at), merkle.root(second, log.at)
    proof = merkle.consistency_proof(first, second, log.at)

    assert verify_consistency(first, second, before, after, proof)
    assert not verify_consistency(first, second, leaf_hash(before), after, proof)
    assert not verify_consistency(first, second, before, leaf_hash(after), proof)
    assert not verify_consistency(first, second, before, after, [*proof, before])


@given(logs, st.data())
def test_one_wrong_bit_in_a_proof_is_found(leaves: list[bytes], data: st.DataObject) -> None:
    log, size = Log(leaves), len(leaves)
    position, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, before = merkle.root(size, log.at), merkle.root(first, log.at)
    inclusion = merkle.inclusion_proof(position, size, log.at)
    consistency = merkle.consistency_proof(first, size, log.at)

    leaf = leaf_hash(leaves[position])
    for altered in _altered(inclusion, data):
        assert not verify_inclusion(leaf, position, size, altered, root)
    for altered in _altered(consistency, data):
        assert not verify_consistency(first, size, before, root, altered)


def _altered(proof: list[Hash], data: st.DataObject) -> list[list[Hash]]:
    bit = data.draw(st.integers(0, 255))
    flip = (1 << bit).to_bytes(32)
    flipped = [
        [*proof[:place], bytes(a ^ b for a, b in zip(one, flip, strict=True)), *proof[place + 1 :]]
        for place, one in enumerate(proof)
    ]
    dropped = [[*proof[:place], *proof[place + 1 :]] for place in range(len(proof))]
    return flipped + dropped


def test_what_cannot_be_proved_is_refused() -> None:
    log = Log(LEAVES)
    with pytest.raises(ValueError, match="there is no leaf 8 among the first 8"):
        merkle.inclusion_proof(8, 8, log.at)
    with pytest.raises(ValueError, match="9 leaves cannot be the beginning of one of 8"):
        merkle.consistency_proof(9, 8, log.at)
    with pytest.raises(ValueError, match="0 leaves"):
        merkle.consistency_proof(0, 8, log.at)
