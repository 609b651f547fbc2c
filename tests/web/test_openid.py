"""Signing in at an OpenID provider, and its tokens: what holds, and every way in which it does not."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest

from perks_engine.services.access import Role
from tests.engine_room import BRAND, BROOKLYN, NO_AUTHORITIES, PHONE, Client, Room, with_log_key
from tests.openid_provider import Claims, OpenIdProvider, encoded, openid_provider

PAGE = {"Accept": "text/html"}
ROLES = f"""
      - {{claim: groups, has: perks-operators, role: operator}}
      - {{claim: groups, has: compliance, role: compliance, brands: ['*']}}
      - {{claim: realm_access.roles, has: marketing, role: brand_manager, brands_from: brands}}
      - {{claim: groups, has: robots, role: compliance, brands: [{BRAND}], service: true}}
      - {{role: influencer, person: email}}
"""
NOOR = {"sub": "u1", "email": "Noor@shop.example", "email_verified": True, "groups": ["staff", "compliance"]}


def connect(room: Room, base: str, issuer: str, more: str = "", roles: str = ROLES) -> None:
    """Let people sign in at this provider."""
    with_log_key(room)
    file = room.folder / "identity.yaml"
    file.write_text(
        f"providers:\n  staff:\n    title: Staff of the shop\n    issuer: {issuer}\n    client_id: perks\n"
        f"    holder: email\n    roles:{roles}    algorithms: [ES256, RS256]\n{more}",
        encoding="utf-8",
    )
    more_settings = {"identity": file, "public_url": base}
    room.engine.settings = room.engine.settings.model_copy(update=more_settings)


@pytest.fixture
def provider(sqlite_room: Room, sqlite_base: str) -> Iterator[OpenIdProvider]:
    with openid_provider(sqlite_room.clock) as made:
        made.user = dict(NOOR)
        connect(sqlite_room, sqlite_base, made.url, "    audience: perks-api\n")
        yield made


@pytest.fixture
def browser(sqlite_base: str, provider: OpenIdProvider) -> Iterator[httpx.Client]:
    del provider
    with a_browser(sqlite_base) as made:
        yield made


def a_browser(base: str) -> httpx.Client:
    return httpx.Client(base_url=base, timeout=30, verify=NO_AUTHORITIES)


def sent_back(browser: httpx.Client, **changes: str) -> httpx.Response:
    """From the engine to the provider and back, as a browser goes."""
    away = browser.get("/v1/sign-in/with/staff")
    assert away.status_code == 303, away.text
    back = httpx.get(away.headers["location"], verify=NO_AUTHORITIES).headers["location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()} | changes
    return browser.get(urlsplit(back).path, params={name: one for name, one in query.items() if one})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_at_a_provider_of_other_people(sqlite_room: Room, sqlite_base: str) -> None:
    """oidc-provider-mock, which rests on Authlib's server side."""
    sqlite_room.clock.now = datetime.now(UTC)
    with oidc_provider_mock.run_server_in_thread() as server, a_browser(sqlite_base) as browser:
        issuer = f"http://localhost:{server.server_port}"
        secret = sqlite_room.folder / "secret"
        secret.write_text("of the client\n", encoding="utf-8")
        connect(sqlite_room, sqlite_base, issuer, f"    userinfo: true\n    secret_file: {secret}\n")
        httpx.put(f"{issuer}/users/noor", json=NOOR, verify=NO_AUTHORITIES)
        away = browser.get("/v1/sign-in/with/staff").headers["location"]
        assert parse_qs(urlsplit(away).query)["code_challenge_method"] == ["S256"]
        back = httpx.post(away, data={"sub": "noor"}, verify=NO_AUTHORITIES).headers["location"]
        answer = browser.get(back)
        assert answer.status_code == 200, answer.text
        me = browser.get("/v1/identity").json()
        assert (me["name"], me["role"], me["brands"]) == ("noor@shop.example", "compliance", ["*"])
        with a_browser(sqlite_base) as other:
            assert refused(other.get(back)) == (403, "sign_in.state")


def test_a_session_of_staff_is_kept_on_each_database(room: Room, base: str) -> None:
    with openid_provider(room.clock) as provider, a_browser(base) as browser:
        provider.user = dict(NOOR)
        connect(room, base, provider.url)
        write = {"X-CSRF-Token": sent_back(browser).json()["csrf"]}
        assert browser.get("/v1/identity").json()["brands"] == ["*"]
        assert sent_back(browser).status_code == 200
        assert browser.delete("/v1/session", headers=write).json()["code"] == "access.csrf"
        write = {"X-CSRF-Token": browser.get("/v1/session").json()["csrf"]}
        assert browser.delete("/v1/session?everywhere=true", headers=write).json() == {"ended": 1}
        assert browser.get("/v1/identity").status_code == 401


