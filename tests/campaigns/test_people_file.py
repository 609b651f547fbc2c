"""Files of people: nobody comes in by half, and every row that is wrong is named with what is wrong in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perks_engine.bootstrap import RuleBook
from perks_engine.campaigns.people_file import PeopleReader, PersonEntry
from tests.campaigns.reading import faults_of

NOW = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
CONSENTED = "perks,2026-11-01T10:00Z,the form of November"
CONSENTS = '[{"purpose": "perks", "given_at": "2026-11-01T10:00Z", "how": "the form"}]'
HEADER = "id,consent_purposes,consent_given_at,consent_how"
INSTANT = "expected a date and time with a zone, such as 2026-12-01T09:00-05:00"
ALREADY = "already; expected each person once"
COLUMNS = "expected a header with id, consent_purposes, consent_given_at, consent_how"
KNOWN = (
    "expected one of id, consent_purposes, consent_given_at, consent_how, handle, email, name, speaks, "
    "time_zone, consent_channel, consent_text_version, consent_origin, consent_confirmed_at, seen_at"
)

People = Callable[[str | bytes, str], list[PersonEntry]]
PeopleFaults = Callable[[str | bytes, str], list[str]]


@pytest.fixture
def people(book: RuleBook, tmp_path: Path) -> People:
    def read(text: str | bytes, name: str) -> list[PersonEntry]:
        file = tmp_path / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return PeopleReader(book.catalogue, book.atlas).read_file(file, NOW)

    return read


@pytest.fixture
def people_faults(people: People, tmp_path: Path) -> PeopleFaults:
    def read(text: str | bytes, name: str) -> list[str]:
        return [fault.removeprefix(f"{tmp_path}/") for fault in faults_of(lambda: people(text, name))]

    return read


def test_a_table_and_a_list_say_the_same(people: People) -> None:
    table = f"""\
{HEADER},born_on,score.reach,topics,followers.instagram,location.device.lat,location.device.lon,\
location.device.radius_m,seen_at
ana,{CONSENTED},1990-04-01,71,technology; mobile,12000,40.6782,-73.9442,30,2026-12-01T08:00Z
"""
    listed = """\
- id: ana
  consents: [{purpose: perks, given_at: 2026-11-01T10:00Z, how: the form of November}]
  born_on: 1990-04-01
  score: {reach: {value: 71, observed_at: 2026-12-01T08:00Z}}
  topics: {value: [technology, mobile], observed_at: 2026-12-01T08:00Z}
  followers: {instagram: {value: 12000, observed_at: 2026-12-01T08:00Z}}
  location: {device: [40.6782, -73.9442], radius: 30 m, observed_at: 2026-12-01T08:00Z}
