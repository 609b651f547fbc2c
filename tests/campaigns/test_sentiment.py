"""No campaign asks for praise (16 CFR 465.4): what does is refused with its place, and what does not is left
alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from perks_engine.bootstrap import RuleBook, packaged
from perks_engine.campaigns.campaign_file import CampaignReader
from perks_engine.campaigns.catalogue import builtin_catalogue, load_catalogue
from perks_engine.campaigns.sentiment import demand_for_praise
from tests.campaigns.reading import CAMPAIGN, Faults, changed, faults_of

ASKS = (
    *(
        "A phone for a 5-star review",
        "Leave a positive review and keep the phone",
        "Free if you rate us 5 stars",
    ),
    "A lamp in exchange for your glowing testimonial",
    *("Write us a great review!", "Rate the lamp five stars to win", "Give us 5 stars"),
    "You must post a positive review within a week",
    *("Tell everyone how much you love it", "Only for those who left a four star rating"),
    *("Delete your negative review and get a new one", "Paid once you submit a favourable rating"),
    "A positive review is required. Thank you",
    *(
        "Deja una reseña positiva y llévate el móvil",
        "Danos 5 estrellas",
        "Un móvil a cambio de una buena opinión",
    ),
    *("Gratis si escribes una valoración de cinco estrellas", "Borra tu reseña negativa"),
    *(
        "Laissez un avis positif et gardez la lampe",
        "Notez-nous 5 étoiles",
        "Une lampe en échange d’un bon avis",
    ),
    *("Gratuit si vous publiez un commentaire élogieux", "Retirez votre avis négatif"),
)
HARMLESS = (
    *("We love honest reviews", "A phone with great reviews, for you", "Tell us what you think, good or bad"),
    *(
        "No positive review is asked for",
        "You do not have to leave a good review",
        "The five-star hotel weekend",
    ),
    *(
        "Reviews of any kind are welcome",
        "A tasting for reviewers",
        "Leave a review, whether positive or not",
    ),
    "For a good night: a lamp, reviewed by thousands",
    *("Nos encantan las reseñas sinceras", "No pedimos reseñas positivas", "Un hotel de cinco estrellas"),
    *("Nous aimons les avis sincères", "Nous ne demandons pas d’avis positif", "Un hôtel cinq étoiles"),
    *("Write about it, or do not", "Post a picture with #ad", "Early access to the best camera"),
)


@pytest.mark.parametrize("text", ASKS)
def test_what_asks_for_praise_is_found(text: str) -> None:
    assert demand_for_praise(f"A campaign. {text}") == text.split(". ")[0].rstrip("!")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_asks_for_nothing_is_left_alone(text: str) -> None:
    assert demand_for_praise(text) is None


def test_no_text_that_travels_with_the_engine_asks_for_praise() -> None:
    files = [*packaged("rules").rglob("*.yaml"), *packaged("templates").rglob("*.j2")]
    files += (packaged("rules").parent / "docs").glob("consent.md")
    assert len(files) > 40
    asked = {file.name: demand_for_praise(file.read_text("utf-8")) for file in files}
    assert {name: demand for name, demand in asked.items() if demand} == {}


def test_a_campaign_that_asks_for_praise_is_refused_with_its_place(faults: Faults) -> None:
    titled = changed("title: A box in spring", "title: A box for a five-star review")
    [fault] = faults(titled)
    assert fault == (
        "box.yaml:3:8: title: this asks for praise: 'A box for a five-star review'; expected words that ask "
        "for nothing, or for an honest opinion whatever it is: nothing may depend on the sentiment of a "
        "review (16 CFR 465.4)"
    )
    named = changed("name: Spring box", "name: A box, if you leave a great review", titled)
    assert [one.split(": ")[1] for one in faults(named)] == ["title", "perk.name"]
    assert faults(CAMPAIGN) == []


OWN = """\
attributes:
  lamp_rating: {type: number, title: stars given to our lamp, minimum: 1, maximum: 5}
  has_reviewed: {type: flag, title: wrote a review of ours}
  fame: {type: number, title: how known they are}
  what_they_said: {type: word, title: valoración del producto, values: [good, bad]}
"""


def test_a_rule_over_what_people_said_is_refused_and_one_over_that_they_spoke_is_not(
    tmp_path: Path, book: RuleBook
) -> None:
    (tmp_path / "catalogue.yaml").write_text(OWN, encoding="utf-8")
    reader = CampaignReader(
        load_catalogue(tmp_path / "catalogue.yaml"), book.atlas, {"templates/messages/disclosure_gift": ""}
    )

    def said(condition: str) -> list[str]:
        text = changed("    - opted_in: perks\n", f"    - opted_in: perks\n    - {condition}\n")
        return faults_of(lambda: reader.read(text.encode(), "box.yaml"))

    assert said("has_reviewed: true") == []
    assert said("fame: {at_least: 4}") == []
    [fault] = said("any: [{fame: {at_least: 4}}, {lamp_rating: {at_least: 4}}]")
    assert fault.startswith("box.yaml:17:")
    assert "eligibility: 'lamp_rating' (stars given to our lamp) is what people said of something" in fault
    assert "a rule over who people are and what they received" in fault
    [fault] = said("what_they_said: {any_of: [good]}")
    assert "'what_they_said' (valoración del producto)" in fault


def test_an_instruction_that_asks_for_praise_is_refused(book: RuleBook) -> None:
    asks = "Subject: How to post\nWrite #ad.\nPlease give us 5 stars.\n"
    reader = CampaignReader(builtin_catalogue(), book.atlas, {"templates/messages/disclosure_gift": asks})
    [fault] = faults_of(lambda: reader.read(CAMPAIGN.encode(), "box.yaml"))
    assert fault.startswith(
        "box.yaml:20:13: disclosure.instruct: its template asks for praise: 'Please give us 5 stars'"
    )
