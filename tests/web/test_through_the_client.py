"""What staff and people do through the generated client, from the first look to the last word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from perks_client import Client, ProblemError, models
from tests.engine_room import BRAND, PHONE, Room
from tests.pictures import plain
from tests.web.feedback_room import ask, asker, letters, link_in, ready_to_ask

PerksOf = Callable[[str], Client]
APPROVAL = {"promotion": "{allowed: true}\napproval: {required: true}"}


def test_a_claim_that_waits_for_a_yes_gets_it_and_then_the_phone(room: Room, perks_of: PerksOf) -> None:
    room.campaign(**APPROVAL)
    for person in ("ana", "ben"):
        room.person(person)
    ana, ben, manager = perks_of("ana"), perks_of("ben"), perks_of("brand_manager")
    wanted = models.ClaimRequest(campaign=PHONE)
    granted, other = ana.claim_perk(wanted), ben.claim_perk(wanted)
    assert [one.claim for one in manager.list_waiting().claims] == [granted.claim, other.claim]
    yes = manager.decide_claim(granted.claim, models.Approval(decision="approve"))
    assert (yes.claim, yes.where) == (granted.claim, "cleared")
    no = models.Approval(decision="decline", why="the profile shows no posts")
    assert manager.decide_claim(other.claim, no).where == "stock"
    assert manager.list_waiting().claims == []

    room.clock.move(hours=1)
    moves = [
        models.FulfillmentRecord(claim=granted.claim, move=move, occurred_at=room.clock())
        for move in ("ship", "deliver")
    ]
    warehouse = perks_of("fulfillment")
    for number, move in enumerate(moves):
        body = models.Fulfillments(records=[move])
        assert warehouse.record_fulfillments(body, idempotency_key=f"{number}").recorded == 1
        assert warehouse.record_fulfillments(body).already_recorded == 1
    way = ana.show_claim(granted.claim)
    assert (way.where, [step.move for step in way.history][-2:]) == ("recipient", ["ship", "deliver"])
    listed = perks_of("compliance").export_disclosures(brand=BRAND, as_of=room.clock(), format_="csv")
    assert "ana" in listed.text
    assert "ben" not in listed.text


def test_what_a_brand_shows_is_taken_back_by_the_brand(room: Room, perks_of: PerksOf) -> None:
    room.campaign()
    room.person("ana", name="Ana")
    claim = room.received("ana")
    ana, manager = perks_of("ana"), perks_of("brand_manager")
    wanted = models.NewPromotion(claim=claim, channel="site", publisher="blog")
    with pytest.raises(ProblemError) as caught:
        manager.ask_for_promotion(wanted)
    assert caught.value.code == "promotion.refused"
    [words] = [
        one.text for one in ana.my_consents().consents if (one.purpose, one.channel) == ("likeness", "site")
    ]
    assert words is not None
    ana.give_consent("likeness", "site", models.Yes(text_sha256=words.sha256))
    asked = manager.ask_for_promotion(wanted)
    assert (asked.state, asked.place) == ("queued", None)
    assert manager.read_words(asked.promotion).text == asked.text
    shown = manager.record_publication(asked.promotion, models.Publication(place="https://blog.example/1"))
    assert shown.state == "published"
    back = manager.retract_promotion(asked.promotion)
    assert (back.state, [act.act for act in back.history]) == (
        "retracted",
        ["queued", "published", "retracted"],
    )
    assert manager.record_takedown(asked.promotion).state == "taken_down"
    [own] = ana.my_promotions().promotions
    assert (own.state, own.salt is not None) == ("taken_down", True)


def test_a_survey_is_answered_by_a_program_that_has_the_link(room: Room, perks_of: PerksOf) -> None:
    ready_to_ask(room)
    room.campaign()
    claim = room.received(asker(room))
    ask(room, days=10)
    link = link_in(letters(room, "ana")[0].body_text).rpartition("/")[2]
    anybody = perks_of("ana")
    assert anybody.look_at_a_feedback_link(link).history == []
    said = anybody.answer_by_link(link, models.Answer(rating=4, text="It is light."))
    assert (said.rating, said.text) == (4, "It is light.")
    [given] = anybody.give_a_picture_by_link(link, plain()).pictures
    assert anybody.take_a_picture_by_link(link, given.picture).content.startswith(b"\xff\xd8")
    assert anybody.remove_a_picture_by_link(link, given.picture).pictures == []
    assert anybody.stop_asking_by_link(link).rating == 4
    assert anybody.take_back_by_link(link).rating is None
    assert anybody.my_feedback(claim).value.history[-1].act == "withdrawn"


def test_an_incident_is_told_of_in_plain_words(room: Room, perks_of: PerksOf) -> None:
    room.campaign()
    room.claim(room.person("ana"))
    compliance = perks_of("compliance")
    wrong = models.NewIncident(wrong="The places.", campaign=PHONE, since=datetime(2026, 12, 1, tzinfo=UTC))
    opened = compliance.open_incident(wrong)
    distrusted = models.IncidentsCorrection(distrust=[models.DistrustBody(source="device")])
    job = compliance.replay_incident(opened.incident, distrusted)
    room.engine.chores.run("incidents")
    assert compliance.show_job(opened.incident, job.job).state == "done"
    report = compliance.report_incident(opened.incident, format_="txt")
    assert report.headers["content-type"].startswith("text/plain")
    assert "The places." in report.text
