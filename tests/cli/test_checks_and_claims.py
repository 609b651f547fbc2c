"""`perks check` and `perks claim` on people on record: one verdict, its reasons, and keys that repeat."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.cli.command_line import BROOKLYN_PERSON, Desk
from tests.engine_room import PHONE


@pytest.fixture
def desk(phone_desk: Desk) -> Desk:
    return phone_desk


def test_check_and_claim_agree(desk: Desk) -> None:
    assert desk.well("check", PHONE, "ana").lines == [f"ana is eligible for {PHONE}"]
    assert desk.well("claim", PHONE, "ana", "--key", "k").out.startswith("granted: clm_")
    checked, claimed = desk.perks("check", PHONE, "ben"), desk.perks("claim", PHONE, "ben", "--key", "k")
    assert (checked.code, claimed.code) == (1, 1)
    assert checked.lines[0] == f"ben is ineligible for {PHONE}"
    assert claimed.lines[0].startswith("refused (ineligible): clm_")
    assert checked.lines[1:] == claimed.lines[1:]
    assert "[location.outside]" in checked.lines[1]
    assert checked.lines[2].strip().startswith("found: outside New York City")
    assert checked.lines[3].strip().startswith("change: ")


def test_the_same_in_json(desk: Desk) -> None:
    checked = desk.perks("check", PHONE, "ben", "--json")
    claimed = desk.perks("claim", PHONE, "ben", "--key", "k", "--json")
    assert (checked.code, claimed.code) == (1, 1)
    assert checked.data["verdict"] == claimed.data["verdict"] == "ineligible"
    assert checked.data["reasons"] == claimed.data["reasons"]
    assert claimed.data["outcome"] == "refused"
    granted = desk.json("claim", PHONE, "ana", "--key", "k")
    assert (granted["outcome"], granted["where"], granted["reasons"]) == ("granted", "reserved", [])


def test_a_check_leaves_no_trace(desk: Desk) -> None:
    desk.perks("check", PHONE, "ben")
    assert desk.json("person", "show", "ben")["claims"] == []
    assert desk.json("messages") == {"messages": []}


def test_later_the_evidence_is_stale_and_the_verdict_unknown(desk: Desk) -> None:
    told = desk.perks("check", PHONE, "ana", "--at", "2190-01-01T00:00Z")
    assert told.code == 1
    assert told.lines[0] == f"it is not known whether ana is eligible for {PHONE}"
    assert "[score.stale]" in told.out
    assert "[location.stale]" in told.out


def test_the_moment_of_a_verdict_is_written_as_every_other_instant_is(desk: Desk) -> None:
    told = desk.perks("check", PHONE, "ana", "--at", "2190-01-01T05:30+05:30", "--json")
    assert told.data["decided_at"] == "2190-01-01T00:00:00Z"
    now = desk.json("check", PHONE, "ana")["decided_at"]
    assert now.endswith("Z")
    assert datetime.fromisoformat(now).tzinfo is not None


@pytest.mark.parametrize("at", ["yesterday", "2026-12-01T09:00"])
def test_a_moment_that_cannot_be_read(desk: Desk, at: str) -> None:
    told = desk.perks("check", PHONE, "ana", "--at", at)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"perks: --at: '{at}' ")


def test_a_campaign_on_record_and_a_person_in_a_file(desk: Desk) -> None:
    person = desk.file("sam.yaml", BROOKLYN_PERSON)
    assert desk.json("check", PHONE, person)["verdict"] == "eligible"
    assert desk.json("check", desk.campaign_file(), "ana")["verdict"] == "eligible"


def test_a_folder_in_place_of_a_campaign_or_a_person_is_named_as_one(desk: Desk) -> None:
    (desk.folder / "rules").mkdir()
    told = desk.perks("check", "rules", "ana")
    assert (told.code, told.out) == (2, "")
    assert told.err == "perks: rules is a folder, and nothing on record; name a campaign file in it\n"
    told = desk.perks("check", PHONE, "rules")
    assert told.err.endswith("nothing on record; name a file in it that describes one person\n")
    # A folder that happens to bear the name of a campaign on record is in nobody's way.
    (desk.folder / PHONE).mkdir()
    assert desk.well("check", PHONE, "ana").lines == [f"ana is eligible for {PHONE}"]
    assert desk.perks("check", PHONE, "nobody").err == "perks: nobody is on record as nobody\n"


def test_a_folder_is_named_where_there_is_no_database_either(desk: Desk) -> None:
    (desk.folder / "rules").mkdir()
    told = desk.perks("check", "rules", "ana", "--database", "none.db", "--json")
    assert (told.code, told.err) == (2, "")
    assert told.data["error"]["code"] == "file.folder"
    assert told.data["error"]["message"].startswith("rules is a folder, ")


def test_a_name_that_is_no_text_is_no_fault_of_the_database(desk: Desk) -> None:
    """A byte that is not UTF-8, as a terminal hands it over."""
    told = desk.perks("person", "show", "\udcff", "--json")
    assert (told.code, told.err) == (2, "")
    assert told.data["error"]["code"] == "input"
    assert "can't encode character" in told.data["error"]["message"]


@pytest.mark.parametrize("command", [("check",), ("claim", "--key", "k")])
def test_what_is_not_there_is_named(desk: Desk, command: tuple[str, ...]) -> None:
    for words, fault in (
        (("no-such", "ana"), "there is no campaign 'no-such'; run: perks campaign list"),
        ((PHONE, "nobody"), "nobody is on record as nobody"),
    ):
        told = desk.perks(*command, *words)
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith(f"perks: {fault}")
        assert desk.perks(*command, *words, "--json").data["error"]["message"].startswith(fault)


def test_the_same_key_gives_the_same_answer_and_takes_one_unit(desk: Desk) -> None:
    first = desk.json("claim", PHONE, "ana", "--key", "k")
    assert desk.json("claim", PHONE, "ana", "--key", "k") == first
    assert desk.json("campaign", "show", PHONE)["free_units"] == 499
    assert len(desk.json("person", "show", "ana")["claims"]) == 1


def test_a_refusal_stays_refused_under_its_key(desk: Desk) -> None:
    refused = desk.perks("claim", PHONE, "ben", "--key", "k", "--json")
    desk.person("ben")
    again = desk.perks("claim", PHONE, "ben", "--key", "k", "--json")
    assert (again.code, again.data) == (1, refused.data)
    assert desk.json("claim", PHONE, "ben", "--key", "another")["outcome"] == "granted"


def test_a_key_that_was_used_for_another_claim_is_a_conflict(desk: Desk) -> None:
    desk.open_campaign("second")
    desk.well("claim", PHONE, "ana", "--key", "k")
    told = desk.perks("claim", "second", "ana", "--key", "k")
    assert (told.code, told.out) == (2, "")
    assert told.err == (
        "perks: --key: this idempotency key was used for a different request; "
        "use a new key for a new request\n"
    )
    told = desk.perks("claim", "second", "ana", "--key", "k", "--json")
    assert (told.code, told.data["error"]["code"]) == (2, "idempotency.conflict")
    assert desk.json("campaign", "show", "second")["free_units"] == 500


@pytest.mark.parametrize("key", ["", "k" * 201, "a\nb"])
def test_a_key_that_cannot_be_one(desk: Desk, key: str) -> None:
    told = desk.perks("claim", PHONE, "ana", "--key", key)
    assert (told.code, told.out) == (2, "")
    assert told.err == "perks: --key: an idempotency key has 1 to 200 printable characters\n"


def test_a_second_unit_is_refused_with_its_reason(desk: Desk) -> None:
    desk.well("claim", PHONE, "ana", "--key", "first")
    told = desk.perks("claim", PHONE, "ana", "--key", "second")
    assert told.code == 1
    assert told.lines[0].startswith("refused (limit reached): clm_")
    assert told.lines[1:3] == [
        "  ✗ asks for at most 1 for each person  [limit.reached]",
        "    found: you have had yours",
    ]


def test_a_refusal_for_what_is_not_known_says_so(desk: Desk) -> None:
    desk.person("cleo", "1990-04-01,71,technology,,,")
    told = desk.perks("claim", PHONE, "cleo", "--key", "k")
    assert told.code == 1
    assert told.lines[0].startswith("refused (not known whether eligible): clm_")
    assert "[location.missing]" in told.out


def test_a_claim_on_a_paused_campaign_says_so(desk: Desk) -> None:
    desk.well("campaign", "pause", PHONE)
    told = desk.perks("claim", PHONE, "ana", "--key", "k")
    assert told.code == 1
    assert told.lines[0].startswith("refused (campaign paused): clm_")
    assert "[campaign.paused]" in told.lines[1]
    desk.well("campaign", "resume", PHONE, "--why", "all is well")
    assert desk.well("claim", PHONE, "ana", "--key", "k2").code == 0


def test_every_answer_is_in_the_outbox(desk: Desk) -> None:
    desk.well("claim", PHONE, "ana", "--key", "k")
    desk.perks("claim", PHONE, "ben", "--key", "k")
    found = desk.json("messages")["messages"]
    assert [(one["person"], one["kind"]) for one in found] == [
        ("ben", "refusal"),
        ("ana", "disclosure_instruction"),
        ("ana", "grant"),
    ]
    told = desk.well("messages", "--limit", "1")
    assert told.lines[0].startswith("--- refusal to ben, ")
    assert "Your claim for Northwind One" in told.lines
    assert "grant to ana" not in told.out
    assert desk.perks("messages", "--limit", "0").code == 2
