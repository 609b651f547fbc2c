"""Looking through the log takes no more memory for a long one than for a short one, and finds as much."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.delivery.log_files import add_key
from perks_engine.domain.merkle import completed, leaf_hash, root
from perks_engine.services.audit_tree import GrowingTree, StoredLevel
from perks_engine.services.auditing import MOST_FINDINGS, Audit, Auditing
from perks_engine.services.sealing import LogKeys, Sealing
from tests.engine_room import Room
from tests.services.test_long_lists import fill


@pytest.fixture
def keys(tmp_path: Path) -> LogKeys:
    return add_key(tmp_path / "log.key", "shop.example/log")


def audited(room: Room, keys: LogKeys) -> tuple[Audit, int]:
    """What was found, and the most memory that it took."""
    tracemalloc.start()
    found = Auditing(room.engine.store, room.clock).audit(keys)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return found, peak


def test_memory_does_not_grow_with_the_log(sqlite_room: Room, keys: LogKeys) -> None:
    room = sqlite_room
    room.campaign(quantity="10000")
    sealing = Sealing(room.engine.store, room.clock, keys, lambda _head: None)
    fill(room, range(400))
    sealing.seal()
    audited(room, keys)
    short, short_peak = audited(room, keys)
    fill(room, range(400, 1_200))
    sealing.seal()
    long, long_peak = audited(room, keys)
    assert (short.leaves, long.leaves) == (1_201, 3_601)
    assert short.findings == long.findings == ()
    assert long_peak < 1.2 * short_peak

    with room.engine.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER log_leaf_no_update")
        connection.exec_driver_sql("UPDATE log_leaf SET data = replace(data, 'deliver', 'hand_over')")
    found, peak = audited(room, keys)
    assert len(found.findings) == MOST_FINDINGS
    assert len(found.findings) + found.more == 2_400, "each of 1,200 leaves has two faults"
    assert peak < 2 * short_peak


@given(st.integers(min_value=0, max_value=300))
def test_the_tree_that_forgets_has_the_same_nodes_and_root(size: int) -> None:
    kept: dict[tuple[int, int], bytes] = {}

    def at(level: int, place: int) -> bytes:
        return kept[level, place]

    tree = GrowingTree()
    for position in range(size):
        leaf = leaf_hash(str(position).encode())
        made = completed(position, leaf, at)
        kept.update({(level, place): value for level, place, value in made})
        assert tree.append(leaf) == made[1:]
    assert tree.root() == root(size, at)


@given(st.sets(st.integers(min_value=0, max_value=1_200)), st.sets(st.integers(min_value=0, max_value=1_200)))
def test_a_level_is_read_beside_what_is_expected(there: set[int], expected: set[int]) -> None:
    """Whatever stands in the log and is not asked for is left at the end, or was passed by."""
    rows = [(place, bytes([place % 256])) for place in sorted(there)]

    def stored(_level: int, first: int, limit: int) -> list[tuple[int, bytes]]:
        return [row for row in rows if row[0] >= first][:limit]

    level = StoredLevel(1, stored)
    asked = range(max(expected, default=-1) + 1)  # places are complete one after the other
    found = {place for place in asked if level.at(place) is not None}
    assert found == there & set(asked)
    assert set(level.left()) == there - set(asked)
