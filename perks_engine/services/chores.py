"""Work that the clock asks for, done by one process at a time: a lease in the database decides who."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from perks_engine.services.announcing import Announcing
from perks_engine.services.campaigning import Campaigning
from perks_engine.services.erasing import Erasing
from perks_engine.services.fulfilling import Fulfilling
from perks_engine.services.incident_jobs import IncidentJobs
from perks_engine.services.judging import Judging
from perks_engine.services.making_room import MakingRoom
from perks_engine.services.offering import Offering
from perks_engine.services.pictures import Pictures
from perks_engine.services.ports import Clock, KeyTakenError, Store
from perks_engine.services.reminding import Reminding
from perks_engine.services.retaining import Retaining
from perks_engine.services.sealing import Sealing
from perks_engine.services.sending import Sending
from perks_engine.services.signing_in import SigningIn
from perks_engine.services.soliciting import Soliciting
from perks_engine.services.statement_requests import StatementRequests
from perks_engine.services.telling import Telling

LEASE = timedelta(seconds=60)
"""Longer than a chore takes; a holder that dies is succeeded after this."""


@dataclass(frozen=True, slots=True)
class Chores:
    """`holder` tells this process from all others."""

    store: Store
    clock: Clock
    holder: str
    campaigning: Campaigning
    fulfilling: Fulfilling
    sealing: Sealing
    statements: StatementRequests
    announcing: Announcing
    sending: Sending
    reminding: Reminding
    telling: Telling
    soliciting: Soliciting
    pictures: Pictures
    erasing: Erasing
    retaining: Retaining
    judging: Judging
    offering: Offering
    signing_in: SigningIn
    incident_jobs: IncidentJobs
    making_room: MakingRoom

    def all(self) -> Mapping[str, Callable[[], int]]:
        return {
            "calendar": self.campaigning.keep_the_calendar,
            "expiry": self.fulfilling.expire_reservations,
            "seal": self.sealing.seal,
            "statements": self.statements.post,
            "heads": self.announcing.announce,
            "messages": self.sending.send,
            "duties": self.reminding.follow_up,
            "events": self.telling.tell,
            "old events": self.telling.forget,
            "feedback": self.soliciting.ask,
            "pictures": self.pictures.sweep,
            "erasures": self.erasing.finish,
            "retention": self.retaining.keep_up,
            "fixes": self.judging.escalate,
            "offers": self.offering.offer,
            "sign-ins": self.signing_in.post,
            "incidents": self.incident_jobs.work,
            "room": self.making_room.make,
        }

    def run(self, name: str) -> int | None:
        """Do one chore if this process holds its lease; how much was done, or None where another holds it.

        What comes in batches is done to its end, batch by batch, the lease renewed before each.
        """
        done: int | None = None
        while self._take(name):
            part = self.all()[name]()
            done = (done or 0) + part
            if part < self.fulfilling.batch:
                break
        return done

    def _take(self, name: str) -> bool:
        now = self.clock()
        try:
            with self.store.write() as tx:
                return tx.leases.take(name, self.holder, now, now + LEASE)
        except KeyTakenError:
            return False
