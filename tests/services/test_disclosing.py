"""An empty disclosure list means that nobody received anything, never that a name was misspelt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from perks_engine.services.access import Actor, Role
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError
from tests.engine_room import BRAND, PHONE, STAFF, Client, Room, sample

OTHER_CAMPAIGN = "creator-trip-lisbon"


def test_a_brand_without_a_campaign_has_no_list(sqlite_room: Room) -> None:
    with pytest.raises(NotFoundError, match=f"the brand '{BRAND}' has no campaign on record"):
        sqlite_room.listed()
    sqlite_room.campaign()
    assert sqlite_room.listed() == []
    with pytest.raises(NotFoundError, match="the brand 'northwind' has no campaign on record"):
        sqlite_room.listed(brand="northwind")


def test_a_brand_that_has_only_a_draft_is_on_record(sqlite_room: Room) -> None:
    file = sqlite_room.folder / "draft.yaml"
    from_sample(sqlite_room, file)
    assert sqlite_room.listed() == []


def from_sample(room: Room, file: Path) -> None:
    file.write_text(sample(), encoding="utf-8")
    rules = room.engine.rules
    room.engine.campaigning.load(rules.loadable(rules.reader.read_file(file)), "mara")


def test_there_is_no_list_from_before_the_first_entry(sqlite_room: Room) -> None:
    """Nothing was on record then: an empty list would say that nobody had received anything."""
    sqlite_room.campaign()
    opened_at = sqlite_room.clock()
    sqlite_room.clock.move(days=1)
    sqlite_room.person("ana")
    sqlite_room.received("ana")
    assert sqlite_room.listed() == ["ana"]
    assert sqlite_room.listed(opened_at) == []
    with pytest.raises(
        InvalidInputError, match="the first entry of the ledger was recorded at 2026"
    ) as found:
        sqlite_room.listed(opened_at - timedelta(microseconds=1))
    assert found.value.code == "disclosures.before_first_entry"


@pytest.mark.parametrize("campaign", ["phone-lunch", "", OTHER_CAMPAIGN])
def test_a_campaign_that_is_not_that_brands_has_no_list(sqlite_room: Room, campaign: str) -> None:
    sqlite_room.campaign()
    sqlite_room.campaign(OTHER_CAMPAIGN)
    with (
        pytest.raises(NotFoundError, match=f"the brand '{BRAND}' has no campaign '{campaign}' on record"),
        sqlite_room.engine.disclosing.lines(STAFF, BRAND, None, campaign),
    ):
        pass


def test_over_http_it_is_a_problem_and_no_file(room: Room, staff_of: Callable[[Role], Client]) -> None:
    room.campaign()
    compliance = staff_of(Role.COMPLIANCE)
    answer = compliance.get("/v1/disclosures", brand=BRAND, campaign="phone-lunch")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json() == {
        "type": "/problems/campaign.unknown",
        "title": "Not found",
        "status": 404,
        "detail": f"the brand '{BRAND}' has no campaign 'phone-lunch' on record",
        "code": "campaign.unknown",
    }
    assert compliance.get("/v1/disclosures", brand=BRAND, campaign=PHONE).status_code == 200


def test_over_http_an_unknown_brand_is_a_problem_too(room: Room, base: str) -> None:
    token = room.token(Role.COMPLIANCE, brands=("no-such-brand",))
    answer = Client(base, token).get("/v1/disclosures", brand="no-such-brand")
    assert (answer.status_code, answer.json()["code"]) == (404, "brand.unknown")
    assert answer.json()["detail"] == "the brand 'no-such-brand' has no campaign on record"


def test_whom_a_token_does_not_reach_it_does_not_learn_about(sqlite_room: Room) -> None:
    """Another brand's name is refused alike, whether it is on record or not."""
    sqlite_room.campaign()
    stranger = Actor("stranger", Role.COMPLIANCE, ("other-brand",))
    for brand in (BRAND, "no-such-brand"):
        with (
            pytest.raises(ForbiddenError, match=f"this token does not reach the brand {brand}"),
            sqlite_room.engine.disclosing.lines(stranger, brand),
        ):
            pass
