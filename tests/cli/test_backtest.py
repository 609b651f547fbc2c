"""`perks campaign backtest`: what another version would have made of decisions that were recorded."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests.cli.command_line import FAR, Desk
from tests.engine_room import PHONE

WITHOUT_A_PLACE = "1990-04-01,71,technology,,,"


@pytest.fixture
def decided(phone_desk: Desk) -> Desk:
    """Ana in Brooklyn is granted, Ben in Alabama refused, and of Cleo nobody knows where she is. By now Ana
    has moved to Alabama."""
    phone_desk.person("cleo", WITHOUT_A_PLACE)
    for person in ("ana", "ben", "cleo"):
        phone_desk.perks("claim", PHONE, person, "--key", person)
    phone_desk.person("ana", FAR)
    return phone_desk


def version(desk: Desk, name: str, **changes: str) -> Path:
    """The phone campaign with some of its conditions replaced, by what they begin with."""
    text = (desk.folder / desk.campaign_file()).read_text(encoding="utf-8")
    for word, condition in changes.items():
        text, count = re.subn(rf"(?m)^    - {word}: .*$", f"    - {condition}", text)
        assert count == 1
    return desk.file(f"{name}.yaml", text)


def south(desk: Desk) -> Path:
    """Alabama instead of New York."""
    return version(
        desk, "south", location="location: {within: 50 mi, of: [33.5186, -86.8104], accept: [device]}"
    )


def test_under_the_version_that_made_them_all_come_out_the_same(decided: Desk) -> None:
    told = decided.well("campaign", "backtest", PHONE)
    assert told.lines[0].endswith(": 3 decisions replayed")
    assert "  3 come out the same, 0 otherwise" in told.lines


def test_grants_that_would_be_lost_and_gained(decided: Desk) -> None:
    told = decided.perks("campaign", "backtest", PHONE, "--under", south(decided), "--json")
    assert (told.code, told.err) == (1, "")
    found = told.data
    assert (found["decisions"], found["same"], found["changed"]) == (3, 1, 2)
    assert found["verdicts"]["eligible"]["ineligible"] == found["verdicts"]["ineligible"]["eligible"] == 1
    [lost], [gained] = found["grants_lost"]["first"], found["grants_gained"]["first"]
    assert (lost["person"], lost["verdict"], lost["would_be"]) == ("ana", "eligible", "ineligible")
    assert (gained["person"], gained["granted"], gained["would_be_granted"]) == ("ben", False, True)
    [turn] = lost["turns"]
    assert (turn["title"], turn["old"], turn["new"]) == ("location", "met", "not_met")
    assert found["not_as_recorded"]["decisions"] == 0


def test_in_a_terminal(decided: Desk) -> None:
    told = decided.perks("campaign", "backtest", PHONE, "--under", south(decided))
    assert told.code == 1
    assert "  1 come out the same, 2 otherwise" in told.lines
    assert "Granted, and would not be: 1" in told.lines
    assert "Not granted, and would be: 1" in told.lines
    [ana] = [line for line in told.lines if "  ana  dec_" in line]
    assert ana.endswith("location: met → not met")


def test_every_one_that_comes_out_otherwise_as_a_table(decided: Desk) -> None:
    decided.perks("campaign", "backtest", PHONE, "--under", south(decided), "-o", "changed.csv")
    with (decided.folder / "changed.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["person"], row["granted"], row["would_be_granted"]) for row in rows] == [
        ("ana", "yes", "no"),
        ("ben", "no", "yes"),
    ]
    assert rows[0]["turned_by"] == "location: met → not met"


def test_a_campaign_file_is_the_version_they_are_replayed_under(decided: Desk) -> None:
    assert decided.perks("campaign", "backtest", south(decided), "--json").data["changed"] == 2
    told = decided.perks("campaign", "backtest", "south.yaml", "--under", "south.yaml")
    assert (told.code, told.out) == (2, "")
    assert "named twice" in told.err


def test_a_version_that_was_loaded(decided: Desk) -> None:
    live = decided.json("campaign", "show", PHONE)["version"]
    decided.perks("campaign", "load", south(decided), "--by", "mara")
    assert decided.perks("campaign", "backtest", PHONE, "--json").data["changed"] == 2, "the latest"
    for name in (live[:8], "live"):
        assert decided.json("campaign", "backtest", PHONE, "--under", name)["under"] == live


def test_on_a_machine_without_the_database(decided: Desk) -> None:
    on_record = decided.perks("campaign", "backtest", PHONE, "--under", south(decided), "--json").data
    told = decided.well("decisions", "export", PHONE, "-o", "decisions.jsonl")
    assert told.out == "3 decisions by 1 version written to decisions.jsonl\n"
    on_paper = decided.well("decisions", "export", PHONE)
    assert on_paper.out == (decided.folder / "decisions.jsonl").read_text(encoding="utf-8")
    decided.database.unlink()
    taken = ("--decisions", "decisions.jsonl")
    assert decided.perks("campaign", "backtest", "south.yaml", *taken, "--json").data == on_record
    own = on_record["grants_lost"]["first"][0]["version"]
    again = decided.json("campaign", "backtest", PHONE, *taken, "--under", own[:12])
    assert (again["same"], again["changed"]) == (3, 0)
    told = decided.perks("campaign", "backtest", PHONE, *taken, "--under", "0000")
    assert (told.code, told.err) == (
        2,
        f"perks: no version in decisions.jsonl begins with '0000'; there are: {own[:12]}\n",
    )


def test_only_some_of_them(decided: Desk) -> None:
    decided.well("decisions", "export", PHONE, "-o", "decisions.jsonl")
    for source in ((), ("--decisions", "decisions.jsonl")):

        def count(*options: str, source: tuple[str, ...] = source) -> int:
            return decided.json("campaign", "backtest", decided.campaign_file(), *source, *options)[
                "decisions"
            ]

        assert count("--since", "2020-01-01T00:00Z", "--purpose", "claim") == 3
        live = decided.json("campaign", "show", PHONE)["version"]
        assert count("--version", live[:9]) == 3
        told = decided.perks("campaign", "backtest", "south.yaml" if source else PHONE, *source)
        nothing = ("--until", "2020-01-01T00:00Z")
        told = decided.perks("campaign", "backtest", decided.campaign_file(), *source, *nothing)
        assert (told.code, told.out) == (2, "")
        assert f"no decision about {PHONE} before 2020-01-01 00:00 UTC; there are 3 in all" in told.err


def test_a_decision_that_its_own_version_no_longer_bears_out(decided: Desk) -> None:
    """Somebody's file says that Ben was found eligible: either it was changed, or the engine was."""
    decided.well("decisions", "export", PHONE, "-o", "decisions.jsonl")
    text = (decided.folder / "decisions.jsonl").read_text(encoding="utf-8")
    changed = text.replace('"verdict":"ineligible"', '"verdict":"eligible"')
    strange = decided.file("strange.jsonl", changed)
    told = decided.perks("campaign", "backtest", decided.campaign_file(), "--decisions", strange)
    assert told.code == 1
    assert told.lines[2].startswith("!! 1 decision does not come out as recorded")
    assert any("recorded eligible, comes out ineligible" in line for line in told.lines)
    assert "  2 come out the same, 0 otherwise" in told.lines
    found = decided.perks(
        "campaign", "backtest", "phone-launch-nyc.yaml", "--decisions", strange, "--json"
    ).data
    [first] = found["not_as_recorded"]["first"]
    assert (first["person"], first["recorded"], first["comes_out"]) == ("ben", "eligible", "ineligible")


