"""To sign in by a link in a letter: once, in the browser that asked, and nobody learns who is known."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from perks_engine.services.access import Role
from perks_engine.services.errors import NotFoundError, RefusedError
from tests.engine_room import BRAND, BROOKLYN, NO_AUTHORITIES, PHONE, Client, Room, with_log_key
from tests.mail_server import PostOffice, post_office

PAGE = {"Accept": "text/html"}


@pytest.fixture
def office(room: Room, base: str) -> Iterator[PostOffice]:
    """A deployment on this machine that sends mail."""
    with_log_key(room)
    with post_office() as made:
        more = {"smtp_url": made.url, "mail_from": "Our Perks <perks@shop.example>", "public_url": base}
        room.engine.settings = room.engine.settings.model_copy(update=more)
        yield made


@pytest.fixture
def browser(base: str) -> Iterator[httpx.Client]:
    with a_browser(base) as made:
        yield made


def a_browser(base: str) -> httpx.Client:
    return httpx.Client(base_url=base, timeout=30, verify=NO_AUTHORITIES)


def known(room: Room, person_id: str = "ana", **more: str) -> str:
    return room.person(person_id, BROOKLYN, email=f"{person_id}@mail.example", **more)


def ask(browser: httpx.Client, address: str = "ana@mail.example") -> httpx.Response:
    return browser.post("/v1/sign-in", json={"address": address})


def sent(room: Room, office: PostOffice) -> str:
    """The path of the link in the newest letter."""
    room.engine.signing_in.post()
    room.engine.sending.send()
    _, letter = office.letters[-1]
    text = next(part for part in letter.walk() if part.get_content_type() == "text/plain").get_content()
    found = re.search(r"http://127\.0\.0\.1:\d+(/v1/sign-in/links/\S+)", text)
    assert found is not None, text
    return found[1]


def signed_in(room: Room, office: PostOffice, browser: httpx.Client) -> dict[str, str]:
    """A header that lets the browser write."""
    ask(browser)
    answer = browser.post(sent(room, office))
    assert answer.status_code == 200, answer.text
    return {"X-CSRF-Token": answer.json()["csrf"]}


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_from_the_address_to_a_claim(room: Room, office: PostOffice, browser: httpx.Client) -> None:
    """With the session everything works that works with a token."""
    room.campaign()
    known(room)
    assert ask(browser, "  ANA@mail.example ").status_code == 202
    link = sent(room, office)
    assert office.letters[-1][0] == ("ana@mail.example",)

    # A program that scans mail opens the link, and so does the browser: nobody is signed in by that.
    for _ in range(2):
        page = browser.get(link, headers=PAGE)
        assert '<form method="post"><button class="main">Sign in</button></form>' in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert "perks-session" not in browser.cookies
    assert refused(browser.get("/v1/perks")) == (401, "access.token")

    page = browser.post(link, headers=PAGE)
    assert (page.status_code, page.headers["location"]) == (303, "/home")
    cookie = page.headers.get_list("set-cookie")[0]
    assert cookie.startswith("perks-session=ses_")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    me = browser.get("/v1/session").json()
    assert (me["person"], me["role"]) == ("ana", "influencer")
    assert browser.get("/v1/perks").json()["perks"][0]["campaign"] == PHONE
    write = {"X-CSRF-Token": me["csrf"], "Idempotency-Key": "k"}
    claim = browser.post("/v1/claims", json={"campaign": PHONE}, headers=write)
    assert claim.status_code == 201, claim.text
    assert refused(browser.post(link)) == (403, "sign_in.browser"), "its cookie was used up with it"


def test_whether_an_address_is_known_shows_nowhere(
    room: Room, office: PostOffice, browser: httpx.Client
) -> None:
    known(room)
    answers = [ask(browser, address) for address in ("ana@mail.example", "nobody@mail.example")]
    first, second = (
        (one.status_code, one.json(), sorted(name for name in one.headers if name != "date"))
        for one in answers
    )
    assert first == second
    with room.engine.store.read() as tx:
        rows = tx.sign_ins.waiting(10)
    assert [one.person_id for one in rows] == [None, None], "asking looks nobody up"
    sent(room, office)
    assert [to for to, _ in office.letters] == [("ana@mail.example",)]
    with room.engine.store.read() as tx:
        assert tx.sign_ins.waiting(10) == []


def test_the_link_is_of_no_use_in_another_browser(
    room: Room, office: PostOffice, browser: httpx.Client, base: str
) -> None:
    """Who asks with the address of another, and has them open the link, signs nobody in; nor does who reads
    their mail."""
    known(room)
    ask(browser)
    link = sent(room, office)
    with a_browser(base) as other:
        assert other.get(link).json()["this_browser"] is False
        assert "signs in only the browser that asked" in other.get(link, headers=PAGE).text
        assert refused(other.post(link)) == (403, "sign_in.browser")
        ask(other)  # it has a cookie of its own now
        assert refused(other.post(link)) == (403, "sign_in.browser")
        assert "perks-session" not in other.cookies
    assert browser.post(link).status_code == 200, "for the one that asked it is still good"


def test_a_link_is_used_once_and_only_in_its_time(
    room: Room, office: PostOffice, browser: httpx.Client
) -> None:
    known(room)
    ask(browser)
    link = sent(room, office)
    held = browser.cookies.get("perks-sign-in")
    answers: list[int] = []
    start = threading.Barrier(4)

    def use() -> None:
        with httpx.Client(base_url=browser.base_url, timeout=30, verify=NO_AUTHORITIES) as one:
            start.wait()
            answers.append(one.post(link, headers={"Cookie": f"perks-sign-in={held}"}).status_code)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409, 409, 409]

    ask(browser)
    late = sent(room, office)
    room.clock.move(minutes=15)
    assert refused(browser.post(late)) == (404, "sign_in.link")
    assert refused(browser.post(f"{late[:-4]}AAAA")) == (404, "sign_in.link")
    room.engine.signing_in.post()
    assert all(one.kind != "sign_in" for one in room.engine.latest_messages(50)), "the letter is forgotten"


def test_a_link_does_not_outlive_a_change_of_the_mailbox(
    room: Room, office: PostOffice, browser: httpx.Client
) -> None:
    known(room)
    ask(browser)
    link = sent(room, office)
    with room.engine.store.read() as tx:
        card = tx.people.card("ana")
    assert card is not None
    with room.engine.store.write() as tx:
        tx.people.save(replace(card, email="other@mail.example"))
    assert refused(browser.post(link)) == (404, "sign_in.link")


def test_who_shares_a_mailbox_gets_a_link_each(room: Room, office: PostOffice, browser: httpx.Client) -> None:
    known(room)
    room.person("ben", BROOKLYN, email="Ana@mail.example", name="Ben")
    ask(browser)
    link = sent(room, office)
    assert len(office.letters) == 2
    assert "Hello Ben" in str(office.letters[-1][1])
    assert browser.post(link).json()["person"] == "ben"


def test_letters_to_one_person_are_few_and_the_answer_says_nothing_of_it(
    room: Room, office: PostOffice, browser: httpx.Client
) -> None:
    known(room)
    for _ in range(8):
        assert ask(browser).status_code == 202
    sent(room, office)
    assert len(office.letters) == 5
    room.clock.move(minutes=30)
    room.engine.signing_in.post()
    ask(browser)
    sent(room, office)
    assert len(office.letters) == 5, "those that expired count for the hour"
    room.clock.move(minutes=31)
    ask(browser)
    sent(room, office)
    assert len(office.letters) == 6


def test_letters_speak_the_language_of_their_reader(
    room: Room, office: PostOffice, browser: httpx.Client
) -> None:
    known(room, speaks="es")
    ask(browser)
    sent(room, office)
    assert office.subjects() == ["Su enlace para entrar"]


def test_a_write_by_the_cookie_needs_the_token_of_the_page(
    room: Room, office: PostOffice, browser: httpx.Client
) -> None:
    room.campaign()
    known(room)
    write = signed_in(room, office, browser)
    body, key = {"campaign": PHONE}, {"Idempotency-Key": "k"}
    for forged in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}):
        assert refused(browser.post("/v1/claims", json=body, headers=key | forged)) == (403, "access.csrf")
        assert refused(browser.delete("/v1/record", headers=forged)) == (403, "access.csrf")
    # A form of another site cannot send JSON at all, and has no such header.
    form = browser.post("/v1/claims", content="campaign=x", headers=key | {"Content-Type": "text/plain"})
    assert refused(form) == (403, "access.csrf")
    assert browser.post("/v1/claims", json=body, headers=key | write).status_code == 201


def test_a_session_is_new_at_sign_in_and_ends_here_not_only_in_the_browser(
    room: Room, office: PostOffice, browser: httpx.Client, base: str
) -> None:
    known(room)
    browser.cookies.set("perks-session", "ses_chosen.by-somebody-else", domain="127.0.0.1")
    write = signed_in(room, office, browser)
    [first] = [one.value for one in browser.cookies.jar if one.name == "perks-session" and one.path == "/"]
    assert first is not None
    assert "chosen" not in first

    signed_in(room, office, browser)
    stolen = {"Cookie": f"perks-session={first}"}
    with a_browser(base) as thief:
        assert refused(thief.get("/v1/session", headers=stolen)) == (401, "access.token"), "a new sign-in"
    [second] = [one.value for one in browser.cookies.jar if one.name == "perks-session" and one.path == "/"]
    assert second != first
    assert refused(browser.delete("/v1/session", headers=write)) == (403, "access.csrf"), "that of the first"
    write = {"X-CSRF-Token": browser.get("/v1/session").json()["csrf"]}
    assert browser.delete("/v1/session", headers=write).json() == {"ended": 1}
    with a_browser(base) as thief:
        answer = thief.get("/v1/session", headers={"Cookie": f"perks-session={second}"})
        assert refused(answer) == (401, "access.token")


def test_sessions_end_everywhere_by_time_and_with_their_person(
    room: Room, office: PostOffice, browser: httpx.Client, base: str
) -> None:
    known(room)
    with a_browser(base) as other:
        signed_in(room, office, other)
        write = signed_in(room, office, browser)
        assert browser.delete("/v1/session?everywhere=true", headers=write).json() == {"ended": 2}
        assert other.get("/v1/session").status_code == 401
        signed_in(room, office, browser)
        room.clock.move(hours=12)
        assert browser.get("/v1/session").status_code == 401
        room.engine.signing_in.post()
        write = signed_in(room, office, browser)
        erased = browser.delete("/v1/record", headers=write)
        assert erased.status_code == 200, erased.text
        assert browser.get("/v1/session").status_code == 401
    with room.engine.engine.connect() as connection:
        for table in ("sign_in", "web_session"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0


def test_over_https_cookies_are_bound_to_the_host_and_over_plain_http_nobody_signs_in(
    room: Room, office: PostOffice, browser: httpx.Client
) -> None:
    known(room)
    room.engine.settings = room.engine.settings.model_copy(update={"public_url": "https://perks.example"})
    cookie = ask(browser).headers["set-cookie"]
    assert cookie.startswith("__Host-perks-sign-in=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    room.engine.settings = room.engine.settings.model_copy(update={"public_url": "http://perks.example"})
    assert refused(ask(browser)) == (409, "sign_in.insecure")


def test_a_bearer_token_goes_before_a_session(
    room: Room, office: PostOffice, browser: httpx.Client, base: str
) -> None:
    known(room)
    known(room, "ben")
    signed_in(room, office, browser)
    token = Client(base, room.engine.tokens.issue(Role.INFLUENCER, "t", (), "ben")[1]).token
    assert browser.get("/v1/identity", headers=token).json()["person"] == "ben"
    assert browser.get("/v1/identity").json()["person"] == "ana"
    wrong = {"Authorization": "Bearer perks.tok_x.y"}
    assert browser.get("/v1/identity", headers=wrong).status_code == 401
    assert refused(browser.get("/v1/campaigns")) == (403, "access.role")
    assert refused(browser.get("/v1/disclosures", params={"brand": BRAND})) == (403, "access.role")


@pytest.mark.parametrize(
    "address", ["", "ana", "@ana.handle", "a@b@c", "ana@mail.example\r\nBcc: x@y.example"]
)
def test_what_is_no_address_is_refused_by_its_writing(
    sqlite_room: Room, sqlite_base: str, address: str
) -> None:
    with_log_key(sqlite_room)
    with a_browser(sqlite_base) as browser:
        answer = ask(browser, address)
        assert answer.status_code == 422
        assert "set-cookie" not in answer.headers
        form = browser.post("/v1/sign-in", data={"address": address})
        assert form.status_code == 422


def test_a_form_does_what_json_does(sqlite_room: Room, sqlite_base: str) -> None:
    with_log_key(sqlite_room)
    with a_browser(sqlite_base) as browser:
        assert '<form method="post" action="/v1/sign-in">' in browser.get("/v1/sign-in").text
        answer = browser.post("/v1/sign-in", data={"address": "ana@mail.example"}, headers=PAGE)
        assert answer.status_code == 202
        assert "Open it in this browser" in answer.text
        assert "perks-sign-in" in browser.cookies


def test_a_link_that_is_handed_out_signs_any_browser_in_once(sqlite_room: Room, sqlite_base: str) -> None:
    room = sqlite_room
    with_log_key(room)
    room.engine.settings = room.engine.settings.model_copy(update={"public_url": sqlite_base})
    known(room)
    link = room.engine.signing_in.hand_out("ana", timedelta(hours=2))
    with a_browser(sqlite_base) as browser:
        ask(browser, "somebody@mail.example")  # a browser that asked for another link is any browser, too
        assert browser.get(link).json()["this_browser"] is True
        assert browser.post(link).json()["person"] == "ana"
        assert refused(browser.post(link)) == (409, "sign_in.used")
        late = room.engine.signing_in.hand_out("ana", timedelta(hours=2))
        room.clock.move(hours=3)
        assert refused(browser.post(late)) == (404, "sign_in.link")


def test_a_link_is_handed_out_only_for_a_mailbox(sqlite_room: Room) -> None:
    with_log_key(sqlite_room)
    sqlite_room.person("ben")
    with pytest.raises(RefusedError, match="no e-mail address on record of ben"):
        sqlite_room.engine.signing_in.hand_out("ben", timedelta(hours=1))
    with pytest.raises(NotFoundError, match="nobody is on record as zoe"):
        sqlite_room.engine.signing_in.hand_out("zoe", timedelta(hours=1))
