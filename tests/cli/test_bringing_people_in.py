"""`perks person import|show`: a file is taken whole or not at all, and every bad row is named."""

from __future__ import annotations

import json

import pytest

from tests.cli.command_line import HERE, JOINED, PEOPLE_HEADER, Desk

HEADER = "id,born_on,consent_purposes,consent_given_at,consent_how"
CONSENT = json.dumps({"purpose": "perks", "given_at": JOINED, "how": "form"})
GOOD = f"ana,1990-04-01,perks,{JOINED},form"


def refused(desk: Desk, name: str, text: str) -> list[str]:
    """The lines on standard error of an import that has to fail, without the first."""
    told = desk.perks("person", "import", desk.file(name, text))
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("perks: ")
    return told.err.splitlines()[1:]


def test_people_come_in_and_are_shown(desk: Desk) -> None:
    file = desk.file("people.csv", f"{PEOPLE_HEADER}\nana,ana.b,{HERE},perks,{JOINED},sign-up form\n")
    assert desk.well("person", "import", file).lines == ["1 person added, 0 brought up to date"]
    assert desk.json("person", "import", file) == {"added": 0, "updated": 1}
    told = desk.well("person", "show", "ana")
    assert told.lines[0] == "ana (ana.b), on record since 2020-05-01T00:00:00Z"
    assert "how: sign-up form" in told.out
    shown = desk.json("person", "show", "ana")
    assert (shown["person"], shown["handle"], shown["claims"]) == ("ana", "ana.b", [])
    assert {one["attribute"] for one in shown["evidence"]} == {"born_on", "score", "topics", "location"}


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("less.csv", f"{HEADER}\n{GOOD}\n"),
        ("empty.csv", f"{HEADER},handle,email,name,speaks,time_zone,handles.instagram\n{GOOD},,,,,,\n"),
        ("less.jsonl", f'{{"id": "ana", "consents": [{CONSENT}]}}\n'),
    ],
)
def test_what_a_later_file_says_nothing_of_stays_as_it_is_on_record(
    desk: Desk, name: str, again: str
) -> None:
    known = {
        "handle": "ana.b",
        "email": "ana@example.com",
        "name": "Ana",
        "speaks": "es",
        "time_zone": "America/New_York",
        "handles": {"instagram": "anab"},
    }
    whole = json.dumps({"id": "ana", "consents": [json.loads(CONSENT)], **known})
    desk.well("person", "import", desk.file("whole.jsonl", whole))
    assert desk.json("person", "import", desk.file(name, again)) == {"added": 0, "updated": 1}
    shown = desk.json("person", "show", "ana")
    assert {field: shown[field] for field in known} == known


def test_all_that_is_held_can_be_read_out(desk: Desk) -> None:
    file = desk.file(
        "people.yaml",
        "- id: ana\n"
        f"  consents: [{{purpose: perks, given_at: {JOINED}, how: sign-up form}}]\n"
        "  score: {reach: {value: 71, observed_at: 2026-03-01T00:00Z}}\n"
        "  topics: {value: [technology, food], observed_at: 2026-03-01T00:00Z}\n"
        "  verified_creator: {value: true, observed_at: 2026-03-01T00:00Z}\n"
        "  followers: {instagram: {value: 12000, observed_at: 2026-03-01T00:00Z}}\n"
        "  location:\n"
        "    - {device: [40.6782, -73.9442], radius: 30 m, observed_at: 2026-03-01T00:00Z}\n"
        "    - {verified_address: {country: US, postal_code: '11201'}, observed_at: 2026-03-01T00:00Z}\n",
    )
    desk.well("person", "import", file)
    assert desk.well("person", "show", "ana").lines == [
        "ana (no handle), on record since 2020-05-01T00:00:00Z",
        "consents:",
        "  perks by email, given at 2020-05-01T00:00:00Z, how: sign-up form",
        "evidence:",
        "  score: 71, from reach, seen at 2026-03-01T00:00:00Z",
        "  topics: food and technology, from profile, seen at 2026-03-01T00:00:00Z",
        "  verified_creator: yes, from platform_check, seen at 2026-03-01T00:00:00Z",
        "  followers (instagram): 12000, from profile, seen at 2026-03-01T00:00:00Z",
        "  location: 40.6782, -73.9442 within 30 m, from device, seen at 2026-03-01T00:00:00Z",
        "  location: 11201, US, from verified_address, seen at 2026-03-01T00:00:00Z",
        "claims: none",
        "messages: none",
    ]


def test_what_was_claimed_and_what_was_told_of_it_is_held_as_well(phone_desk: Desk) -> None:
    claim = phone_desk.granted("ana")
    lines = phone_desk.well("person", "show", "ana").lines
    assert lines[lines.index("claims:") + 1] == f"  {claim}: phone-launch-nyc, granted"
    messages = lines[lines.index("messages:") + 1 :]
    assert [line.split(",")[0] for line in messages] == ["  grant", "  disclosure_instruction"]


@pytest.mark.parametrize("form", ["yaml", "json", "jsonl"])
def test_the_same_person_in_each_form_of_file(desk: Desk, form: str) -> None:
    consent = {"purpose": "perks", "given_at": JOINED, "how": "form"}
    person = {"id": "ana", "born_on": "1990-04-01", "consents": [consent]}
    text = json.dumps(person) if form == "jsonl" else json.dumps([person], indent=2)
    assert desk.json("person", "import", desk.file(f"people.{form}", text)) == {"added": 1, "updated": 0}
    [fact] = desk.json("person", "show", "ana")["evidence"]
    assert (fact["attribute"], fact["value"]) == ("born_on", "1990-04-01")


