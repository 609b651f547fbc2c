"""A live campaign that leaves what it declares healthy pauses itself, and its brand's staff is told."""

from __future__ import annotations

from typing import Any

import pytest

from perks_engine.services.access import Role
from perks_engine.services.errors import InvalidInputError, RefusedError
from tests.engine_room import ALABAMA, BRAND, BROOKLYN, PHONE, Client, Room, in_brooklyn, sample

SAYS_SO = "{claimed: New York City}"
MANHATTAN = "{device: [40.7580, -73.9855], radius: 20 m}"
EDGE = "{device: [40.8761, -73.9109], radius: 20 m}"
"""Marble Hill: inside the city, and some hundred metres from its edge."""


def granted(room: Room, person: str, location: str = BROOKLYN) -> bool:
    """Whether somebody with that location is granted; the claim is new each time."""
    room.person(person, location)
    return room.claim(person, f"{person} {room.clock().isoformat()}")["outcome"] == "granted"


def shown(room: Room) -> dict[str, Any]:
    return room.engine.campaigning.show(PHONE)


def state(room: Room) -> str:
    return str(shown(room)["state"])


def reading(room: Room, place: int = 0) -> dict[str, Any]:
    return dict(shown(room)["guards"][place])


def test_a_refusal_pauses_as_well(room: Room) -> None:
    room.campaign(guards="[{unknown_share: {at_most: 20%, over: 1h, after: 5}}]")
    for number in range(4):
        assert granted(room, f"in-{number}", in_brooklyn(number))
    assert not granted(room, "one", SAYS_SO)
    assert state(room) == "open"
    assert not granted(room, "two", SAYS_SO)
    assert shown(room)["paused_because"] == (
        "2 of 6 people decided within 1 hour are unknown (33.3%); "
        "healthy is: of those decided within 1 hour, at most 20% are unknown, once 5 people are counted"
    )
    assert (shown(room)["paused_by"], shown(room)["paused_at"]) == (
        "guard unknown_share",
        "2026-12-02T15:00:00Z",
    )
    assert not granted(room, "three")


def test_a_share_says_nothing_before_there_are_enough_people(room: Room) -> None:
    room.campaign(guards="[{unknown_share: {at_most: 5%}}]")
    for number in range(19):
        granted(room, f"says-{number}", SAYS_SO)
        assert state(room) == "open"
    granted(room, "says-19", SAYS_SO)
    assert state(room) == "paused"


def test_who_asks_again_is_not_counted_again(room: Room) -> None:
    room.campaign(guards="[{unknown_share: {at_most: 5%, after: 3}}, {same_point: {at_most: 2}}]")
    room.clock.move(minutes=1)
    for _ in range(6):
        room.clock.move(minutes=1)
        assert not granted(room, "patient", SAYS_SO)
    assert reading(room)["found"] == "1 of 1 people decided are unknown (100%), too few to say before 3"
    assert state(room) == "open"


def test_who_cancels_and_claims_again_is_one_person_on_their_point(room: Room) -> None:
    room.campaign(guards="[{same_point: {at_most: 2}}, {grants: {at_most: 3, over: 1h}}]")
    room.clock.move(minutes=1)
    room.person("ana")
    for number in range(6):
        claim = room.claim("ana", f"key {number}")
        assert claim["outcome"] == "granted"
        room.engine.own_word.cancel("ana", str(claim["claim"]), f"cancel {number}")
        room.clock.move(minutes=1)
    assert [reading(room, place)["total"] for place in (0, 1)] == [1, 1]
    assert state(room) == "open"


def test_what_somebody_was_before_does_not_hide_what_they_are_now(room: Room) -> None:
    room.campaign(guards="[{eligible_share: {at_least: 1%, after: 9}}]")
    room.clock.move(minutes=1)
    granted(room, "mover", SAYS_SO)
    room.clock.move(minutes=1)
    assert granted(room, "mover", BROOKLYN)
    assert reading(room)["found"] == "1 of 2 people decided are eligible (50%), too few to say before 9"


