"""The engines that hold populations, each started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from perks_engine.audiences import engines


@pytest.fixture(scope="session")
def duckdb() -> Iterator[engines.Engine]:
    connection = engines.connect("duckdb")
    yield connection
    connection.close()


@pytest.fixture(scope="session", params=["duckdb", "postgresql", "spark"])
def engine(request: pytest.FixtureRequest) -> Iterator[engines.Engine]:
    """A connection to each engine."""
    name = request.param
    if name == "postgresql":
        name = request.getfixturevalue("postgres")
    connection = engines.connect(name)
    yield connection
    connection.close()
