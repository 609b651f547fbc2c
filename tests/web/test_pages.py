"""What holds for every page: who may open it, what it may load, and how errors are told."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from perks_engine.bootstrap import packaged
from perks_engine.services.access import Role
from perks_engine.services.session_records import Session
from perks_engine.web.access_rules import RULES, WITHOUT_CREDENTIAL
from perks_engine.web.app import _PARTS
from perks_engine.web.page_rules import OPEN_PAGES, PAGE_RULES
from perks_engine.web.pages.assets import assets
from perks_engine.web.pages.readers import form_of, open_form_of, reader_of
from tests.engine_room import BRAND, NO_AUTHORITIES, Room, served

BROWSER = {"Accept": "text/html"}


@pytest.fixture
def base(sqlite_room: Room) -> Iterator[str]:
    with served(sqlite_room.engine) as url:
        update = {"public_url": url}
        sqlite_room.engine.settings = sqlite_room.engine.settings.model_copy(update=update)
        yield url


def signed_in(room: Room, base: str, person: str = "", role: Role = Role.INFLUENCER) -> httpx.Client:
    """A browser with a session."""
    now = room.clock()
    asked = Session("", "", role.value, now, now, person or None, None if person else f"{role}", (BRAND,))
    with room.engine.store.write() as tx:
        _, text = room.engine.sessions.start(tx, asked)
    cookies = {"perks-session": text}
    return httpx.Client(base_url=base, headers=BROWSER, cookies=cookies, verify=NO_AUTHORITIES)


def visitor(base: str) -> httpx.Client:
    return httpx.Client(base_url=base, headers=BROWSER, verify=NO_AUTHORITIES)


def word_in(page: httpx.Response) -> str:
    """What makes a form of the page count."""
    return re.findall(r'name="csrf" value="(\w+)"', page.text)[0]


def page_routes() -> dict[str, APIRoute]:
    return {
        f"{method} {route.path_format}": route
        for part in _PARTS
        for route in part.routes
        if isinstance(route, APIRoute) and not (route.include_in_schema or route.path.startswith("/metrics"))
        for method in route.methods or ()
    }


def test_every_page_stands_in_the_rules_and_nothing_else_does() -> None:
    asks = {
        name: reader_of in {one.call for one in _all_dependencies(route)}
        for name, route in page_routes().items()
    }
    assert {name for name, asked in asks.items() if asked} == set(PAGE_RULES)
    assert {name for name, asked in asks.items() if not asked} == set(OPEN_PAGES)
    assert not (set(PAGE_RULES) | set(OPEN_PAGES)) & (set(RULES) | set(WITHOUT_CREDENTIAL))


def test_every_form_of_somebody_signed_in_needs_the_word_of_its_page() -> None:
    for name, route in page_routes().items():
        calls = {one.call for one in _all_dependencies(route)}
        if name.startswith("POST"):
            assert (form_of if name in PAGE_RULES else open_form_of) in calls, name
        else:
            assert open_form_of not in calls, name


def _all_dependencies(route: APIRoute):
    waiting = list(route.dependant.dependencies)
    while waiting:
        one = waiting.pop()
        waiting += one.dependencies
        yield one


def test_without_a_session_every_page_leads_to_the_sign_in(sqlite_room: Room, base: str) -> None:
    with visitor(base) as browser:
        for name in PAGE_RULES:
            method, path = name.split()
            path = re.sub(r"{\w+}", "some-thing", path)
            answer = browser.request(method, path, data={"csrf": "0" * 64} if method == "POST" else None)
            assert (answer.status_code, answer.headers.get("location")) == (303, "/sign-in"), name


def test_a_session_that_ended_leads_to_the_sign_in(sqlite_room: Room, base: str) -> None:
    room = sqlite_room
    room.person("ana")
    with signed_in(room, base, "ana") as browser:
        assert browser.get("/my").status_code == 200
        room.clock.move(days=400)
        assert browser.get("/my").headers["location"] == "/sign-in"


def test_who_may_not_open_a_page_is_told_so(sqlite_room: Room, base: str) -> None:
    with signed_in(sqlite_room, base, role=Role.COMPLIANCE) as browser:
        refused = browser.get("/my")
    assert refused.status_code == 403
    assert "This is not yours to open" in refused.text


def test_a_form_without_the_word_of_its_page_does_nothing(sqlite_room: Room, base: str) -> None:
    sqlite_room.person("ana")
    with signed_in(sqlite_room, base, "ana") as browser:
        for forged in ({}, {"csrf": ""}, {"csrf": "f" * 64}):
            answer = browser.post("/sign-out", data=forged)
            assert answer.status_code == 403
            assert "This form is not good any more" in answer.text
        page = browser.get("/my")
        assert browser.post("/sign-out", data={"csrf": word_in(page)}).status_code == 303
        browser.cookies.clear()
        assert browser.get("/my").status_code == 303


def test_pages_run_nothing_and_ask_nobody_else(sqlite_room: Room, base: str) -> None:
    sqlite_room.person("ana")
    with signed_in(sqlite_room, base, "ana") as browser:
        for path in ("/", "/my", "/sign-in", "/problems", "/nowhere"):
            page = browser.get(path, follow_redirects=True)
            policy = page.headers["content-security-policy"]
            assert "unsafe" not in policy
            assert policy.startswith("default-src 'none'")
            assert not re.search(
                r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|https?://(?!www\.w3\.org)", page.text
            )
            assert page.headers["cache-control"] == "private, no-store"


def test_no_template_of_a_page_writes_a_style_or_a_script_into_it() -> None:
    """The policy of pages refuses both."""
    for file in sorted((packaged("templates") / "pages").rglob("*.j2")):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|hx-on", text), file.name


def test_what_pages_are_made_with_is_kept_for_good(sqlite_room: Room, base: str) -> None:
    kinds = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
    with visitor(base) as browser:
        for name, one in assets().items():
            answer = browser.get(one.path, headers={"Accept-Encoding": "identity"})
            assert answer.headers["content-type"] == kinds.get(
                name.rpartition(".")[2], answer.headers["content-type"]
            )
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert hashlib.sha256(answer.content).hexdigest().startswith(one.name.split(".")[-2])
            zipped = browser.get(one.path, headers={"Accept-Encoding": "gzip"})
            assert zipped.headers["content-encoding"] == "gzip"
            assert zipped.content == answer.content
            again = browser.get(one.path, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        assert browser.get("/static/shell.css").status_code == 404
        assert browser.get("/static/..%2f__init__.py").status_code == 404


def test_what_others_made_is_as_they_made_it() -> None:
    folder = files("perks_engine.web").joinpath("static")
    notice = folder.joinpath("NOTICE").read_text(encoding="utf-8")
    named = re.findall(r"(?m)^(\S+)\n(?:  .*\n)*?  sha256 ([0-9a-f]{64})$", notice)
    assert "htmx.min.js" in dict(named)
    for name, digest in named:
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == digest, name
    foreign = {Path(str(one.name)).name for one in folder.iterdir() if ".min." in one.name}
    assert foreign <= set(dict(named))


def test_the_language_that_was_chosen_goes_before_all_others(sqlite_room: Room, base: str) -> None:
    sqlite_room.person("ana", speaks="fr")
    with signed_in(sqlite_room, base, "ana") as browser:
        assert browser.get("/my").headers["content-language"] == "fr"
        chosen = browser.post("/language", data={"language": "es", "back": "/my?cursor=a"})
        assert chosen.headers["location"] == "/my?cursor=a"
        page = browser.get("/my")
        assert page.headers["content-language"] == "es"
        assert '<html lang="es">' in page.text


@pytest.mark.parametrize(
    "back", ["//evil.example", "/\\evil.example", "https://evil.example", "", "a\r\nb: c"]
)
def test_a_choice_leads_to_no_other_host(sqlite_room: Room, base: str, back: str) -> None:
    with visitor(base) as browser:
        answer = browser.post("/language", data={"language": "es", "back": back})
    assert answer.headers["location"] == "/"


def test_a_language_that_is_not_spoken_is_not_chosen(sqlite_room: Room, base: str) -> None:
    with visitor(base) as browser:
        assert "set-cookie" not in browser.post("/language", data={"language": "../x", "back": "/"}).headers


def test_errors_are_pages_for_browsers_and_problems_for_programs(sqlite_room: Room, base: str) -> None:
    with visitor(base) as browser:
        page = browser.get("/nowhere")
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "There is nothing here" in page.text
        told = browser.get("/nowhere", headers={"Accept": "application/json"})
        assert told.headers["content-type"] == "application/problem+json"
        of_the_api = browser.get("/v1/nowhere")
        assert of_the_api.headers["content-type"] == "application/problem+json"
        wrong_way = browser.delete("/sign-in")
        assert (wrong_way.status_code, wrong_way.headers["allow"]) == (405, "GET, HEAD")


def test_the_first_page_is_passed_by_who_is_signed_in(sqlite_room: Room, base: str) -> None:
    sqlite_room.person("ana")
    with visitor(base) as browser:
        assert "Perks that explain themselves" in browser.get("/").text
    with signed_in(sqlite_room, base, "ana") as browser:
        assert browser.get("/").headers["location"] == "/home"
        assert browser.get("/home").headers["location"] == "/my"
        assert browser.get("/console").headers["location"] == "/my"
