"""What is wrong with a campaign file: where, what, what was expected, and what was probably meant."""

from __future__ import annotations

import pytest

from perks_engine.bootstrap import RuleBook
from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.delivery.localising import localizer
from tests.campaigns.reading import Faults, changed, with_example

INSTANT = "expected a date and time with a zone, such as 2026-12-01T09:00-05:00"
AMOUNT = "expected an amount with its currency, such as 449.00 USD"
SPAN = "expected a span such as 30m, 48h, 30d or 2w"
CHANGES = [
    pytest.param(
        "  reservation: 48h",
        "  reservtion: 48h",
        "box.yaml:10:3: perk: unknown key 'reservtion'; expected one of reservation, hot, parts; "
        "did you mean 'reservation'?",
        id="unknown key",
    ),
    pytest.param(
        "promotion: {allowed: false}",
        "promotion: {allowed: false, limit: 3}",
        "box.yaml:21:29: promotion: unknown key 'limit'; expected no further key",
        id="unknown key that is like no other",
    ),
    pytest.param(
        "title: A box in spring\n",
        "",
        "box.yaml:1:1: the key 'title' is missing; expected what people see",
        id="missing key",
    ),
    pytest.param(
        "campaign: spring-box",
        "campaign: Spring Box",
        "box.yaml:1:11: campaign: found 'Spring Box'; expected a name of small letters, digits and dashes",
        id="a name with capitals",
    ),
    pytest.param(
        "kind: item",
        "kind: itme",
        "box.yaml:5:9: perk.kind: found 'itme'; "
        "expected one of item, bundle, event, service, early_access, code; did you mean 'item'?",
        id="unknown word",
    ),
    pytest.param(
        "20.00 USD",
        "20.00",
        f"box.yaml:7:22: perk.fair_market_value: found the number 20.00; {AMOUNT}",
        id="money without currency",
    ),
    pytest.param(
        "20.00 USD",
        "'20.00'",
        f"box.yaml:7:22: perk.fair_market_value: '20.00' has no currency; {AMOUNT}",
        id="money as a text without currency",
    ),
    pytest.param(
        "20.00 USD",
        "$20",
        f"box.yaml:7:22: perk.fair_market_value: '$20' is not an amount of money; {AMOUNT}",
        id="money with a sign",
    ),
    pytest.param(
        "20.00 USD",
        "-20.00 USD",
        f"box.yaml:7:22: perk.fair_market_value: '-20.00 USD' is less than nothing; {AMOUNT}",
        id="negative money",
    ),
    pytest.param(
        "20.00 USD",
        "20.50 JPY",
        f"box.yaml:7:22: perk.fair_market_value: '20.50 JPY' has more decimals than JPY has (0); {AMOUNT}",
        id="half a yen",
    ),
    pytest.param(
        "20.00 USD",
        "20.00 USX",
        "box.yaml:7:22: perk.fair_market_value: 'USX' is no currency in use (ISO 4217); "
        f"{AMOUNT}; did you mean 'USD'?",
        id="no currency in use",
    ),
    pytest.param(
        "quantity: 10",
        "quantity: -10",
        "box.yaml:8:13: perk.quantity: -10 is out of range; expected a number of units from 1 to 10,000,000",
        id="negative stock",
    ),
    pytest.param(
        "quantity: 10",
        "quantity: ten",
        "box.yaml:8:13: perk.quantity: found 'ten'; expected a number of units from 1 to 10,000,000",
        id="stock in words",
    ),
    pytest.param(
        "per_person: 1",
        "per_person: 11",
        "box.yaml:9:15: perk.per_person: one person may have 11 of only 10; expected at most perk.quantity",
        id="more for one than there are",
    ),
    pytest.param(
        "48h",
        "2 days",
        f"box.yaml:10:16: perk.reservation: '2 days' is not a span; {SPAN}",
        id="a span in words",
    ),
    pytest.param(
        "opens: 2027-03-01T09:00Z",
        "opens: 2027-03-01T09:00",
        f"box.yaml:12:10: window.opens: '2027-03-01T09:00' has no zone; {INSTANT}",
        id="a naive time",
    ),
    pytest.param(
        "opens: 2027-03-01T09:00Z",
        "opens: 1 March 2027",
        f"box.yaml:12:10: window.opens: '1 March 2027' is not a date and time; {INSTANT}",
        id="a time in words",
    ),
    pytest.param(
        "2027-03-31T18:00Z",
        "2027-02-30T18:00Z",
        f"box.yaml:13:11: window.closes: '2027-02-30T18:00Z' is not a date and time; {INSTANT}",
        id="a day that there is not",
    ),
    pytest.param(
        "closes: 2027-03-31T18:00Z",
        "closes: 2027-03-01T09:30+01:00",
        "box.yaml:13:11: window.closes: the campaign closes (2027-03-01 08:30 UTC) "
        "before it opens (2027-03-01 09:00 UTC); expected a time after window.opens",
        id="closes before it opens, in another zone",
    ),
    pytest.param(
        "closes: 2027-03-31T18:00Z",
        "closes: 2027-03-01T10:00+01:00",
        "box.yaml:13:11: window.closes: the campaign closes (2027-03-01 09:00 UTC) "
        "when it opens (2027-03-01 09:00 UTC); expected a time after window.opens",
        id="closes when it opens",
    ),
    pytest.param(
        "title: A box in spring",
        'title: "A box\\0 in spring"',
        "box.yaml:3:8: title: holds the invisible character U+0000; expected a title for people",
        id="an invisible character by an escape",
    ),
    pytest.param(
        "title: A box in spring",
        'title: "A box \\ud800 in spring"',
        "box.yaml:3:8: title: holds the invisible character U+D800; expected a title for people",
        id="half a character by an escape",
    ),
    pytest.param(
        "templates/messages/disclosure_gift",
        "templates/messages/disclosure_gfit",
        "box.yaml:20:13: disclosure.instruct: there is no template 'templates/messages/disclosure_gfit'; "
        "expected one of templates/messages/disclosure_early_access, templates/messages/disclosure_event, "
        "templates/messages/disclosure_gift; did you mean 'templates/messages/disclosure_gift'?",
        id="a template that there is not",
    ),
    pytest.param(
        "templates/messages/disclosure_gift",
        "templates/messages/refusal",
        "box.yaml:20:13: disclosure.instruct: there is no template 'templates/messages/refusal'; "
        "expected one of templates/messages/disclosure_early_access, templates/messages/disclosure_event, "
        "templates/messages/disclosure_gift; did you mean 'templates/messages/disclosure_gift'?",
        id="a template that is no instruction",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), CHANGES)
