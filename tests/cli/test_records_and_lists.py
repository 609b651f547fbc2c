"""`perks fulfillment record` and `perks disclosures export`: the list says what a warehouse reported."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import pytest

from perks_engine.domain.fulfillment import RECORDABLE
from tests.cli.command_line import Desk, moment, plain
from tests.engine_room import BRAND, PHONE

LIST = ("disclosures", "export", "--brand", BRAND)


@pytest.fixture
def desk(phone_desk: Desk) -> Desk:
    return phone_desk


def now() -> str:
    """To the microsecond: after all that is on record."""
    return datetime.now(UTC).isoformat()


def receive(desk: Desk, person: str) -> str:
    """Claimed, shipped and delivered; returns the claim."""
    claim = desk.granted(person)
    desk.well("fulfillment", "record", desk.records(f"{claim},ship,{now()},T-1"))
    desk.well("fulfillment", "record", desk.records(f"{claim},deliver,{now()},T-1"))
    return claim


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_who_received_is_listed_and_nobody_before(desk: Desk) -> None:
    claim = desk.granted("ana")
    assert rows_of(desk.well(*LIST).out) == []
    shipped = desk.records(f"{claim},ship,{now()},T-1")
    assert desk.well("fulfillment", "record", shipped).lines == ["1 recorded"]
    assert rows_of(desk.well(*LIST).out) == []
    desk.well("fulfillment", "record", desk.records(f"{claim},deliver,{now()},T-1"))
    [line] = rows_of(desk.well(*LIST).out)
    assert (line["person"], line["claim"], line["campaign"]) == ("ana", claim, PHONE)
    assert (line["fair_market_value"], line["currency"], line["reference"]) == ("449.00", "USD", "T-1")


def test_the_same_file_twice_is_recorded_once(desk: Desk) -> None:
    file = desk.records(f"{desk.granted('ana')},ship,{now()},T-1")
    assert desk.json("fulfillment", "record", file) == {"recorded": 1, "already_recorded": 0}
    assert desk.json("fulfillment", "record", file) == {"recorded": 0, "already_recorded": 1}
    assert desk.well("fulfillment", "record", file).lines == ["0 recorded, 1 was recorded already"]


def test_every_row_that_cannot_be_read_is_named(desk: Desk) -> None:
    claim = desk.granted("ana")
    rows = (f"{claim},ship,{now()},T", f"{claim},teleport,{now()},T", f"{claim},ship,yesterday,T")
    told = desk.perks("fulfillment", "record", desk.records(*rows))
    assert (told.code, told.out) == (2, "")
    _, move, when = told.err.splitlines()
    assert move == f"moves.csv:3:1: move: found 'teleport'; expected one of {', '.join(RECORDABLE)}"
    assert when.startswith("moves.csv:4:1: occurred_at: 'yesterday' is not a date and time")
    # The good row was not recorded either.
    assert desk.json("fulfillment", "record", desk.records(rows[0]))["recorded"] == 1


def test_every_row_that_cannot_be_is_named_and_none_is_recorded(desk: Desk) -> None:
    claim = desk.granted("ana")
    rows = (f"{claim},ship,{now()},T", f"clm_none,ship,{now()},T", f"{claim},deliver,{moment(days=9)},T")
    told = desk.perks("fulfillment", "record", desk.records(*rows), "--json")
    assert (told.code, told.err) == (2, "")
    unknown, future = told.data["error"]["problems"]
    assert unknown.startswith("moves.csv:3: claim.unknown: there is no claim clm_none")
    assert future.startswith("moves.csv:4: fulfillment.future: ")
    assert desk.json("fulfillment", "record", desk.records(rows[0]))["recorded"] == 1


def test_a_delivery_before_a_shipment_is_refused(desk: Desk) -> None:
    told = desk.perks("fulfillment", "record", desk.records(f"{desk.granted('ana')},deliver,{now()},T"))
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("perks: 1 of 1 row cannot be recorded, so none was\n")
    assert "moves.csv:2: fulfillment.not_shipped: it was never shipped" in told.err


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("none.csv", "none.csv: cannot be read: No such file or directory"),
        ("folder", "folder: cannot be read: Is a directory"),
        ("empty.csv", "empty.csv:1:1: is empty; expected a header with claim, move, occurred_at"),
        ("short.csv", "short.csv:1:1: move: the column is missing; expected a header with claim, move"),
    ],
)
def test_a_file_that_cannot_be_used(desk: Desk, name: str, problem: str) -> None:
    (desk.folder / "folder").mkdir()
    desk.file("empty.csv", "")
    desk.file("short.csv", "claim,occurred_at\nclm_x,2026-01-01T00:00Z\n")
    told = desk.perks("fulfillment", "record", name)
    assert (told.code, told.out) == (2, "")
    [_, line] = told.err.splitlines()
    assert line.startswith(problem)


def test_the_list_as_json(desk: Desk) -> None:
    claim = receive(desk, "ana")
    listed = desk.well(*LIST, "--format", "json").data
    assert (listed["brand"], listed["count"]) == (BRAND, 1)
    assert [line["claim"] for line in listed["lines"]] == [claim]


def test_json_output_is_json_where_no_file_is_named(desk: Desk) -> None:
    claim = receive(desk, "ana")
    assert [line["claim"] for line in desk.json(*LIST)["lines"]] == [claim]


def test_the_list_in_a_file(desk: Desk) -> None:
    receive(desk, "ana")
    told = desk.well(*LIST, "-o", "list.csv")
    assert told.out.startswith("1 line as of ")
    [export] = desk.json("disclosures", "exports")["exports"]
    assert told.out.endswith(f" written to list.csv, on record as {export['export']}\n")
    [line] = rows_of((desk.folder / "list.csv").read_text(encoding="utf-8"))
    assert line["person"] == "ana"
    about = desk.json(*LIST, "--format", "json", "-o", "list.json")
    assert (about["lines"], about["file"]) == (1, "list.json")
    assert json.loads((desk.folder / "list.json").read_text(encoding="utf-8"))["count"] == 1


def test_a_byte_order_mark_only_for_who_asks(desk: Desk) -> None:
    plainly = desk.well(*LIST).out
    assert plainly.startswith("columns,section,standing,brand,campaign,")
    assert desk.well(*LIST, "--bom").out == "\ufeff" + plainly


def test_the_list_of_an_earlier_day(desk: Desk) -> None:
    before = now()
    receive(desk, "ana")
    assert desk.well(*LIST, "--as-of", before, "--format", "json").data == {
        "brand": BRAND,
        "as_of": before.replace("+00:00", "Z"),
        "columns": "2",
        "lines": [],
        "count": 0,
    }
    told = desk.perks(*LIST, "--as-of", "2020-01-31")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("perks: as_of 2020-01-31T23:59:59.999999Z lies before anything was on record")
    today = datetime.now(UTC).date().isoformat()
    assert desk.well(*LIST, "--as-of", today, "--format", "json").data["count"] == 1


@pytest.mark.parametrize(
    ("as_of", "fault"),
    [
        ("yesterday", "'yesterday' is not a"),
        ("2026-13-01", "'2026-13-01' is not a"),
        ("2026-01-01T10:00", "'2026-01-01T10:00' has no zone"),
    ],
)
def test_a_day_that_cannot_be_read(desk: Desk, as_of: str, fault: str) -> None:
    told = desk.perks(*LIST, "--as-of", as_of)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"perks: --as-of: {fault}")
    assert told.err.endswith("expected such as 2026-12-31 or 2026-12-31T12:00Z\n")
    assert desk.perks(*LIST, "--as-of", as_of, "--json").data["error"]["code"] == "option.as_of"


@pytest.mark.parametrize(
    ("options", "fault", "code"),
    [
        (("--brand", "northwind"), "the brand 'northwind' has no campaign on record", "brand.unknown"),
        (
            ("--brand", BRAND, "--campaign", "phone-lunch"),
            f"the brand '{BRAND}' has no campaign 'phone-lunch' on record",
            "campaign.unknown",
        ),
    ],
)
def test_a_misspelt_name_is_no_empty_list(
    desk: Desk, options: tuple[str, ...], fault: str, code: str
) -> None:
    """Whoever files the list has to know that nobody is on it, not that nothing was looked at."""
    desk.file("list.csv", "the list of yesterday\n")
    told = desk.perks("disclosures", "export", *options, "-o", "list.csv")
    assert (told.code, told.out, told.err) == (2, "", f"perks: {fault}; run: perks campaign list\n")
    assert (desk.folder / "list.csv").read_text(encoding="utf-8") == "the list of yesterday\n"
    told = desk.perks("disclosures", "export", *options, "--json")
    assert (told.code, told.err, told.data["error"]["code"]) == (2, "", code)
    assert desk.well(*LIST, "--campaign", PHONE, "--format", "json").data["count"] == 0


def test_the_list_of_a_day_to_come_is_not_known(desk: Desk) -> None:
    told = desk.perks(*LIST, "--as-of", "2190-01-01")
    assert (told.code, told.out) == (2, "")
    assert "lies in the future" in told.err


def test_a_form_that_is_not_there_is_told_which_are(desk: Desk) -> None:
    told = desk.perks(*LIST, "--format", "docx")
    assert (told.code, told.out) == (2, "")
    assert "'docx' is not one of 'csv'" in plain(told.err)


@pytest.mark.parametrize(
    ("output", "cause"), [("none/list.csv", "No such file or directory"), ("folder", "Is a directory")]
)
def test_a_file_that_cannot_be_written_is_named(desk: Desk, output: str, cause: str) -> None:
    """By the name that was given, not by that of the file it is prepared in; and nothing is left behind."""
    (desk.folder / "folder").mkdir()
    before = sorted(desk.folder.iterdir())
    told = desk.perks(*LIST, "-o", output)
    assert (told.code, told.out, told.err) == (2, "", f"perks: {output}: {cause}\n")
    assert sorted(desk.folder.iterdir()) == before


def test_a_list_that_fails_leaves_the_one_of_before(desk: Desk) -> None:
    desk.file("list.csv", "the list of yesterday\n")
    told = desk.perks(*LIST, "--as-of", "2190-01-01", "-o", "list.csv")
    assert told.code == 2
    assert (desk.folder / "list.csv").read_text(encoding="utf-8") == "the list of yesterday\n"


def test_one_record_is_told_by_options(phone_desk: Desk) -> None:
    claim = phone_desk.granted("ana")
    one = ("fulfillment", "record", "--claim", claim, "--move")
    assert phone_desk.well(*one, "ship", "--reference", "TRACK-1").lines == ["1 recorded"]
    told = phone_desk.perks(*one, "shp", "--at", "yesterday")
    assert (told.code, told.out) == (2, "")
    move, at = told.err.splitlines()[1:]
    assert move.startswith("the options: move: found 'shp'; expected one of cancel, substitute, pack, ship, ")
    assert move.endswith("; did you mean 'ship'?")
    assert at.startswith("the options: occurred_at: 'yesterday' is not a date and time; expected ")
    told = phone_desk.perks(*one, "lose")
    assert told.err.splitlines()[1] == "the options: fulfillment.note: lose needs a note that says why"
    assert phone_desk.json(*one, "lose", "--note", "the parcel was crushed")["recorded"] == 1


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ((), "name a file, or --claim and --move"),
        (("moves.csv", "--claim", "c", "--note", "n"), "name a file or --claim, --note, not both"),
    ],
)
def test_a_file_or_options_but_not_both(phone_desk: Desk, words: tuple[str, ...], fault: str) -> None:
    told = phone_desk.perks("fulfillment", "record", *words)
    assert (told.code, told.out, told.err) == (2, "", f"perks: {fault}\n")
    error = phone_desk.perks("fulfillment", "record", *words, "--json").data["error"]
    assert error["code"] == "fulfillment.use"
