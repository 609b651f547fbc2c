"""What tests of feedback have alike: people who received and agreed to be asked, and ways to speak as they
do."""

from __future__ import annotations

import re
from typing import Any

import httpx

from perks_engine.domain.consent import Through
from perks_engine.services.consents import Speaker
from perks_engine.services.records import Message
from tests.engine_room import NO_AUTHORITIES, Client, Room, with_log_key

BROWSER = {"Accept": "text/html"}


def ready_to_ask(room: Room, **settings: Any) -> None:
    """With all that a letter which people can opt out of has to have."""
    with_log_key(room)
    more = {"postal_address": "Our Perks | 1 Example Street | Springfield", **settings}
    room.engine.settings = room.engine.settings.model_copy(update=more)


def asker(room: Room, person_id: str = "ana", agrees: bool = True) -> str:
    """Somebody with a mailbox, who agreed to be asked unless told otherwise."""
    room.person(person_id, email=f"{person_id}@mail.example", name=person_id.title())
    if agrees:
        agree(room, person_id)
    return person_id


def agree(room: Room, person_id: str, yes: bool = True) -> None:
    speaker = Speaker(person_id, Through.OWN, f"person {person_id}", "test")
    if yes:
        ask = room.engine.rules.purposes.ask("feedback", "email")
        assert ask is not None
        room.engine.consents.give(speaker, "feedback", "email", ask.current("en").sha256)
    else:
        room.engine.consents.withdraw(speaker, "feedback", "email")


def ask(room: Room, **later: float) -> int | None:
    """What the worker does, after a while."""
    room.clock.move(**later)
    return room.engine.chores.run("feedback")


def letters(room: Room, person_id: str) -> list[Message]:
    with room.engine.store.read() as tx:
        return [one for one in tx.outbox.of_person(person_id) if one.kind == "feedback_request"]


def link_in(text: str) -> str:
    found = re.search(r"/v1/feedback-links/[\w-]+", text)
    assert found, text
    return found[0]


def request(where: Client | str, method: str, path: str, **more: Any) -> httpx.Response:
    """By a client with a token, or by nobody in particular at a base URL."""
    base, token = (where, {}) if isinstance(where, str) else (where.base, where.token)
    headers = {**token, **more.pop("headers", {})}
    with httpx.Client(base_url=base, timeout=30, verify=NO_AUTHORITIES) as session:
        return session.request(method, path, headers=headers, **more)


def say(client: Client, claim: str, **answer: Any) -> httpx.Response:
    return request(client, "PUT", f"/v1/claims/{claim}/feedback", json=answer)


def give_picture(client: Client, claim: str, data: bytes) -> httpx.Response:
    return request(client, "POST", f"/v1/claims/{claim}/feedback/pictures", content=data)
