"""Fixtures: a terminal in a folder of its own, and the environment that its commands see."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.command_line import FAR, Desk


def sit_down(folder: Path, database: Path, cache: Path, patch: pytest.MonkeyPatch) -> Desk:
    """A desk over a copy of the database; its commands see nothing of the user's own environment."""
    for name in [name for name in os.environ if name.startswith("PERKS_")]:
        patch.delenv(name)
    patch.chdir(folder)
    mine = folder / "perks.db"
    shutil.copyfile(database, mine)
    environment = {
        "PERKS_DATABASE_URL": f"sqlite:///{mine}",
        "PERKS_CACHE": str(cache),
        "PERKS_USER": "test-user",
        "COLUMNS": "200",
    }
    return Desk(folder, mine, environment)


@pytest.fixture
def desk(tmp_path: Path, migrated_sqlite: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """In an empty folder, with a database that is migrated and empty."""
    return sit_down(tmp_path, migrated_sqlite, cache, monkeypatch)


@pytest.fixture(scope="session")
def phone_database(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, cache: Path) -> Path:
    """The phone campaign open, Ana in Brooklyn and Ben in Alabama on record; to be copied."""
    folder = tmp_path_factory.mktemp("phone")
    with pytest.MonkeyPatch.context() as patch:
        made = sit_down(folder, migrated_sqlite, cache, patch)
        made.open_campaign()
        made.person("ana")
        made.person("ben", FAR)
    return made.database


@pytest.fixture
def phone_desk(tmp_path: Path, phone_database: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """In an empty folder, with the open campaign, Ana and Ben in the database."""
    return sit_down(tmp_path, phone_database, cache, monkeypatch)
