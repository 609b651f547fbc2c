"""Pages speak the language of the person who reads them, else that of their browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from perks_engine.services.consents import own_word
from perks_engine.web.page_languages import accepted_language
from tests.engine_room import Client, Room, with_log_key
from tests.mail_server import PostOffice, post_office

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
    assert "Cela a été confirmé le 2 décembre 2026" in done.text
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
