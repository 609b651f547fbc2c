"""`perks campaign load … close`: from a file to an open campaign and to its end, step by step."""

from __future__ import annotations

import pytest

from tests.cli.command_line import FAR, PEOPLE_HEADER, Desk, moment
from tests.engine_room import BRAND, PHONE

WHY = {"resume": ("--why", "nothing found"), "explain": ("--why", "a wrong area")}
"""What a step cannot do without."""


def test_the_way_of_a_campaign(desk: Desk, database_url: str) -> None:
    desk.environment["PERKS_DATABASE_URL"] = database_url
    file = desk.campaign_file()
    assert desk.well("campaign", "load", file, "--by", "mara").out.startswith(f"{PHONE}: version ")
    again = desk.well("campaign", "load", file, "--by", "mara")
    assert "was there already, 24 of 24 examples pass" in again.out
    desk.person("ana")
    desk.person("ben", FAR)
    seen = desk.well("campaign", "preview", PHONE, "--by", "mara")
    assert "over 2 people" in seen.lines[0]
    assert "  eligible            1   50.0%   for 500 units" in seen.lines
    assert any(line.startswith("  ineligible ben ") and "location: not met" in line for line in seen.lines)
    approved = desk.well("campaign", "approve", PHONE, "--by", "noor").lines
    assert approved[0].endswith("approved by noor")
    assert approved[1:] == [
        "by the preview that mara made over 2 people: 1 eligible, 1 ineligible, 0 unknown"
    ]
    assert desk.well("campaign", "open", PHONE).lines == [
        f"{PHONE} is open; 500 units are free",
        f"nobody would be told when a guard pauses it; run: perks contact add {BRAND} EMAIL",
    ]
    desk.well("contact", "add", BRAND, "launch@northwind.example")
    assert desk.well("campaign", "open", PHONE).lines == [f"{PHONE} is open; 500 units are free"]
    assert desk.well("campaign", "pause", PHONE, "--why", "a look").lines[0].startswith(f"{PHONE} is paused")
    assert "a look" in desk.well("campaign", "show", PHONE).lines[1]
    resumed = desk.well("campaign", "resume", PHONE, "--why", "nothing found")
    assert resumed.lines == [f"{PHONE} is open; 500 units are free"]
    assert desk.well("campaign", "close", PHONE).lines == [f"{PHONE} is closed; 500 units are free"]


def test_one_of_a_thing_is_told_as_one(desk: Desk) -> None:
    text = (desk.folder / desk.campaign_file(quantity="1")).read_text(encoding="utf-8")
    first, second = text.index("  - name: Birmingham"), text.index("  - name: only says")
    loaded = desk.well("campaign", "load", desk.file("one.yaml", text[:first]), "--by", "mara")
    assert loaded.out.endswith("loaded, 1 of 1 example passes\n")
    both = desk.well("campaign", "load", desk.file("two.yaml", text[:second]), "--by", "mara")
    assert both.out.endswith("loaded, 2 of 2 examples pass\n")
    desk.person("ana")
    seen = desk.well("campaign", "preview", PHONE, "--by", "mara")
    assert seen.lines[0].endswith(", over 1 person")
    assert "  eligible            1  100.0%   for 1 unit" in seen.lines
    desk.well("campaign", "approve", PHONE, "--by", "noor")
    assert desk.well("campaign", "open", PHONE).lines[0] == f"{PHONE} is open; 1 unit is free"
    assert desk.well("campaign", "show", PHONE).lines[0].endswith(": open, 1 unit free")
    desk.granted("ana")
    assert desk.well("campaign", "pause", PHONE, "--by", "mara").lines == [
        f"{PHONE} is paused; 0 units are free",
        f"say why as soon as there is time: perks campaign explain {PHONE} --why REASON",
    ]
    assert desk.json("campaign", "show", PHONE)["paused_because"] == ""
    told = desk.perks("campaign", "explain", PHONE, "--why", " ")
    assert (told.code, told.err[:14]) == (2, "perks: say why")
    desk.well("campaign", "explain", PHONE, "--why", "a wrong area", "--by", "mara")
    shown = desk.json("campaign", "show", PHONE)
    assert (shown["paused_because"], shown["paused_by"]) == ("a wrong area", "mara")
    assert [one["act"] for one in shown["history"]] == ["opened", "paused", "explained"]


def test_a_folder_is_not_taken_for_the_name_of_a_campaign(desk: Desk) -> None:
    (desk.folder / "rules").mkdir()
    told = desk.perks("campaign", "show", "rules")
    assert (told.code, told.out) == (2, "")
    assert told.err == "perks: rules is a folder, and nothing on record; name a campaign file in it\n"


def test_each_step_in_json(desk: Desk) -> None:
    [loaded] = desk.json("campaign", "load", desk.campaign_file(quantity="7"), "--by", "mara")["loaded"]
    assert (loaded["campaign"], loaded["new"], loaded["examples_failed"]) == (PHONE, True, 0)
    previewed = desk.json("campaign", "preview", PHONE)
    assert (previewed["people"], previewed["stock"]) == (0, 7)
    approved = desk.json("campaign", "approve", PHONE, "--by", "noor")
    assert (approved["version"], approved["approved_by"]) == (loaded["version"], "noor")
    assert approved["preview"]["people"] == 0
    for step, state in (("open", "open"), ("pause", "paused"), ("resume", "open"), ("close", "closed")):
        assert desk.json("campaign", step, PHONE, *WHY.get(step, ()))["state"] == state
    shown = desk.json("campaign", "show", PHONE)
    assert shown["versions"][0]["loaded_by"] == "mara"
    assert [one["state"] for one in desk.json("campaign", "list")["campaigns"]] == ["closed"]
    assert desk.well("campaign", "list").lines[1].split()[:4] == [PHONE, "northwind-phones", "closed", "7"]


