"""`yes`, `no`, `on` and `NO` are words in these files, and only `true` and `false` are booleans."""

from __future__ import annotations

import pytest

from perks_engine.bootstrap import RuleBook
from perks_engine.campaigns.examples import run_examples
from tests.campaigns.reading import Faults, changed, ruled

TRUE_OR_FALSE = "expected true or false"


def test_norway_is_a_country(book: RuleBook) -> None:
    """YAML 1.1 reads `NO` as false; here it is Norway, in the rule and in what is known of people."""
    rule = """
        all:
          - opted_in: perks
          - country: NO
    """
    examples = """\
examples:
  - name: in Oslo
    person: {opted_in: [perks], country: NO}
    verdict: eligible
  - name: in Stockholm
    person: {opted_in: [perks], country: SE}
    verdict: ineligible
"""
    file = book.reader.read((ruled(rule) + examples).encode(), "box.yaml")
    assert [(result.example.name, result.fault) for result in run_examples(file, book.atlas)] == [
        ("in Oslo", None),
        ("in Stockholm", None),
    ]


@pytest.mark.parametrize("rule", ["country: NO", "country: [SE, NO]", "location: {country: [NO, SE]}"])
def test_norway_in_every_place_of_a_country(faults: Faults, rule: str) -> None:
    assert faults(ruled(rule)) == []


def test_a_country_in_small_letters_is_told(faults: Faults) -> None:
    assert faults(ruled("country: no")) == [
        (
            "box.yaml:15:12: eligibility.country: 'no' is no country (ISO 3166-1); "
            "expected a country as ISO 3166-1 alpha-2, such as US; did you mean 'NO'?"
        )
    ]


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "n"])
def test_a_word_stays_a_word(faults: Faults, word: str) -> None:
    assert faults(ruled(f"topics: [{word}, technology]")) == []


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("yes", f"found 'yes'; {TRUE_OR_FALSE}; did you mean 'true'?"),
        ("On", f"found 'On'; {TRUE_OR_FALSE}; did you mean 'true'?"),
        ("no", f"found 'no'; {TRUE_OR_FALSE}; did you mean 'false'?"),
        ("OFF", f"found 'OFF'; {TRUE_OR_FALSE}; did you mean 'false'?"),
        ("'true'", f"found 'true'; {TRUE_OR_FALSE}"),
        ("1", f"found the number 1; {TRUE_OR_FALSE}"),
        ("", f"found nothing; {TRUE_OR_FALSE}"),
    ],
)
def test_a_boolean_is_true_or_false(faults: Faults, word: str, message: str) -> None:
    [found] = faults(changed("promotion: {allowed: false}", f"promotion:\n  allowed: {word}"))
    assert found.startswith("box.yaml:22:")
    assert found.endswith(f": promotion.allowed: {message}")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            "opted_in: true",
            (
                "box.yaml:15:13: eligibility.opted_in: found the boolean true; "
                "expected a word of small letters, digits, '_', '-' or '.'"
            ),
        ),
        (
            "country: false",
            (
                "box.yaml:15:12: eligibility.country: found the boolean false; "
                "expected a country as ISO 3166-1 alpha-2, such as US"
            ),
        ),
        (
            "topics: [technology, 2027]",
            (
                "box.yaml:15:24: eligibility.topics[1]: found the number 2027; "
                "expected a word of small letters, digits, '_', '-' or '.'"
            ),
        ),
        (
            "language: ~",
            (
                "box.yaml:15:13: eligibility.language: found nothing; "
                "expected one or several words, or a mapping with any_of or all_of"
            ),
        ),
    ],
)
def test_nothing_is_made_into_a_word(faults: Faults, rule: str, message: str) -> None:
    assert faults(ruled(rule)) == [message]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("campaign: spring-box", "campaign: >\n  spring-box"),
        ("brand: sample-brand", 'brand: "sample-brand\\n"'),
        ("opted_in: perks", 'opted_in: "perks\\n"'),
    ],
)
def test_a_name_does_not_end_in_a_line_break(faults: Faults, old: str, new: str) -> None:
    """It would be another name, and look the same in every list."""
    [found] = faults(changed(old, new))
    assert "; expected a " in found


def test_a_postal_code_keeps_its_zero(book: RuleBook) -> None:
    """Without quotation marks, as people write it."""
    rule = "location: {postal_code: [02108, 021*], accept: [verified_address]}"
    canonical = book.reader.read(ruled(rule).encode(), "box.yaml").canonical
    assert '"02108"' in canonical
