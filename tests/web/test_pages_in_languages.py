"""Pages speak the language of the person who reads them, else that of their browser."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable, Iterator

import httpx
import pypdf
import pytest

from perks_engine.exports.statement_files import statement_text, verify_statement
from perks_engine.services.access import Role
from perks_engine.services.consents import own_word
from perks_engine.web.page_languages import accepted_language
from tests.engine_room import ALABAMA, BROOKLYN, PHONE, Client, Room, sample, sample_loaded, with_log_key
from tests.mail_server import PostOffice, post_office
from tests.web.console_room import desk, sent
from tests.web.test_pages import signed_in

ClientOf = Callable[[str], Client]
BROWSER = {"Accept": "text/html"}
NATIVE = {
    "en": ("All that is held about you", "Your record is erased", "Your statement"),
    "es": ("Todo lo que consta sobre usted", "Su registro está borrado", "Su declaración"),
    "fr": ("Tout ce qui est conservé à votre sujet", "Votre dossier est effacé", "Votre déclaration"),
}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("de", "en"),
        ("fr-CA, en;q=0.8", "fr"),
        ("de-AT, es;q=0.4, fr;q=0.6", "fr"),
        ("fr;q=0, es;q=0.1", "es"),
        ("ES-mx", "es"),
        ("fr;q=loud, es", "es"),
        ("fr;q=7, es;q=0.2", "es"),
        ("fr,es", "fr"),
        (", ,;;q=", "en"),
        ("fr;q=nan, es;q=0.3", "es"),
    ],
)
def test_what_a_browser_likes_best(header: str, language: str) -> None:
    assert accepted_language(header) == language


@pytest.fixture
def office(room: Room) -> Iterator[PostOffice]:
    with_log_key(room)
    with post_office() as made:
        more = {
            "smtp_url": made.url,
            "mail_from": "Our Perks <perks@shop.example>",
            "public_url": "https://perks.example",
            "postal_address": "Our Perks | 1 Example Street",
        }
        room.engine.settings = room.engine.settings.model_copy(update=more)
        yield made


def page(client: Client, path: str, language: str = "") -> httpx.Response:
    return httpx.get(client.base + path, headers=client.token | BROWSER | {"Accept-Language": language})


@pytest.mark.parametrize("language", ["es", "fr"])
def test_record_and_erasure_speak_the_persons_language(
    room: Room, office: PostOffice, client_of: ClientOf, language: str
) -> None:
    room.campaign()
    room.person("ana", speaks=language, email="ana@mail.example", name="Ana")
    room.received("ana")
    ana = client_of("ana")
    record = page(ana, "/v1/record", "en")
    assert record.headers["content-language"] == language
    assert NATIVE[language][0] in record.text
    # Beside the names of tables' columns, what is said of each section is in the language, too.
    for english in ("Why:", "Ground:", "All that", "lines of the ledger", "GDPR", "recorded at"):
        assert english not in record.text.replace("RGPD", ""), english
    room.engine.sending.send()
    erased = httpx.delete(f"{ana.base}/v1/record", headers=ana.token | BROWSER)
    assert NATIVE[language][1] in erased.text
    room.engine.sending.send()
    _, letter = office.letters[-1]
    assert letter["Subject"] == NATIVE[language][1]
    for part in letter.iter_parts():
        text = part.get_content()
        for english in ("Gone", "Kept", "until", "lines of", "If you want"):
            assert english not in text, text
    # Asked again, nobody is on record whose language could be known: the browser's counts.
    again = httpx.delete(f"{ana.base}/v1/record", headers=ana.token | BROWSER | {"Accept-Language": "fr"})
    assert "Ce dossier avait déjà été effacé" in again.text


REFUSED = {
    "es": (
        "puntuación de 50 a 100",
        "fuera de New York City (the five boroughs), a 1.358\N{NO-BREAK SPACE}km de su borde",
        "seguidores en Instagram",
    ),
    "fr": (
        "score de 50 à 100",
        (
            "à l’extérieur de New York City (the five boroughs), "
            "à 1\N{NARROW NO-BREAK SPACE}358\N{NO-BREAK SPACE}km de sa limite"
        ),
        "abonnés sur Instagram",
    ),
}


@pytest.mark.parametrize("language", ["es", "fr"])
def test_the_reasons_of_a_refusal_speak_the_persons_language(
    sqlite_room: Room, sqlite_base: str, language: str
) -> None:
    """In the answer to the claim, in the list of perks, and in the readable record."""
    sqlite_room.campaign()
    sqlite_room.person("ana", ALABAMA, speaks=language, name="Ana", score="{reach: 21}")
    ana = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana"))
    refused = ana.claim("first")
    assert (refused.status_code, refused.json()["code"]) == (403, "claim.refused")
    shown = ana.get(f"/v1/perks/{PHONE}").json()
    assert refused.json()["reasons"] == shown["reasons"]
    kept = ana.get(f"/v1/claims/{refused.json()['claim']}").json()
    assert kept["reasons"] == shown["reasons"]
    assert ana.claim("first").text == refused.text, "asked again, it is the same answer"
    titles = {"es": "Su solicitud fue rechazada", "fr": "Votre demande a été refusée"}
    assert refused.json()["title"] == titles[language]
    score, location, followers = REFUSED[language]
    assert score in refused.json()["detail"]
    assert shown["reasons"][1]["actual"] == location
    assert followers in str(shown["tree"])
    record = page(ana, "/v1/record", "en").text
    for words in (location, followers):
        assert words in record, words
    # Nothing of a decision is left in English but codes, and what staff and people wrote.
    for english in (
        "It asks",
        "at most",
        ">outside",
        ">not met<",
        ">ineligible<",
        "2026-12-02T",
        "nothing on",
    ):
        assert english not in record, english
    # As data the record is in English, whoever asks: programs read it.
    data = ana.get("/v1/record").json()
    [decision] = [one for one in data["sections"] if one["table"] == "decision"]
    assert "score from 50 to 100" in str(decision["rows"])


@pytest.mark.parametrize("language", ["es", "fr"])
def test_names_that_are_words_of_the_engine_are_no_words_to_be_translated(
    sqlite_room: Room, sqlite_base: str, language: str
) -> None:
    """A campaign `open` of the brand `void`, which gives away something `lost`."""
    room = sqlite_room
    text = sample(campaign="open", brand="void", fair_market_value="2100.00 USD")
    named = sample_loaded(room.engine.settings.cache, text.replace("name: Northwind One", "name: lost"))
    room.engine.campaigning.load(named, "mara")
    room.opened("open")
    for person, at in (("ana", BROOKLYN), ("bo", ALABAMA), ("cy", BROOKLYN)):
        room.person(person, at, speaks=language)
    for person in ("ana", "bo"):
        room.claim(person, campaign="open")
    letters = [one for one in room.engine.latest_messages(5) if one.kind in ("grant", "refusal")]
    assert len(letters) == 2
    assert all("lost" in letter.subject for letter in letters), letters
    with signed_in(room, sqlite_base, "cy") as browser:
        perk = browser.get("/my/perks/open/claim").text
    with desk(room, sqlite_base, Role.BRAND_MANAGER, brands=("void",)) as browser:
        browser.headers["Accept-Language"] = language
        pages = [browser.get(f"/console/{path}").text for path in ("campaigns", "campaigns/open")]
        csrf = re.findall(r'name="csrf" value="([^"]+)"', pages[-1])[0]
        resumed = {"csrf": csrf, "key": "k", "why": "again"}
        answer = browser.post("/console/campaigns/open/acts/resume", data=resumed)
    from_void, open_is_open, translated = NAMED[language]
    assert from_void in perk
    assert open_is_open in answer.text
    assert "lost" in perk
    for shown in (perk, *pages):
        assert not translated & set(re.findall(r"\w+", shown)), shown


NAMED = {
    "es": (
        "habrá recibido de void un valor",
        "la campaña open está en el estado «abierta»",
        {"perdido", "anulado"},
    ),
    "fr": (
        "vous aurez reçu de void une valeur",
        "la campagne open est à l’état «\N{NO-BREAK SPACE}ouverte\N{NO-BREAK SPACE}»",
        {"perdu", "annulé"},
    ),
}


def test_who_has_no_language_of_ours_is_answered_in_that_of_their_browser(
    sqlite_room: Room, sqlite_base: str
) -> None:
    sqlite_room.campaign()
    sqlite_room.person("ana", ALABAMA, speaks="de")
    ana = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana"))
    for accepted, words in (
        ("fr-CA, en;q=0.5", "une localisation"),
        ("de", "a location inside"),
        ("", "a loc"),
    ):
        ana.token = ana.token | {"Accept-Language": accepted}
        assert words in ana.get(f"/v1/perks/{PHONE}").json()["reasons"][0]["required"]


@pytest.mark.parametrize(
    ("language", "title", "words", "fault"),
    [
        (
            "es",
            "Declaración de recepción",
            ("consta 1 recepción de esta dirección", "transportista", "en vigor"),
            "«count» es 7, y por sus líneas es 1",
        ),
        (
            "fr",
            "Déclaration de réception",
            ("1 réception est enregistrée", "transporteur", "en vigueur"),
            "«\N{NO-BREAK SPACE}count\N{NO-BREAK SPACE}» est 7, et ses lignes donnent 1",
        ),
    ],
)
def test_a_statement_as_a_document_speaks_its_readers_language_and_is_proved_all_the_same(
    sqlite_room: Room, sqlite_base: str, language: str, title: str, words: tuple[str, ...], fault: str
) -> None:
    with_log_key(sqlite_room)
    sqlite_room.campaign()
    sqlite_room.person("ana", speaks=language, email="ana@mail.example")
    sqlite_room.received("ana")
    requests = sqlite_room.engine.statement_requests
    links: list[str] = []
    for address in ("ana@mail.example", "nobody@mail.example"):
        requests.ask(address)
        requests.post()
        [letter] = [one for one in sqlite_room.engine.latest_messages(1) if one.kind == "statement_link"]
        found = re.search(r"/v1/statements/[\w-]+", letter.body_text)
        assert found
        links.append(found[0])
    mine, nobodys = (
        httpx.post(sqlite_base + link, headers={"Accept-Language": "fr"}).content for link in links
    )
    text = " ".join(pypdf.PdfReader(io.BytesIO(mine)).pages[0].extract_text().split())
    for one in (title, *words):
        assert one in text, text
    for english in ("Statement of", "receipt is", "How to", "page 1 of", "held", "Size", "issued"):
        assert english not in text, english
    key = sqlite_room.engine.sealing.keys.verifiers[0]
    assert verify_statement(statement_text(mine), key, "ana@mail.example").faults == ()
    altered = json.dumps(json.loads(statement_text(mine)) | {"count": 7})
    for document, told in ((altered, fault), (mine, STATED[language])):
        verified = httpx.post(
            f"{sqlite_base}/verify",
            files={"document": ("mine", document)},
            headers={"Accept-Language": language, "Accept": "text/html"},
        )
        assert html.unescape(verified.text).count(told) == 1, verified.text
        assert "As of the head" not in verified.text
    # Of whom nobody knows anything, the browser's language is the best guess.
    assert "Déclaration d’absence" in pypdf.PdfReader(io.BytesIO(nobodys)).pages[0].extract_text()
    # What is wrong with the log is told to staff, too.
    sqlite_room.received(sqlite_room.person("bo"))
    sqlite_room.clock.move(hours=1)
    with desk(sqlite_room, sqlite_base, Role.COMPLIANCE) as browser:
        browser.headers["Accept-Language"] = language
        assert OVERDUE[language] in sent(browser, "/console/log", "/console/log").text


STATED = {"es": "Según la cabecera de 4 asientos", "fr": "Selon la tête de 4 écritures"}
OVERDUE = {"es": "asientos esperan el sellado", "fr": "écritures attendent d’être scellées"}


def test_a_yes_is_confirmed_in_the_persons_language(room: Room, office: PostOffice, base: str) -> None:
    room.person("ana", speaks="fr", email="ana@mail.example", name="Ana")
    ask = next(one for _, one in room.engine.rules.purposes.asks() if one.double_opt_in)
    shown = ask.current("fr").sha256
    room.engine.consents.give(own_word("ana", "a test"), ask.purpose, ask.channel, shown)
    room.engine.sending.send()
    _, letter = office.letters[-1]
    body = letter.get_body(("plain",))
    assert body is not None
    found = re.search(r"https://perks\.example(/v1/consent-links/\S+)", body.get_content())
    assert found is not None
    look = httpx.get(base + found[1], headers=BROWSER | {"Accept-Language": "es"})
    assert "Oui, c’était moi" in look.text
    done = httpx.post(base + found[1], headers=BROWSER)
    assert "Cela a été confirmé le 2\N{NO-BREAK SPACE}décembre 2026" in done.text
    # Who said no since gets a page that says so, in their language.
    room.clock.move(minutes=1)
    room.engine.consents.withdraw(own_word("ana", "a test"), ask.purpose, ask.channel)
    closed = httpx.post(base + found[1], headers=BROWSER | {"Accept-Language": "es"})
    assert (closed.status_code, "Il a déjà été utilisé." in closed.text) == (409, True)


def test_a_link_of_nobody_speaks_the_browsers_language(room: Room, base: str) -> None:
    with_log_key(room)
    for path, words in (
        ("/v1/consent-links/nothing", "Este enlace está cerrado"),
        ("/v1/statements/nothing", "Este enlace está cerrado"),
        ("/v1/feedback-links/nothing", "Este enlace está cerrado"),
        ("/v1/unsubscribe/nothing", "Este enlace no está completo"),
    ):
        found = httpx.get(base + path, headers=BROWSER | {"Accept-Language": "es-MX"})
        assert (found.status_code, words in found.text) == (404, True), path
        assert found.headers["content-language"] == "es"
        assert found.headers["vary"] == "Accept, Accept-Language, Cookie"
