"""Every form of every page with every role, about what is theirs and what is not, with the word of its page
and without: only whom the table names can do anything by it."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import httpx
import pytest

from perks_engine.services.access import ALL_BRANDS, Role
from perks_engine.services.session_records import Session
from perks_engine.services.sessions import csrf_token
from perks_engine.web.access_rules import Whose
from perks_engine.web.page_rules import PAGE_RULES
from tests.engine_room import BRAND, NO_AUTHORITIES, PHONE, Room, sample, served
from tests.web.access_world import MISSING, World, world
from tests.web.console_room import BROWSER

Fields = dict[str, str | list[str]]
FORMS = [name.removeprefix("POST ") for name in PAGE_RULES if name.startswith("POST ")]
OTHER = "other-brand"
NAMES = {"attribute": "topics", "move": "return", "purpose": "moments", "channel": "email"}
ACTS = {"/console/campaigns/{campaign}/acts/{act}": "pause", "/console/incidents/{incident}/{act}": "plan"}
SENT: dict[str, Fields] = {
    "/my/claims/{claim}/posts": {"url": "https://insta.example/p/9"},
    "/my/claims/{claim}/disputes": {"text": "it was empty"},
    "/my/claims/{claim}/feedback": {"rating": "4", "text": "fine"},
    "/my/disputes/{dispute}/withdrawal": {"text": "found it"},
    "/my/record": {"name": "Ana Example"},
    "/my/leave": {"sure": "yes"},
    "/console/fulfillment/packing": {"claims": ["{claim}"]},
    "/console/fulfillment/{claim}/moves/{move}": {"note": "it came back", "entry": "{entry}"},
    "/console/campaigns/{campaign}/acts/{act}": {"why": "the box leaks"},
    "/console/editor": {"source": sample(quantity="7")},
    "/console/editor/check": {"source": sample(quantity="7")},
    "/console/editor/preview": {"source": sample(quantity="7")},
    "/console/posts/{post}/judgement": {"outcome": "pass"},
    "/console/disputes/{dispute}/settlement": {"outcome": "rejected", "reason": "I looked"},
    "/console/incidents": {"wrong": "The places.", "campaign": PHONE},
    "/console/incidents/{incident}/replay": {"distrust": ["device"]},
}
"""What each form says, where it says more than whose it is."""
LOOKS = ("/console/editor/check", "/console/editor/preview", "/console/log", "/my/statement", "/sign-out")
"""Forms that change nothing that tables count, or end the session that sent them."""
HARD = ("/my/claims/{claim}/cancellation", "/my/leave", "/console/campaigns/{campaign}/acts/{act}")
"""What leaves nothing to ask about, for the end."""


@pytest.fixture
def there(sqlite_room: Room) -> Iterator[World]:
    with served(sqlite_room.engine) as base:
        sqlite_room.engine.settings = sqlite_room.engine.settings.model_copy(update={"public_url": base})
        made = world(sqlite_room, base)
        with sqlite_room.engine.store.read() as tx:
            made.ids["entry"] = str(tx.ledger.entries(made.ids["claim"])[-1].entry_id)
        yield made
        made.http.close()


@contextmanager
def browser_of(room: Room, base: str, role: Role, brand: str, person: str) -> Generator[httpx.Client]:
    """A browser with a session of that role; the word that makes its forms count is in `headers`."""
    now = room.clock()
    is_person = role is Role.INFLUENCER
    asked = Session(
        *("", "", role.value, now, now),
        *((person, None, ()) if is_person else (None, f"{role} of {brand}", (brand,))),
    )
    with room.engine.store.write() as tx:
        _, text = room.engine.sessions.start(tx, asked)
    cookies = {"perks-session": text}
    word = {"X-CSRF-Token": csrf_token(text)}
    with httpx.Client(
        base_url=base, headers={**BROWSER, **word}, cookies=cookies, verify=NO_AUTHORITIES, timeout=30
    ) as browser:
        yield browser


def sent(browser: httpx.Client, path: str, ids: dict[str, str], word: str | None = None) -> httpx.Response:
    named = {**ids, **NAMES, "act": ACTS.get(path, "")}
    unknown = set(re.findall(r"{(\w+)}", path)) - set(named)
    assert not unknown, f"say in NAMES or in the world what the form at {path} is about: {unknown}"
    fields = {name: _filled(value, named) for name, value in SENT.get(path, {}).items()}
    headers = {} if word is None else {"X-CSRF-Token": word}
    return browser.post(path.format(**named), data={**fields, "key": "k"}, headers=headers)


def _filled(value: str | list[str], ids: dict[str, str]) -> str | list[str]:
    if isinstance(value, list):
        return [one.format(**ids) for one in value]
    return value.format(**ids) if re.fullmatch(r"{\w+}", value) else value


def is_about_something(path: str) -> bool:
    """Whether the form is about what belongs to somebody: by its path, or by what it names."""
    owned = [name for name in re.findall(r"{(\w+)}", path) if name in MISSING and name != "campaign"]
    return bool(owned) or (path.startswith("/console/") and path not in LOOKS)


def test_no_form_does_anything_for_whom_it_is_not(there: World) -> None:
    room, faults = there.room, list[str]()
    for role in Role:
        is_person = role is Role.INFLUENCER
        with (
            browser_of(room, there.base, role, BRAND, "ana") as own,
            browser_of(room, there.base, role, OTHER, "ben") as stranger,
        ):
            before = there.rows()
            for path in FORMS:
                rule = PAGE_RULES[f"POST {path}"]
                if role not in rule.roles():
                    answer = sent(own, path, there.ids)
                    if answer.status_code != 403 or "This is not yours to open" not in answer.text:
                        faults.append(f"{path} by {role}: {answer.status_code}")
                    continue
                forged = sent(own, path, there.ids, word="f" * 64)
                if forged.status_code != 403 or "not good any more" not in forged.text:
                    faults.append(f"{path} by {role} without its word: {forged.status_code}")
                if is_about_something(path) and (is_person or rule.whose is not Whose.OWN):
                    answer = sent(stranger, path, there.ids)
                    if answer.status_code not in (403, 404, 409, 422):
                        faults.append(f"{path} by a stranger, {role}: {answer.status_code}")
                    shown = [one for one in ("ana.handle", "Ana Example") if one in answer.text]
                    if shown:
                        faults.append(f"{path} shows a stranger, {role}: {shown}")
                    nothing = sent(stranger, path, {**there.ids, **MISSING})
                    if "{" in path and nothing.status_code != answer.status_code:
                        faults.append(f"{path} tells {role} what is there: {answer.status_code}")
            changed = {name for name, count in there.rows().items() if count != before[name]}
            if changed:
                faults.append(f"strangers in the role {role} changed {sorted(changed)}")
    assert faults == [], "\n" + "\n".join(faults)


def test_each_form_does_something_for_whom_it_is(there: World) -> None:
    """What was sent above is what a form of that page sends: for those whom it is for, it is no refusal of
    access, and all but a few change what is on record or what is shown."""
    room, faults = there.room, list[str]()
    for path in sorted(FORMS, key=lambda one: (one in HARD, one)):
        rule = PAGE_RULES[f"POST {path}"]
        role = rule.roles()[0]
        brand = ALL_BRANDS if rule.whose is Whose.ALL else BRAND
        with browser_of(room, there.base, role, brand, "ana") as browser:
            answer = sent(browser, path, there.ids)
        if answer.status_code not in (200, 303, 409, 422):
            faults.append(f"{path} by {role}: {answer.status_code} {answer.text[:300]}")
        if answer.status_code == 303 and "/sign-in" in answer.headers["location"] and path not in LOOKS:
            faults.append(f"{path} by {role}: leads to the sign-in")
    assert faults == [], "\n" + "\n".join(faults)
