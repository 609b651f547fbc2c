"""Nobody writes over what they never saw: what was changed since one looked is not changed again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.web.access_rules import RULES, Whose
from perks_engine.web.edit_rules import EDITS, WITHOUT_MATCH
from tests.engine_room import BRAND, Client, Room, with_log_key
from tests.pictures import plain
from tests.web.access_world import world
from tests.web.feedback_room import asker, give_picture, ready_to_ask, request
from tools.idempotency import matched, writes

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]


def say(client: Client, claim: str, words: str, seen: str | None) -> httpx.Response:
    headers = {} if seen is None else {"If-Match": seen}
    return request(client, "PUT", f"/v1/claims/{claim}/feedback", json={"text": words}, headers=headers)


def looked(client: Client, claim: str) -> str:
    return client.get(f"/v1/claims/{claim}/feedback").headers["ETag"]


def test_on_two_screens_the_second_one_is_told(claim: str, client_of: ClientOf) -> None:
    ana = client_of("ana")
    first = looked(ana, claim)
    assert looked(ana, claim) == first

    said = say(ana, claim, "It is light.", first)
    assert (said.status_code, said.headers["ETag"] != first) == (200, True)
    assert looked(ana, claim) == said.headers["ETag"]

    late = say(ana, claim, "It is heavy.", first)
    told = late.json()
    assert (late.status_code, told["code"]) == (412, "edition.stale")
    assert told["detail"].startswith("it was changed since you looked, and nothing was done")
    assert f'"{told["edition"]}"' == said.headers["ETag"]
    assert ana.get(f"/v1/claims/{claim}/feedback").json()["text"] == "It is light."

    assert say(ana, claim, "It is heavy.", said.headers["ETag"]).status_code == 200


def test_a_picture_is_part_of_what_was_seen(claim: str, client_of: ClientOf) -> None:
    ana = client_of("ana")
    seen = say(ana, claim, "It is light.", None).headers["ETag"]
    assert give_picture(ana, claim, plain("PNG")).status_code == 201
    path = f"/v1/claims/{claim}/feedback"
    assert request(ana, "DELETE", path, headers={"If-Match": seen}).status_code == 412
    assert len(ana.get(path).json()["pictures"]) == 1
    assert request(ana, "DELETE", path, headers={"If-Match": looked(ana, claim)}).json()["pictures"] == []


def test_of_two_at_the_same_moment_one_is_told(claim: str, client_of: ClientOf) -> None:
    ana = client_of("ana")
    seen = looked(ana, claim)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda words: say(ana, claim, words, seen), ("light", "heavy")))
    assert sorted(one.status_code for one in answers) == [200, 412]
    assert len(ana.get(f"/v1/claims/{claim}/feedback").json()["history"]) == 1


def test_every_write_is_held_to_what_was_seen_or_says_why_it_need_not_be() -> None:
    """A new route that writes stands in web/edit_rules.py."""
    assert matched() == set(EDITS)
    assert {route for route, _ in writes()} == {*EDITS, *WITHOUT_MATCH}
    assert not set(EDITS) & set(WITHOUT_MATCH)


def test_none_of_them_is_done_by_who_has_not_seen_what_is_there(sqlite_room: Room, sqlite_base: str) -> None:
    there = world(sqlite_room, sqlite_base)
    # What is disputed takes no answer, so that the dispute is settled first.
    for route in sorted(EDITS, key=lambda one: (one.startswith("DELETE"), "/settlement" not in one)):
        rule = RULES[route]
        role = next(one for one in rule.roles() if one in RULES[EDITS[route]].roles())
        if rule.whose is Whose.CREDENTIALS:
            role = Role.OPERATOR  # the token is another's
        token = there.token(role, (ALL_BRANDS,), "ana" if role is Role.INFLUENCER else None)
        seen = there.ask(EDITS[route], token).headers["ETag"]
        rows = there.rows()
        stale = there.ask(route, token, seen='"5f1d2c3b4a59687706152433"')
        assert (stale.status_code, stale.json()["code"]) == (412, "edition.stale"), route
        assert f'"{stale.json()["edition"]}"' == seen, route
        assert there.rows() == rows, f"{route}, refused, left something behind"
        assert there.ask(EDITS[route], token).headers["ETag"] == seen, route
        done = there.ask(route, token, seen=seen)
        assert done.status_code < 300, f"{route}: {done.text}"
        if "ETag" in done.headers:
            assert done.headers["ETag"] == there.ask(EDITS[route], token).headers["ETag"], route
    there.http.close()


def test_a_correction_of_staff_is_not_written_over_by_who_never_saw_it(
    room: Room, base: str, client_of: ClientOf
) -> None:
    """And looking at a record, which is on record itself, is no edit."""
    ana = client_of(room.person("ana", email="ana@mail.example"))
    noor = Client(base, room.token(Role.COMPLIANCE, brands=(ALL_BRANDS,)))
    seen = ana.get("/v1/record").headers["ETag"]
    by_staff = noor.get("/v1/people/ana/record").headers["ETag"]
    assert seen == by_staff == ana.get("/v1/record").headers["ETag"]

    def correct(who: Client, path: str, body: dict[str, str], looked: str) -> httpx.Response:
        headers = {"If-Match": looked, "Idempotency-Key": str(body)}
        return request(who, "PATCH", path, json=body, headers=headers)

    told = {"email": "ana@new.example", "why": "she rang"}
    assert correct(noor, "/v1/people/ana/record", told, by_staff).json()["corrected"] == ["email"]
    late = correct(ana, "/v1/record", {"email": "ana@old.example"}, seen)
    assert (late.status_code, late.json()["code"]) == (412, "edition.stale")
    assert room.engine.people.own_fields("ana")["email"] == "ana@new.example"
    born = {"born_on": "1991-04-01", "why": "saw the passport"}
    now = noor.get("/v1/people/ana/record").headers["ETag"]
    assert correct(noor, "/v1/people/ana/record", born, now).json()["corrected"] == ["born_on"]
    assert correct(ana, "/v1/record", {"name": "Ana"}, now).status_code == 412
    assert correct(ana, "/v1/record", {"name": "Ana"}, "*").json()["corrected"] == ["name"]
    # Sent again, it is answered as it was.
    assert correct(noor, "/v1/people/ana/record", born, now).json()["corrected"] == ["born_on"]


def test_of_two_operators_who_rotate_a_token_one_is_told(room: Room, base: str) -> None:
    olga = Client(base, room.token(Role.OPERATOR, brands=(ALL_BRANDS,)))
    bearer = room.engine.tokens.issue(Role.FULFILLMENT, "warehouse", (BRAND,))[1]
    path = f"/v1/tokens/{bearer.split('.')[1]}"
    seen = olga.get(path).headers["ETag"]
    assert Client(base, bearer).get(path).headers["ETag"] == seen, "every bearer sees their own"
    assert Client(base, room.token(Role.COMPLIANCE)).get(path).status_code == 403

    def rotate(key: str) -> httpx.Response:
        headers = {"If-Match": seen, "Idempotency-Key": key}
        return request(olga, "POST", f"{path}/secret", json={"overlap_h": 0}, headers=headers)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(rotate, ("one", "two")))
    assert sorted(one.status_code for one in answers) in ([200, 409], [200, 412])
    [done] = [one for one in answers if one.status_code == 200]
    assert Client(base, done.json()["secret"]).get(path).headers["ETag"] == done.headers["ETag"]
    assert rotate("three").status_code == 412
    assert Client(base, bearer).get(path).status_code == 401


def test_a_webhook_that_two_change_at_the_same_moment(room: Room, base: str, staff_of: StaffOf) -> None:
    room.campaign()
    with_log_key(room)
    manager = staff_of(Role.BRAND_MANAGER)
    body = {"brand": BRAND, "url": "https://hooks.shop.example/perks", "events": ["*"]}
    made = manager.post("/v1/webhooks", body).json()["webhook"]
    path = f"/v1/webhooks/{made}"
    seen = {"If-Match": manager.get(path).headers["ETag"]}

    def switched_off() -> httpx.Response:
        return request(manager, "PUT", f"{path}/enabled", json={"enabled": False}, headers=seen)

    def renewed() -> httpx.Response:
        headers = {**seen, "Idempotency-Key": "new secret"}
        return request(manager, "POST", f"{path}/secret", json={}, headers=headers)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda do: do(), (switched_off, renewed)))
    assert sorted(one.status_code for one in answers) == [200, 412]
    after = manager.get(path).json()
    assert (after["state"], after["secrets"]) in (("disabled", 1), ("enabled", 2))


def test_a_dispute_is_not_settled_over_a_file_that_nobody_looked_at(
    room: Room, base: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    ana, compliance = client_of("ana"), staff_of(Role.COMPLIANCE)
    dispute = ana.post(f"/v1/claims/{claim}/disputes", {"text": "the box was empty"}).json()["dispute"]
    path = f"/v1/disputes/{dispute}"
    looked = compliance.get(path).headers["ETag"]
    more = {"Idempotency-Key": "file", "Content-Type": "text/plain"}
    given = request(ana, "POST", f"{path}/files?name=a.txt", content=b"a photograph of it", headers=more)
    assert given.status_code == 201

    def settle(seen: str) -> httpx.Response:
        headers = {"If-Match": seen, "Idempotency-Key": "settle"}
        body = {"outcome": "rejected", "reason": "the scale of the carrier says otherwise"}
        return request(compliance, "POST", f"{path}/settlement", json=body, headers=headers)

    assert settle(looked).json()["code"] == "edition.stale"
    now = compliance.get(path)
    assert now.json()["state"] == "open"
    assert settle(now.headers["ETag"]).json()["state"] == "rejected"
    assert settle(now.headers["ETag"]).json()["state"] == "rejected", "under its key it is the same again"


@pytest.mark.parametrize(
    ("header", "status"),
    [("*", 200), ('"nothing", {}', 200), ("W/{}", 412), ("no tag", 412), ("", 412)],
)
def test_the_forms_of_the_header(sqlite_room: Room, sqlite_base: str, header: str, status: int) -> None:
    ready_to_ask(sqlite_room)
    sqlite_room.campaign()
    claim = sqlite_room.received(asker(sqlite_room))
    ana = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana"))
    assert say(ana, claim, "It is light.", header.format(looked(ana, claim))).status_code == status
