"""`perks campaign lint|test|show` and `perks check` on files alone: no database is asked, none is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from perks_engine.bootstrap import packaged
from perks_engine.cli.session import RulesAtHand
from tests.cli.command_line import BROOKLYN_PERSON, Desk
from tests.engine_room import PHONE, sample

FAULTY = {"fair_market_value": "449 dollars", "per_person": "-1", "reservation": "tomorrow"}


@pytest.fixture(autouse=True)
def no_database(desk: Desk) -> None:
    desk.database.unlink()
    desk.environment["PERKS_DATABASE_URL"] = "postgresql+psycopg://nobody@127.0.0.1:1/none"


def test_a_sound_file(desk: Desk) -> None:
    file = desk.campaign_file()
    assert desk.well("campaign", "lint", file).lines == ["1 file is sound"]
    assert desk.json("campaign", "lint", file) == {"files": [str(file)], "problems": []}


def test_every_fault_of_a_file_is_named_at_once_with_its_place(desk: Desk) -> None:
    told = desk.perks("campaign", "lint", desk.campaign_file(**FAULTY))
    assert told.code == 1
    assert told.lines[0] == (
        f"{PHONE}.yaml:8:22: perk.fair_market_value: '449 dollars' is not an amount of money; "
        "expected an amount with its currency, such as 449.00 USD"
    )
    assert [line.split(" ")[1] for line in told.lines] == [
        "perk.fair_market_value:",
        "perk.per_person:",
        "perk.reservation:",
    ]


def test_faults_in_json_have_their_parts(desk: Desk) -> None:
    told = desk.perks("campaign", "lint", desk.campaign_file(**FAULTY), "--json")
    assert (told.code, told.err) == (1, "")
    problem = told.data["problems"][0]
    assert (problem["file"], problem["line"], problem["column"]) == (f"{PHONE}.yaml", 8, 22)
    assert (problem["path"], len(told.data["problems"])) == ("perk.fair_market_value", 3)


def test_a_mistyped_key_is_told_which_was_meant(desk: Desk) -> None:
    file = desk.campaign_file()
    text = (desk.folder / file).read_text(encoding="utf-8").replace("eligibility:", "elligibility:")
    told = desk.perks("campaign", "lint", desk.file("typo.yaml", text))
    assert told.code == 1
    assert "typo.yaml:13:1: unknown key 'elligibility'" in told.out
    assert "did you mean 'eligibility'?" in told.out


def test_a_folder_is_read_whole_and_only_faulty_files_are_named(desk: Desk) -> None:
    desk.campaign_file("sound")
    desk.campaign_file("faulty", **FAULTY)
    told = desk.perks("campaign", "lint", ".")
    assert told.code == 1
    assert {line.partition(":")[0] for line in told.lines} == {"faulty.yaml"}


@pytest.mark.parametrize("command", ["lint", "test", "load", "show"])
def test_a_file_that_is_not_there_is_wrong_use(desk: Desk, command: str) -> None:
    if command == "load":
        desk.environment["PERKS_DATABASE_URL"] = f"sqlite:///{desk.database}"
        desk.well("migrate")
    told = desk.perks("campaign", command, "none.yaml")
    assert (told.code, told.out) == (2, "")
    assert "none.yaml: " in told.err
    assert "No such file" in told.err
    assert "none.yaml" in desk.perks("campaign", command, "none.yaml", "--json").data["error"]["problems"][0]


@pytest.mark.parametrize("command", ["lint", "test"])
def test_a_folder_without_campaigns(desk: Desk, command: str) -> None:
    (desk.folder / "empty").mkdir()
    told = desk.perks("campaign", command, "empty")
    assert (told.code, told.out) == (2, "")
    assert "empty: holds no campaign file; expected *.yaml files" in told.err


def test_the_examples_of_a_file_are_run(desk: Desk) -> None:
    told = desk.well("campaign", "test", desk.campaign_file())
    assert told.lines[:4] == [
        f"{PHONE}.yaml",
        "  ✓ lives in Brooklyn: eligible",
        "  ✓ Birmingham, Alabama: ineligible",
        "  ✓ only says New York: unknown",
    ]
    assert told.lines[-2:] == ["  coverage: 19 of 19 marks seen", "24 passed, 0 failed"]
    begun = desk.well("campaign", "test", with_three_examples(desk))
    assert begun.lines[4] == "  coverage: 9 of 19 marks seen, missing:"
    assert begun.lines[5] == "    not met: add somebody without an opt-in to: perks"
    assert begun.lines[-1] == "3 passed, 0 failed"
    assert len(begun.lines[5:-1]) == 19 - 9


def test_no_slip_in_the_rules_that_travel_with_the_engine_would_go_unseen(desk: Desk) -> None:
    """What a brand manager copies from should show how it is done."""
    told = desk.well("campaign", "test", "--mutate", "--strict", packaged("rules"))
    assert told.lines[-1] == "120 passed, 0 failed"
    caught = [line.split() for line in told.lines if line.startswith("  mutation:")]
    assert len(caught) == 6
    assert all(words[1] == words[3] for words in caught)


OF_AGE = """\
eligibility:
  all:
    - opted_in: perks
    - age: {at_least: 18}