"""
    [by_row], [by_item] = people(table, "people.csv"), people(listed, "people.yaml")
    assert by_row.facts == by_item.facts
    assert (by_row.person_id, by_row.consents) == (by_item.person_id, by_item.consents)
    assert by_row.place.endswith("people.csv:2")


def test_every_bad_row_is_named(people_faults: PeopleFaults) -> None:
    table = f"""\
{HEADER},born_on,score.reach
ana,{CONSENTED},1990-04-01,71
bo,{CONSENTED},1990-13-01,71
cy,perks,2026-11-01T10:00,the form,01/04/1990,many
d d,{CONSENTED},,
eve,perks,2026-11-01T10:00Z,,,
"""
    assert people_faults(table, "people.csv") == [
        (
            "people.csv:3:1: born_on.value: '1990-13-01' is not a day of the calendar; "
            "expected a date such as 1990-04-01"
        ),
        "people.csv:4:1: born_on.value: '01/04/1990' is not a date; expected a date such as 1990-04-01",
        f"people.csv:4:1: consents[0].given_at: '2026-11-01T10:00' has no zone; {INSTANT}",
        "people.csv:4:1: score.reach.value: found 'many'; expected a number",
        "people.csv:5:1: id: found 'd d'; expected an identifier without spaces",
        "people.csv:6:1: consents[0]: the key 'how' is missing; expected the proof: which form, which act",
    ]


def test_a_row_of_several_lines_does_not_shift_the_next(people_faults: PeopleFaults) -> None:
    table = f"""\
{HEADER},born_on
ana,perks,2026-11-01T10:00Z,"the form,
on paper",1990-04-01
bo,{CONSENTED},soon
"""
    assert people_faults(table, "people.csv") == [
        "people.csv:4:1: born_on.value: 'soon' is not a date; expected a date such as 1990-04-01"
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_do_not_shift_those_after_them(people_faults: PeopleFaults, end: str) -> None:
    lines = [HEADER + ",born_on", "", f"ana,{CONSENTED},1990-04-01", "", "", f"bo,{CONSENTED},soon", ""]
    assert people_faults(end.join(lines), "people.csv") == [
        "people.csv:6:1: born_on.value: 'soon' is not a date; expected a date such as 1990-04-01"
    ]


def test_a_blank_line_before_the_header(people_faults: PeopleFaults) -> None:
    assert people_faults(f"\n{HEADER},id\nana,{CONSENTED},ana\n", "people.csv") == [
        "people.csv:2:1: id: the column stands here twice; expected each column once"
    ]


def test_a_row_with_too_many_cells_hides_no_other(people_faults: PeopleFaults) -> None:
    table = f"""\
{HEADER},born_on
ana,{CONSENTED},1990-04-01,,
bo,{CONSENTED},soon
cy,{CONSENTED},1990-04-01,71
d d,{CONSENTED},
"eve,{CONSENTED},1990-04-01
"""
    assert people_faults(table, "people.csv") == [
        "people.csv:2:1: the row has more cells than the header",
        "people.csv:3:1: born_on.value: 'soon' is not a date; expected a date such as 1990-04-01",
        "people.csv:4:1: the row has more cells than the header",
        "people.csv:5:1: id: found 'd d'; expected an identifier without spaces",
        "people.csv:6:1: is not CSV: unexpected end of data",
    ]


@pytest.mark.parametrize(
    ("name", "text", "faults"),
    [
        pytest.param(
            "people.csv",
            f"{HEADER},born_on\nana,{CONSENTED},\nbo,{CONSENTED},\nana,{CONSENTED},soon\nana,{CONSENTED},\n",
            [
                "people.csv:4:1: born_on.value: 'soon' is not a date; expected a date such as 1990-04-01",
                f"people.csv:4:1: id: the person ana stands in line 2 {ALREADY}",
                f"people.csv:5:1: id: the person ana stands in line 2 {ALREADY}",
            ],
            id="table",
        ),
        pytest.param(
            "people.yaml",
            f"- &ana\n  id: ana\n  consents: {CONSENTS}\n- consents: {CONSENTS}\n  id: 'ana'\n",
            [f"people.yaml:5:7: people[1].id: the person ana stands in line 2 {ALREADY}"],
            id="list",
        ),
        pytest.param(
            "people.json",
            f'[{{"id": "ana", "consents": {CONSENTS}}}, {{"id": "ana", "consents": {CONSENTS}}}]',
            [f"people.json:1:112: people[1].id: the person ana stands in line 1 {ALREADY}"],
            id="one line of JSON",
        ),
        pytest.param(
            "people.jsonl",
            f'{{"id": "ana", "consents": {CONSENTS}}}\n\n{{"id": "ana", "consents": {CONSENTS}}}\n',
            [f"people.jsonl:3:1: id: the person ana stands in line 1 {ALREADY}"],
            id="JSON Lines",
        ),
    ],
)
def test_one_person_twice(people_faults: PeopleFaults, name: str, text: str, faults: list[str]) -> None:
    assert people_faults(text, name) == faults


@pytest.mark.parametrize(
    ("table", "messages"),
    [
        pytest.param(
            "id,consent_purpose,consent_given_at,born\nana,perks,2026-11-01T10:00Z,1990-04-01\n",
            [
                f"born: unknown column; {KNOWN}; did you mean 'born_on'?",
                f"consent_how: the column is missing; {COLUMNS}",
                f"consent_purpose: unknown column; {KNOWN}; did you mean 'consent_purposes'?",
                f"consent_purposes: the column is missing; {COLUMNS}",
            ],
            id="missing and misspelt",
        ),
        pytest.param(
            f"{HEADER},id\n", ["id: the column stands here twice; expected each column once"], id="twice"
        ),
        pytest.param(
            "",
            [f"is empty; {COLUMNS}"],
            id="an empty file",
        ),
    ],
)
def test_a_header(people_faults: PeopleFaults, table: str, messages: list[str]) -> None:
    assert people_faults(table, "people.csv") == [f"people.csv:1:1: {message}" for message in messages]


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        (
            "opted_in",
            "perks",
            "opted_in: an opt-in needs its proof; expected consents: [{purpose, given_at, how}]",
        ),
        ("followers", "50", "followers: found '50'; expected one value for each platform"),
        ("relation_to_brand", "kin", "relation_to_brand: found 'kin'; expected one value for each brand"),
        (
            "country",
            "Norway",
            (
                "country.value: 'Norway' is no country (ISO 3166-1); "
                "expected a country as ISO 3166-1 alpha-2, such as US"
            ),
        ),
        ("email", "ana at home", "email: found 'ana at home'; expected an e-mail address"),
        (
            "location.device.lat",
            "40.7",
            "location[0].device.point[1]: found nothing; expected a number",
        ),
        (
            "score.reach",
            "1e16",
            (
                "score.reach.value: 1e+16 is out of range; "
                "expected a number from -1,000,000,000,000,000 to 1,000,000,000,000,000"
            ),
        ),
        (
            "location.divice.lat",
            "40.7",
            (
                "location[0]: unknown key 'divice'; expected one of device, verified_address, ip, claimed, "
                "radius, accuracy, observed_at; did you mean 'device'?"
            ),
        ),
    ],
)
def test_a_cell(people_faults: PeopleFaults, column: str, cell: str, message: str) -> None:
    table = f"{HEADER},{column}\nana,{CONSENTED},{cell}\n"
    assert f"people.csv:2:1: {message}" in people_faults(table, "people.csv")


def test_norway_in_a_table(people: People) -> None:
    [ana] = people(f"{HEADER},country\nana,{CONSENTED},NO\n", "people.csv")
    assert [(fact.attribute, fact.value) for fact in ana.facts] == [("country", "NO")]


def test_a_score_of_one_source_and_of_none_in_one_row(people_faults: PeopleFaults) -> None:
    """One of the two would be lost without a word."""
    table = f"{HEADER},score,score.reach\nana,{CONSENTED},50,80\n"
    assert people_faults(table, "people.csv") == [
        "people.csv:2:1: score: unknown key 'reach'; expected one of source, observed_at, note"
    ]


def test_nobody_without_consent(people_faults: PeopleFaults) -> None:
    assert people_faults(f"{HEADER}\nana,,,\n", "people.csv") == [
        "people.csv:2:1: consents: the list has 0 items; expected from 1 to 1,000 items"
    ]
    assert people_faults("- id: ana\n  topics: [food]\n", "people.yaml") == [
        (
            "people.yaml:1:3: people[0]: the key 'consents' is missing; "
            "expected what they opted in to, with proof"
        )
    ]


@pytest.mark.parametrize(
    ("name", "data", "messages"),
    [
        (
            "people.csv",
            f"{HEADER},name\nana,{CONSENTED},Renée\n".encode("latin-1"),
            ["people.csv:2:1: is not UTF-8; expected a file saved as UTF-8"],
        ),
        (
            "people.csv",
            f'{HEADER}\n"ana,{CONSENTED}\n'.encode(),
            ["people.csv:2:1: is not CSV: unexpected end of data"],
        ),
        (
            "people.jsonl",
            b'{"id": "ana"}\n{"id": \n\n["bo"]\nnone\n',
            [
                "people.jsonl:2:1: is not JSON: Expecting value: line 1 column 8 (char 7)",
                "people.jsonl:5:1: is not JSON: Expecting value: line 1 column 1 (char 0)",
            ],
        ),
        (
            "people.jsonl",
            b'["bo"]\n{"id": "ana", "consents": []}\n',
            [
                "people.jsonl:1:1: found a list; expected a mapping with id and consents",
                "people.jsonl:2:1: consents: the list has 0 items; expected from 1 to 1,000 items",
            ],
        ),
        (
            "people.json",
            b'{"people": ["ana"]}',
            ["people.json:1:13: people[0]: found 'ana'; expected a mapping with id and consents"],
        ),
        ("people.yaml", b"ana", ["people.yaml:1:1: found 'ana'; expected a list of people"]),
    ],
)
def test_a_file_that_cannot_be_read(
    people_faults: PeopleFaults, name: str, data: bytes, messages: list[str]
) -> None:
    assert people_faults(data, name) == messages


def person(name: str) -> str:
    """Somebody in JSON, whose name stands there as it is escaped."""
    return f'{{"id": "ana", "name": "{name}", "consents": {CONSENTS}}}'


@pytest.mark.parametrize("form", ["yaml", "json", "jsonl", "csv"])
@pytest.mark.parametrize(
    ("escaped", "raw", "sign"), [("a\\u0000b", "a\0b", "U+0000"), ("a\\u001bb", "a\x1bb", "U+001B")]
)
def test_what_an_escape_hides_is_found_in_every_form(
    people_faults: PeopleFaults, form: str, escaped: str, raw: str, sign: str
) -> None:
    """PostgreSQL would not keep the first, a terminal would obey the second."""
    in_json = person(escaped)
    text = f"{HEADER},name\nana,{CONSENTED},{raw}\n" if form == "csv" else in_json
    [fault] = people_faults(text, f"people.{form}")
    assert fault.endswith(f"name: holds the invisible character {sign}; expected a name")


@pytest.mark.parametrize("form", ["yaml", "json", "jsonl"])
def test_a_character_written_in_two_halves_is_one_and_a_half_is_none(
    people: People, people_faults: PeopleFaults, form: str
) -> None:
    """As most writers of JSON put what lies beyond U+FFFF."""
    [entry] = people(person("Ana \\ud83d\\ude00"), f"people.{form}")
    assert entry.name == "Ana 😀"
    [fault] = people_faults(person("Ana \\ud83d"), f"people.{form}")
    assert "name: holds the invisible character U+D83D" in fault


def test_a_key_that_stands_twice_in_a_line_of_json(people_faults: PeopleFaults) -> None:
    line = person("Ana").replace('{"id"', '{"id": "bo", "id"', 1)
    assert people_faults(line, "people.jsonl") == [
        "people.jsonl:1:1: the key 'id' stands here twice; expected each key once"
    ]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_table_whose_columns_something_else_separates(people_faults: PeopleFaults, sign: str) -> None:
    """As a spreadsheet saves it in many a country."""
    text = f"{HEADER}\nana,{CONSENTED}\n".replace(",", sign)
    assert people_faults(text, "people.csv") == [
        f"people.csv:1:1: {sign!r} stands between the columns; expected ','"
    ]