def test_a_span_moves_on(room: Room) -> None:
    room.campaign(guards="[{grants: {at_most: 3, over: 1h}}]")
    room.clock.move(minutes=1)
    for hour in range(4):
        for number in range(3):
            room.clock.move(minutes=22)
            assert granted(room, f"in-{hour}-{number}", in_brooklyn(number))
    assert reading(room)["total"] == 3
    assert granted(room, "too-soon", in_brooklyn(77))
    assert state(room) == "paused"
    assert shown(room)["paused_because"].startswith(
        "4 people were granted within 1 hour; healthy is: at most 3"
    )


def test_grants_near_the_edge(room: Room) -> None:
    room.campaign(guards="[{near_edge_share: {within: 1 km, at_most: 50%, after: 3}}]")
    assert granted(room, "in", BROOKLYN)
    assert granted(room, "at-the-edge", EDGE)
    assert state(room) == "open"
    assert granted(room, "there-too", EDGE)
    assert shown(room)["paused_because"].startswith(
        "2 of 3 people granted are within 1 km of the edge (66.7%)"
    )


def test_grants_by_area(room: Room) -> None:
    room.campaign(
        guards='[{area_share: {within: 6 km, of: "[40.7580, -73.9855]", at_most: 50%, after: 3}}]'.replace(
            '"', ""
        )
    )
    assert granted(room, "brooklyn", in_brooklyn(1))
    assert granted(room, "midtown", MANHATTAN)
    assert state(room) == "open"
    assert granted(room, "midtown-too", MANHATTAN)
    assert shown(room)["paused_because"].startswith(
        "2 of 3 people granted are inside 6 km around 40.758, -73.9855 (66.7%)"
    )


def test_grants_by_the_source_of_their_evidence(room: Room) -> None:
    address = "{verified_address: {point: [40.6782, -73.9442]}, radius: 30 m}"
    room.campaign(
        guards="[{source_share: {from: verified_address, at_least: 30%, after: 4}},"
        " {source_share: {only_from: device, at_most: 90%, after: 4}}]"
    )
    assert granted(room, "address", address)
    assert granted(room, "both", f"[{in_brooklyn(3)}, {address}]")
    for number in range(4):
        assert granted(room, f"device-{number}", in_brooklyn(number))
    assert reading(room, 0)["found"] == (
        "2 of 6 people granted have their location from verified address (33.3%)"
    )
    assert reading(room, 1)["found"] == "4 of 6 people granted have their location from device only (66.7%)"
    assert granted(room, "device-4", in_brooklyn(4))
    assert state(room) == "paused"
    assert shown(room)["paused_by"] == "guard source_share"
    assert "2 of 7 people granted have their location from verified address" in shown(room)["paused_because"]


def test_only_grants_are_counted_where_grants_are_guarded(room: Room) -> None:
    room.campaign(guards="[{near_edge_share: {within: 1 km, at_most: 50%}}, {same_point: {at_most: 1}}]")
    for number in range(3):
        assert not granted(room, f"far-{number}", ALABAMA)
    assert [reading(room, place)["total"] for place in (0, 1)] == [0, 0]


def test_the_staff_is_told_in_the_same_transaction(room: Room) -> None:
    room.campaign(guards="[{same_point: {at_most: 1}}]")
    room.engine.contacts.add(BRAND, "launch@northwind.example", "mara")
    assert granted(room, "ana")
    assert granted(room, "bo")
    [told] = [one for one in room.engine.latest_messages(10) if one.staff_of]
    assert (told.person_id, told.staff_of, told.kind, told.purpose) == (
        None,
        BRAND,
        "campaign_paused",
        "operations",
    )
    assert told.subject == "Paused by its guard: The new phone, and its launch night in New York"
    for words in (
        "2 people were granted on the point 40.678200,-73.944200.",
        "at most 1 person granted on one point.",
        "498 of 500 units are free",
        f"perks campaign resume {PHONE} --why",
        "December\N{NO-BREAK SPACE}2, 2026, 15:00 UTC",
    ):
        assert words in told.body_text
    assert "2 people were granted on the point" in told.body_html
    assert shown(room)["contacts"] == ["launch@northwind.example"]
    assert [one["message"] for one in shown(room)["told"]] == [told.message_id]
    assert "ana" not in told.body_text, "staff is told numbers, and no names"