def test_a_decisions_file_with_broken_lines(decided: Desk) -> None:
    decided.well("decisions", "export", PHONE, "-o", "decisions.jsonl")
    head, ana, ben, cleo = (decided.folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    broken = [
        head,
        ana[:-20],
        ben.replace('"verdict":"ineligible"', '"verdict":"maybe"'),
        cleo.replace('"person":"cleo",', ""),
        '{"kind":"claim"}',
        re.sub('"version":"[0-9a-f]*"', f'"version":"{"0" * 64}"', ana),
        re.sub('"value":\\[.*?\\]', '"value":7', ana, count=1),
    ]
    file = decided.file("broken.jsonl", "\n".join(broken) + "\n")
    told = decided.perks("campaign", "backtest", decided.campaign_file(), "--decisions", file)
    assert (told.code, told.out) == (2, "")
    for line, fault in (
        (2, "is not JSON"),
        (3, "verdict: 'maybe' is none of eligible, ineligible, unknown"),
        (4, "person: is missing"),
        (5, "is of the kind 'claim'; expected version or decision"),
        (6, "its version 000000000000 stands in no line before the decisions"),
        (7, "evidence: cannot be read"),
    ):
        assert f"broken.jsonl:{line}:1: {fault}" in told.err


def test_a_file_whose_version_was_changed(decided: Desk) -> None:
    decided.well("decisions", "export", PHONE, "-o", "decisions.jsonl")
    text = (decided.folder / "decisions.jsonl").read_text(encoding="utf-8")
    for what, (old, new) in {
        "version": ('\\"low\\":18', '\\"low\\":81'),
        "area areas/nyc_boroughs": ("MultiPolygon", "Multipolygon"),
    }.items():
        assert old in text
        file = decided.file("forged.jsonl", text.replace(old, new, 1))
        told = decided.perks("campaign", "backtest", decided.campaign_file(), "--decisions", file)
        assert told.code == 2
        assert f"forged.jsonl:1:1: the {what} " in told.err
        assert "it was changed" in told.err


def test_what_is_no_file_of_decisions(decided: Desk) -> None:
    for name, text, fault in (
        ("none.jsonl", None, "cannot be read: No such file or directory"),
        ("empty.jsonl", "", "holds no version by which anything was decided"),
        ("people.jsonl", '{"id": "ana"}\n', "holds no version by which anything was decided"),
    ):
        file = decided.file(name, text) if text is not None else Path(name)
        told = decided.perks("campaign", "backtest", decided.campaign_file(), "--decisions", file)
        assert (told.code, told.out) == (2, "")
        assert f"{name}: {fault}" in told.err


def test_what_is_not_on_record(decided: Desk, phone_desk: Desk) -> None:
    told = decided.perks("campaign", "backtest", "no-such")
    assert (told.code, told.err) == (2, "perks: there is no campaign 'no-such'; run: perks campaign list\n")
    told = decided.perks("campaign", "backtest", PHONE, "--under", "0000")
    assert told.code == 2
    assert f"no version of {PHONE} begins with '0000'" in told.err
    told = decided.perks(
        "campaign", "backtest", PHONE, "--since", "2026-01-02T00:00Z", "--until", "2026-01-01T00:00Z"
    )
    assert (told.code, told.out) == (2, "")
    assert "--until" in told.err
    told = decided.perks("decisions", "export", PHONE, "--purpose", "survey", "--json")
    assert told.data["error"]["code"] == "decisions.none"


def test_a_campaign_that_nobody_has_claimed_yet(phone_desk: Desk) -> None:
    told = phone_desk.perks("campaign", "backtest", PHONE)
    assert (told.code, told.out) == (2, "")
    assert told.err == f"perks: there is no decision about {PHONE}; there are none at all\n"
