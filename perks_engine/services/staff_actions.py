"""What members of staff did through the API, the pages or the command line: every write that they asked for,
and every look at somebody's whole data, with what came of it.

The row is there before the answer goes out, so that nothing is acknowledged that does not stand here. It
names things by their ids, and a person in one column alone, which an erasure takes. What is not there is not
written down: a path may hold whatever somebody typed into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from perks_engine.services.access import ALL_BRANDS, Actor, Permission
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.staff_records import StaffAction, WhichActions
from perks_engine.services.views import View, instant_view

NOT_THERE = (403, 404, 422)


class Asked(Protocol):
    """A request that was answered."""

    @property
    def route(self) -> str: ...
    @property
    def about(self) -> Mapping[str, str]: ...
    @property
    def status(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def request_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class StaffActions:
    store: Store
    clock: Clock

    def record(self, actor: Actor, asked: Asked) -> None:
        about = dict(asked.about) if asked.status not in NOT_THERE else {}
        person = about.pop("person", None)
        with self.store.write() as tx:
            # An erasure that is under way is waited for; who is gone is not named any more.
            known = person is not None and tx.keeping.lock(person) is not None
            tx.staff_actions.add(
                StaffAction(
                    None,
                    self.clock(),
                    actor.name,
                    actor.role.value,
                    actor.credential,
                    asked.route,
                    " ".join(f"{name}={value}" for name, value in sorted(about.items())),
                    person if known else None,
                    _brand(tx, actor, about),
                    asked.status,
                    asked.code,
                    asked.request_id,
                )
            )

    def seen_by(self, actor: Actor, which: WhichActions, limit: int) -> list[View]:
        """The newest first, for compliance staff; who reaches only some brands sees what was done to these.
        Raises `ForbiddenError`."""
        actor.require(Permission.KEEP_RECORDS)
        which = replace(which, brands=None if ALL_BRANDS in actor.brands else tuple(actor.brands))
        with self.store.read() as tx:
            return [action_view(one) for one in tx.staff_actions.find(which, limit)]


def _brand(tx: Transaction, actor: Actor, about: Mapping[str, str]) -> str | None:
    """To whose brand it was done: that of what it names, else the only one that the actor reaches."""
    found = (tx.staff_actions.brand_of(kind, name) for kind, name in about.items())
    named = next((one for one in found if one is not None), None)
    only = actor.brands[0] if len(actor.brands) == 1 and ALL_BRANDS not in actor.brands else None
    return named or only


def action_view(action: StaffAction) -> View:
    return {
        "action": action.action_id,
        "at": instant_view(action.acted_at),
        "by": action.acted_by,
        "role": action.role,
        "credential": action.credential,
        "route": action.route,
        "about": action.about,
        "person": action.person_id,
        "brand": action.brand,
        "status": action.status,
        "code": action.code,
        "request": action.request_id,
    }
