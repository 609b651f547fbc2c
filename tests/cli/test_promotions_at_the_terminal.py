"""`perks promotions …`: what a brand and an operator see and do at a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cli.command_line import Desk


@pytest.fixture
def received(phone_desk: Desk) -> str:
    """Ana received her phone; the claim."""
    claim = phone_desk.granted("ana")
    now = datetime.now(UTC).isoformat()
    rows = (f"{claim},ship,{now},T1", f"{claim},deliver,{now},T1")
    phone_desk.well("fulfillment", "record", phone_desk.records(*rows), "--by", "warehouse")
    return claim


def test_from_no_to_yes_and_back(phone_desk: Desk, received: str) -> None:
    asking = ("promotions", "ask", received, "--channel", "site", "--publisher", "northwind-blog")
    told = phone_desk.perks(*asking)
    assert told.code == 1
    assert told.out.splitlines()[0] == "it may not be shown (ineligible):"
    assert "[promotion.consent]" in told.out
    said = ("ana", "likeness", "site", "--why", "she said so by telephone")
    phone_desk.well("consents", "give", *said, "--shown", "1")

    told = phone_desk.well(*asking)
    promotion = told.lines[0].split()[0]
    assert told.lines == [
        f"{promotion} may be shown on site by northwind-blog, both lines together:",
        "  ana.handle received Northwind One.",
        "  Ad: given free of charge by Northwind Phones.",
    ]
    again = phone_desk.perks(*asking)
    assert (again.code, again.err) == (
        2,
        f"perks: {promotion} says the same on site by northwind-blog, and is queued\n",
    )
    place = "https://blog.northwind.example/launch"
    assert phone_desk.well("promotions", "publish", promotion, "--at", place).out == (
        f"{promotion} is published\n"
    )
    phone_desk.well("consents", "withdraw", *said)
    [listed] = phone_desk.json("promotions", "list", "--state", "retracted")["promotions"]
    assert (listed["promotion"], listed["place"]) == (promotion, place)
    shown = phone_desk.well("promotions", "show", promotion).lines
    assert shown[0] == f"{promotion} is retracted: site by northwind-blog"
    assert [line.partition(" ")[2].partition(" ")[0] for line in shown[4:7]] == [
        *("queued", "published", "retracted"),
    ]
    assert " told to northwind-blog by " in shown[-1]
    assert phone_desk.well("promotions", "list").lines[1].split()[:2] == [promotion, "retracted"]
    refused = phone_desk.perks("promotions", "publish", promotion)
    assert (refused.code, refused.err) == (
        1,
        f"perks: {promotion} may not be published: it is retracted\n",
    )
    refused = phone_desk.perks("promotions", "retract", promotion)
    assert (refused.code, refused.err) == (1, f"perks: {promotion} is over already: it is retracted\n")
    assert phone_desk.well("promotions", "taken-down", promotion).out == f"{promotion} is taken_down\n"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("ask", "clm_1", "--channel", "tv", "--publisher", "x"), "their name and likeness on 'tv'"),
        (("ask", "clm_1", "--channel", "site", "--publisher", "A B"), "'A B' is no publisher"),
        (("ask", "clm_1", "--channel", "site", "--publisher", "x"), "there is no claim clm_1"),
        (("show", "prm_1"), "there is no promotion prm_1"),
        (("publish", "prm_1", "--at", "javascript:x"), "say where it is as an address"),
    ],
)
def test_what_cannot_be(phone_desk: Desk, arguments: tuple[str, ...], fault: str) -> None:
    told = phone_desk.perks("promotions", *arguments)
    assert told.code == 2
    assert fault in told.err
