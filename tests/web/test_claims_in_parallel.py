"""Real clients at the same time: stock is never oversold, and a retry never grants twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from perks_engine.bootstrap import Application
from perks_engine.services.access import Role
from tests.engine_room import PHONE, Client, Room, in_brooklyn, served

CLIENTS = 16
PEOPLE = 40
UNITS = 7


def test_forty_people_and_seven_units_through_two_servers(room: Room, base: str) -> None:
    room.campaign(quantity=str(UNITS))
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(PEOPLE)]
    tokens = {person: room.token(Role.INFLUENCER, person) for person in people}
    second = Application(room.engine.settings, room.clock)
    with served(second) as other_base, ThreadPoolExecutor(CLIENTS) as pool:
        # Everybody asks three times under one key, by both servers, as an impatient client does.
        asked = [(person, place) for person in people for place in (base, other_base, base)]
        answers = list(pool.map(lambda one: (one[0], Client(one[1], tokens[one[0]]).claim("once")), asked))
    second.close()

    assert {answer.status_code for _, answer in answers} == {201, 409}
    by_person: dict[str, set[tuple[int, str]]] = {}
    for person, answer in answers:
        by_person.setdefault(person, set()).add((answer.status_code, answer.json()["claim"]))
    assert all(len(seen) == 1 for seen in by_person.values()), "the same key gave different answers"
    granted = [person for person, seen in by_person.items() if next(iter(seen))[0] == 201]
    assert len(granted) == UNITS
    assert room.engine.campaigning.show(PHONE)["free_units"] == 0
    with room.engine.store.read() as tx:
        moves = Counter(
            entry.move.value
            for seen in by_person.values()
            for _, claim in seen
            for entry in tx.ledger.entries(claim)
        )
    assert moves == {"reserve": UNITS}


def test_one_person_with_many_keys_is_granted_once(room: Room, base: str) -> None:
    room.campaign()
    client = Client(base, room.token(Role.INFLUENCER, room.person("ana")))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: client.claim(f"key {number}"), range(16)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 15}
    codes = {answer.json()["reasons"][0]["code"] for answer in answers if answer.status_code == 409}
    assert codes == {"limit.reached"}


def test_a_unit_is_not_received_and_cancelled_at_once(room: Room, base: str) -> None:
    room.campaign()
    client = Client(base, room.token(Role.INFLUENCER, room.person("ana")))
    warehouse = Client(base, room.token(Role.FULFILLMENT))
    claim = client.claim("first").json()["claim"]
    shipped = {"records": [{"claim": claim, "move": "ship", "occurred_at": room.clock().isoformat()}]}
    with ThreadPoolExecutor(2) as pool:
        cancelled = pool.submit(client.post, f"/v1/claims/{claim}/cancellation", None, "c")
        sent = pool.submit(warehouse.post, "/v1/fulfillments", shipped, "s")
    codes = sorted((cancelled.result().status_code, sent.result().status_code))
    assert codes in ([200, 409], [200, 422])
    where = client.get(f"/v1/claims/{claim}").json()["where"]
    assert where == ("stock" if cancelled.result().status_code == 200 else "in_transit")


def test_batches_over_the_same_claims_in_any_order_all_get_through(room: Room, base: str) -> None:
    """Each would lock what the other needs next, and others cancel in the midst of it."""
    room.campaign(quantity=str(PEOPLE))
    people = [room.person(f"p{number}", in_brooklyn(number)) for number in range(32)]
    claims = [str(room.claim(person)["claim"]) for person in people]
    recalled, regretted = claims[:24], dict(zip(people[24:], claims[24:], strict=True))
    warehouse = Client(base, room.token(Role.FULFILLMENT))
    clients = {person: Client(base, room.token(Role.INFLUENCER, person)) for person in regretted}
    now = room.clock().isoformat()

    def voided(order: list[str]) -> httpx.Response:
        records = [{"claim": one, "move": "void", "occurred_at": now, "note": "a recall"} for one in order]
        return warehouse.post("/v1/fulfillments", {"records": records}, f"void {order[0]} {len(order)}")

    orders = [recalled, recalled[::-1], recalled[::2], recalled[1::2]]
    with ThreadPoolExecutor(CLIENTS) as pool:
        batches = [pool.submit(voided, order) for order in orders]
        cancelled = [
            pool.submit(clients[person].post, f"/v1/claims/{claim}/cancellation", None, "c")
            for person, claim in regretted.items()
        ]
    assert [one.result().status_code for one in (*batches, *cancelled)] == [200] * 12
    assert sum(one.result().json()["recorded"] for one in batches) == len(recalled)
    assert room.engine.campaigning.show(PHONE)["free_units"] == PEOPLE
