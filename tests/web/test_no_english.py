"""A Spanish reader finds no English: on every page that links lead to, for people and for staff, and in every
letter. What people wrote, names and ids are as they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache
from ipaddress import ip_network
from itertools import chain
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import yaml
from babel import Locale

from perks_engine.bootstrap.rules import packaged
from perks_engine.services.access import ALL_BRANDS, Role
from tests.engine_room import NO_AUTHORITIES, PHONE, Room, served, with_log_key
from tests.mail_server import post_office
from tests.story.rich_life import CARRIER_SECRET, MORE, NAME, PERSON, VALUES, Life
from tests.story.richer_life import lived_more
from tests.web.console_room import BROWSER, desk
from tests.web.faulty_files import FILES, abouts, words_of_files
from tests.web.foreign_words import LANGUAGE, foreign, marked_catalogue, read
from tests.web.test_pages import page_routes, signed_in

SPANISH = Locale.parse(LANGUAGE)
MONTHS = "|".join(SPANISH.months["format"]["wide"].values())
PATTERNS = (
    rf"\d+\sde\s(?:{MONTHS}) de \d{{4}}(?:, \d\d:\d\d UTC)?",
    r"https?://\S*",
    r"^(?:perks|location|channel=email purpose=feedback|\{.*\})$",
    r"[\w.*]+@[\w.]+",
    r"\b[a-z]{3}_[a-z0-9]{20,}\b",
    r"\b[0-9a-f]{8,}\b",
    r"\b(?:GET|POST|PUT|PATCH|DELETE) /\S+",
    r"\b\w+\.\w+\b",
    r"\b(?:brand_manager|compliance|fulfillment|person|carrier|staff)(?: of |:| )(?:\S+)",
    r"US\$|\bCAD\b|\bk?m\b|\bSHA-256\b|\bUTC\b|\b(?:CSV|JSON|XLSX|PDF)\b|\bPerks\b|\bCtrl\b",
    r"\b(?:11238, US-NY|US-NY|US|CA|Quebec|fr|es|en)\b|Español|English|Français",
)
"""Days as Babel writes them, addresses, ids, codes, tokens of staff, units."""
NAMES = """
    Our Perks|1 Example Street|mara|noor|bo.handle|bo|gate|api|csv|csv.gz|USPS|evt_1
    easypost says: delivered|easypost
    northwind-blog|TRK777000333|brick_in_kitchen.txt|text/plain|image/png|devices were wrong|the addresses
    claim=clm_…|reach|engagement|instagram|Instagram|technology|mobile|127.0.0.1|influencer
    browser of 555-0137
    Ad: given free of charge by Northwind Phones.|received Northwind One.
    sent the box was empty but for a brick
    America/New_York|12 Underhill Avenue, Brooklyn, tel. 555-0137|Bo|an adult who asked for perks|a minor
    soon|noon|clm_soon|nothing is known of the age|English only|New York
    New York City (the five boroughs)|post 1
