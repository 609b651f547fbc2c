"""A provider tells that somebody signed out there (OpenID Connect Back-Channel Logout 1.0): what it signed
for us ends their sessions here, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.engine_room import NO_AUTHORITIES, Room
from tests.openid_provider import Claims, OpenIdProvider, openid_provider
from tests.web.test_openid import NOOR, a_browser, connect, none_signed, refused, sent_back

EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}


@pytest.fixture
def provider(room: Room, base: str) -> Iterator[OpenIdProvider]:
    with openid_provider(room.clock) as made:
        made.user = {**NOOR, "sid": "s1"}
        connect(room, base, made.url, "    audience: perks-api\n")
        yield made


def logout_token(provider: OpenIdProvider, **more: Any) -> str:
    """What the provider would sign; a claim that is None is left out."""
    now = int(provider.clock().timestamp())
    made: Claims = {"iss": provider.url, "aud": "perks", "iat": now, "exp": now + 120, "jti": "j1"}
    made |= {"events": EVENT, "sub": "u1", "sid": "s1", **more}
    claims = {name: value for name, value in made.items() if value is not None}
    return provider.signed(claims, {"typ": "logout+jwt"})


def tell(base: str, token: str, name: str = "staff") -> httpx.Response:
    url = f"{base}/v1/sign-in/logout/{name}"
    return httpx.post(url, data={"logout_token": token}, timeout=30, verify=NO_AUTHORITIES)


def is_signed_in(browser: httpx.Client) -> bool:
    return browser.get("/v1/identity").status_code == 200


def test_one_session_or_all_of_somebody(room: Room, base: str, provider: OpenIdProvider) -> None:
    with a_browser(base) as desk, a_browser(base) as phone, a_browser(base) as mara:
        assert sent_back(desk).status_code == 200
        provider.user["sid"] = "s2"
        assert sent_back(phone).status_code == 200
        provider.user = {**NOOR, "sub": "u2", "email": "mara@shop.example", "sid": "s3"}
        assert sent_back(mara).status_code == 200
        answer = tell(base, logout_token(provider, sub=None))
        assert (answer.status_code, answer.json()) == (200, {"ended": 1})
        assert "no-store" in answer.headers["cache-control"]
        assert [is_signed_in(one) for one in (desk, phone, mara)] == [False, True, True]
        assert tell(base, logout_token(provider, sid="s2", sub="u2")).json() == {"ended": 0}, "of two people"
        assert tell(base, logout_token(provider, sid=None)).json() == {"ended": 1}
        assert [is_signed_in(one) for one in (desk, phone, mara)] == [False, False, True]
        room.clock.move(minutes=2)
        provider.user = {**NOOR, "sid": "s1"}
        again = logout_token(provider)
        room.clock.move(seconds=70)
        assert sent_back(desk).status_code == 200
        assert tell(base, again).json() == {"ended": 0}, "a token sent again ends nothing that began since"
        assert is_signed_in(desk)


def bearer(base: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{base}/v1/identity", headers=headers, timeout=30, verify=NO_AUTHORITIES).status_code


def access_token(provider: OpenIdProvider, **more: Any) -> str:
    made = {**provider.claims("perks-api"), **more}
    return provider.signed({name: value for name, value in made.items() if value is not None})


def test_an_access_token_of_who_signed_out_opens_nothing_any_more(
    room: Room, base: str, provider: OpenIdProvider
) -> None:
    tokens = {
        "of the session": access_token(provider),
        "of another session": access_token(provider, sid="s2"),
        "of no session": access_token(provider, sid=None),
        "of somebody else": access_token(provider, sub="u2", email="mara@shop.example", sid="s3"),
    }

    def opens() -> dict[str, bool]:
        return {name: bearer(base, token) == 200 for name, token in tokens.items()}

    assert set(opens().values()) == {True}
    room.clock.move(seconds=30)
    assert tell(base, logout_token(provider)).status_code == 200
    assert tell(base, logout_token(provider)).status_code == 200, "told twice"
    assert opens() == {name: name in ("of another session", "of somebody else") for name in tokens}
    room.clock.move(seconds=1)
    assert bearer(base, access_token(provider)) == 200, "who signs in again gets a new one, which is good"

    assert tell(base, logout_token(provider, sid=None)).status_code == 200
    assert opens() == {name: name == "of somebody else" for name in tokens}
    assert tell(base, logout_token(provider, sub=None, sid="s3")).status_code == 200
    assert set(opens().values()) == {False}


def test_whose_logouts_are_kept_cannot_be_read_and_they_are_forgotten(
    room: Room, base: str, provider: OpenIdProvider
) -> None:
    assert tell(base, logout_token(provider)).status_code == 200
    with room.engine.engine.connect() as connection:
        [row] = connection.exec_driver_sql("SELECT * FROM provider_logout").all()
    assert "u1" not in row[1]
    assert len(row[1]) == 64
    long_lived = access_token(provider, exp=int(room.clock().timestamp()) + 90 * 86_400, sub="u3")
    assert bearer(base, long_lived) == 200
    room.clock.move(days=31)
    assert bearer(base, long_lived) == 401, "older than what is known of logouts"
    assert tell(base, logout_token(provider, sub="u9", sid="s9")).status_code == 200
    with room.engine.engine.connect() as connection:
        assert len(connection.exec_driver_sql("SELECT * FROM provider_logout").all()) == 1


BENT: dict[str, Claims] = {
    "for another client": {"aud": "somebody-else"},
    "by another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": 1},
    "without an end": {"exp": None},
    "of the future": {"iat": 4_000_000_000},
    "without the event": {"events": None},
    "with another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "with an event that says nothing": {"events": {next(iter(EVENT)): "yes"}},
    "with a nonce": {"nonce": "n"},
    "without an id": {"jti": None},
    "of nobody": {"sub": None, "sid": None},
    "of an odd session": {"sid": 7},
}


def test_what_does_not_hold_ends_nothing(room: Room, base: str, provider: OpenIdProvider) -> None:
    other = OpenIdProvider(room.clock, provider.url)
    good = logout_token(provider)
    tokens = {name: logout_token(provider, **bent) for name, bent in BENT.items()}
    tokens |= {
        "an ID token": provider.signed(provider.claims("perks", nonce="n")),
        "signed by somebody else": logout_token(other),
        "unsigned": none_signed({"iss": provider.url, "aud": "perks", "sub": "u1", "events": EVENT}),
        "cut": good[:-3],
        "no token": "x",
        "nothing": "",
    }
    with a_browser(base) as browser:
        assert sent_back(browser).status_code == 200
        for name, token in tokens.items():
            assert refused(tell(base, token)) == (422, "sign_in.logout_token"), name
        assert refused(tell(base, good, "nobody")) == (404, "sign_in.provider_unknown")
        assert is_signed_in(browser)
        assert tell(base, good).json() == {"ended": 1}
        assert not is_signed_in(browser)


def test_a_logout_token_lets_nobody_in(base: str, provider: OpenIdProvider) -> None:
    provider.token = lambda _claims: logout_token(provider, email="noor@shop.example", email_verified=True)
    with a_browser(base) as browser:
        assert refused(sent_back(browser)) == (403, "sign_in.provider")
