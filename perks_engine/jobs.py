"""The scheduler: APScheduler says when, a lease in the database says which process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from perks_engine.bootstrap import Application
from perks_engine.bootstrap.logs import noting
from perks_engine.bootstrap.metrics import ELSEWHERE
from perks_engine.services.ports import DatabaseRefusedError

log = logging.getLogger(__name__)
EVERY_S = 20
SOONER = {"incidents": 4.0}
"""What somebody waits for who has just asked for it."""


def start_scheduler(engine: Application, every_s: float = EVERY_S) -> BackgroundScheduler:
    """Start doing the chores every `every_s` seconds, some sooner; `shutdown()` of what is returned ends it.

    A chore that is still running is not started again, and one that was missed is done once.
    """
    scheduler = BackgroundScheduler(timezone="UTC")
    for name in engine.chores.all():
        scheduler.add_job(
            turn_of(engine, name),
            "interval",
            seconds=min(every_s, SOONER.get(name, every_s)),
            id=name,
            max_instances=1,
            coalesce=True,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    return scheduler


def turn_of(engine: Application, name: str) -> Callable[[], None]:
    """One turn of a chore: logged, counted and traced; an error of the database waits for the next turn."""

    def run() -> None:
        with noting(chore=name):
            try:
                with engine.metrics.chore(name) as turn, engine.tracing.span("chore", chore=name):
                    done = engine.chores.run(name)
                    if done is None:
                        turn.outcome = ELSEWHERE
            except (SQLAlchemyError, DatabaseRefusedError):
                log.exception("the chore %s failed; it is tried again", name)
                return
            if done:
                log.info("the chore %s did %d", name, done)

    return run