def test_resuming_takes_note_and_counts_anew(room: Room) -> None:
    room.campaign(guards="[{same_point: {at_most: 2}}]")
    for number in range(3):
        assert granted(room, f"first-{number}")
    assert state(room) == "paused"
    with pytest.raises(
        InvalidInputError, match=f"say why: it stands in the history of {PHONE}, under the name"
    ):
        room.engine.campaigning.resume(PHONE, "noor", "  ")
    room.clock.move(hours=1)
    room.engine.campaigning.resume(PHONE, "noor", "a block of flats with one address")
    assert state(room) == "open"
    assert (reading(room)["total"], reading(room)["holds"]) == (0, True)
    assert shown(room)["counted_from"] == "2026-12-02T16:00:00Z"
    for number in range(2):
        assert granted(room, f"second-{number}")
        assert state(room) == "open", "the old numbers do not pause it again"
    assert granted(room, "second-2")
    assert state(room) == "paused", "and it does not run unguarded"
    acts = [(event["act"], event["by"], event.get("why", "")) for event in shown(room)["history"]]
    found = "3 people were granted on the point 40.678200,-73.944200"
    assert acts == [
        ("opened", "mara", ""),
        ("paused", "guard same_point", f"{found}; healthy is: at most 2 people granted on one point"),
        ("resumed", "noor", "a block of flats with one address"),
        ("paused", "guard same_point", f"{found}; healthy is: at most 2 people granted on one point"),
    ]
    taken_note_of = shown(room)["history"][2]["numbers"]["guards"]
    assert [(one["found"], one["holds"]) for one in taken_note_of] == [(found, False)]


def test_a_pause_that_is_taken_back_is_no_beginning_anew_for_the_guards(room: Room) -> None:
    room.campaign(guards="[{same_point: {at_most: 2}}]")
    assert granted(room, "first")
    room.engine.campaigning.pause(PHONE, "noor")
    with pytest.raises(RefusedError, match="only who paused"):
        room.engine.campaigning.take_back(PHONE, "mara")
    room.engine.campaigning.take_back(PHONE, "noor")
    assert (state(room), reading(room)["total"]) == ("open", 1)
    assert granted(room, "second")
    assert granted(room, "third")
    with pytest.raises(RefusedError, match="only who paused"):
        room.engine.campaigning.take_back(PHONE, "noor")
    room.engine.campaigning.explain(PHONE, "noor", "a block of flats")
    assert shown(room)["paused_because"] == "a block of flats"
    assert shown(room)["paused_by"] == "guard same_point"


def test_a_paused_version_is_resumed_and_not_opened_again(room: Room) -> None:
    room.campaign()
    room.engine.campaigning.pause(PHONE, "mara", "a look")
    with pytest.raises(RefusedError, match=f"{PHONE} is paused, .*; resume it, and say why"):
        room.engine.campaigning.open(PHONE, "mara")
    room.campaign(quantity="400")
    assert state(room) == "open", "another version, previewed and approved, is another matter"


def test_opening_what_is_open_changes_nothing(room: Room) -> None:
    room.campaign(guards="[{same_point: {at_most: 2}}]")
    assert granted(room, "ana")
    room.clock.move(minutes=5)
    room.engine.campaigning.open(PHONE, "mara")
    assert reading(room)["total"] == 1
    assert len(shown(room)["history"]) == 1


def test_another_version_is_counted_anew(room: Room) -> None:
    room.campaign(guards="[{same_point: {at_most: 2}}]")
    assert granted(room, "ana")
    room.clock.move(minutes=5)
    room.campaign(guards="[{grants: {at_most: 9, over: 1h}}, {same_point: {at_most: 2}}]")
    assert [one["total"] for one in shown(room)["guards"]] == [0, 0]


def test_claims_while_it_is_paused_are_not_counted(room: Room) -> None:
    room.campaign(guards="[{unknown_share: {at_most: 5%, after: 3}}]")
    room.engine.campaigning.pause(PHONE, "mara", "a look")
    for number in range(5):
        assert not granted(room, f"says-{number}", SAYS_SO)
    assert reading(room)["total"] == 0


def counted_rows(room: Room) -> int:
    with room.engine.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM guard_count").scalar() or 0)


def test_where_people_are_is_forgotten_when_it_closes(room: Room) -> None:
    room.campaign(guards="[{same_point: {at_most: 5}}]")
    assert granted(room, "ana")
    assert counted_rows(room) == 1
    room.engine.campaigning.close(PHONE, "mara", "over")
    assert counted_rows(room) == 0
    assert shown(room)["guards"] == []


