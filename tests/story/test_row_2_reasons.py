"""Row 2: people were shown a perk as eligible and refused at the claim, without a reason."""

from __future__ import annotations

from collections.abc import Callable

from tests.engine_room import ALABAMA, PHONE, Client, Room

ClientOf = Callable[[str], Client]


def test_what_is_shown_is_what_the_claim_decides(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    people = {
        "ana": room.person("ana"),
        "ben": room.person("ben", ALABAMA),
        "cleo": room.person("cleo", "{claimed: New York City}"),
        "dov": room.person("dov", score="{reach: 20}", topics="[cooking]"),
    }
    for person in people:
        client = client_of(person)
        shown = client.get("/v1/perks").json()["perks"][0]
        claimed = client.claim("first")
        assert shown["claimable"] == (claimed.status_code == 201)
        assert shown["verdict"] == claimed.json()["verdict"]
        assert shown["version"] == room.engine.campaigning.show(PHONE)["version"]
        assert shown["reasons"] == claimed.json()["reasons"]


def test_a_refusal_names_every_condition_that_failed_or_is_not_known(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    person = room.person("dov", "{claimed: New York City}", score="{reach: 20}", topics="[cooking]")
    reasons = client_of(person).claim("first").json()["reasons"]
    assert [(reason["code"], reason["mark"]) for reason in reasons] == [
        ("score.below", "not_met"),
        ("topics.lacks", "not_met"),
        ("location.source_not_accepted", "unknown"),
        ("followers.missing", "unknown"),
    ]
    score = reasons[0]
    assert score["required"] == "score from 50 to 100, from reach (at most 30 days old)"
    assert (score["actual"], score["source"]) == ("20", "reach")
    assert score["change"] == "At least 50 is needed."
    assert score["observed_at"].startswith("2026-12-02")


def test_a_block_is_a_condition_like_any_other_and_is_told(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    person = room.person(
        "eve", relation_to_brand="{northwind-phones: {value: [employee], note: staff list of 2026-11}}"
    )
    reasons = client_of(person).claim("first").json()["reasons"]
    assert [reason["code"] for reason in reasons] == ["relation_to_brand.has"]
    assert "employee" in reasons[0]["actual"]
    assert "staff list of 2026-11" in reasons[0]["actual"]


def test_the_refusal_is_also_sent_as_a_message_with_the_same_reasons(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    answer = client_of(room.person("ben", ALABAMA)).claim("first").json()
    [message] = room.engine.latest_messages(5)
    assert (message.kind, message.person_id) == ("refusal", "ben")
    assert message.subject == "Your claim for Northwind One"
    for reason in answer["reasons"]:
        assert reason["actual"] in message.body_text
        assert reason["change"] in message.body_text


def test_a_grant_is_sent_with_the_instruction_to_disclose(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    client_of(room.person("ana")).claim("first")
    grant, instruction = reversed(room.engine.latest_messages(5))
    assert (grant.kind, instruction.kind) == ("grant", "disclosure_instruction")
    assert "$449.00" in grant.body_text
    assert "16 CFR 255.5" in instruction.body_text
    assert "northwind-phones" in instruction.body_html


def test_the_same_claim_can_be_explained_later(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    client = client_of(room.person("ben", ALABAMA))
    refused = client.claim("first").json()
    room.clock.move(days=400)
    later = client.get(f"/v1/claims/{refused['claim']}").json()
    assert later["outcome"] == "refused"
    assert later["reasons"] == refused["reasons"]
