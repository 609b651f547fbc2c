"""Fixtures of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest

from perks_engine.services.access import Role
from tests.engine_room import Client, Room, with_log_key
from tests.web.feedback_room import asker, ready_to_ask
from tests.webhook_receiver import Receiver, receiver_at_work

StaffOf = Callable[[Role], Client]


@pytest.fixture
def claim(room: Room) -> str:
    """Of ana, who received a phone and agreed to be asked what they think of it."""
    ready_to_ask(room)
    room.campaign()
    return room.received(asker(room))


@pytest.fixture
def receiver(room: Room) -> Iterator[Receiver]:
    """A receiver on this machine, which the operator permits."""
    with_log_key(room)
    permitted = {"webhook_networks": (ip_network("127.0.0.0/8"),)}
    room.engine.settings = room.engine.settings.model_copy(update=permitted)
    with receiver_at_work() as made:
        yield made
