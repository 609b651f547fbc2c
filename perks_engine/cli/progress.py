"""A progress bar for whoever waits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock, Timer
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from perks_engine.domain.progress import Report, unreported

PATIENCE_S = 1.0
"""A command that is done by then shows nothing."""
BREATH_S = 0.05
"""Reports that follow each other faster are not drawn."""


@contextmanager
def progress(silent: bool) -> Generator[Report]:
    """Draws what is reported on standard error while the block lasts, and wipes it out when it ends. Scripts
    see nothing of it: neither with --json, nor where standard error is not a terminal."""
    console = Console(stderr=True, highlight=False, emoji=False)
    if silent or not sys.stderr.isatty() or console.is_dumb_terminal:
        yield unreported
        return
    bar = _Bar(console)
    try:
        yield bar.report
    finally:
        bar.stop()


class _Bar:
    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[counted]}"),
            TimeRemainingColumn(),
        )
        self._drawn = Progress(*columns, console=console, transient=True)
        self._task: TaskID | None = None
        self._what = ""
        self._at = 0.0
        self._is_shown = self._is_over = False
        self._lock = Lock()
        self._timer = Timer(PATIENCE_S, self._show)
        self._timer.daemon = True
        self._timer.start()

    def report(self, what: str, done: int, total: int) -> None:
        now = monotonic()
        if what == self._what and now - self._at < BREATH_S and self._task is not None:
            return
        if what != self._what or self._task is None:
            if self._task is not None:
                self._drawn.remove_task(self._task)
            self._task = self._drawn.add_task(what, total=total or None, counted="")
            self._what = what
        counted = f"{done:,} of {total:,}" if total else f"{done:,}" if done else ""
        self._drawn.update(self._task, completed=done, total=total or None, counted=counted)
        self._at = now

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._is_over = True
            if self._is_shown:
                self._drawn.stop()

    def _show(self) -> None:
        with self._lock:
            if not self._is_over:
                self._is_shown = True
                self._drawn.start()
