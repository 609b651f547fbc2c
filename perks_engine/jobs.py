"""The scheduler: APScheduler says when, a lease in the database says which process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from perks_engine.bootstrap import Application
from perks_engine.services.chores import Chores
from perks_engine.services.ports import DatabaseRefusedError

log = logging.getLogger(__name__)
EVERY_S = 20


def start_scheduler(engine: Application, every_s: float = EVERY_S) -> BackgroundScheduler:
    """Start doing the chores every `every_s` seconds; `shutdown()` of what is returned ends it.

    A chore that is still running is not started again, and one that was missed is done once.
    """
    scheduler = BackgroundScheduler(timezone="UTC")
    for name in engine.chores.all():
        scheduler.add_job(
            _guarded(engine.chores, name),
            "interval",
            seconds=every_s,
            id=name,
            max_instances=1,
            coalesce=True,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    return scheduler


def _guarded(chores: Chores, name: str) -> Callable[[], None]:
    def run() -> None:
        try:
            done = chores.run(name)
        except (SQLAlchemyError, DatabaseRefusedError):
            log.exception("the chore %s failed; it is tried again", name)
            return
        if done:
            log.info("the chore %s did %d", name, done)

    return run
