"""Every problem that the API can answer with has a page of its own, and says the same as the code."""

from __future__ import annotations

import httpx
import pytest

from perks_engine.services.access import Role
from tests.engine_room import Client, Room
from tools.problem_types import DATA, PAGE, as_json, as_page, found


def test_what_is_written_down_is_what_the_code_raises() -> None:
    problems = found()
    mend = "run `python -m tools.problem_types`"
    assert DATA.read_text(encoding="utf-8") == as_json(problems), mend
    assert PAGE.read_text(encoding="utf-8") == as_page(problems), mend


def test_every_problem_has_a_page(sqlite_base: str) -> None:
    listed = httpx.get(f"{sqlite_base}/problems").json()["problems"]
    assert len(listed) > 150
    browser = {"Accept": "text/html"}
    overview = httpx.get(f"{sqlite_base}/problems", headers=browser).text
    for one in listed:
        assert f'href="problems/{one["code"]}"' in overview
    for one in listed[::20]:
        page = httpx.get(f"{sqlite_base}{one['type']}", headers=browser)
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert f'<p class="kicker">{one["code"]}</p>' in page.text
        assert httpx.get(f"{sqlite_base}{one['type']}").json() == one


def test_the_type_of_a_refusal_leads_to_its_page(sqlite_room: Room, sqlite_base: str) -> None:
    sqlite_room.campaign()
    token = sqlite_room.token(Role.INFLUENCER, sqlite_room.person("ana", born_on="2010-01-01"))
    refused = Client(sqlite_base, token).claim("key").json()
    page = httpx.get(f"{sqlite_base}{refused['type']}", headers={"Accept": "text/html"})
    assert (refused["type"], page.status_code) == ("/problems/claim.refused", 200)
    assert "Asking again changes nothing" in page.text


@pytest.mark.parametrize("code", ["nothing", "claim.refused.x", "%3Cscript%3E"])
def test_what_is_no_problem_has_none(sqlite_base: str, code: str) -> None:
    answer = httpx.get(f"{sqlite_base}/problems/{code}", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()["code"]) == (404, "problem.unknown")