"""
"""Of the world that is walked through, and what its people wrote."""
AT_MOST = 2
"""Pages of one kind that are looked at."""
NOT_WALKED = {
    "/console",
    "/console/editor/keys",
    "/console/erasures/{pseudonym}",
    "/home",
    "/my/claims/{claim}/feedback/pictures/{picture}",
    "/my/disputes/{dispute}/files/{file}",
    "/static/{name}",
}
"""What no link of this world leads to, or is no page."""
PAGES = ("/my", "/console", "/home", "/statement", "/verify", "/sign-in")


@pytest.fixture
def life(sqlite_room: Room) -> Iterator[Life]:
    room = sqlite_room
    with_log_key(room)
    more = {"easypost_secret": CARRIER_SECRET, "postal_address": "Our Perks | 1 Example Street"}
    more |= {"mail_from": "Our Perks <perks@shop.example>"}
    here = {"webhook_networks": (ip_network("127.0.0.0/8"),)}
    with marked_catalogue(room.engine), post_office() as office, served(room.engine) as base:
        update = more | here | {"smtp_url": office.url, "public_url": base}
        room.engine.settings = room.engine.settings.model_copy(update=update)
        yield lived_more(Life(room, base, office, speaks=LANGUAGE).lived())


def test_nothing_on_a_page_or_in_a_letter_is_left_in_english(life: Life) -> None:
    known = known_words(life.room)
    found: dict[str, set[str]] = {}

    def look(texts: Iterable[str], place: str) -> None:
        for text in texts:
            # Letters as HTML stand in the record; their words are looked at below.
            if not text.startswith("<div lang=") and foreign(text, known):
                found.setdefault(text, set()).add(place)

    kinds: Counter[str] = Counter()
    for browser in browsers(life):
        browser.headers["Accept-Language"] = LANGUAGE
        for path, page in walked(browser, kinds, f"/my/claims/{life.phone}/feedback"):
            look(read(page)[0], path)
        for path, page in refused(browser, life):
            look(read(page)[0], path)
    of_files = known_words(life.room, *words_of_files(life.room.engine.rules))
    with desk(life.room, life.base, Role.BRAND_MANAGER, brands=(ALL_BRANDS,)) as mara:
        mara.headers["Accept-Language"] = LANGUAGE
        for place, text in told_in_the_editor(mara):
            if foreign(text, of_files):
                found.setdefault(text, set()).add(place)
    for letter in life.room.engine.latest_messages(200):
        if letter.person_id == PERSON:
            look((letter.subject, *letter.body_text.splitlines()), f"letter {letter.kind}")
            for link in set(re.findall(rf"{life.base}(/v1/[\w-]+/[\w-]{{20,}})", letter.body_text)):
                page = httpx.get(life.base + link, headers=BROWSER | {"Accept-Language": LANGUAGE})
                look(read(page.text)[0], kind_of(link))
    assert found == {}, "\n".join(f"{text}: {sorted(places)}" for text, places in found.items())
    pages = {one.removeprefix("GET ") for one in page_routes() if one.startswith("GET ")}
    assert pages - kinds.keys() == NOT_WALKED, sorted(pages - kinds.keys())


def browsers(life: Life) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=life.base, headers=BROWSER, verify=NO_AUTHORITIES) as anybody:
        yield anybody
    with signed_in(life.room, life.base, PERSON) as person:
        yield person
    for role in (Role.COMPLIANCE, Role.BRAND_MANAGER, Role.FULFILLMENT):
        with desk(life.room, life.base, role, brands=(ALL_BRANDS,)) as made:
            yield made


def refused(browser: httpx.Client, life: Life) -> Iterator[tuple[str, str]]:
    """Pages that say why something is not done; who may not do it is told that."""
    asked = (
        "lists?as_of=soon",
        "tax?year=soon",
        "fulfillment?find=1Z0",
        "fulfillment?step=soon",
    )
    for path in (
        *asked,
        "posts?state=soon",
        "incidents?cursor=x",
        f"campaigns/{PHONE}/versions?old=soon&new=soon",
    ):
        yield path, browser.get(f"/console/{path}").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/home", follow_redirects=True).text)
    wrong = (packaged("rules") / "campaigns" / f"{PHONE}.yaml").read_text("utf-8")
    wrong = wrong.replace("verdict: eligible", "verdict: unknown")
    _, of_nobody = life.room.engine.tokens.issue(Role.COMPLIANCE, "t", (ALL_BRANDS,), None, timedelta(days=1))
    sends: tuple[tuple[str, dict[str, str | list[str]]], ...] = (
        (f"/console/campaigns/{PHONE}/acts/resume", {"why": "again"}),
        (f"/console/campaigns/{PHONE}/acts/pause", {"why": "x" * 5000}),
        ("/console/fulfillment/packing", {}),
        ("/console/fulfillment/packing", {"claims": [life.phone, "clm_soon"]}),
        (f"/console/fulfillment/{life.phone}/moves/ship", {}),
        (f"/console/fulfillment/{life.phone}/moves/pack", {"at": "noon"}),
        (f"/console/fulfillment/{life.phone}/moves/hand_over", {}),
        (f"/console/fulfillment/{life.phone}/moves/void", {"at": "2090-01-01T00:00"}),
        ("/console/incidents", {"wrong": "", "since": "noon"}),
        ("/console/incidents", {"wrong": "The map was wrong.", "source": "registry"}),
        ("/console/editor/check", {"source": wrong}),
        ("/sign-in/token", {"token": "none"}),
        ("/sign-in/token", {"token": of_nobody}),
    )
    for path, fields in sends:
        answer = browser.post(path, data={"csrf": csrf[1] if csrf else "", "key": path, **fields})
        assert answer.status_code >= 303 or "data-told" in answer.text, answer.text
        yield f"{path} {fields}", answer.text


def told_in_the_editor(browser: httpx.Client) -> Iterator[tuple[str, str]]:
    """What is wrong with files, and what their keys are for."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/console/editor").text)
    for kind, source in FILES.items():
        sends = {"csrf": csrf[1] if csrf else "", "source": source}
        page = browser.post("/console/editor/check", data=sends, headers={"HX-Request": "true"}).text
        assert "data-line" in page, page
        assert page.count('lang="en"') == (kind == "no YAML"), "the parser alone is quoted in English"
        yield from ((kind, text) for text in read(page)[0])
    keys = browser.get("/console/editor/keys").json()
    told = [*abouts(keys["file"]), *abouts(keys["rule"])]
    assert len(told) > 200
    yield from (("keys", text) for text in told)


