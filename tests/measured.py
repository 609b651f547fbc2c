"""Which tests have their branches measured.

Branch coverage costs two thirds on top of what a test takes. A test that is marked `unmeasured` runs without
it, from its first fixture to its last: also the threads and the processes that it starts. (The mark of
pytest-cov itself, `no_cover`, pauses no fixture, and a server that a fixture starts is measured all along.)

The PostgreSQL twin of a test is not measured either: its SQLite twin has gone through the same lines, but for
those of the storage, which are measured on both.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

STORAGE = Path(__file__).parent / "storage"
# By this, a process that a test starts learns that it is to be measured.
FOR_CHILDREN = "COVERAGE_PROCESS_CONFIG"


def mark(items: list[pytest.Item]) -> None:
    """Marks the twins as `unmeasured`."""
    for item in items:
        if _is_twin(item) and STORAGE not in item.path.parents:
            item.add_marker(pytest.mark.unmeasured)


@contextmanager
def paused() -> Generator[None]:
    """Measures nothing of what this thread does in the block."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


@contextmanager
def measured_or_not(item: pytest.Item) -> Generator[None]:
    """Pauses the coverage while a test that is not measured runs."""
    coverage = Coverage.current()
    if coverage is None or item.get_closest_marker("unmeasured") is None:
        yield
        return
    told = os.environ.pop(FOR_CHILDREN, None)
    coverage.stop()
    try:
        yield
    finally:
        coverage.start()
        if told is not None:
            os.environ[FOR_CHILDREN] = told


def _is_twin(item: pytest.Item) -> bool:
    parameters: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return parameters.get("database_url") == "postgresql"
