"""The atlas that these tests ask: the rules' own areas and the real gazetteer."""

import fcntl
from pathlib import Path

import pytest

from perks_engine.bootstrap import packaged
from perks_engine.places.atlas import RulesAtlas
from perks_engine.places.gazetteer import Gazetteer


@pytest.fixture(scope="session")
def gazetteer(cache: Path) -> Gazetteer:
    """Built by one worker, while the others wait."""
    made = Gazetteer(cache)
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made.about()
    return made


@pytest.fixture(scope="session")
def atlas(gazetteer: Gazetteer) -> RulesAtlas:
    return RulesAtlas([packaged("rules")], gazetteer)
