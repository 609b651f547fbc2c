"""What a caller of the API sees when something is wrong with the request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from perks_engine.services.access import Role
from tests.engine_room import BRAND, PHONE, Client, Room

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]


def test_the_same_key_gives_the_same_answer_and_another_body_is_a_conflict(
    room: Room, client_of: ClientOf
) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    first, again = ana.claim("key"), ana.claim("key")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    changed = ana.claim("key", campaign="another-campaign")
    assert changed.status_code == 409
    assert changed.json()["code"] == "idempotency.conflict"
    assert "use a new key for a new request" in changed.json()["detail"]


def test_a_refused_claim_stays_refused_under_its_key(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    person = room.person("cleo", "{claimed: New York City}")
    cleo = client_of(person)
    refused = cleo.claim("key")
    room.person(person)
    assert cleo.claim("key").json() == refused.json()
    assert cleo.claim("a new key").status_code == 201


@pytest.mark.parametrize("token", [None, "nonsense", "perks.tok_0.secret"])
def test_who_has_no_valid_token_gets_nothing(room: Room, base: str, token: str | None) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.get(f"{base}/v1/perks", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer" in answer.json()["detail"]


def test_a_token_ends_when_it_expires_or_is_revoked(room: Room, base: str) -> None:
    room.person("ana")
    made, text = room.engine.tokens.issue(Role.INFLUENCER, "t", (), "ana", timedelta(hours=1))
    client = Client(base, text)
    assert client.get("/v1/perks").status_code == 200
    room.clock.move(hours=1)
    assert client.get("/v1/perks").status_code == 401
    room.clock.move(hours=-1)
    room.engine.tokens.revoke(made.token_id)
    assert client.get("/v1/perks").status_code == 401


def test_secrets_are_not_kept(room: Room) -> None:
    text = room.token(Role.COMPLIANCE)
    secret = text.rpartition(".")[2]
    [token] = room.engine.tokens.all()
    assert secret not in repr(token)
    assert len(token.secret_hash) == 64


def test_a_token_without_the_role_is_told_which_role_may(
    room: Room, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    claim = ana.claim("key").json()["claim"]
    record = {"records": [{"claim": claim, "move": "ship", "occurred_at": room.clock().isoformat()}]}
    answer = ana.post("/v1/fulfillments", record, "k")
    assert answer.status_code == 403
    assert (
        answer.json()["detail"]
        == "the role influencer may not record fulfillment; fulfillment or operator may"
    )
    assert ana.get("/v1/disclosures", brand=BRAND).status_code == 403
    assert ana.get("/v1/campaigns").status_code == 403
    assert staff_of(Role.COMPLIANCE).claim("k").status_code == 403


def test_staff_of_another_brand_reaches_nothing(room: Room, base: str, client_of: ClientOf) -> None:
    room.campaign()
    claim = client_of(room.person("ana")).claim("key").json()["claim"]
    other = Client(base, room.token(Role.COMPLIANCE, brands=("other-brand",)))
    assert other.get("/v1/disclosures", brand=BRAND).json()["code"] == "access.brand"
    stranger = Client(base, room.token(Role.FULFILLMENT, brands=("other-brand",)))
    record = {"records": [{"claim": claim, "move": "ship", "occurred_at": room.clock().isoformat()}]}
    answer = stranger.post("/v1/fulfillments", record, "k")
    assert answer.status_code == 422
    assert answer.json()["problems"] == [
        f"records[0]: claim.unknown: there is no claim {claim} that you can record for"
    ]


def test_somebody_elses_claim_is_as_unknown_as_none(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    claim = client_of(room.person("ana")).claim("key").json()["claim"]
    bo = client_of(room.person("bo"))
    for answer in (
        bo.get(f"/v1/claims/{claim}"),
        bo.post(f"/v1/claims/{claim}/receipt", key="r"),
        bo.post(f"/v1/claims/{claim}/cancellation", key="c"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "claim.unknown")
    assert bo.get("/v1/claims").json() == {"claims": []}


@pytest.mark.parametrize(
    ("state", "code"),
    [("close", "campaign.closed"), ("pause", "campaign.paused")],
)
def test_a_claim_on_a_campaign_that_is_not_open(
    room: Room, client_of: ClientOf, state: str, code: str
) -> None:
    room.campaign()
    if state == "pause":
        room.engine.campaigning.pause(PHONE, "mara", "a look at the numbers")
    else:
        room.engine.campaigning.close(PHONE, "mara")
    answer = client_of(room.person("ana")).claim("key")
    assert answer.status_code == 409
    assert [reason["code"] for reason in answer.json()["reasons"]] == [code]


@pytest.mark.parametrize(("days", "code"), [(-2, "campaign.not_open_yet"), (30, "campaign.closed")])
def test_a_claim_outside_the_window(room: Room, client_of: ClientOf, days: int, code: str) -> None:
    """Whatever the scheduler did by then: the window is looked at with each claim."""
    room.campaign()
    room.clock.move(days=days)
    answer = client_of(room.person("ana")).claim("key")
    assert answer.status_code == 409
    assert answer.json()["reasons"][0]["code"] == code


def test_a_campaign_that_does_not_exist(room: Room, client_of: ClientOf) -> None:
    answer = client_of(room.person("ana")).claim("key", campaign="no-such")
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no campaign 'no-such'")


def test_a_body_that_is_too_large(room: Room, client_of: ClientOf) -> None:
    ana = client_of(room.person("ana"))
    answer = ana.post("/v1/claims", {"campaign": "x" * 2_000_000}, "key")
    assert answer.status_code == 413
    assert answer.json()["detail"] == "a body has at most 1,048,576 bytes"
    pieces = (b"x" * 100_000 for _ in range(20))
    streamed = httpx.post(
        f"{ana.base}/v1/claims", content=pieces, headers=ana.token | {"Idempotency-Key": "k"}
    )
    assert streamed.status_code == 413


def test_a_batch_is_recorded_whole_or_not_at_all(room: Room, client_of: ClientOf, staff_of: StaffOf) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    claim = ana.claim("key").json()["claim"]
    now = room.clock().isoformat()
    records = [
        {"claim": claim, "move": "ship", "occurred_at": now},
        {"claim": "clm_unknown", "move": "ship", "occurred_at": now},
        {"claim": claim, "move": "lose", "occurred_at": now},
        {"claim": claim, "move": "deliver", "occurred_at": "2027-05-01T00:00:00Z"},
    ]
    answer = staff_of(Role.FULFILLMENT).post("/v1/fulfillments", {"records": records}, "k")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "3 of 4 rows cannot be recorded, so none was"
    assert [problem.split(":")[:2] for problem in answer.json()["problems"]] == [
        ["records[1]", " claim.unknown"],
        ["records[2]", " fulfillment.note"],
        ["records[3]", " fulfillment.future"],
    ]
    assert ana.get(f"/v1/claims/{claim}").json()["where"] == "reserved"


def test_a_receipt_before_a_shipment_is_refused(room: Room, client_of: ClientOf, staff_of: StaffOf) -> None:
    room.campaign()
    claim = client_of(room.person("ana")).claim("key").json()["claim"]
    record = {"claim": claim, "move": "deliver", "occurred_at": room.clock().isoformat()}
    answer = staff_of(Role.FULFILLMENT).post("/v1/fulfillments", {"records": [record]}, "k")
    assert answer.status_code == 422
    assert "fulfillment.not_shipped: it was never shipped" in answer.json()["problems"][0]


def test_claims_come_in_pages(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    made = [ana.claim(f"key {number}").json()["claim"] for number in range(5)]
    first = ana.get("/v1/claims", limit="3").json()
    rest = ana.get("/v1/claims", limit="3", cursor=first["next"]).json()
    assert [one["claim"] for one in (*first["claims"], *rest["claims"])] == made[::-1]
    assert "next" not in rest


def test_perks_and_campaigns_come_in_pages_by_their_names(room: Room, client_of: ClientOf, base: str) -> None:
    names = ["chicago-tasting", "maple-quebec", PHONE]
    for name in names:
        room.campaign(name, window="{opens: 2026-11-01T09:00Z, closes: 2027-02-01T09:00Z}")
    for client, items in (
        (client_of(room.person("ana")), "perks"),
        (Client(base, room.token(Role.COMPLIANCE, brands=("*",))), "campaigns"),
    ):
        first = client.get(f"/v1/{items}", limit="2").json()
        rest = client.get(f"/v1/{items}", limit="2", cursor=first["next"]).json()
        assert [one["campaign"] for one in (*first[items], *rest[items])] == names
        assert "next" not in rest


def test_a_list_says_of_each_perk_what_it_says_by_itself(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    room.campaign("maple-quebec", window="{opens: 2026-11-01T09:00Z, closes: 2027-02-01T09:00Z}")
    room.campaign(campaign="no-more", quantity="1")
    room.claim(room.person("ben"), campaign="no-more")
    for person in ("ana", "ben"):
        client = client_of(person if person == "ben" else room.person(person))
        client.claim("k")
        listed = client.get("/v1/perks").json()["perks"]
        alone = [client.get(f"/v1/perks/{one['campaign']}").json() for one in listed]
        assert listed == alone
        codes = {one["campaign"]: [reason["code"] for reason in one["reasons"]] for one in listed}
        assert codes[PHONE] == ["limit.reached"]
        assert codes["no-more"] == ["limit.reached" if person == "ben" else "stock.exhausted"]


def test_two_tokens_of_one_label_do_not_share_their_keys(room: Room, base: str, client_of: ClientOf) -> None:
    """Whoever issued both called neither of them anything."""
    room.campaign()
    claim = client_of(room.person("ana")).claim("key").json()["claim"]
    issued = [room.engine.tokens.issue(Role.FULFILLMENT, "unnamed", (BRAND,)) for _ in range(2)]
    shipped = {"claim": claim, "move": "ship", "occurred_at": room.clock().isoformat()}
    arrived = {"claim": claim, "move": "deliver", "occurred_at": room.clock().isoformat()}
    answers = [
        Client(base, text).post("/v1/fulfillments", {"records": [record]}, "key")
        for (_, text), record in zip(issued, (shipped, arrived), strict=True)
    ]
    assert [answer.json() for answer in answers] == [{"recorded": 1, "already_recorded": 0}] * 2
    with room.engine.store.read() as tx:
        by = [entry.recorded_by for entry in tx.ledger.entries(claim)[1:]]
    assert by == [f"unnamed ({token.token_id})" for token, _ in issued]


def test_the_api_describes_itself(base: str) -> None:
    schema = httpx.get(f"{base}/openapi.json", timeout=30).json()
    assert schema["openapi"].startswith("3.1")
    assert "/v1/claims" in schema["paths"]
    assert httpx.get(f"{base}/nowhere").headers["content-type"] == "application/problem+json"


def test_health_and_readiness(base: str) -> None:
    assert httpx.get(f"{base}/healthz").json()["status"] == "alive"
    assert httpx.get(f"{base}/readyz").json() == {"status": "ready"}
