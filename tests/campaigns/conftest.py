"""Fixtures: the rules that travel with the engine, and the faults that its reader finds by them."""

from __future__ import annotations

from pathlib import Path

import pytest

from perks_engine.bootstrap import RuleBook, packaged
from perks_engine.settings import Settings
from tests.campaigns.reading import Faults, faults_of


@pytest.fixture(scope="session")
def book(cache: Path) -> RuleBook:
    """The built-in catalogue with the deployment's own, the atlas and the templates."""
    rules = packaged("rules")
    return RuleBook(Settings(cache=cache, rules=rules), rules)


@pytest.fixture(scope="session")
def faults(book: RuleBook) -> Faults:
    def read(text: str | bytes) -> list[str]:
        data = text.encode() if isinstance(text, str) else text
        return faults_of(lambda: book.reader.read(data, "box.yaml"))

    return read
