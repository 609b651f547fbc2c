"""Row 2: people were shown a perk as eligible and refused at the claim, without a reason.

Through the client that is generated from the schema of the API.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from perks_client import Client, ProblemError, models
from tests.engine_room import ALABAMA, PHONE, Room

PerksOf = Callable[[str], Client]


def refusal(perks: Client, campaign: str = PHONE) -> tuple[models.Refusal, ProblemError]:
    """What a claim that is refused is told."""
    with pytest.raises(ProblemError) as caught:
        perks.claim_perk(models.ClaimRequest(campaign=campaign), idempotency_key="first")
    return models.Refusal.model_validate(caught.value.told), caught.value


def test_what_is_shown_is_what_the_claim_decides(room: Room, perks_of: PerksOf) -> None:
    room.campaign()
    people = {
        "ana": room.person("ana"),
        "ben": room.person("ben", ALABAMA),
        "cleo": room.person("cleo", "{claimed: New York City}"),
        "dov": room.person("dov", score="{reach: 20}", topics="[cooking]"),
    }
    for person in people:
        perks = perks_of(person)
        [shown] = perks.list_perks().perks
        assert shown.claimable == (person == "ana")
        assert shown.version == room.engine.campaigning.show(PHONE)["version"]
        claimed = (
            perks.claim_perk(models.ClaimRequest(campaign=PHONE)) if shown.claimable else refusal(perks)[0]
        )
        assert (shown.verdict, shown.reasons) == (claimed.verdict, claimed.reasons)


def test_a_refusal_names_every_condition_that_failed_or_is_not_known(room: Room, perks_of: PerksOf) -> None:
    room.campaign()
    person = room.person("dov", "{claimed: New York City}", score="{reach: 20}", topics="[cooking]")
    told, error = refusal(perks_of(person))
    assert (error.code, error.problem.status) == ("claim.refused", 403)
    assert [(reason.code, reason.mark) for reason in told.reasons] == [
        ("score.below", "not_met"),
        ("topics.lacks", "not_met"),
        ("location.source_not_accepted", "unknown"),
        ("followers.missing", "unknown"),
    ]
    score = told.reasons[0]
    assert score.required == "score from 50 to 100, from reach (at most 30 days old)"
    assert (score.actual, score.source) == ("20", "reach")
    assert score.change == "At least 50 is needed."
    assert score.observed_at == datetime(2026, 12, 2, 15, tzinfo=UTC)


def test_a_block_is_a_condition_like_any_other_and_is_told(room: Room, perks_of: PerksOf) -> None:
    room.campaign()
    person = room.person(
        "eve", relation_to_brand="{northwind-phones: {value: [employee], note: staff list of 2026-11}}"
    )
    [reason] = refusal(perks_of(person))[0].reasons
    assert reason.code == "relation_to_brand.has"
    assert reason.actual is not None
    assert "employee" in reason.actual
    assert "staff list of 2026-11" in reason.actual


def test_the_refusal_is_also_sent_as_a_message_with_the_same_reasons(room: Room, perks_of: PerksOf) -> None:
    room.campaign()
    told, _ = refusal(perks_of(room.person("ben", ALABAMA)))
    [message] = room.engine.latest_messages(5)
    assert (message.kind, message.person_id) == ("refusal", "ben")
    assert message.subject == "Your claim for Northwind One"
    text = message.body_text.replace("\N{NO-BREAK SPACE}", " ")  # a distance keeps its unit on the line
    for reason in told.reasons:
        assert str(reason.actual) in text
        assert str(reason.change) in text


def test_a_grant_is_sent_with_the_instruction_to_disclose(room: Room, perks_of: PerksOf) -> None:
    room.campaign()
    perks_of(room.person("ana")).claim_perk(models.ClaimRequest(campaign=PHONE))
    grant, instruction = reversed(room.engine.latest_messages(5))
    assert (grant.kind, instruction.kind) == ("grant", "disclosure_instruction")
    assert "$449.00" in grant.body_text
    assert "16 CFR 255.5" in instruction.body_text
    assert "northwind-phones" in instruction.body_html


def test_the_same_claim_can_be_explained_later(room: Room, perks_of: PerksOf) -> None:
    room.campaign()
    perks = perks_of(room.person("ben", ALABAMA))
    refused, _ = refusal(perks)
    room.clock.move(days=400)
    later = perks.show_claim(str(refused.claim))
    assert (later.outcome, later.reasons) == ("refused", refused.reasons)
