"""Two schedulers work at once on one database: each thing is done, and done once."""

from __future__ import annotations

import time

from perks_engine.bootstrap import Application
from perks_engine.jobs import start_scheduler
from tests.engine_room import ALABAMA, Room, in_brooklyn, with_log_key
from tests.mail_server import post_office


def test_letters_seals_and_expiry_with_two_schedulers(room: Room) -> None:
    with_log_key(room)
    room.campaign(guards="[{same_point: {at_most: 1000}}]")
    for number in range(8):
        room.claim(room.person(f"p{number}", in_brooklyn(number), email=f"p{number}@mail.example"))
    for number in range(8):
        room.claim(room.person(f"far{number}", ALABAMA, email=f"far{number}@mail.example"))
    room.clock.move(hours=49)
    with post_office() as office:
        more = {"smtp_url": office.url, "mail_from": "Perks <perks@shop.example>"}
        settings = room.engine.settings.model_copy(update=more)
        engines = [Application(settings, room.clock, room.engine.rules) for _ in range(2)]
        free, waiting = 0, list[object]()
        schedulers = [start_scheduler(one, every_s=0.05) for one in engines]
        try:
            for _ in range(400):
                # Who holds a lease keeps it: the clock moves on, so that both come to their turns.
                room.clock.move(seconds=10)
                free = room.engine.campaigning.show("phone-launch-nyc")["free_units"]
                waiting = [one for one in room.engine.sending.listed(None, 100) if one["state"] == "queued"]
                if free == 500 and not waiting and room.engine.sealing.seal() == 0:
                    break
                time.sleep(0.02)
        finally:
            for one in schedulers:
                one.shutdown()
            for one in engines:
                one.close()
        assert (free, waiting) == (500, [])
        ids = [letter["Message-ID"] for _, letter in office.letters]
        assert len(ids) == len(set(ids))
        assert len({to for to, _ in office.letters}) == 16
    with room.engine.store.read() as tx:
        assert tx.ledger.free_units("phone-launch-nyc") == 500
    assert list(room.engine.auditing.audit(room.engine.sealing.keys).findings) == []
