"""Letters in the language of their reader; templates that are refused before anybody waits for a letter."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from perks_engine.bootstrap.rules import packaged, rule_book
from perks_engine.delivery.localising import LANGUAGES, language_of, localizer, unbroken
from perks_engine.delivery.templates import JinjaRenderer, MessageTemplateError
from perks_engine.domain.geography import Territory
from perks_engine.domain.money import Money
from perks_engine.domain.phrase import HELD, Phrase, all_of, either, one_of, phrase, word
from perks_engine.domain.rules import About, LocatedIn
from perks_engine.domain.words import required_words
from perks_engine.services.letter_shapes import INSTRUCTION, SHAPES
from perks_engine.settings import Settings
from tests.engine_room import ALABAMA, Room
from tools import catalogues

IN_ENGLISH = ("not_signed_in.html.j2",)
"""Pages that show lines which are in English."""
OTHERS = tuple(language for language in LANGUAGES if language != "en")


@pytest.mark.parametrize("language", OTHERS)
def test_everything_that_a_letter_can_say_has_a_translation_with_the_same_places(language: str) -> None:
    known = {str(one.id): str(one.string) for one in catalogues.read(language) if one.id}
    said = catalogues.said()
    assert known.keys() == said.keys(), "run python -m tools.catalogues"
    for text, translated in known.items():
        assert translated.strip(), f"no translation of {text!r}"
        assert catalogues.places(translated) == catalogues.places(text), text


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "Your claim for Northwind One", "It asks for a location inside New York City"),
        ("es", "Su solicitud de Northwind One", "Se pide: una ubicación dentro de New York City"),
        (
            "fr",
            "Votre demande de Northwind One",
            "Il est demandé\N{NO-BREAK SPACE}: une localisation à l’intérieur de New York City",
        ),
        ("de", "Your claim for Northwind One", "It asks for a location inside New York City"),
    ],
)
def test_a_refusal_gives_its_reasons_in_the_readers_language(
    sqlite_room: Room, language: str, subject: str, words: str
) -> None:
    sqlite_room.campaign()
    sqlite_room.claim(sqlite_room.person("ana", ALABAMA, speaks=language))
    [letter] = [one for one in sqlite_room.engine.latest_messages(5) if one.kind == "refusal"]
    assert letter.subject == subject
    assert words in letter.body_text
    assert words in letter.body_html
    if language_of(language) != "en":
        for english in ("Hello", "It asks", "days", "device", " or "):
            assert english not in letter.body_text, letter.body_text


def test_money_and_days_are_written_as_the_language_writes_them() -> None:
    moment = datetime(2026, 12, 5, 23, 30, tzinfo=UTC)
    values = [Money(79900, "USD"), moment, date(2026, 12, 6), phrase("{count} days", count=1_500)]
    assert localizer("en").localised(values) == [
        "$799.00",
        "December\N{NO-BREAK SPACE}5, 2026, 23:30 UTC",
        "December\N{NO-BREAK SPACE}6, 2026",
        "1,500 days",
    ]
    assert localizer("es").localised(values) == [
        "799,00\N{NO-BREAK SPACE}US$",
        "5\N{NO-BREAK SPACE}de\N{NO-BREAK SPACE}diciembre de 2026, 23:30 UTC",
        "6\N{NO-BREAK SPACE}de\N{NO-BREAK SPACE}diciembre de 2026",
        "1.500 días",
    ]
    assert localizer("fr").localised([values[0], date(2026, 12, 1), date(2026, 12, 11)]) == [
        "799,00\N{NO-BREAK SPACE}$US",
        "1er\N{NO-BREAK SPACE}décembre 2026",
        "11\N{NO-BREAK SPACE}décembre 2026",
    ]


def test_an_address_names_its_region_and_its_country() -> None:
    for language, code, words in (
        ("en", "US-NY", "an address in New York (US-NY)"),
        ("es", "US-NY", "una dirección en New York (US-NY)"),
        ("es", "US", "una dirección en Estados Unidos"),
        ("es", "BR-27", "una dirección en BR-27"),
    ):
        assert localizer(language).localised(phrase("an address in {named}", named=code)) == words


@pytest.mark.parametrize(
    ("codes", "language", "words"),
    [
        ("US", "en", "a location inside the United States"),
        ("CA", "en", "a location inside Canada"),
        ("US,GB,CA", "en", "a location inside the United States, the United Kingdom or Canada"),
        ("US", "es", "una ubicación dentro de este país (Estados Unidos)"),
        ("US,CA", "es", "una ubicación dentro de uno de estos países (Estados Unidos o Canadá)"),
        ("US", "fr", "une localisation à l’intérieur de ce pays (États-Unis)"),
        ("US,CA", "fr", "une localisation à l’intérieur de l’un de ces pays (États-Unis ou Canada)"),
        ("US-NY", "fr", "une localisation à l’intérieur de US-NY"),
    ],
)
def test_a_rule_names_its_countries_as_its_reader_does(codes: str, language: str, words: str) -> None:
    each = tuple(codes.split(","))
    told = required_words(LocatedIn(About("location", "location"), Territory(each, " or ".join(each))))
    assert str(told) == f"a location inside {' or '.join(each)}"  # as programs know it
    assert localizer(language).localised(told) == words
    assert localizer(language).localised(Phrase.from_json(told.to_json())) == words


def test_a_list_of_words_is_the_same_as_a_phrase_and_as_text() -> None:
    for words in ((), ("a",), ("a", "b"), ("a", "b", "c")):
        assert str(one_of(words)) == either(words)
    assert str(all_of(("a", "b", "c"))) == "a, b and c"
    sources = ("device", "ip", "profile")
    assert localizer("es").localised(one_of(sources, coded=True)) == "dispositivo, dirección IP o perfil"
    assert localizer("es").localised(one_of(sources)) == "device, ip o profile"
    assert str(one_of(tuple(map(str, range(5_000))))).endswith("4998 or 4999")


@pytest.mark.parametrize("language", OTHERS)
def test_a_name_that_is_a_word_of_the_engine_is_said_as_it_is(language: str) -> None:
    """Whichever of all its words a campaign is called by; only what is marked as a word is one."""
    words = localizer(language)
    for text in catalogues.said():
        name = text.removeprefix(HELD)
        told = words.localised(phrase("there is no campaign '{name}'", name=name))
        assert name in told, told
    marked = phrase("the unit is {where}", where=word("lost"))
    assert words.localised(marked) != words.localised(phrase("the unit is {where}", where="lost"))
    assert Phrase.from_json(json.loads(json.dumps(marked.to_json()))) == marked
    assert str(marked) == "the unit is lost"


def renderer(folder: Path, **files: str) -> JinjaRenderer:
    """That of a deployment with templates of its own; `grant_txt` is `messages/grant.txt.j2`."""
    messages = folder / "messages"
    messages.mkdir(exist_ok=True)
    for name, text in files.items():
        template, _, form = name.rpartition("_")
        (messages / f"{template}.{form}.j2").write_text(text, encoding="utf-8")
    return JinjaRenderer([folder, packaged("templates")])


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            {"grant_txt": "Subject: Yes\n\nHello {{ nmae }},\n"},
            r"templates/messages/grant\.txt\.j2:3: there is no 'nmae' .*did you mean 'name'",
        ),
        (
            {"grant_html": "<p>\n{% if approval_required %}{{ perk.nmae }}{% endif %}</p>"},
            r"templates/messages/grant\.html\.j2:2: there is no 'nmae' .*did you mean 'name'",
        ),
        (
            {"refusal_txt": "Subject: No\n{% for one in reasons %}{{ one.why }}{% endfor %}{{ one }}"},
            "refusal.txt.j2:2: there is no 'one'.*\n.*:2: there is no 'why' to name here, but actual, change",
        ),
        (
            {"grant_txt": "Subject: Yes\n{% if %}"},
            "templates/messages/grant.txt.j2:2: Expected an expression",
        ),
        ({"grant_txt": "Subject: Yes\n\n{{ name | shuot }}"}, "grant.txt.j2:3: No filter named 'shuot'"),
        ({"grant_txt": "Hello\n"}, "grant.txt.j2:1: it must begin with the line 'Subject: …'"),
        (
            {"ours_txt": "Subject: Ours\n{{ brand }}"},
            "ours.html.j2: it is missing; a letter goes out as text and",
        ),
    ],
)
def test_a_template_that_could_not_be_rendered_is_refused_with_its_line(
    tmp_path: Path, files: dict[str, str], told: str
) -> None:
    with pytest.raises(MessageTemplateError, match=told):
        renderer(tmp_path, **files).check(SHAPES, INSTRUCTION)


def test_no_template_that_travels_with_the_engine_is_wrong(tmp_path: Path) -> None:
    """They are not looked at again where they are used; what differs from them is."""
    renderer(tmp_path).check(SHAPES, INSTRUCTION)
    renderer(tmp_path, grant_txt="Subject: {{ nmae }}").check(SHAPES, INSTRUCTION, checked=tmp_path)
    with pytest.raises(MessageTemplateError, match="nmae"):
        renderer(tmp_path).check(SHAPES, INSTRUCTION, checked=packaged("templates"))


def test_a_deployments_own_instruction_and_names_of_its_own_are_fine(tmp_path: Path) -> None:
    text = "Subject: Ours\n{% set who = name %}{{ who }} {{ perk['name'] }}"
    loop = "{% for key, value in [(1, 2)] %}{{ loop.index }}{{ value }}{% endfor %}"
    made = renderer(tmp_path, ours_txt=text + loop, ours_html="<p>{{ brand }}</p>")
    made.check(SHAPES, INSTRUCTION)
    assert "templates/messages/ours" in made.names()


def test_the_engine_does_not_start_with_a_broken_template(tmp_path: Path, cache: Path) -> None:
    renderer(tmp_path, grant_txt="Subject: Yes\n{{ nmae }}")
    settings = Settings(cache=cache, rules=packaged("rules"), templates=tmp_path)
    with pytest.raises(MessageTemplateError, match=r"grant\.txt\.j2:2"):
        _ = rule_book(settings).reader


def test_what_letters_are_given_is_what_they_can_name(
    sqlite_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what is refused at load and what would fail at a claim are the same."""
    given: dict[str, Any] = {}
    render = JinjaRenderer.render

    def noted(self: JinjaRenderer, template: str, values: Any, language: str = "en") -> Any:
        given[template] = values
        return render(self, template, values, language)

    monkeypatch.setattr(JinjaRenderer, "render", noted)
    sqlite_room.campaign()
    sqlite_room.claim(sqlite_room.person("ana"))
    sqlite_room.claim(sqlite_room.person("bo", ALABAMA))
    assert {name.rpartition("/")[2] for name in given} == {"grant", "refusal", "disclosure_gift"}
    for template, values in given.items():
        assert _shape(values) == SHAPES.get(template, INSTRUCTION)


