"""`perks incidents …`: from what was wrong to what was done about it, at a terminal."""

from __future__ import annotations

import csv

from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.incident_correction import Corrected, Distrust
from tests.cli.command_line import Desk
from tests.engine_room import PHONE

MARA = Actor("mara", Role.COMPLIANCE, (ALL_BRANDS,), holder="mara")
WRONG = "Phones told the point of the tower that they were near."


def test_an_incident_from_its_opening_to_its_report(phone_desk: Desk) -> None:
    phone_desk.granted("ana")
    assert phone_desk.well("incidents", "list").out == "no incident is on record\n"
    opened = phone_desk.json("incidents", "open", "--campaign", PHONE, "--wrong", WRONG, "--by", "mara")
    incident = str(opened["incident"])
    told = phone_desk.perks("incidents", "plan", incident)
    assert (told.code, told.err) == (1, "perks: it was not replayed yet; replay its decisions first\n")
    told = phone_desk.perks("incidents", "replay", incident)
    assert told.code == 2
    assert "name a version, a file of people or a source not to be believed" in told.err
    told = phone_desk.perks("incidents", "replay", incident, "--distrust", "device,2026-01-01T00:00Z")
    assert (told.code, told.err[:55]) == (2, "perks: --distrust: 'device,2026-01-01T00:00Z' is neithe")

    cancel = ("incidents", "cancel", incident, "--by", "noor")
    told = phone_desk.perks(*cancel)
    assert (told.code, told.err) == (1, f"perks: no job of {incident} is under way\n")
    with phone_desk.engine() as engine:  # asked for over HTTP, and no worker is at it yet
        engine.incident_jobs.ask_replay(MARA, incident, Corrected(distrust=(Distrust("device"),)))
    told = phone_desk.perks("incidents", "plan", incident)
    assert (told.code, told.err[:53]) == (1, "perks: its decisions are being replayed: 0 of 1 are d")
    assert phone_desk.well(*cancel).out == (
        "replay cancelled: noor cancelled it when 0 of 1 decisions were judged\n"
    )
    assert phone_desk.perks(*cancel).code == 1

    replay = ("incidents", "replay", incident, "--distrust", "device", "--by", "mara")
    shown = phone_desk.well(*replay, "-o", "hit.csv").lines
    assert shown[0] == f"{incident}: replayed"
    assert "    1 of 1 decision otherwise, 1 person" in shown
    with (phone_desk.folder / "hit.csv").open(encoding="utf-8") as stream:
        [row] = csv.DictReader(stream)
    assert (row["person"], row["was"], row["is"]) == ("ana", "eligible", "unknown")
    assert row["kinds"] == "granted_wrongly; told_wrongly"

    planned = phone_desk.json("incidents", "plan", incident, "--by", "mara", "-o", "plan.json")
    digest = planned["history"][-1]["numbers"]["hash"]
    assert '"action": "void"' in (phone_desk.folder / "plan.json").read_text(encoding="utf-8")
    approve = ("incidents", "approve", incident, "--plan", digest[:12])
    told = phone_desk.perks(*approve, "--by", "Mara")
    assert (told.code, told.err) == (
        2,
        "perks: Mara opened this incident; somebody else has to approve it\n",
    )
    phone_desk.well(*approve, "--by", "noor")
    applied = phone_desk.well("incidents", "apply", incident, "--by", "mara").lines
    assert applied[-2:] == ["    1 letter", f"  next: perks incidents report {incident}"]
    told = phone_desk.perks("incidents", "apply", incident)
    assert (told.code, told.err[:27]) == (1, "perks: its plan was applied")
    [letter, *_] = phone_desk.json("messages")["messages"]
    assert letter["subject"].startswith("We made a mistake about The new phone")
    assert WRONG in letter["text"]

    public = phone_desk.well("incidents", "report", incident).out
    assert f"How it happened:   {WRONG}" in public
    assert "fewer than 5 grants taken back" in public
    assert "ana" not in public.split()
    told = phone_desk.perks("incidents", "report", incident, "--names")
    assert (told.code, told.err) == (
        2,
        "perks: --names belongs to --regulator; the public is given no names\n",
    )
    phone_desk.well("person", "correct", "ana", "--name", "Ana Ruiz", "--why", "she wrote")
    assert (
        "ana (ana.handle, Ana Ruiz)"
        in phone_desk.well("incidents", "report", incident, "--regulator", "--names").out
    )
    phone_desk.well("incidents", "report", incident, "--regulator", "--names", "-o", "report.html")
    assert '<td>ana<br><span class="soft">ana.handle, Ana Ruiz</span>' in (
        phone_desk.folder / "report.html"
    ).read_text(encoding="utf-8")
    assert phone_desk.well("incidents", "list").lines[1].split()[:3] == [incident, "applied", PHONE]


def test_a_corrected_rule_out_of_a_file(phone_desk: Desk) -> None:
    phone_desk.granted("ana")
    opened = phone_desk.json("incidents", "open", "--campaign", PHONE, "--wrong", "18, not 40")
    older = phone_desk.campaign_file("other-name")
    told = phone_desk.perks("incidents", "replay", opened["incident"], "--under", older)
    assert told.code == 2
    assert "the corrected rule is one of other-name" in told.err
    text = phone_desk.campaign_file().read_text(encoding="utf-8")
    elder = phone_desk.file("elder.yaml", text.replace("age: {at_least: 18}", "age: {at_least: 40}"))
    replayed = phone_desk.json("incidents", "replay", opened["incident"], "--under", elder)
    numbers = replayed["history"][-1]["numbers"]
    assert (numbers["people"], numbers["kinds"]["granted_wrongly"]) == (1, 1)
    assert numbers["corrected"]["version"]
