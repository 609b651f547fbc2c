"""The desk of those who pack and send: from the grant to the receipt, and back, through forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from perks_engine.services.access import Role
from tests.engine_room import PHONE, Room, in_brooklyn, make_room, served
from tests.web.console_room import desk, sent

DESK = "/console/fulfillment"


@pytest.fixture
def room(database_url: str, tmp_path: Path, cache: Path) -> Iterator[Room]:
    made = make_room(database_url, tmp_path, cache)
    made.campaign()
    yield made
    made.engine.close()


@pytest.fixture
def base(room: Room) -> Iterator[str]:
    with served(room.engine) as url:
        room.engine.settings = room.engine.settings.model_copy(update={"public_url": url})
        yield url


def granted(room: Room, number: int) -> str:
    person = room.person(f"p{number}", in_brooklyn(number * 31))
    return str(room.claim(person)["claim"])


def counts(text: str) -> dict[str, int]:
    found = re.findall(r'step=(\w+)"[^>]*>[^<]*<span class="count">(\d+)<', text)
    return {name: int(number) for name, number in found}


def test_a_unit_goes_from_the_grant_to_the_receipt_and_back(room: Room, base: str) -> None:
    claim = granted(room, 1)
    room.clock.move(hours=1)
    unit = f"{DESK}/{claim}"
    with desk(room, base, Role.FULFILLMENT, "finn") as finn:
        assert finn.get("/home", follow_redirects=True).url.path == DESK
        listed = finn.get(DESK).text
        assert "p1.handle" in listed
        assert counts(listed) == {
            "to_prepare": 1, "packed": 0, "on_its_way": 0, "received": 0, "came_back": 0
        }  # fmt: skip
        shown = finn.get(unit).text
        assert f'action="{unit}/moves/deliver"' not in shown  # what was never shipped cannot have arrived
        nameless = sent(finn, unit, f"{unit}/moves/ship", carrier="UPS", reference=" ")
        assert nameless.status_code == 422
        assert "under which tracking number" in nameless.text
        assert 'value="UPS"' in nameless.text
        shipped = sent(finn, unit, f"{unit}/moves/ship", carrier="UPS", reference="1Z 999")
        assert "It counts as received once it is delivered" in shipped.text
        assert counts(finn.get(DESK).text)["on_its_way"] == 1
        assert room.listed() == []
        assert finn.get(DESK, params={"find": "1Z 999"}).headers["location"] == unit
        assert finn.get(DESK, params={"find": claim}).headers["location"] == unit
        lost = finn.get(DESK, params={"find": "1Z 000"})
        assert lost.status_code == 404
        assert "nothing was shipped under the tracking number 1Z 000" in lost.text
        room.clock.move(hours=1)
        before = sent(finn, unit, f"{unit}/moves/deliver", at="2026-12-01T10:00")
        assert (before.status_code, "before the last thing on record" in before.text) == (422, True)
        assert 'value="2026-12-01T10:00"' in before.text
        for wrong in ("soon", "2026-13-01T10:00"):
            told = sent(finn, unit, f"{unit}/moves/deliver", at=wrong)
            assert (told.status_code, "is no time" in told.text) == (422, True)
        delivered = sent(finn, unit, f"{unit}/moves/deliver")
        assert "It stands on the disclosure list from now on" in delivered.text
        assert room.listed() == ["p1"]
        unsaid = sent(finn, unit, f"{unit}/moves/return", note=" ")
        assert (unsaid.status_code, "needs a note that says why" in unsaid.text) == (422, True)
        returned = sent(finn, unit, f"{unit}/moves/return", note="the box was crushed")
        assert "the box was crushed" in returned.text
        assert room.listed() == []
        replaced = sent(finn, unit, f"{unit}/moves/replace", note="the box was crushed")
        assert "cleared" in replaced.text
        assert counts(finn.get(DESK).text)["to_prepare"] == 1


def test_what_was_ticked_is_packed_all_or_none(room: Room, base: str) -> None:
    claims = [granted(room, number) for number in range(3)]
    with desk(room, base, Role.FULFILLMENT, "finn") as finn:
        nothing = sent(finn, DESK, f"{DESK}/packing")
        assert (nothing.status_code, "nothing is ticked" in nothing.text) == (422, True)
        room.record(claims[2], "pack")
        # The page was opened before somebody else packed the third one.
        late = sent(finn, DESK, f"{DESK}/packing", claims=claims)
        assert late.status_code == 422
        assert f"{claims[2]}: fulfillment.illegal_move" in late.text
        assert late.text.count(" checked") == 2
        assert counts(late.text)["packed"] == 1
        done = sent(finn, DESK, f"{DESK}/packing", claims=claims[:2])
        assert "They are recorded as packed" in done.text
        assert counts(done.text) == {
            "to_prepare": 0, "packed": 3, "on_its_way": 0, "received": 0, "came_back": 0
        }  # fmt: skip


def test_a_form_that_was_sent_twice_or_late_says_who_was_faster(room: Room, base: str) -> None:
    claim = granted(room, 1)
    unit = f"{DESK}/{claim}"
    with (
        desk(room, base, Role.FULFILLMENT, "finn") as finn,
        desk(room, base, Role.OPERATOR, "olga") as olga,
    ):
        page = finn.get(unit).text
        hidden = dict(re.findall(r'<input type="hidden" name="(csrf|entry)" value="([^"]*)">', page))
        sent(olga, unit, f"{unit}/moves/ship", carrier="UPS", reference="1Z 1")
        late = finn.post(f"{unit}/moves/ship", data={**hidden, "carrier": "DHL", "reference": "9"})
        assert late.status_code == 409
        assert "olga recorded ship at" in late.text
        assert "1Z 1 (UPS)" in late.text
        assert [one.reference for one in _entries(room, claim)][1:] == ["1Z 1"]


def _entries(room: Room, claim: str):
    with room.engine.store.read() as tx:
        return tx.ledger.entries(claim)


def test_nothing_is_packed_before_it_is_acknowledged_or_approved(room: Room, base: str) -> None:
    room.campaign(campaign="told-first", connection="received_item\n  acknowledge_first: true")
    room.campaign(campaign="asked-first", title="Asked first\napproval: {required: true}")
    ana, ben = room.person("ana", in_brooklyn(7)), room.person("ben", in_brooklyn(70))
    told = str(room.claim(ana, campaign="told-first")["claim"])
    asked = str(room.claim(ben, campaign="asked-first")["claim"])
    with desk(room, base, Role.FULFILLMENT, "finn") as finn:
        listed = finn.get(DESK).text
        assert "waits for their acknowledgement" in listed
        assert "waits for the brand" in listed
        assert 'type="checkbox"' not in listed
        for claim in (told, asked):
            unit = finn.get(f"{DESK}/{claim}").text
            assert f'action="{DESK}/{claim}/moves/pack"' not in unit
            assert f'action="{DESK}/{claim}/moves/ship"' not in unit
            forced = finn.post(f"{DESK}/packing", data={"csrf": _word(listed), "claims": [claim]})
            assert forced.status_code == 422
        room.engine.instructing.acknowledge(ana, told, "k", "test")
        assert f'name="claims" value="{told}"' in finn.get(DESK).text


def test_other_brands_and_other_roles_see_nothing(room: Room, base: str) -> None:
    claim = granted(room, 1)
    with (
        desk(room, base, Role.FULFILLMENT, "finn", ("other-brand",)) as stranger,
        desk(room, base, Role.BRAND_MANAGER, "mara") as mara,
    ):
        assert "p1.handle" not in stranger.get(DESK).text
        assert counts(stranger.get(DESK).text)["to_prepare"] == 0
        assert stranger.get(DESK, params={"campaign": PHONE}).text.count("p1.handle") == 0
        assert stranger.get(f"{DESK}/{claim}").status_code == 404
        assert stranger.get(DESK, params={"find": claim}).status_code == 404
        assert mara.get(DESK).status_code == 403
        assert mara.get(f"{DESK}/{claim}").status_code == 403
        assert "Packing and sending" not in mara.get("/console/campaigns").text
    with desk(room, base, Role.FULFILLMENT, "finn") as finn:
        assert finn.get(DESK, params={"step": "eaten"}).status_code == 422
        assert finn.get(f"{DESK}/clm_none").status_code == 404
        page = finn.get(f"{DESK}/{claim}").text
        entry = re.findall(r'name="entry" value="(\d+)"', page)[0]
        eaten = finn.post(f"{DESK}/{claim}/moves/eat", data={"csrf": _word(page), "entry": entry})
        assert (eaten.status_code, "nothing that happens to units" in eaten.text) == (422, True)


def _word(page: str) -> str:
    return re.findall(r'name="csrf" value="(\w+)"', page)[0]