def test_staff_signs_in_and_works_and_signs_out(
    sqlite_room: Room, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    sqlite_room.campaign()
    page = browser.get("/v1/sign-in")
    assert '<a class="button" href="/v1/sign-in/with/staff">Staff of the shop</a>' in page.text
    answer = sent_back(browser)
    assert answer.status_code == 200, answer.text
    me = answer.json()
    assert (me["role"], me["holder"], me["person"]) == ("compliance", "noor@shop.example", None)
    assert browser.get("/v1/campaigns").status_code == 200
    body, key = {"wrong": "The places.", "campaign": PHONE}, {"Idempotency-Key": "o"}
    assert refused(browser.post("/v1/incidents", json=body, headers=key)) == (403, "access.csrf")
    write = {"X-CSRF-Token": me["csrf"]}
    assert browser.delete("/v1/session", headers=write).json() == {"ended": 1}
    assert browser.get("/v1/campaigns").status_code == 401
    assert self_page(browser) == "/home"


def self_page(browser: httpx.Client) -> str:
    away = browser.get("/v1/sign-in/with/staff").headers["location"]
    back = httpx.get(away, verify=NO_AUTHORITIES).headers["location"]
    return browser.get(back, headers=PAGE).headers["location"]


def none_signed(claims: Claims) -> str:
    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(claims)}."


def signed_with_the_public_key(provider: OpenIdProvider) -> Any:
    def token(claims: Claims) -> str:
        key = json.dumps(provider.key.as_dict(private=False)).encode()
        head = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(claims)}"
        mark = base64.urlsafe_b64encode(hmac.digest(key, head.encode(), "sha256")).decode().rstrip("=")
        return f"{head}.{mark}"

    return token


BENT: dict[str, Claims] = {
    "for another client": {"aud": "somebody-else"},
    "for several, and another is meant": {"aud": ["perks", "other"], "azp": "other"},
    "for several, and nobody is meant": {"aud": ["perks", "other"]},
    "by another issuer": {"iss": "https://evil.example"},
    "by an issuer that only begins alike": {"iss": "http://127.0.0.1"},
    "expired": {"exp": 1},
    "without an end": {"exp": None},
    "made in the future": {"iat": 4_000_000_000},
    "of nobody": {"sub": None},
    "of another sign-in": {"nonce": "other"},
    "of no sign-in": {"nonce": None},
    "of an address that nobody verified": {"email_verified": False},
    "of an address that is said to be verified": {"email_verified": "true"},
    "without an address": {"email": None},
    "with a name like a service": {"email": "service staff: x"},
    "with no role": {"groups": [], "email": "stranger@mail.example"},
    "with a role that only looks alike": {"groups": "compliances", "email": "stranger@mail.example"},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT)
def test_what_the_provider_says_has_to_hold(
    provider: OpenIdProvider, browser: httpx.Client, bent: Claims
) -> None:
    provider.bent = bent
    answer = sent_back(browser)
    assert refused(answer) == (403, "sign_in.provider"), answer.text
    assert "perks-session" not in browser.cookies
    assert browser.get("/v1/identity").status_code == 401


def test_a_signature_has_to_be_that_of_the_provider(provider: OpenIdProvider, browser: httpx.Client) -> None:
    other = OpenIdProvider(provider.clock)
    other.rotate("first")
    forgeries = {
        "none": none_signed,
        "a shared secret": signed_with_the_public_key(provider),
        "a key of somebody else under a known name": other.signed,
        "an unknown key": lambda claims: other.signed(claims, {"kid": "unknown"}),
        "a key that it brings along": lambda claims: other.signed(
            claims, {"kid": "mine", "jwk": other.key.as_dict(private=False)}
        ),
        "nothing": lambda claims: provider.signed(claims).rpartition(".")[0] + ".",
        "no JWT": lambda _claims: "a.b",
    }
    for name, forgery in forgeries.items():
        provider.token = forgery
        assert refused(sent_back(browser)) == (403, "sign_in.provider"), name
    provider.token = None
    assert sent_back(browser).status_code == 200, "and that of the provider is good"


