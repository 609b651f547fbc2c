"""`perks token issue|list|revoke`: shown once, kept as a hash, and refused where it would reach nothing."""

from __future__ import annotations

import pytest

from perks_engine.services.session_records import Session
from tests.cli.command_line import Desk, plain
from tests.engine_room import BRAND

ISSUE = ("token", "issue", "--role")


def test_a_token_is_all_that_is_printed(phone_desk: Desk) -> None:
    told = phone_desk.well(*ISSUE, "influencer", "--person", "ana", "--label", "for a test")
    [token] = told.lines
    assert token.startswith("perks.tok_")
    secret = token.rpartition(".")[2]
    listed = phone_desk.well("token", "list").out
    assert "for a test" in listed
    assert secret not in listed
    assert secret.encode() not in phone_desk.database.read_bytes()


def test_a_token_in_json_and_its_end(desk: Desk) -> None:
    made = desk.json(*ISSUE, "compliance", "--brand", BRAND, "--expires", "90d")
    assert (made["role"], made["token"].split(".")[1]) == ("compliance", made["id"])
    assert made["expires_at"].endswith("Z")
    assert desk.well("token", "revoke", made["id"]).lines == [f"{made['id']} is revoked"]
    [listed] = desk.json("token", "list")["tokens"]
    assert listed["revoked_at"] is not None
    told = desk.perks("token", "revoke", made["id"])
    assert (told.code, told.err) == (2, f"perks: there is no live token {made['id']}\n")


def test_a_token_is_rotated_and_narrowed_and_has_a_holder(desk: Desk) -> None:
    made = desk.json(*ISSUE, "compliance", "--brand", BRAND, "--holder", "noor", "--permission", "export_tax")
    rotated = desk.json("token", "rotate", made["id"], "--overlap", "1h", "--expires", "30d")
    assert rotated["id"] == made["id"]
    assert rotated["expires_at"] < made["expires_at"]
    unending = desk.json("token", "rotate", desk.json(*ISSUE, "operator", "--expires", "never")["id"])
    assert unending["expires_at"] is None
    listed, _ = desk.json("token", "list")["tokens"]
    assert (listed["holder"], listed["permissions"]) == ("noor", "export_tax")
    assert listed["older_secret_until"] == rotated["older_secret_until"]
    with desk.engine() as engine:
        for text in (made["token"], rotated["token"]):
            actor = engine.tokens.actor(text)
            assert actor is not None
            assert (actor.name, [*actor.permissions]) == ("noor", ["export_tax"])
    told = desk.perks("token", "rotate", made["id"], "--overlap", "90d")
    assert (told.code, told.err) == (2, "perks: the secret before works along for up to 30 days\n")


def test_who_has_left_acts_by_nothing_any_more(desk: Desk) -> None:
    texts = [
        desk.json(*ISSUE, "compliance", "--brand", BRAND, "--holder", one)["token"]
        for one in ("Noor", "mara")
    ]
    with desk.engine() as engine:
        now = engine.clock()
        asked = Session("", "", "compliance", now, now, holder="noor", brands=(BRAND,))
        with engine.store.write() as tx:
            _, cookie = engine.sessions.start(tx, asked)
        assert engine.sessions.actor(cookie) is not None
    assert desk.json("token", "revoke", "--holder", "noor") == {"tokens": 1, "sessions": 1}
    assert desk.well("token", "revoke", "--holder", "noor").lines == ["0 tokens and 0 sessions of noor ended"]
    with desk.engine() as engine:
        assert engine.sessions.actor(cookie) is None
        assert [engine.tokens.actor(one) is not None for one in texts] == [False, True]
    for named in ((), ("tok_x", "--holder", "noor"), ("--holder", "noor", "--person", "ana")):
        told = desk.perks("token", "revoke", *named)
        assert (told.code, told.err) == (2, "perks: name a token, --holder or --person: one of them\n")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("influencer",), "an influencer's token needs the person it stands for"),
        (("influencer", "--person", "nobody"), "nobody is on record as nobody"),
        (("compliance",), "a token of the role compliance needs a brand, or * for all"),
        (
            ("compliance", "--brand", BRAND, "--person", "ana"),
            "a token of the role compliance stands for no person",
        ),
        (
            ("influencer", "--person", "ana", "--holder", "noor"),
            "an influencer's token has no holder but its person",
        ),
        (
            ("fulfillment", "--brand", BRAND, "--permission", "promote"),
            "the role fulfillment has no permission promote; it has record_fulfillment, see_campaigns",
        ),
        (
            ("compliance", "--brand", BRAND, "--expires", "soon"),
            "--expires: 'soon' is not a span; expected such as 90d",
        ),
    ],
)
def test_a_token_that_cannot_be(desk: Desk, words: tuple[str, ...], fault: str) -> None:
    told = desk.perks(*ISSUE, *words)
    assert (told.code, told.out, told.err) == (2, "", f"perks: {fault}\n")
    error = desk.perks(*ISSUE, *words, "--json").data["error"]
    assert error["message"] == fault
    assert error["code"]
    assert desk.json("token", "list") == {"tokens": []}


def test_a_role_that_is_not_there_is_told_which_are(desk: Desk) -> None:
    told = desk.perks(*ISSUE, "king")
    assert (told.code, told.out) == (2, "")
    assert "'king' is not one of 'influencer', 'brand_manager'" in plain(told.err)
