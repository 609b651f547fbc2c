"""What a large rule may take: neither the turns of others, nor more than an engine can be asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perks_engine.audiences.engine import Engine
from perks_engine.domain.rules import AllOf, LocatedIn, conditions
from perks_engine.services.access import Actor, Role
from perks_engine.services.errors import BusyError, InvalidInputError
from perks_engine.services.previewing import AT_ONCE, MOST_PLACES
from tests.engine_room import BRAND, Room

MARA = Actor("mara", Role.BRAND_MANAGER, (BRAND,), None, "mara")
SAMPLE = Path(__file__).resolve().parents[2] / "rules" / "campaigns" / "phone-launch-nyc.yaml"


def too_deep() -> Engine:
    raise RecursionError


def test_so_many_populations_are_asked_at_once_and_the_next_one_is_told(sqlite_room: Room) -> None:
    drafting = sqlite_room.engine.console.drafting
    previewing = replace(sqlite_room.engine.previewing, wait_s=0)
    file = drafting.reader.read_file(SAMPLE)
    for _ in range(AT_ONCE):
        assert previewing.turns.acquire(blocking=False)
    with pytest.raises(BusyError, match="2 campaigns are being held against people at this moment"):
        previewing.preview(file.campaign, [], sqlite_room.clock())
    assert replace(drafting, previewing=previewing).preview(MARA, file) is None
    previewing.turns.release()
    assert replace(drafting, previewing=previewing).preview(MARA, file) is not None
    assert previewing.turns.acquire(blocking=False), "a turn that is over is given back"


def test_a_rule_that_no_engine_should_be_asked_is_told_as_one(sqlite_room: Room) -> None:
    drafting, previewing = sqlite_room.engine.console.drafting, sqlite_room.engine.previewing
    file = drafting.reader.read_file(SAMPLE)
    [place, *_] = [one for one in conditions(file.campaign.eligibility) if isinstance(one, LocatedIn)]
    rule = AllOf((file.campaign.eligibility, *[place] * MOST_PLACES))
    large = replace(file, campaign=replace(file.campaign, eligibility=rule))
    with pytest.raises(InvalidInputError, match="more than 64 conditions on places"):
        previewing.preview(large.campaign, [], sqlite_room.clock())
    assert drafting.preview(MARA, large) is None
    for _ in range(AT_ONCE + 1):
        with pytest.raises(InvalidInputError, match="too large to be asked of a population"):
            replace(previewing, connect=too_deep).preview(file.campaign, [], sqlite_room.clock())
