"""Legal holds: while one is on a record, nothing of it is erased, by nobody and by no clock."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.services.access import Actor
from perks_engine.services.erasing import require_keeper
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.identifiers import new_id
from perks_engine.services.keeping_records import Hold
from perks_engine.services.ports import Clock, Store
from perks_engine.services.views import View, instant_view

LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class Holding:
    store: Store
    clock: Clock

    def put(self, actor: Actor, person_id: str, why: str) -> View:
        """Raises `InvalidInputError` without a reason. Of what was erased already nothing can be held."""
        require_keeper(actor)
        hold = Hold(new_id("hld", self.clock()), person_id, reason(why), actor.name, self.clock())
        with self.store.write() as tx:
            # An erasure that is under way is waited for.
            if tx.keeping.lock(person_id) is None:
                raise NotFoundError("person.unknown", f"nobody is on record as {person_id}")
            tx.keeping.add_hold(hold)
        return hold_view(hold)

    def lift(self, actor: Actor, hold_id: str, why: str) -> View:
        require_keeper(actor)
        because = reason(why)
        with self.store.write() as tx:
            if not tx.keeping.lift(hold_id, actor.name, because, self.clock()):
                raise NotFoundError("hold.unknown", f"there is no hold {hold_id} that could be lifted")
            found = next(one for one in tx.keeping.holds(live_only=False) if one.hold_id == hold_id)
        return hold_view(found)

    def listed(self, actor: Actor, person_id: str | None = None, live_only: bool = True) -> list[View]:
        require_keeper(actor)
        with self.store.read() as tx:
            return [hold_view(one) for one in tx.keeping.holds(person_id, live_only)]


def reason(why: str) -> str:
    """Raises `InvalidInputError` for none, or one that is too long."""
    words = " ".join(why.split())
    if not 1 <= len(words) <= LONGEST_WHY:
        raise InvalidInputError("record.why", f"say why, in at most {LONGEST_WHY} characters")
    return words


def hold_view(hold: Hold) -> View:
    view: View = {
        "hold": hold.hold_id,
        "person": hold.person_id,
        "why": hold.why,
        "set_by": hold.set_by,
        "set_at": instant_view(hold.set_at),
    }
    if hold.lifted_at is not None:
        view |= {
            "lifted_by": hold.lifted_by,
            "lifted_at": instant_view(hold.lifted_at),
            "lifted_because": hold.lifted_because,
        }
    return view
