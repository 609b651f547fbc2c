"""Text messages: a deployment can ask for consent to them; none is sent, and no letter in their place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from perks_engine.campaigns.consent_file import load_purposes
from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.services.errors import RefusedError
from tests.engine_room import Client, Room, with_log_key
from tests.web.test_own_evidence import at_the_portal
from tests.web.test_pages import word_in

OWN = """\
purposes:
  perks:
    title: {en: Perks}
    commercial: true
    channels:
      email: {double_opt_in: false}
      sms:
        double_opt_in: false
        texts:
          - version: 1
            en: Text me about perks, at the number that I gave, by a machine. No purchase hangs on it.
    texts: [{version: 1, en: I want to take part in perks.}]
"""
WHERE = "/v1/consents/perks/sms"


def test_a_yes_to_text_messages_is_kept_with_its_proof_and_nothing_is_sent_for_it(room: Room) -> None:
    with_log_key(room)
    sender = {"postal_address": "Our Perks | 1 Example Street"}
    room.engine.settings = room.engine.settings.model_copy(update=sender)
    room.campaign()
    file = room.folder / "consents.yaml"
    file.write_text(OWN, encoding="utf-8")
    object.__setattr__(room.engine.consents, "purposes", load_purposes(file))
    room.person("ana", email="ana@mail.example")
    with at_the_portal(room, "ana") as browser:
        ana = Client(str(browser.base_url).rstrip("/"), room.token(Role.INFLUENCER, "ana"))
        [asked] = [one for one in ana.get("/v1/consents").json()["consents"] if one["channel"] == "sms"]
        assert (asked["state"], asked["ask"]) == ("not_asked", True)
        assert asked["text"]["text"].startswith("Text me about perks")

        words = asked["text"]["sha256"]
        given = ana.put(WHERE, {"text_sha256": words})
        assert (given.status_code, given.json()["state"]) == (200, "given")
        # By e-mail she is written to no more: a yes by one channel is none by another.
        assert ana.delete("/v1/consents/perks/email").json()["state"] == "withdrawn"
        act = next(one for one in ana.get("/v1/consents").json()["history"] if one["channel"] == "sms")
        assert {name: act[name] for name in ("text_version", "text_sha256", "language", "through")} == {
            "text_version": 1,
            "text_sha256": words,
            "language": "en",
            "through": "own",
        }
        assert act["at"] == "2026-12-02T15:00:00Z"
        assert act["origin"].startswith("127.0.0.1")
        page = browser.get("/my/consents")
        proof = page.text.partition("All that you ever said")[2]
        assert "Perks, by text message" in proof
        assert all(one in proof for one in (words, "version 1 in English", "From where: 127.0.0.1"))

        brand = Client(ana.base, room.token(Role.BRAND_MANAGER, brands=(ALL_BRANDS,)))
        assert brand.post("/v1/campaigns/phone-launch-nyc/offers").status_code == 202
        room.engine.chores.run("offers")
        assert [one.kind for one in room.engine.latest_messages(10) if one.person_id == "ana"] == []

        room.clock.move(minutes=1)
        ended = browser.post("/my/consents/perks/sms/withdrawal", data={"csrf": word_in(page)})
        assert ended.headers["location"] == "/my/consents?done=withdrawn"
        states = [
            one["state"] for one in ana.get("/v1/consents").json()["consents"] if one["channel"] == "sms"
        ]
        assert states == ["withdrawn"]


def test_a_letter_by_text_message_is_refused_and_never_goes_by_mail(room: Room) -> None:
    """Also where somebody agreed to it, and for answers, which need no consent."""
    room.campaign()
    room.claim(room.person("ana", email="ana@mail.example"))
    [letter, *_] = room.engine.latest_messages(1)
    by_text = replace(letter, message_id=f"{letter.message_id}x", channel="sms")
    with pytest.raises(RefusedError) as refused, room.engine.store.write() as tx:
        tx.outbox.queue(by_text)
    assert refused.value.code == "message.no_sender"
    assert str(refused.value) == (
        "nothing can be sent by sms: the engine sends by email alone, and a consent to account by sms is "
        "none to be written to by email"
    )
    with (
        room.engine.engine.connect() as connection,
        pytest.raises(IntegrityError, match="message_has_a_sender"),
        connection.begin(),
    ):
        connection.execute(text("UPDATE message SET channel = 'sms'"))


def test_a_letter_confirms_no_number(tmp_path: Path) -> None:
    file = tmp_path / "consents.yaml"
    file.write_text(OWN.replace("sms:\n        double_opt_in: false", "sms:\n        double_opt_in: true"))
    with pytest.raises(FileProblemsError) as refused:
        load_purposes(file)
    [problem] = refused.value.problems
    assert str(problem).endswith(
        "consents.yaml:2:3: purposes.perks: a letter does not show who holds a number: a yes by sms is not "
        "confirmed by it; expected double_opt_in: false"
    )
