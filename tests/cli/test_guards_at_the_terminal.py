"""A guard pauses a campaign: what staff reads at the terminal, and how it goes on."""

from __future__ import annotations

import pytest

from tests.cli.command_line import HERE, Desk
from tests.engine_room import BRAND, PHONE

FOUND = "2 people were granted on the point 40.678200,-73.944200"
HEALTHY = "at most 1 person granted on one point"


@pytest.fixture
def paused(desk: Desk) -> Desk:
    """The phone campaign, paused by the second grant on one point."""
    desk.well("contact", "add", BRAND, "launch@northwind.example", "--by", "mara")
    desk.open_campaign(guards="[{same_point: {at_most: 1}}]")
    for person in ("ana", "bo"):
        desk.granted(desk.person(person))
    return desk


def test_why_it_is_paused_and_how_it_goes_on(paused: Desk) -> None:
    lines = paused.well("campaign", "show", PHONE).lines
    assert lines[0] == f"{PHONE} ({BRAND}): paused, 498 units free"
    assert lines[1].startswith("paused 20")
    assert lines[1].endswith(f"Z by guard same_point: {FOUND}; healthy is: {HEALTHY}")
    assert lines[2] == f"told: the staff of {BRAND} (launch@northwind.example)"
    assert lines[3] == f'to go on: perks campaign resume {PHONE} --why "..."'
    assert lines[5:7] == [f"  ✗ {HEALTHY}", f"      {FOUND}"]
    refused = paused.perks("claim", PHONE, paused.person("cleo"), "--key", "k")
    assert (refused.code, refused.lines[0][:25]) == (1, "refused (campaign paused)")


def test_the_staff_is_told(paused: Desk) -> None:
    [told] = [one for one in paused.json("messages")["messages"] if one["kind"] == "campaign_paused"]
    assert (told["to"], told["staff_of"], told["state"]) == (f"the staff of {BRAND}", BRAND, "queued")
    assert f"What was found:    {FOUND}." in told["text"]
    assert f"What is healthy:   {HEALTHY}." in told["text"]
    assert f"--- campaign_paused to the staff of {BRAND}, " in paused.well("messages").out


def test_it_goes_on_with_a_name_and_a_reason(paused: Desk) -> None:
    told = paused.perks("campaign", "resume", PHONE, "--why", " ", "--by", "noor")
    said = f"perks: say why: it stands in the history of {PHONE}, under the name of noor\n"
    assert (told.code, told.err) == (2, said)
    paused.well("campaign", "resume", PHONE, "--why", "one house", "--by", "noor")
    lines = paused.well("campaign", "show", PHONE).lines
    assert lines[0] == f"{PHONE} ({BRAND}): open, 498 units free"
    assert f"  ✓ {HEALTHY}" in lines
    assert "      0 people were granted on one point" in lines
    history = [line.split("  ", 2)[2] for line in lines if line.startswith("  20")]
    assert history == [
        "opened by mara",
        f"paused by guard same_point: {FOUND}; healthy is: {HEALTHY}",
        "resumed by noor: one house",
    ]


def test_it_is_not_opened_past_its_pause(paused: Desk) -> None:
    told = paused.perks("campaign", "open", PHONE)
    assert told.code == 1
    assert told.err.endswith("is its live version; resume it, and say why\n")