def test_a_fault(faults: Faults, old: str, new: str, message: str) -> None:
    assert faults(changed(old, new)) == [message]


def test_a_span_that_leaves_the_calendar(faults: Faults) -> None:
    """It would be found out at the first grant, when the end of the reservation is reckoned."""
    [found] = faults(changed("48h", "9999999w"))
    assert found.startswith("box.yaml:10:16: perk.reservation: '9999999w' is ")
    assert f"; {SPAN}" in found


@pytest.mark.parametrize(
    ("person", "message"),
    [
        (
            "{born: 1990-04-01}",
            (
                "box.yaml:24:14: examples[0].person.born: unknown attribute 'born'; expected one of "
                "opted_in, born_on, location, score, country, language, topics, platforms, followers, "
                "relation_to_brand, blocked_by, earlier_receipts, "
                "verified_creator, completed_campaigns, creator_tier; "
                "did you mean 'born_on'?"
            ),
        ),
        (
            "{born_on: 1990-04-31}",
            (
                "box.yaml:24:23: examples[0].person.born_on: '1990-04-31' is not a day of the calendar; "
                "expected a date such as 1990-04-01"
            ),
        ),
        (
            "{location: {devise: [40.7, -73.9]}}",
            (
                "box.yaml:24:25: examples[0].person.location: unknown key 'devise'; expected one of device, "
                "verified_address, ip, claimed, radius, accuracy, observed_at; did you mean 'device'?"
            ),
        ),
        (
            "{location: {device: [40.7, -73.9], radius: 30}}",
            (
                "box.yaml:24:56: examples[0].person.location.radius: found the number 30; "
                "expected a distance such as 30 m, 2.5 km or 25 mi"
            ),
        ),
        (
            "{location: []}",
            (
                "box.yaml:24:24: examples[0].person.location: the list has 0 items; "
                "expected from 1 to 1,000 items"
            ),
        ),
        (
            "{location: [[{device: [40.7, -73.9]}]]}",
            "box.yaml:24:25: examples[0].person.location[0]: found a list; expected a mapping with device",
        ),
        (
            "{score: {value: 71, sauce: reach}}",
            (
                "box.yaml:24:33: examples[0].person.score: unknown key 'sauce'; "
                "expected one of source, observed_at, note; did you mean 'source'?"
            ),
        ),
        (
            "{followers: 12000}",
            (
                "box.yaml:24:25: examples[0].person.followers: found the number 12000; "
                "expected one value for each platform"
            ),
        ),
    ],
)
def test_a_person_in_an_example(faults: Faults, person: str, message: str) -> None:
    assert message in faults(with_example(person))


