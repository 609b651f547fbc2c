"""A worker process that takes steps one by one, and that can be killed between any two things it does to its
database."""

from __future__ import annotations

import hmac
import json
import multiprocessing
import os
import signal
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from sqlalchemy.exc import DBAPIError

from perks_engine.bootstrap import Application
from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.services.carriers import SignedMessage
from perks_engine.services.errors import ServiceError
from perks_engine.services.ports import DatabaseRefusedError
from tests.engine_room import STAFF, SetClock

PATIENCE_SECONDS = 60
SECRET = "of the carrier"


@dataclass(frozen=True)
class Step:
    """Something that the engine is asked to do, at the moment that the worker's clock shows."""

    do: str
    key: str
    at: datetime
    campaign: str = ""
    person: str = ""
    claim: str = ""
    move: str = ""
    occurred_at: datetime | None = None
    signed_ago: timedelta = timedelta()
    """How long before it comes in a carrier's message was signed."""


@dataclass(frozen=True)
class Answer:
    """`acknowledged` is None where the database went away: then the step has to be asked for again."""

    acknowledged: dict[str, Any] | None


class DiedError(Exception):
    """The worker was killed before it answered."""


@dataclass
class Worker:
    """The parent's end. A worker is forked, so that it has at once what the parent has in memory."""

    engine: Application
    clock: SetClock
    process: Any = None
    pipe: Any = None
    deaths: int = field(default=0)

    def ask(self, step: Step, dies_at: int | None = None) -> None:
        """Have the step done; the worker is killed at the `dies_at`-th thing it asks of the database."""
        if self.process is None:
            forked = multiprocessing.get_context("fork")
            self.pipe, theirs = forked.Pipe()
            self.process = forked.Process(target=_serve, args=(self.engine, self.clock, theirs), daemon=True)
            self.process.start()
            theirs.close()
        self.pipe.send((step, dies_at))

    def answer(self) -> Answer:
        """Raises `DiedError`."""
        try:
            if not self.pipe.poll(PATIENCE_SECONDS):
                raise AssertionError("a worker neither answered nor died")
            answer = self.pipe.recv()
        except (EOFError, ConnectionResetError) as error:
            self.process.join()
            assert self.process.exitcode == -signal.SIGKILL, f"a worker ended with {self.process.exitcode}"
            self.process, self.deaths = None, self.deaths + 1
            raise DiedError from error
        if isinstance(answer, str):
            raise AssertionError(answer)
        return answer

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None


def _serve(engine: Application, clock: SetClock, pipe: Any) -> None:
    engine.engine.dispose(close=False)  # the parent's connections are the parent's
    try:
        while True:
            step, dies_at = pipe.recv()
            clock.now = step.at
            if dies_at is not None:
                sys.setprofile(_Killer(dies_at))
            try:
                answer = Answer(taken(engine, step))
            except DBAPIError:
                answer = Answer(None)
            finally:
                sys.setprofile(None)
            pipe.send(answer)
    except EOFError:
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - the parent tells of it
        pipe.send(f"{type(error).__name__}: {error}")
        os._exit(1)


@dataclass
class _Killer:
    """Kills the process at a call of the driver: before the n-th statement, or commit, or fetch."""

    left: int

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            is_one = arg.__name__ in ("execute", "executemany", "commit") and "sqlite3" in repr(arg)
        else:
            code = frame.f_code
            is_one = (
                event == "call"
                and code.co_name in ("execute", "commit", "fetchone", "fetchall")
                and "psycopg" in code.co_filename
            )
        if is_one:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def tracking_number(claim: str) -> str:
    return f"trk {claim}"


def _signed(step: Step) -> SignedMessage:
    """What Shippo would send; the key of the step is the id of its event."""
    status = {"object_id": step.key, "status": step.move, "status_date": str(step.occurred_at or step.at)}
    track = {"carrier": "usps", "tracking_number": tracking_number(step.claim), "tracking_status": status}
    body = json.dumps({"event": "track_updated", "data": track}).encode()
    seconds = str(int((step.at - step.signed_ago).timestamp()))
    signature = hmac.digest(SECRET.encode(), f"{seconds}.".encode() + body, "sha256").hex()
    headers = {"shippo-auth-signature": f"t={seconds},v1={signature}"}
    return SignedMessage("POST", "/v1/carriers/shippo", headers, body)


def taken(engine: Application, step: Step) -> dict[str, Any]:
    """What the engine answers; a refusal is an answer, too."""
    try:
        return _do(engine, step)
    except (ServiceError, DatabaseRefusedError) as refused:
        return {"refused": f"{type(refused).__name__}: {refused}"}


def _do(engine: Application, step: Step) -> dict[str, Any]:
    match step.do:
        case "claim":
            return dict(engine.claiming.claim(step.person, step.campaign, step.key))
        case "cancel":
            return dict(engine.own_word.cancel(step.person, step.claim, step.key))
        case "confirm":
            return dict(engine.own_word.confirm(step.person, step.claim, step.key))
        case "record":
            occurred_at = step.occurred_at or step.at
            reference = tracking_number(step.claim) if step.move == "ship" else f"ref {step.move}"
            row = Fulfillment(step.claim, MoveKind(step.move), occurred_at, "", reference, "so it is")
            return dict(engine.fulfilling.record([row], STAFF, step.key))
        case "webhook":
            return dict(engine.carrier_reports.receive("shippo", _signed(step)))
        case "expire":
            return {"expired": engine.fulfilling.expire_reservations()}
        case _:
            return {"sealed": engine.sealing.seal()}