def test_where_people_are_is_forgotten_when_its_time_is_over(room: Room) -> None:
    room.campaign(guards="[{same_point: {at_most: 5}}]")
    assert granted(room, "ana")
    room.clock.move(days=30)
    room.engine.campaigning.keep_the_calendar()
    assert counted_rows(room) == 0
    assert [(event["act"], event["by"]) for event in shown(room)["history"]] == [
        ("opened", "mara"),
        ("closed", "the calendar"),
    ]


def test_the_eligible_against_the_preview(room: Room) -> None:
    room.load(guards="[{eligible_share: {off_preview: 20 points, after: 5}}]")
    with pytest.raises(RefusedError, match="nobody has seen whom this version would reach"):
        room.engine.campaigning.approve(PHONE, "noor")
    room.engine.campaigning.preview(PHONE, "mara", [])
    with pytest.raises(
        RefusedError,
        match="its guard eligible_share compares with the preview, and the latest one found nobody to "
        f"compare with; run: perks campaign preview {PHONE} --people FILE",
    ):
        room.engine.campaigning.approve(PHONE, "noor")
    for number in range(4):
        room.person(f"in-{number}", in_brooklyn(number))
        room.person(f"far-{number}", ALABAMA)
    room.engine.campaigning.preview(PHONE, "mara")
    room.engine.campaigning.approve(PHONE, "noor")
    room.engine.campaigning.open(PHONE, "mara")
    for number in range(4):
        assert granted(room, f"in-{number}", in_brooklyn(number))
    assert not granted(room, "far-0", ALABAMA)
    assert state(room) == "paused"
    assert shown(room)["paused_because"].startswith(
        "4 of 5 people decided are eligible (80%; 50% in the preview)"
    )


def test_a_later_preview_does_not_move_what_was_approved(sqlite_room: Room) -> None:
    room = sqlite_room
    room.load(guards="[{eligible_share: {off_preview: 20 points, after: 2}}]")
    for number in range(2):
        room.person(f"in-{number}", in_brooklyn(number))
    room.engine.campaigning.preview(PHONE, "mara")
    room.engine.campaigning.approve(PHONE, "noor")
    room.person("far", ALABAMA)
    room.engine.campaigning.preview(PHONE, "mara")
    room.engine.campaigning.open(PHONE, "mara")
    assert granted(room, "in-0", in_brooklyn(0))
    assert not granted(room, "far", ALABAMA)
    assert "(50%; 100% in the preview)" in shown(room)["paused_because"]


def test_it_is_seen_over_http_by_the_staff_of_the_brand(room: Room, base: str) -> None:
    room.campaign(guards="[{same_point: {at_most: 1}}]")
    assert granted(room, "ana")
    assert granted(room, "bo")
    own = Client(base, room.token(Role.BRAND_MANAGER))
    seen = own.get(f"/v1/campaigns/{PHONE}").json()
    assert (seen["state"], seen["paused_by"]) == ("paused", "guard same_point")
    assert seen["guards"] == [
        {
            "guard": "same_point",
            "healthy": "at most 1 person granted on one point",
            "found": "2 people were granted on the point 40.678200,-73.944200",
            "holds": False,
            "hits": 2,
            "total": 2,
            "point": "40.678200,-73.944200",
        }
    ]
    assert [event["act"] for event in seen["history"]] == ["opened", "paused"]
    assert own.get("/v1/campaigns").json()["campaigns"][0]["paused_because"] == seen["paused_because"]
    other = Client(base, room.token(Role.BRAND_MANAGER, brands=("other-brand",)))
    assert other.get(f"/v1/campaigns/{PHONE}").status_code == 404
    assert other.get("/v1/campaigns/no-such").json()["detail"] == "there is no campaign 'no-such'"
    assert Client(base, room.token(Role.INFLUENCER, "ana")).get(f"/v1/campaigns/{PHONE}").status_code == 403


def test_the_history_cannot_be_rewritten(room: Room) -> None:
    room.campaign()
    for statement in ("UPDATE campaign_event SET acted_by = 'nobody'", "DELETE FROM campaign_event"):
        with (
            pytest.raises(Exception, match="append_only"),
            room.engine.engine.begin() as connection,
        ):
            connection.exec_driver_sql(statement)
    assert sample().count("same_point") == 1