disclosure: {connection: received_item, instruct: templates/messages/disclosure_gift}
examples:
  - {name: thirty, person: {opted_in: [perks], born_on: 1997-03-01}, verdict: eligible}
  - {name: eighteen tomorrow, person: {opted_in: [perks], born_on: 2009-03-02}, verdict: ineligible}
  - {name: no opt-in, person: {born_on: 1997-03-01}, verdict: ineligible}
  - {name: no birth date, person: {opted_in: [perks]}, verdict: unknown}
"""
EIGHTEEN = "  - {name: eighteen, person: {opted_in: [perks], born_on: 2009-03-01}, verdict: eligible}\n"


def of_age(desk: Desk, more: str = "") -> Path:
    """A campaign for adults, with examples that show every mark."""
    head = sample(window="{opens: 2027-03-01T09:00Z, closes: 2027-03-31T18:00Z}").partition("eligibility:")[0]
    return desk.file("adults.yaml", head + OF_AGE + more)


def test_a_slip_that_no_example_catches_is_named(desk: Desk) -> None:
    told = desk.well("campaign", "test", of_age(desk), "--mutate")
    assert told.lines[5:] == [
        "  coverage: 5 of 5 marks seen",
        "  mutation: 4 of 5 slips in the rule caught, no example catches:",
        "    age: at least 19 instead of at least 18",
        "4 passed, 0 failed",
    ]
    data = desk.json("campaign", "test", of_age(desk), "--mutate")
    slip = {"description": "age: at least 19 instead of at least 18", "condition": "age of at least 18"}
    assert data["mutation"] == {"adults.yaml": {"mutants": 5, "caught": 4, "survivors": [slip]}}


def test_an_example_on_the_bound_catches_it(desk: Desk) -> None:
    told = desk.well("campaign", "test", of_age(desk, EIGHTEEN), "--mutate", "--strict")
    assert told.lines[-2:] == ["  mutation: 5 of 5 slips in the rule caught", "5 passed, 0 failed"]


def with_three_examples(desk: Desk) -> Path:
    """The phone campaign as somebody leaves it who has just begun: one example of each verdict."""
    text = (desk.folder / desk.campaign_file()).read_text(encoding="utf-8")
    three, _, rest = text.partition("  - name: asked for surveys only\n")
    assert rest
    return desk.file("begun.yaml", three)


def test_what_examples_leave_open_fails_only_where_one_asks_for_that(desk: Desk) -> None:
    phone, adults = with_three_examples(desk), of_age(desk)
    assert desk.perks("campaign", "test", phone).code == 0
    assert desk.perks("campaign", "test", phone, "--strict").code == 1
    assert desk.perks("campaign", "test", adults, "--strict").code == 0
    assert desk.perks("campaign", "test", adults, "--mutate").code == 0
    assert desk.perks("campaign", "test", adults, "--mutate", "--strict").code == 1
    assert desk.perks("campaign", "test", adults, phone, "--strict").code == 1


def test_a_campaign_without_examples_is_told_whom_to_add(desk: Desk) -> None:
    text = (desk.folder / of_age(desk)).read_text(encoding="utf-8").partition("examples:")[0]
    assert desk.well("campaign", "test", desk.file("none-yet.yaml", text)).lines == [
        "none-yet.yaml",
        "  no examples: a campaign cannot open without",
        "  coverage: 0 of 5 marks seen, missing:",
        "    met: add somebody with an opt-in to: perks",
        "    not met: add somebody without an opt-in to: perks",
        "    met: add somebody with age of at least 18",
        "    not met: add somebody with age below 18",
        "    unknown: add somebody with no age on record",
        "0 passed, 0 failed",
    ]


def test_coverage_in_json(desk: Desk) -> None:
    data = desk.json("campaign", "test", with_three_examples(desk))
    assert "mutation" not in data
    covered = data["coverage"]["begun.yaml"]
    assert (covered["seen"], covered["possible"]) == (9, 19)
    assert covered["conditions"][1] == {
        "condition": "age of at least 18",
        "seen": ["met"],
        "missing": [
            {"mark": "not_met", "suggestion": "add somebody with age below 18"},
            {"mark": "unknown", "suggestion": "add somebody with no age on record"},
        ],
    }


def test_an_example_that_fails_says_why(desk: Desk) -> None:
    text = (desk.folder / desk.campaign_file()).read_text(encoding="utf-8")
    file = desk.file("narrow.yaml", text.replace("score: {between: [50, 100]", "score: {between: [80, 100]"))
    told = desk.perks("campaign", "test", file)
    assert told.code == 1
    assert "  ✗ lives in Brooklyn: ineligible" in told.lines
    assert "    expected eligible, came out ineligible because of score.below" in told.lines
    assert "      found: 71, from reach" in told.lines
    passed, failures = (sum(line.startswith(f"  {mark} ") for line in told.lines) for mark in "✓✗")
    assert passed + failures == 24
    assert told.lines[-1] == f"{passed} passed, {failures} failed"
    failed = desk.perks("campaign", "test", file, "--json")
    assert failed.code == 1
    assert (failed.data["total"], failed.data["failed"]) == (24, failures)
    assert failed.data["files"]["narrow.yaml"][0]["passed"] is False


def test_a_file_is_shown_with_its_version(desk: Desk) -> None:
    file = desk.campaign_file()
    shown = desk.json("campaign", "show", file)
    told = desk.well("campaign", "show", file)
    assert told.lines[0].startswith("The new phone, and its launch night in New York")
    assert told.lines[1] == f"version {shown['version']}"
    assert "500 × Northwind One, 449.00 USD each" in told.lines
    assert shown["brand"] == "northwind-phones"


def test_a_file_is_shown_in_words(desk: Desk) -> None:
    window = "{opens: 2026-12-01T09:00-05:00, closes: 2026-12-15T23:59-05:00}"
    sources = "from device (at most 1 day old) or verified address (at most 180 days old)"
    told = desk.well("campaign", "show", desk.campaign_file(window=window))
    assert told.lines[2:] == [
        "campaign phone-launch-nyc of the brand northwind-phones",
        "500 × Northwind One, 449.00 USD each",
        "at most 1 for each person, reserved for 2 days",
        "from 2026-12-01 14:00 to 2026-12-16 04:59 UTC",
        "who may have it:",
        "  all of these:",
        "    an opt-in to: perks",
        "    age of at least 18",
        "    score from 50 to 100, from reach (at most 30 days old)",
        f"    a location inside New York City (the five boroughs), {sources}",
        "    any one of these:",
        "      topics: technology or mobile",
        "      followers on instagram of at least 10000, at most 90 days old",
        "    not: relation to the brand: employee or kin",
        "to disclose: received item",
        "promotion: allowed",
        "healthy, and else it pauses itself:",
        "  of those decided within 1 hour, at most 5% are unknown",
        "  of those granted, at most 10% are within 1 km of the edge",
        "  at most 5 people granted on one point",
        "24 examples",
    ]


def test_a_rule_of_every_kind_of_node_is_shown_as_a_tree(desk: Desk) -> None:
    file = desk.file("trip.yaml", sample("creator-trip-lisbon"))
    lines = desk.well("campaign", "show", file).lines
    begin = lines.index("    at least 2 of these:")
    assert [line[:30] for line in lines[begin : begin + 7]] == [
        "    at least 2 of these:",
        "      followers on instagram o",
        "      creator tier: silver or ",
        "      completed campaigns of a",
        "    not: any one of these:",
        "      relation to the brand: e",
        "      earlier receipts of at l",
    ]


def test_the_rules_of_a_folder_are_read_once_for_all_its_files(desk: Desk) -> None:
    """The files of one folder share their catalogue and areas; those of another have their own."""
    for name in ("one", "other"):
        (desk.folder / name / "areas").mkdir(parents=True)
    rules = RulesAtHand()
    first, second = (rules.of(desk.folder / "one" / f"{name}.yaml") for name in ("a", "b"))
    assert first is second
    assert first.atlas is second.atlas
    assert rules.of(desk.folder / "other" / "a.yaml") is not first


def test_a_person_in_a_file_is_checked_against_a_campaign_in_a_file(desk: Desk) -> None:
    campaign = desk.campaign_file()
    person = desk.file("sam.yaml", BROOKLYN_PERSON)
    assert desk.well("check", campaign, person).lines == [f"sam is eligible for {PHONE}"]
    far = desk.file("pat.yaml", BROOKLYN_PERSON.replace("40.6782, -73.9442", "33.5186, -86.8104"))
    told = desk.perks("check", campaign, far)
    assert told.code == 1
    assert told.lines[0] == f"pat is ineligible for {PHONE}"
    assert "[location.outside]" in told.lines[1]
    assert "from its edge, from device" in told.lines[2]


def test_a_person_can_be_given_as_json(desk: Desk) -> None:
    person = desk.file("kim.json", '{"opted_in": ["perks"], "born_on": "1990-04-01"}')
    told = desk.perks("check", desk.campaign_file(), person, "--json")
    assert (told.code, told.err) == (1, "")
    assert (told.data["person"], told.data["verdict"]) == ("kim", "unknown")
    assert {one["code"] for one in told.data["reasons"]} == {
        "score.missing",
        "location.missing",
        "topics.missing",
        "followers.missing",
    }
    assert told.data["tree"]["node"] == "all"


def test_a_person_file_with_faults_names_each(desk: Desk) -> None:
    person = desk.file("kim.yaml", "opted_in: [perks]\nborn_onn: 1990-04-01\nscore: {reach: high}\n")
    told = desk.perks("check", desk.campaign_file(), person)
    assert (told.code, told.out) == (2, "")
    assert "kim.yaml:2:1: born_onn: unknown attribute" in told.err
    assert "did you mean 'born_on'?" in told.err
    assert "kim.yaml:3:16: score.reach: found 'high'" in told.err


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        ("2026-12-01T09:00", "'2026-12-01T09:00' has no zone"),
        ("2026-12-01", "'2026-12-01' has no zone"),
        ("yesterday", "'yesterday' is not a date and time"),
        ("2026-13-41T09:00Z", "'2026-13-41T09:00Z' is not a date and time"),
        ("", "'' is not a date and time"),
    ],
)
def test_a_moment_that_cannot_be_read(desk: Desk, at: str, fault: str) -> None:
    campaign, person = desk.campaign_file(), desk.file("sam.yaml", BROOKLYN_PERSON)
    told = desk.perks("check", campaign, person, "--at", at)
    assert (told.code, told.out) == (2, "")
    assert told.err == f"perks: --at: {fault}; expected such as 2026-12-01T09:00-05:00\n"
    error = desk.perks("check", campaign, person, "--at", at, "--json").data["error"]
    assert error["code"] == "option.at"


def test_the_verdict_is_that_of_the_moment_asked_for(desk: Desk) -> None:
    person = desk.file("sam.yaml", BROOKLYN_PERSON.replace("1990-04-01", "2009-03-01"))
    told = desk.perks("check", desk.campaign_file(), person, "--at", "2027-02-28T12:00Z")
    assert told.code == 1
    assert "[born_on.below]" in told.out
    assert desk.well("check", desk.campaign_file(), person, "--at", "2027-03-01T12:00Z").code == 0