def _shape(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _shape(value) for key, value in values.items()}
    return [_shape(values[0])] if isinstance(values, list) else None


def test_no_line_of_french_breaks_before_its_punctuation() -> None:
    """Whatever the translation was written with, and where a template puts a colon after a word."""
    french = localizer("fr")
    loose = re.compile(r"(?<=\S) (?=[:;!?](?:\s|$|[»)”<]))|« | »|(?<=\d) (?=\d)")
    for text in catalogues.said():
        assert loose.search(french.gettext(text)) is None, french.gettext(text)
    assert french.gettext("Gone:").endswith("\N{NO-BREAK SPACE}:")
    assert unbroken("https://a.example/b : « oui » !") == "https://a.example/b\xa0: «\xa0oui\xa0»\u202f!"
    assert french.localised(phrase("{far}", far="40,000 m")) == "40\u202f000\xa0m"
    for file in (packaged("templates") / "pages").rglob("*.j2"):
        bare = re.findall(r"(?:\}\}|%\}|</\w+>): [{\w]", file.read_text("utf-8"))
        assert not bare or file.name in IN_ENGLISH, f"{file.name}: write {{{{ colon }}}} for these: {bare}"


def test_an_apostrophe_in_french_is_a_typographic_one() -> None:
    """Two kinds side by side look like a slip."""
    french = {str(one.id): str(one.string) for one in catalogues.read("fr") if one.id}
    assert [text for text in french.values() if "'" in text] == []
