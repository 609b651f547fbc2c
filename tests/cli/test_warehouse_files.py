"""The file of a warehouse, by a mapping: all rows or none, each bad one named, twice the same as once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from perks_engine.campaigns.quantities import QuantityError
from perks_engine.campaigns.warehouse_mapping import Dates, read_mapping
from perks_engine.domain.fulfillment import MoveKind
from tests.cli.command_line import Desk

MAPPING = """\
columns:
  claim: Order
  tracking_number: Sendungsnr
  status: Status
  occurred_at: Zeit
  note: Bemerkung
dates: {forms: ["%d.%m.%Y %H:%M:%S.%f", iso], zone: Asia/Tokyo}
statuses:
  versandt: ship
  zugestellt: deliver
  Zurück an Absender: return
  Etikett gedruckt: nothing
separator: ";"
carrier: dhl
"""
BERLIN = Dates(("%Y-%m-%d %H:%M", "iso"), ZoneInfo("Europe/Berlin"))
HEADER = "Lager;Order;Sendungsnr;Status;Zeit;Bemerkung"


@pytest.fixture
def desk(phone_desk: Desk) -> Desk:
    phone_desk.file("map.yaml", MAPPING)
    return phone_desk


def now() -> str:
    """As the warehouse writes it, to the microsecond: after all that is on record."""
    return datetime.now(ZoneInfo("Asia/Tokyo")).strftime("%d.%m.%Y %H:%M:%S.%f")


def warehouse(desk: Desk, *rows: str) -> Path:
    return desk.file("lager.csv", "\n".join([HEADER, *rows, ""]))


def imported(desk: Desk, file: Path, *more: str) -> dict[str, object]:
    return desk.json("fulfillment", "import", file, "--mapping", "map.yaml", *more)


def test_a_file_is_recorded_once_however_often_it_comes(desk: Desk) -> None:
    claim = desk.granted("ana")
    first, then = now(), now()
    file = warehouse(
        desk,
        f"HH;;JJD1;Zugestellt;{then};",  # in the order of their times, whatever that of the file
        f"HH;{claim};JJD1;  VERSANDT ;{first};in zwei Kartons",
        f"HH;{claim};JJD1;Etikett  gedruckt;{first};",
    )
    tried = imported(desk, file, "--dry-run")
    assert (tried["recorded"], tried["passed_over"], tried["dry_run"]) == (2, 1, True)
    done = imported(desk, file)
    assert (done["recorded"], done["already_recorded"]) == (2, 0)
    again = imported(desk, file)
    assert (again["recorded"], again["already_recorded"]) == (0, 2)
    [line] = desk.json("disclosures", "export", "--brand", "northwind-phones", "--format", "json")["lines"]
    assert (line["evidence"], line["reference"]) == ("warehouse", "JJD1")
    told = desk.well("fulfillment", "import", file, "--mapping", "map.yaml")
    assert told.lines == ["0 recorded", "2 were recorded already", "1 row says nothing of a unit"]


def test_every_bad_row_is_named_and_none_is_recorded(desk: Desk) -> None:
    claim = desk.granted("ana")
    file = warehouse(
        desk,
        f"HH;{claim};JJD1;versandt;{now()};",
        f"HH;{claim};JJD1;zugestelt;{now()};",
        "HH;;;versandt;2026-01-01 10:00;",
        f"HH;{claim};JJD1;;{now()};",
    )
    told = desk.perks("fulfillment", "import", file, "--mapping", "map.yaml")
    assert (told.code, told.out) == (2, "")
    known = "expected one of versandt, zugestellt, zurück an absender, etikett gedruckt"
    word = f"the status 'zugestelt' is not in the mapping; {known}; did you mean 'zugestellt'?"
    forms = "expected one of the forms %d.%m.%Y %H:%M:%S.%f, iso"
    assert told.err.splitlines()[1:] == [
        f"lager.csv:3:1: Status: {word}",
        "lager.csv:4:1: Order: nothing says which unit it is; expected Order or Sendungsnr",
        f"lager.csv:4:1: Zeit: '2026-01-01 10:00' is written in none of the declared forms; {forms}",
        f"lager.csv:5:1: Status: there is no status; {known}",
    ]
    good = warehouse(desk, f"HH;{claim};JJD1;versandt;{now()};")
    assert imported(desk, good)["recorded"] == 1


def test_rows_that_cannot_be_read_do_not_hide_those_that_the_ledger_does_not_take(desk: Desk) -> None:
    ana = desk.granted("ana")
    file = warehouse(
        desk,
        f"HH;{ana};JJD1;versant;{now()};",
        f"HH;;JJD1;zugestellt;{now()};",  # nobody knows, before the row above is mended
        f"HH;clm_0;JJD2;versandt;{now()};",
        f"HH;;JJD404;zugestellt;{now()};",
    )
    told = desk.perks("fulfillment", "import", file, "--mapping", "map.yaml").err.splitlines()[1:]
    assert [line.split(": ")[:2] for line in told] == [
        ["lager.csv:2:1", "Status"],
        ["lager.csv:4:1", "claim.unknown"],
        ["lager.csv:5:1", "tracking.unknown"],
    ]


def test_what_the_ledger_does_not_take_is_named_with_its_code(desk: Desk) -> None:
    claim = desk.granted("ana")
    file = warehouse(
        desk,
        f"HH;{claim};;zugestellt;{now()};",
        f"HH;;JJD404;zugestellt;{now()};",
        "HH;clm_0;;versandt;2099-01-01T10:00Z;",
    )
    told = desk.perks("fulfillment", "import", file, "--mapping", "map.yaml", "--json")
    assert told.code == 2
    first, second, third = told.data["error"]["problems"]
    assert first.startswith("lager.csv:2: fulfillment.not_shipped: it was never shipped, so it cannot have")
    assert second == "lager.csv:3: tracking.unknown: nothing was shipped under the tracking number JJD404"
    assert third.startswith("lager.csv:4: claim.unknown: there is no claim clm_0")


def test_a_number_under_which_several_are_shipped_in_one_file_is_not_guessed(desk: Desk) -> None:
    claims = sorted((desk.granted("ana"), desk.granted(desk.person("bo"))))
    sent = [f"HH;{claim};JJD1;versandt;{now()};" for claim in claims]
    arrived = f"HH;;JJD1;zugestellt;{now()};"
    for rows in ([*sent, arrived], [sent[0]], [sent[1], arrived]):
        told = desk.perks("fulfillment", "import", warehouse(desk, *rows), "--mapping", "map.yaml")
        if len(rows) == 1:
            assert told.code == 0  # one is on record already, and another comes with the next file
            continue
        assert told.code == 2
        several = f"several were shipped under JJD1: {', '.join(claims)}; name the claim"
        assert told.err.splitlines()[1:] == [f"lager.csv:{len(rows) + 1}: tracking.ambiguous: {several}"]


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (("  status: Status\n", ""), ["map.yaml:2:3: columns: the key 'status' is missing"]),
        (
            ("  claim: Order\n  tracking_number: Sendungsnr\n", ""),
            ["map.yaml:2:3: columns: asks for nothing; expected at least one of claim, tracking_number"],
        ),
        (
            ("separator", "  ZUGESTELLT: return\nseparator"),
            ["map.yaml:13:3: statuses.ZUGESTELLT: is 'zugestellt' but for its case, which is deliver above"],
        ),
        (("zone: Asia/Tokyo", "zone: Asia/Tokio"), ["map.yaml:7:53: dates.zone: there is no time zone"]),
        (
            ("zugestellt: deliver", "zugestellt: delivered"),
            ["map.yaml:10:15: statuses.zugestellt: found 'delivered'; expected one of cancel, "],
        ),
    ],
)
def test_a_mapping_that_cannot_be_used(desk: Desk, change: tuple[str, str], faults: list[str]) -> None:
    desk.file("map.yaml", MAPPING.replace(*change))
    told = desk.perks("fulfillment", "import", warehouse(desk), "--mapping", "map.yaml")
    assert told.code == 2
    found = told.err.splitlines()[1:]
    assert len(found) == len(faults)
    assert all(one.startswith(fault) for one, fault in zip(found, faults, strict=True)), found


def test_a_file_of_another_shape_is_told_so(desk: Desk) -> None:
    file = desk.file("lager.csv", "Order,Status\nclm_1,versandt\n")
    told = desk.perks("fulfillment", "import", file, "--mapping", "map.yaml")
    assert told.err.splitlines()[1:] == ["lager.csv:1:1: ',' stands between the columns; expected ';'"]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-29 01:59", "2026-03-29T00:59:00+00:00"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00+00:00"),  # it came twice: the first
        ("2026-10-25T02:30Z", "2026-10-25T02:30:00+00:00"),
    ],
)
def test_times_are_those_of_the_warehouse(text: str, instant: str) -> None:
    assert BERLIN.read(text).isoformat() == instant


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2026-03-29 02:30", "never was: clocks in Europe/Berlin were set forward"),
        ("25.10.2026", "is written in none of the declared forms"),
    ],
)
def test_a_time_that_cannot_be_is_refused(text: str, fault: str) -> None:
    with pytest.raises(QuantityError, match=fault):
        BERLIN.read(text)


def test_a_time_without_a_zone_is_refused_where_none_is_declared() -> None:
    with pytest.raises(QuantityError, match="has no zone, and the mapping declares none"):
        Dates(("%Y-%m-%d %H:%M",)).read("2026-03-29 01:59")


def test_the_mapping_in_the_documents_can_be_used(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "evidence-of-receipt.md").read_text(encoding="utf-8")
    file = tmp_path / "map.yaml"
    file.write_text(page.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    mapping = read_mapping(file)
    assert mapping.statuses["returned to sender"] is MoveKind.RETURN
    assert mapping.statuses["label printed"] is None
