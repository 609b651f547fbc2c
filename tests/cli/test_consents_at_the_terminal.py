"""`perks consents …`: what people are asked, what they said, and what they told the staff."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import HERE, JOINED, PEOPLE_HEADER, Desk
from tests.engine_room import PHONE

MINOR = "zazie.lemetro,zazie.on.the.metro,2014-07-01,71,technology,40.6782,-73.9442,30"


def test_what_people_are_asked(desk: Desk) -> None:
    lines = desk.well("consents", "purposes").lines
    assert lines[0] == "perks email: version 1, commercial"
    assert lines[1].startswith("  I want to take part in perks")
    assert lines[2] == "  in en, es, fr"
    assert "moments email: version 1, commercial, confirmed by mail" in lines
    [perks] = [one for one in desk.json("consents", "purposes")["purposes"] if one["purpose"] == "perks"]
    assert len(perks["texts"][0]["sha256"]) == 64


def test_what_somebody_told_the_staff_is_written_down_with_its_reason(phone_desk: Desk) -> None:
    told = phone_desk.well(
        *("consents", "give", "ana", "feedback", "email", "--shown", "1"),
        *("--why", "said so at the launch", "--by", "noor"),
    )
    assert told.out.startswith("ana agreed to feedback by email since 20")
    told = phone_desk.well("consents", "withdraw", "ana", "feedback", "email", "--why", "telephone")
    assert told.out.startswith("ana said no to feedback by email at 20")
    assert told.out.endswith(": nothing is sent for it\n")
    lines = phone_desk.well("consents", "show", "ana").lines
    [row] = [line.split() for line in lines if line.startswith("feedback")]
    assert row[:3] == ["feedback", "email", "withdrawn"]
    yes, no = lines[-2:]
    assert "yes to feedback by email; staff: written down by staff; version 1 in en, sha256 " in yes
    assert yes.endswith("recorded by noor; because said so at the launch")
    assert no.endswith("recorded by test-user; because telephone")


@pytest.mark.parametrize(
    ("words", "code", "fault"),
    [
        (
            ("give", "ana", "feedback", "email", "--shown", "7", "--why", "w"),
            2,
            "the words on feedback have no version 7",
        ),
        (
            ("give", "ana", "feedback", "email", "--shown", "1", "--why", " "),
            2,
            "say why you write this down for ana",
        ),
        (
            ("give", "ana", "surveys", "email", "--shown", "1", "--why", "w"),
            2,
            "nobody is asked about surveys/email",
        ),
        (("give", "eve", "feedback", "email", "--shown", "1", "--why", "w"), 2, "nobody is on record as eve"),
        (("withdraw", "ana", "surveys", "email", "--why", "w"), 2, "nobody is asked about surveys/email"),
        (
            ("give", "ana", "feedback", "email", "--shown", "ff", "--why", "w"),
            2,
            "words that are none of ours",
        ),
        (("give", "ana", "moments", "email", "--shown", "1", "--why", "w"), 1, "there is no e-mail address"),
    ],
)
def test_what_cannot_be_written_down(phone_desk: Desk, words: tuple[str, ...], code: int, fault: str) -> None:
    told = phone_desk.perks("consents", *words)
    assert (told.code, fault in told.err) == (code, True), told.err
    assert len(phone_desk.json("consents", "show", "ana")["history"]) == 1


def test_a_deployment_declares_purposes_and_words_of_its_own(desk: Desk) -> None:
    rules = desk.folder / "rules"
    rules.mkdir()
    own = rules / "consents.yaml"
    own.write_text(
        "purposes:\n  surveys:\n    title: {en: Surveys}\n    commercial: false\n"
        "    channels: {email: {double_opt_in: false}}\n    texts: [{version: 1, en: Ask me.}]\n",
        encoding="utf-8",
    )
    assert "surveys email: version 1, not commercial" in desk.well("consents", "purposes").lines
    own.write_text(
        "purposes:\n  perks:\n    title: {en: Perks}\n    commercial: false\n"
        "    channels: {email: {double_opt_in: false}}\n    texts: [{version: 1, en: Yes.}]\n"
        "  account:\n    title: {en: Account}\n    commercial: false\n"
        "    channels: {email: {double_opt: true}}\n",
        encoding="utf-8",
    )
    told = desk.perks("consents", "purposes")
    assert told.code == 2
    assert "consents.yaml:10:24: purposes.account.channels.email: unknown key 'double_opt'" in told.err
    own.write_text(own.read_text(encoding="utf-8").replace("double_opt:", "double_opt_in:"), encoding="utf-8")
    assert [line.split(": ", 1)[1] for line in desk.perks("consents", "purposes").err.splitlines()[1:]] == [
        "purposes.perks: it advertises, and is called not commercial; expected commercial: true",
        "purposes.account: by email there are no words to ask with; expected texts with a version and en",
        "purposes.account: what goes by this name is sent without asking; expected another name",
    ]


HEADER = f"{PEOPLE_HEADER},name,email,consent_text_version,consent_origin,consent_confirmed_at"


def people(desk: Desk, *rows: str) -> Path:
    return desk.file("people.csv", "\n".join((HEADER, *rows, "")))


def test_a_proof_that_comes_with_a_file_is_kept_whole(desk: Desk) -> None:
    proof = f"moments,{JOINED},form 7,Ana,ana@mail.example,1,198.51.100.7 Firefox,2020-05-01T00:09Z"
    desk.well("person", "import", people(desk, f"ana,ana.b,{HERE},{proof}"))
    [act] = desk.json("consents", "show", "ana")["history"]
    assert (act["how"], act["origin"], act["confirmed_at"]) == (
        "form 7",
        "198.51.100.7 Firefox",
        "2020-05-01T00:09:00Z",
    )
    assert (act["text_version"], len(act["text_sha256"])) == (1, 64)


@pytest.mark.parametrize(
    ("consent", "fault"),
    [
        (
            f"surveys,{JOINED},form,Ana,,,,",
            "nobody is asked about surveys by email; there are perks by email, ",
        ),
        (
            f"moments,{JOINED},form,Ana,,,,",
            "a yes to moments by email is confirmed by mail; say when it was, as ",
        ),
        (f"perks,{JOINED},form,Ana,,9,,", "the words on perks have no version 9"),
        (f",{JOINED},form,Ana,,,,", "consents: the list has 0 items"),
        (f"perks,{JOINED},,Ana,,,,", "the key 'how' is missing"),
    ],
)
def test_nobody_comes_in_without_proof(desk: Desk, consent: str, fault: str) -> None:
    told = desk.perks("person", "import", people(desk, f"ana,ana.b,{HERE},{consent}"))
    assert told.code == 2
    assert "people.csv:2" in told.err
    assert fault in told.err
    assert not desk.knows("ana")


def test_of_a_child_nothing_is_kept_but_that_one_was_refused(desk: Desk) -> None:
    file = people(desk, f"{MINOR},perks,{JOINED},form of zazie,Zazie Lalochère,zazie@metro.example,,,")
    told = desk.perks("person", "import", file)
    assert (told.code, "people.csv:2: below 13; nothing of this row is kept" in told.err) == (2, True)
    assert not any(b"zazie" in data.lower() for data in everything(desk))
    assert not any("Lalochère".encode() in data for data in everything(desk))
    assert desk.well("consents", "refused").out.endswith(": 1 person refused for their age\n")


def test_nobody_below_the_age_of_a_campaign_is_taken_for_it(phone_desk: Desk) -> None:
    seventeen = MINOR.replace("2014-07-01", "2012-11-01")
    file = people(phone_desk, f"{seventeen},perks,{JOINED},form,Zazie Lalochère,zazie@metro.example,,,")
    told = phone_desk.perks("person", "import", file, "--campaign", PHONE)
    assert (told.code, "people.csv:2: below 18; nothing of this row is kept" in told.err) == (2, True)
    assert not any(b"zazie" in data.lower() for data in everything(phone_desk))
    assert phone_desk.json("consents", "refused")["refused"][0]["people"] == 1
    told = phone_desk.perks("person", "import", file, "--campaign", "none")
    assert "there is no campaign 'none'" in told.err


def everything(desk: Desk) -> list[bytes]:
    """The database with its journals, as bytes."""
    return [file.read_bytes() for file in desk.folder.glob("perks.db*")]