def test_every_bad_row_is_named_and_nobody_comes_in(desk: Desk) -> None:
    rows = [
        GOOD,
        f"bo,1990-13-01,perks,{JOINED},form",
        "cy,1990-04-01,perks,2020-05-01,form",
        f"d d,01/02/1990,perks,{JOINED},",
        f"eve,1990-04-01,,{JOINED},form",
    ]
    problems = refused(desk, "people.csv", "\n".join([HEADER, *rows, ""]))
    assert [line.split(" ")[:2] for line in problems] == [
        ["people.csv:3:1:", "born_on.value:"],
        ["people.csv:4:1:", "consents[0].given_at:"],
        ["people.csv:5:1:", "born_on.value:"],
        ["people.csv:5:1:", "consents[0]:"],
        ["people.csv:5:1:", "id:"],
        ["people.csv:6:1:", "consents:"],
    ]
    assert problems[0].endswith("is not a day of the calendar; expected a date such as 1990-04-01")
    assert "'2020-05-01' has no zone" in problems[1]
    assert not any(desk.knows(one) for one in ("ana", "bo", "cy", "eve"))


def test_bad_rows_in_json_output(desk: Desk) -> None:
    file = desk.file("people.csv", f"{HEADER}\nbo,soon,perks,{JOINED},form\n")
    told = desk.perks("person", "import", file, "--json")
    assert (told.code, told.err) == (2, "")
    assert told.data["error"]["code"] == "file.problems"
    [problem] = told.data["error"]["problems"]
    assert problem.startswith("people.csv:2:1: born_on.value: 'soon' is not a date")


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (
            "id,born_on,consent_purposes,consent_how",
            "people.csv:1:1: consent_given_at: the column is missing",
        ),
        (f"{HEADER},scor.reach", "people.csv:1:1: scor.reach: unknown column"),
        (f"{HEADER},id", "people.csv:1:1: id: the column stands here twice"),
    ],
)
def test_a_header_that_cannot_be_used(desk: Desk, header: str, problem: str) -> None:
    [line] = refused(desk, "people.csv", f"{header}\n{GOOD},5\n")
    assert line.startswith(problem)
    assert "expected" in line
    assert not desk.knows("ana")


def test_children_under_13_are_refused_and_nothing_of_them_is_kept(desk: Desk) -> None:
    rows = f"{HEADER}\n{GOOD}\nkid,2090-01-01,perks,{JOINED},form\n"
    file = desk.file("people.csv", rows)
    told = desk.perks("person", "import", file)
    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines() == [
        "perks: 1 problem, so nobody was imported",
        "people.csv:3: below 13; nothing of this row is kept",
    ]
    assert not desk.knows("kid")
    assert not desk.knows("ana")
    assert b"kid" not in desk.database.read_bytes()


def test_a_consent_that_is_yet_to_be_given_counts_for_nothing(desk: Desk) -> None:
    [line] = refused(desk, "people.csv", f"{HEADER}\nana,1990-04-01,perks,2190-01-01T00:00Z,form\n")
    assert line == "people.csv:2: the consent to perks is dated in the future"
    assert not desk.knows("ana")


def test_one_person_twice_in_a_file(desk: Desk) -> None:
    [line] = refused(desk, "people.csv", f"{HEADER}\n{GOOD}\n{GOOD}\n")
    assert line == "people.csv:3:1: id: the person ana stands in line 2 already; expected each person once"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("none.csv", "none.csv: cannot be read: No such file or directory"),
        ("folder", "folder: cannot be read: Is a directory"),
        ("words.yaml", "words.yaml:1:1: found 'hello'; expected a list of people"),
        ("broken.json", "broken.json:1:6: is not JSON: "),
        ("empty.csv", "empty.csv:1:1: is empty; expected a header with id, consent_purposes, "),
        ("latin.csv", "latin.csv:2:1: is not UTF-8; expected a file saved as UTF-8"),
        ("broken.jsonl", "broken.jsonl:1:1: is not JSON: "),
    ],
)
def test_a_file_that_cannot_be_used(desk: Desk, name: str, problem: str) -> None:
    (desk.folder / "folder").mkdir()
    desk.file("words.yaml", "hello")
    desk.file("broken.json", "[1, 2")
    desk.file("empty.csv", "")
    desk.file("broken.jsonl", '{"id": ')
    (desk.folder / "latin.csv").write_bytes(f"{HEADER}\nJos\xe9,1990-04-01,perks,x,y\n".encode("latin-1"))
    told = desk.perks("person", "import", name)
    assert (told.code, told.out) == (2, "")
    [_, line] = told.err.splitlines()
    assert line.startswith(problem)


def test_somebody_who_is_not_on_record(desk: Desk) -> None:
    told = desk.perks("person", "show", "nobody")
    assert (told.code, told.out, told.err) == (2, "", "perks: nobody is on record as nobody\n")
    error = desk.perks("person", "show", "nobody", "--json").data["error"]
    assert (error["code"], error["message"]) == ("person.unknown", "nobody is on record as nobody")