def test_who_is_told_is_data(desk: Desk) -> None:
    added = desk.well("contact", "add", BRAND, "launch@northwind.example", "--name", "the launch team")
    assert added.out == f"launch@northwind.example is told when a guard pauses a campaign of {BRAND}\n"
    again = desk.well("contact", "add", BRAND, "launch@northwind.example")
    assert "is told already when" in again.out
    [one] = desk.json("contact", "list")["contacts"]
    assert (one["brand"], one["email"], one["name"]) == (BRAND, "launch@northwind.example", "the launch team")
    assert one["added_by"] == "test-user"
    assert desk.json("contact", "list", "--brand", "other")["contacts"] == []
    desk.well("contact", "remove", BRAND, "launch@northwind.example")
    assert desk.json("contact", "list")["contacts"] == []


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("add", BRAND, "launch at northwind"), "'launch at northwind' is no e-mail address"),
        (("add", BRAND, "a@b.example, c@d.example"), "'a@b.example, c@d.example' is no e-mail address"),
        (
            ("add", "Northwind Phones", "a@b.example"),
            "'Northwind Phones' is no brand; write it as campaign files do",
        ),
        (("remove", BRAND, "a@b.example"), f"{BRAND} has no contact a@b.example"),
    ],
)
def test_a_contact_that_cannot_be(desk: Desk, arguments: tuple[str, ...], fault: str) -> None:
    told = desk.perks("contact", *arguments)
    assert (told.code, told.out, told.err) == (2, "", f"perks: {fault}\n")


def test_a_preview_shows_what_the_guards_would_find(desk: Desk) -> None:
    guards = (
        "[{same_point: {at_most: 1}}, {source_share: {only_from: device, at_most: 90%}},"
        " {grants: {at_most: 5, over: 1h}}]"
    )
    desk.well("campaign", "load", desk.campaign_file(guards=guards), "--by", "mara")
    for person in ("ana", "bo"):
        desk.person(person, HERE)
    seen = desk.well("campaign", "preview", PHONE, "--by", "mara", "--html", "preview.html").lines
    begin = seen.index("What its guards would find if everybody who is eligible claimed")
    assert seen[begin + 1 : begin + 7] == [
        f"  ✗ {HEALTHY}",
        "      2 eligible people are on one point",
        "  ✓ of those granted, at most 90% have their location from device only",
        "      2 of 2 eligible people have their location from device only (100%), too few to say before 20",
        "  · at most 5 people granted within 1 hour",
        "      seen only while it runs",
    ]
    page = (desk.folder / "preview.html").read_text(encoding="utf-8")
    assert "2 eligible people are on one point" in page
    assert "pause itself" in page


def test_who_approves_sees_the_preview_that_was_recorded(desk: Desk) -> None:
    desk.well("campaign", "load", desk.campaign_file(), "--by", "mara")
    told = desk.perks("campaign", "preview", PHONE, "--recorded")
    assert (told.code, told.err.split("; ")[1]) == (1, f"run: perks campaign preview {PHONE}\n")
    desk.person("ana")
    made = desk.json("campaign", "preview", PHONE, "--by", "mara")
    desk.person("bo")
    again = desk.json("campaign", "preview", PHONE, "--recorded", "--by", "noor")
    assert again == made
    assert again["previewed_by"] == "mara"
    told = desk.perks("campaign", "preview", PHONE, "--recorded", "--people", "crowd.csv")
    assert (told.code, told.err) == (
        2,
        "perks: --recorded shows what was previewed before, so it takes no --people\n",
    )


def test_one_person_does_not_do_it_all_under_another_spelling(desk: Desk) -> None:
    desk.previewed(desk.campaign_file())
    for name in ("Mara", " mara ", "MARA"):
        assert desk.perks("campaign", "approve", PHONE, "--by", name).code == 2
    desk.well("campaign", "approve", PHONE, "--by", "noor")
    desk.well("campaign", "open", PHONE, "--by", "noor")


def test_another_version_needs_its_own_preview_and_approval(desk: Desk) -> None:
    desk.open_campaign()
    file = desk.campaign_file(quantity="400")
    desk.well("campaign", "load", file, "--by", "mara")
    told = desk.perks("campaign", "open", PHONE)
    assert (told.code, told.err.split("; ")[-1]) == (1, f"run: perks campaign preview {PHONE}\n")
    desk.previewed(file)
    told = desk.perks("campaign", "open", PHONE)
    assert told.err.endswith(f"run: perks campaign approve {PHONE} --by SOMEBODY_ELSE\n")
    desk.well("campaign", "approve", PHONE, "--by", "noor")
    assert desk.well("campaign", "open", PHONE).lines[0] == f"{PHONE} is open; 400 units are free"