def test_all_faults_of_a_file_come_at_once_and_in_its_order(faults: Faults) -> None:
    """Also those of one line, and those of a part that cannot be read do not hide those of another."""
    text = """\
campaign: spring-box
brand: Sample Brand
titel: A box in spring
perk: {kind: item, name: Spring box, fair_market_value: 20.00, quantity: -1}
window:
  opens: 2027-03-01T09:00
  closes: soon
eligibility:
  all:
    - opted_in: perks
    - scroe: {at_least: 10}
    - location: {within: 25 mi, of: [40.7, -73.9], max_age: {devcie: 1d}}
disclosure: {connection: gift, instruct: templates/messages/disclosure_gift}
promotion: {allowed: yes}
"""
    found = faults(text)
    assert [one.split(": ")[:2] for one in found] == [
        ["box.yaml:1:1", "the key 'title' is missing; expected what people see"],
        ["box.yaml:2:8", "brand"],
        [
            "box.yaml:3:1",
            (
                "unknown key 'titel'; expected one of title, approval, feedback, guards, examples; "
                "did you mean 'title'?"
            ),
        ],
        ["box.yaml:4:57", "perk.fair_market_value"],
        ["box.yaml:4:74", "perk.quantity"],
        ["box.yaml:6:10", "window.opens"],
        ["box.yaml:7:11", "window.closes"],
        ["box.yaml:11:7", "eligibility.all[1].scroe"],
        ["box.yaml:12:62", "eligibility.all[2].location.max_age.devcie"],
        ["box.yaml:13:26", "disclosure.connection"],
        ["box.yaml:14:22", "promotion.allowed"],
    ]


def test_all_faults_of_meaning_come_at_once_too(faults: Faults) -> None:
    text = changed("per_person: 1", "per_person: 11")
    text = changed("closes: 2027-03-31T18:00Z", "closes: 2026-03-31T18:00Z", text)
    text = changed("opted_in: perks", "not: {relation_to_brand: kin}", text)
    text = changed("    - location: {inside: areas/nyc_boroughs, accept: [device]}\n", "", text)
    text = changed("disclosure_gift", "no_such", text)
    assert [one.split(": ")[:2] for one in faults(text)] == [
        ["box.yaml:9:15", "perk.per_person"],
        ["box.yaml:13:11", "window.closes"],
        ["box.yaml:15:3", "eligibility"],
        ["box.yaml:19:13", "disclosure.instruct"],
    ]


@pytest.mark.parametrize(
    ("language", "told", "mend"),
    [
        (
            "es",
            "se encontró: «itme»",
            [
                "se espera: uno de item, bundle, event, service, early_access, code",
                "¿quería decir «item»?",
            ],
        ),
        (
            "fr",
            "trouvé\N{NO-BREAK SPACE}: «\N{NO-BREAK SPACE}itme\N{NO-BREAK SPACE}»",
            [
                "attendu\N{NO-BREAK SPACE}: l’un de item, bundle, event, service, early_access, code",
                "vouliez-vous dire «\N{NO-BREAK SPACE}item\N{NO-BREAK SPACE}»\N{NARROW NO-BREAK SPACE}?",
            ],
        ),
    ],
)
def test_a_fault_is_told_in_the_readers_language_and_words_of_files_stay(
    book: RuleBook, language: str, told: str, mend: list[str]
) -> None:
    with pytest.raises(FileProblemsError) as refused:
        book.reader.read(changed("kind: item", "kind: itme").encode(), "box.yaml")
    [problem] = refused.value.problems
    words = localizer(language)
    assert words.localised(problem.message) == told
    assert words.localised(problem.mend) == mend
    assert problem.meant == "item"
