"""Which branches of the engine the tests went through: a plugin of pytest, loaded where `make test` names it.

SlipCover writes its marks into the engine's own modules as they are imported. A tracer would have the
interpreter call it at each line of everything that runs, libraries as well, which costs half as much again as
the tests themselves.

Every process that runs the engine leaves what it saw in one folder: the workers of pytest, and the commands
that `tests.warm_start` forks. The process that started them all reads it and prints the report.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import slipcover

FOLDER = "BRANCHES_FOLDER"
"""The variable that names the folder, to whatever the tests start."""

SOURCE = Path(__file__).parent.parent / "perks_engine"
LEFT_OUT = [
    r"if TYPE_CHECKING:",
    r"@overload",
    r"assert_never\(",
    r"raise NotImplementedError",
    r"class .*\(Protocol\):",
]
NEVER = -1  # A mark that has been seen stays in the code: to take it out again costs more than it does.

_marked: list[tuple[Any, Path]] = []
"""The marks of this process, and where it leaves them; a command that is forked has another environment."""


def begin() -> None:
    """Marks what this process imports of the engine from here on, if it is to be measured."""
    if FOLDER not in os.environ:
        return
    if any(name.startswith("perks_engine.") for name in sys.modules):
        raise RuntimeError("the engine was imported before its branches were marked")
    marks = slipcover.Slipcover(branch=True, d_miss_threshold=NEVER)
    slipcover.ImportManager(marks, slipcover.FileMatcher(sources=[SOURCE])).__enter__()
    _marked.append((marks, Path(os.environ[FOLDER])))


def leave() -> None:
    """Writes down what this process has seen."""
    for marks, folder in _marked:
        seen = {file: sorted(map(_as_list, at)) for file, at in marks.newly_seen.items()}
        (folder / f"{os.getpid()}.json").write_text(json.dumps(seen), encoding="utf-8")


def _as_list(mark: int | tuple[int, int]) -> list[int]:
    """A line, or a branch from one line to another."""
    return list(mark) if isinstance(mark, tuple) else [mark]


def _report(folder: Path) -> Any:
    marks: Any = slipcover.Slipcover(branch=True, source=[str(SOURCE)], exclude_also=LEFT_OUT)
    seen: dict[str, set[Any]] = defaultdict(set)
    for left in folder.glob("*.json"):
        for file, at in json.loads(left.read_bytes()).items():
            seen[file] |= {tuple(mark) if len(mark) > 1 else mark[0] for mark in at}
    marks.all_seen = seen
    return marks.get_coverage()


class _Measuring:
    """In the process that starts the workers."""

    def __init__(self) -> None:
        self.folder = TemporaryDirectory(prefix="perks-branches-")
        os.environ[FOLDER] = self.folder.name

    @pytest.hookimpl(wrapper=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None]:
        yield
        with self.folder as folder:
            found = _report(Path(folder))
        terminalreporter.section("branch coverage")
        slipcover.print_coverage(found, outfile=terminalreporter, skip_covered=True, missing_width=60)


def pytest_configure(config: pytest.Config) -> None:
    if FOLDER not in os.environ:
        if not config.option.numprocesses:
            raise pytest.UsageError("branches are measured in pytest's workers: run it with `-n 1` or more")
        config.pluginmanager.register(_Measuring(), "perks-branches-report")


def pytest_sessionfinish() -> None:
    leave()


begin()
