"""A letter whose template only says a name is rendered once for all names; nobody can tell the difference."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.bootstrap import packaged
from perks_engine.delivery import greeting
from perks_engine.delivery.localising import LANGUAGES
from perks_engine.delivery.templates import JinjaRenderer
from perks_engine.domain.money import Money
from perks_engine.services.letters import GRANT
from perks_engine.services.ports import Rendered

SHIPPED = packaged("templates")
OWN = "templates/messages/own"
VALUES = {
    "perk": {"name": "a <phone>", "fair_market_value": Money(44_900, "USD")},
    "title": "Phone launch",
    "brand": "Acme & Sons",
    "reserved_until": "December 5",
    "approval_required": True,
}
names = st.text(st.characters(codec="utf-8"), min_size=1) | st.sampled_from(
    ["{{ brand }}", "%(name)s", "\n a", "<b>&'\""]
)


def renderer(*roots: Path) -> JinjaRenderer:
    return JinjaRenderer([*roots, SHIPPED])


def by_itself(made: JinjaRenderer, template: str, name: str, language: str = "en") -> Rendered:
    """By one who keeps nothing."""
    fresh = JinjaRenderer(made._roots)
    fresh._greetings = greeting.Greetings(fresh._written, lambda _path, _language: False)
    return fresh.render(template, {**VALUES, "name": name}, language)


@pytest.fixture(scope="module")
def shipped() -> JinjaRenderer:
    return renderer()


@given(names, st.sampled_from(LANGUAGES))
def test_whoever_is_greeted_gets_the_letter_that_would_have_been_made_for_them(
    shipped: JinjaRenderer, name: str, language: str
) -> None:
    for who in ("somebody else", name, "another", name):
        letter = shipped.render(GRANT, {**VALUES, "name": who}, language)
        assert letter == by_itself(shipped, GRANT, who, language)


def test_other_values_make_another_letter(shipped: JinjaRenderer) -> None:
    def text(**changes: object) -> str:
        return shipped.render(GRANT, {**VALUES, "name": "Ada", **changes}).text

    assert "looks at each claim itself" in text()
    assert "looks at each claim itself" not in text(approval_required=False)
    assert "Tablet" in text(title="Tablet launch")
    assert text() == text()


def test_letters_of_claims_are_such_letters(shipped: JinjaRenderer) -> None:
    greet = {one for one in shipped.names() if shipped._only_greets(one.removeprefix("templates/"), "fr")}
    assert {GRANT, "templates/messages/refusal"} | {
        one for one in shipped.names() if "/disclosure_gift" in one
    } <= greet


PUT_TO_USE = [
    "{% if name %}Hello {{ name }}{% endif %}",
    "Hello {{ name | upper }}",
    "Hello {{ name ~ '!' }}",
    "{% set who = name %}Hello {{ who }}",
    "{% set who %}{{ name }}{% endset %}Hello {{ who | upper }}",
    "{% filter upper %}Hello {{ name }}{% endfilter %}",
    "{% macro hello(name) %}{{ name | upper }}{% endmacro %}{{ hello('x') }}{{ name }}",
    "{% for name in [name] %}{{ name | length }}{% endfor %}",
    "{{ _('Hello %(name)s, %(title)s', name=name | upper, title=title) }}",
    "{{ _('Hello %(name)20s,', name=name) }}",
    "{% include 'messages/part.txt.j2' %}",
]


@pytest.mark.parametrize("text", PUT_TO_USE)
def test_a_template_that_does_more_with_the_name_is_rendered_for_each(tmp_path: Path, text: str) -> None:
    messages = tmp_path / "messages"
    messages.mkdir()
    (messages / "part.txt.j2").write_text("{{ name | length }}", encoding="utf-8")
    (messages / "own.txt.j2").write_text(f"Subject: Hello\n\n{text}", encoding="utf-8")
    (messages / "own.html.j2").write_text("<p>{{ name }}</p>", encoding="utf-8")
    made = renderer(tmp_path)
    assert not made._only_greets("messages/own", "en")
    for name in ("Ada", "Bo", "<Cy>"):
        assert made.render(OWN, {**VALUES, "name": name}) == by_itself(made, OWN, name)


def test_what_is_sent_once_is_not_kept() -> None:
    made = renderer()
    made.render(GRANT, {**VALUES, "name": "Ada", "title": "for Ada alone"})
    assert made._greetings._kept == {}
    for name in ("Ada", "Bo", "Cy"):
        made.render(GRANT, {**VALUES, "name": name, "title": "for all"})
    (kept,) = made._greetings._kept.values()
    assert "for all" in kept[0]
    assert "Ada" not in kept[0] + kept[1]
    assert "Bo" not in kept[0] + kept[1]


def test_what_is_kept_has_an_end(shipped: JinjaRenderer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "_MOST", 3)
    for number in range(10):
        for _ in range(2):
            shipped.render(GRANT, {**VALUES, "name": "Ada", "title": f"Launch {number}"})
        assert number < 3 or len(shipped._greetings._kept) <= 3