def walked(browser: httpx.Client, kinds: Counter[str], *more: str) -> Iterator[tuple[str, str]]:
    """Each page that links lead to, from where somebody begins, but for more of the same kind."""
    waiting = ["/", "/home", "/nothing/here", "/my/claims", "/console/campaigns", *more]
    waiting += [f"/console/campaigns/{PHONE}/versions", f"/my/perks/{PHONE}/claim"]
    seen: Counter[str] = Counter()
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(urlsplit(path).path)
        seen[path] += 1
        if seen[path] > 1 or seen[kind] >= AT_MOST:
            continue
        answer = browser.get(path, follow_redirects=True)
        if "text/html" not in answer.headers["content-type"]:
            continue
        seen[kind] += 1
        kinds[kind_of(answer.url.path)] += answer.status_code == 200
        yield path, answer.text
        for link in read(answer.text)[1]:
            there = urlsplit(urljoin(str(answer.url), link))
            if there.netloc == answer.url.netloc.decode() and there.path.startswith(PAGES):
                waiting.append(there.path + (f"?{there.query}" if there.query else ""))


def kind_of(path: str) -> str:
    return next((kind for kind, shape in shapes() if shape.fullmatch(path)), path)


@cache
def shapes() -> list[tuple[str, re.Pattern[str]]]:
    paths = sorted(one.removeprefix("GET ") for one in page_routes() if one.startswith("GET "))
    return [(one, re.compile(re.sub(r"{\w+}", "[^/]+", one))) for one in paths]


def known_words(room: Room, *more: str) -> re.Pattern[str]:
    """What is in no catalogue, and is no English that the engine says."""
    names = [one.strip() for one in NAMES.replace("\n", "|").split("|") if one.strip()]
    purposes = room.engine.rules.purposes
    for purpose, ask in purposes.asks():
        names += [purpose.title(LANGUAGE), *ask.current(LANGUAGE).text.split("\n")]
    for file in (packaged("rules") / "campaigns").glob("*.yaml"):
        campaign: Any = yaml.safe_load(file.read_text("utf-8"))
        names += [campaign["campaign"], campaign["brand"], campaign["title"], campaign["perk"]["name"]]
        names += [one["name"] for one in campaign["examples"]]
    names += [NAME, *VALUES.values(), *MORE.values(), "incident"]
    names += chain(SPANISH.territories.values(), SPANISH.languages.values())
    longest = sorted({*names, *more}, key=len, reverse=True)
    whole = (rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest)
    return re.compile("|".join((*whole, *PATTERNS)), re.DOTALL)