def test_a_key_that_the_provider_changed_is_looked_up_once(
    sqlite_base: str, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    assert sent_back(browser).status_code == 200
    provider.rotate("second")
    assert sent_back(browser).status_code == 200, "the provider itself gave that token a moment ago"
    before = provider.asked.count("/keys")
    made_up = provider.signed(provider.claims("perks-api"), {"kid": "made-up"})
    for _ in range(3):
        assert Client(sqlite_base, made_up).get("/v1/identity").status_code == 401
    assert provider.asked.count("/keys") == before, "made-up keys do not make us ask again and again"


def test_who_is_not_signed_in_is_told_why_in_their_language(
    provider: OpenIdProvider, browser: httpx.Client
) -> None:
    browser.headers.update(PAGE | {"Accept-Language": "fr"})
    cancelled = {"code": "", "error": "access_denied"}

    def told(status: int, why: str, answer: httpx.Response) -> httpx.Response:
        assert (answer.status_code, answer.headers["content-language"]) == (status, "fr")
        assert "La connexion n’a pas abouti" in answer.text
        assert '<a class="button" href="/sign-in">Se connecter</a>' in answer.text
        assert why in answer.text
        return answer

    told(403, "Staff of the shop ne vous a pas laissé entrer", sent_back(browser, **cancelled))
    told(403, "pas été commencée dans ce navigateur", sent_back(browser, state="mixed up"))
    told(404, "Personne ne se connecte de cette façon ici.", browser.get("/v1/sign-in/with/nobody"))
    provider.user["groups"] = []
    told(403, "À votre adresse, personne n’est enregistré ici", sent_back(browser))
    provider.user["email_verified"] = False
    told(403, "Staff of the shop n’a pas vérifié votre adresse e-mail.", sent_back(browser))
    provider.bent = {"aud": "somebody-else"}
    bent = told(403, "Staff of the shop a donné une réponse inutilisable ici.", sent_back(browser))
    assert "sign_in.provider: Staff of the shop: its token is not for here, or not for now" in bent.text
    provider.is_away = True
    away = told(503, "Staff of the shop ne répond pas pour le moment.", sent_back(browser))
    assert away.headers["retry-after"] == "5"


def test_a_sign_in_is_of_one_browser_one_provider_and_one_time(
    provider: OpenIdProvider, browser: httpx.Client, sqlite_base: str
) -> None:
    assert refused(sent_back(browser, state="mixed up")) == (403, "sign_in.state")
    assert refused(sent_back(browser, state="")) == (403, "sign_in.state")
    assert refused(sent_back(browser, iss="https://evil.example")) == (403, "sign_in.provider")
    assert refused(sent_back(browser, code="", error="access_denied")) == (403, "sign_in.provider")
    assert refused(sent_back(browser, code="made up")) == (403, "sign_in.provider")
    away = browser.get("/v1/sign-in/with/staff").headers["location"]
    back = httpx.get(away, verify=NO_AUTHORITIES).headers["location"]
    held = browser.cookies["perks-provider"]
    with a_browser(sqlite_base) as other:
        assert refused(other.get(back)) == (403, "sign_in.state")
        other.get("/v1/sign-in/with/staff")
        assert refused(other.get(back)) == (403, "sign_in.state"), "it began another one"
    assert browser.get(back).status_code == 200
    assert refused(browser.get(back)) == (403, "sign_in.state"), "its cookie was used up"
    answer = browser.get(back, headers={"Cookie": f"perks-provider={held}"})
    assert refused(answer) == (403, "sign_in.provider"), "and the provider knows each code once"


def test_a_sign_in_that_takes_too_long_begins_anew(
    sqlite_room: Room, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    away = browser.get("/v1/sign-in/with/staff").headers["location"]
    back = httpx.get(away, verify=NO_AUTHORITIES).headers["location"]
    sqlite_room.clock.move(minutes=10)
    assert refused(browser.get(back)) == (403, "sign_in.state")
    assert provider.codes, "the code was not even tried"


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://tokens.example/token"},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_says_odd_things_of_itself_is_not_used(
    provider: OpenIdProvider, browser: httpx.Client, document: Claims
) -> None:
    provider.document = document
    away = browser.get("/v1/sign-in/with/staff")
    answer = (
        away
        if away.status_code != 303
        else browser.get(httpx.get(away.headers["location"], verify=NO_AUTHORITIES).headers["location"])
    )
    assert refused(answer) == (403, "sign_in.provider")


def test_roles_and_brands_come_from_claims(
    sqlite_room: Room, provider: OpenIdProvider, browser: httpx.Client, sqlite_base: str
) -> None:
    def who(**claims: Any) -> tuple[str, list[str], str | None]:
        provider.user = {"sub": "u2", "email": "mara@shop.example", "email_verified": True, **claims}
        with a_browser(sqlite_base) as fresh:
            answer = sent_back(fresh)
            assert answer.status_code == 200, answer.text
            me = fresh.get("/v1/identity").json()
            return me["role"], me["brands"], me["person"]

    assert who(groups="perks-operators") == ("operator", ["*"], None)
    marketing = {"realm_access": {"roles": ["marketing"]}}
    assert who(**marketing, brands=[BRAND, "*"]) == ("brand_manager", [BRAND], None), "no claim reaches all"
    provider.user = {**NOOR, "groups": [], **marketing, "brands": []}
    assert refused(sent_back(browser)) == (403, "sign_in.provider")
    sqlite_room.person("ana", BROOKLYN, email="mara@shop.example")
    assert who() == ("influencer", [], "ana")
    sqlite_room.person("ben", BROOKLYN, email="mara@shop.example")
    assert refused(sent_back(browser)) == (403, "sign_in.provider"), "of two it is nobody"


def test_access_tokens_of_the_provider_are_bearers(
    sqlite_room: Room, sqlite_base: str, provider: OpenIdProvider
) -> None:
    token = provider.signed(provider.claims("perks-api"))
    me = Client(sqlite_base, token).get("/v1/identity").json()
    assert (me["name"], me["role"]) == ("noor@shop.example", "compliance")
    bad: dict[str, str] = {
        "an ID token": provider.signed(provider.claims("perks", nonce="n")),
        "expired": provider.signed(provider.claims("perks-api", exp=1)),
        "of another issuer": provider.signed(provider.claims("perks-api", iss="https://evil.example")),
        "none": none_signed(provider.claims("perks-api")),
        "no JWT": "eyJhbGciOiJub25lIn0",
        "nothing": "..",
    }
    for name, one in bad.items():
        assert refused(Client(sqlite_base, one).get("/v1/identity")) == (401, "access.token"), name
    sqlite_room.clock.move(minutes=7)
    assert Client(sqlite_base, token).get("/v1/identity").status_code == 401
    own = sqlite_room.token(Role.COMPLIANCE)
    assert Client(sqlite_base, own).get("/v1/identity").status_code == 200, "the engine's own go on working"


def test_a_session_and_a_token_of_one_human_are_one_and_a_robot_is_none(
    sqlite_room: Room, sqlite_base: str, provider: OpenIdProvider, browser: httpx.Client
) -> None:
    room = sqlite_room
    room.campaign()
    room.claim(room.person("ana"))
    room.clock.move(hours=1)
    issue = room.engine.tokens.issue
    opener = Client(sqlite_base, issue(Role.COMPLIANCE, "t", (BRAND,), holder="noor@shop.example")[1])
    opened = opener.post("/v1/incidents", {"wrong": "The places.", "campaign": PHONE}, "o").json()
    path = f"/v1/incidents/{opened['incident']}"
    asked = opener.post(f"{path}/replay", {"distrust": [{"source": "device"}]}, "r")
    sqlite_room.worked_off(opener, asked)
    plan = opener.post(f"{path}/plan", None, "p").json()["history"][-1]["numbers"]["hash"]

    write = {"X-CSRF-Token": sent_back(browser).json()["csrf"], "Idempotency-Key": "a"}
    answer = browser.post(f"{path}/approval", json={"plan": plan}, headers=write)
    assert refused(answer) == (403, "incident.second_person")
    jwt = Client(sqlite_base, provider.signed(provider.claims("perks-api")))
    assert refused(jwt.post(f"{path}/approval", {"plan": plan}, "b")) == (403, "incident.second_person")
    provider.user = {"sub": "r2", "groups": "robots"}
    robot = Client(sqlite_base, provider.signed(provider.claims("perks-api")))
    assert robot.get("/v1/identity").json()["name"] == "service staff: r2"
    assert refused(robot.post(f"{path}/approval", {"plan": plan}, "c")) == (403, "access.human")
    provider.user = {**NOOR, "sub": "u9", "email": "mara@shop.example"}
    mara = Client(sqlite_base, provider.signed(provider.claims("perks-api")))
    assert mara.post(f"{path}/approval", {"plan": plan}, "d").status_code == 200


def test_a_provider_that_does_not_answer_is_told_apart(sqlite_room: Room, sqlite_base: str) -> None:
    with openid_provider(sqlite_room.clock) as gone:
        url = gone.url
    connect(sqlite_room, sqlite_base, url)
    with a_browser(sqlite_base) as browser:
        assert refused(browser.get("/v1/sign-in/with/staff")) == (503, "sign_in.provider_away")
        assert refused(browser.get("/v1/sign-in/with/nobody")) == (404, "sign_in.provider_unknown")
