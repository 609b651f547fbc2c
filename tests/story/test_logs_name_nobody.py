"""Row 8 and 9: what a server logs in the course of a whole life names nobody."""

from __future__ import annotations

import pytest

from tests.engine_room import Client, Room, served, with_log_key
from tests.log_lines import logging_lines
from tests.mail_server import post_office
from tests.story.rich_life import CARRIER_SECRET, EMAIL, NAME, VALUES, Life, ways


def test_a_life_leaves_no_name_in_the_logs(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where its letters are refused with her address, her claim breaks the engine, and the database goes
    away while it writes about her."""
    with_log_key(room)
    with post_office() as office, logging_lines() as lines:
        more = {"smtp_url": office.url, "mail_from": "Our Perks <perks@shop.example>"}
        more |= {"easypost_secret": CARRIER_SECRET, "postal_address": "Our Perks | 1 Example Street"}
        room.engine.settings = room.engine.settings.model_copy(update=more)
        office.to_mailbox = lambda address: f"421 4.3.2 <{address}> of {NAME} cannot be served now"
        with served(room.engine) as base:
            life = Life(room, base, office).lived()
            me = life.me

            def broken(*_: object, **__: object) -> None:
                raise ValueError(f"{NAME} <{EMAIL}>")

            monkeypatch.setattr(type(room.engine.claiming), "claim", broken)
            assert me.claim("one more").status_code == 500
            with room.engine.engine.connect() as connection:
                connection.exec_driver_sql("ALTER TABLE idempotency RENAME TO idempotency_away")
                connection.commit()
            assert _wrote(me, life.phone) in (500, 503)
            for chore in ("messages", "statements", "seal"):
                room.engine.chores.run(chore)
    routes = {line["route"] for line in lines.of("request")}
    assert {"/v1/claims", "/v1/claims/{claim}/denial", "/v1/disclosures"} <= routes
    assert any("trace" in line for line in lines.all)
    assert "the mail server does not take letters" in lines.text
    written = lines.text.encode()
    assert {what for what, value in VALUES.items() if any(way in written for way in ways(value))} == set()
    for token in room.tokens.values():
        assert token.encode() not in written


def _wrote(me: Client, claim: str) -> int:
    body = {"text": VALUES["words of the dispute"]}
    return me.post(f"/v1/claims/{claim}/disputes", body, "while it is away").status_code