def test_a_campaign_whose_window_is_to_come_is_scheduled(desk: Desk) -> None:
    desk.open_campaign(window=f"{{opens: {moment(days=5)}, closes: {moment(days=9)}}}")
    assert desk.well("campaign", "show", PHONE).lines[0].startswith(f"{PHONE} (northwind-phones): scheduled")


def test_what_is_not_ready_does_not_open_and_names_the_next_step(desk: Desk) -> None:
    file = desk.campaign_file()
    desk.well("campaign", "load", file, "--by", "mara")
    told = desk.perks("campaign", "open", PHONE)
    assert (told.code, told.out) == (1, "")
    assert told.err.endswith(f"run: perks campaign preview {PHONE}\n")
    desk.previewed(file)
    told = desk.perks("campaign", "open", PHONE, "--json")
    assert (told.code, told.data["error"]["code"]) == (1, "campaign.not_approved")
    assert f"perks campaign approve {PHONE} --by" in told.data["error"]["message"]


def test_nobody_approves_what_they_loaded(desk: Desk) -> None:
    desk.previewed(desk.campaign_file())
    told = desk.perks("campaign", "approve", PHONE, "--by", "mara")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("perks: mara loaded this version; somebody else has to approve it")


def test_who_acts_is_taken_from_the_environment(desk: Desk) -> None:
    desk.well("campaign", "load", desk.campaign_file())
    [version] = desk.json("campaign", "show", PHONE)["versions"]
    assert version["loaded_by"] == "test-user"


def test_a_campaign_whose_examples_fail_is_kept_and_cannot_open(desk: Desk) -> None:
    text = (desk.folder / desk.campaign_file()).read_text(encoding="utf-8")
    file = desk.file("wrong.yaml", text.replace("verdict: unknown", "verdict: eligible", 1))
    told = desk.perks("campaign", "load", file, "--by", "mara")
    assert told.code == 1
    assert "23 of 24 examples pass" in told.out
    desk.previewed(file)
    desk.well("campaign", "approve", PHONE, "--by", "noor")
    told = desk.perks("campaign", "open", PHONE)
    assert (told.code, told.err) == (1, "perks: 1 of its 24 examples fail; run: perks campaign test FILE\n")


def test_of_several_files_none_is_loaded_where_one_is_faulty(desk: Desk) -> None:
    sound, faulty = desk.campaign_file("sound"), desk.campaign_file("faulty", quantity="none")
    told = desk.perks("campaign", "load", sound, faulty)
    assert (told.code, told.out) == (2, "")
    assert "faulty.yaml:9:13: perk.quantity" in told.err
    assert desk.json("campaign", "list") == {"campaigns": []}


@pytest.mark.parametrize(
    "step", ["show", "preview", "approve", "open", "pause", "explain", "resume", "close"]
)
def test_a_campaign_that_is_not_there(desk: Desk, step: str) -> None:
    told = desk.perks("campaign", step, "no-such", *WHY.get(step, ()))
    assert (told.code, told.out) == (2, "")
    assert told.err == "perks: there is no campaign 'no-such'; run: perks campaign list\n"
    assert (
        desk.perks("campaign", step, "no-such", *WHY.get(step, ()), "--json").data["error"]["code"]
        == "campaign.unknown"
    )


@pytest.mark.parametrize(
    ("before", "step", "needed"),
    [
        ((), "resume", "is open; this needs it to be paused"),
        (("pause",), "pause", "is paused; this needs it to be open or scheduled"),
        (("close",), "pause", "is closed; this needs it to be open or scheduled"),
        ((), "explain", "is open; this needs it to be paused"),
        (("close",), "resume", "is closed; this needs it to be paused"),
        (("close",), "close", "is closed; this needs it to be open or scheduled or paused"),
    ],
)
def test_a_step_that_the_state_forbids(
    phone_desk: Desk, before: tuple[str, ...], step: str, needed: str
) -> None:
    for earlier in before:
        phone_desk.well("campaign", earlier, PHONE)
    told = phone_desk.perks("campaign", step, PHONE, *WHY.get(step, ()))
    assert (told.code, told.out, told.err) == (1, "", f"perks: the campaign {PHONE} {needed}\n")


def test_what_was_closed_by_hand_stays_closed(phone_desk: Desk) -> None:
    """`perks campaign close --help`: the end of the campaign, for good."""
    phone_desk.well("campaign", "close", PHONE)
    told = phone_desk.perks("campaign", "open", PHONE)
    assert (told.code, told.out) == (1, "")
    assert "closed" in told.err
    assert phone_desk.json("campaign", "show", PHONE)["state"] == "closed"


def test_a_preview_over_a_file_of_people_keeps_none_of_them(desk: Desk) -> None:
    desk.well("campaign", "load", desk.campaign_file())
    people = desk.file("crowd.csv", f"{PEOPLE_HEADER}\nx,x,{FAR},perks,2020-01-01T00:00Z,form\n")
    assert desk.json("campaign", "preview", PHONE, "--people", people)["ineligible"] == 1
    assert not desk.knows("x")
    told = desk.perks("campaign", "preview", PHONE, "--people", "none.csv")
    assert (told.code, told.out) == (2, "")
    assert "none.csv: cannot be read: No such file or directory" in told.err
