"""Values by calendar year: what counts where, the threshold of the year, and the word before a claim."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.campaigns.tax_file import read_thresholds
from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.domain.money import Money
from perks_engine.domain.tax import TaxYears
from perks_engine.exports.tax_files import tax_csv, tax_json
from perks_engine.services.access import Actor, Role
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError
from perks_engine.services.records import PreviewRecord
from tests.engine_room import BRAND, PHONE, STAFF, Client, Room, sample

NEW_YEAR = datetime(2027, 1, 1, 5, 0, tzinfo=UTC)
"""Midnight in New York."""
WINDOW = "{opens: 2026-12-01T09:00-05:00, closes: 2027-02-15T23:59-05:00}"


def rows(room: Room, year: int, brand: str | None = BRAND, as_of: datetime | None = None) -> list[Any]:
    with room.engine.taxing.report(STAFF, year, brand, as_of) as report:
        return json.loads("".join(tax_json(report)))["rows"]


def valued(room: Room, year: int, brand: str | None = BRAND) -> dict[str, tuple[str, str]]:
    return {
        one["person"]: (f"{one['value']} {one['currency']}", one["reaches_threshold"])
        for one in rows(room, year, brand)
        if one["brand"] != "all brands"
    }


def several(room: Room, value: str = "449.00 USD") -> None:
    """The phone campaign, of which one person may have up to nine units."""
    room.campaign(fair_market_value=value, per_person="9", window=WINDOW)


def receive(room: Room, person: str, count: int = 1) -> list[str]:
    claims: list[str] = []
    for _ in range(count):
        claim = room.claim(person, key=f"{person} {room.clock()} {len(claims)}")
        assert claim["outcome"] == "granted", claim
        room.record(str(claim["claim"]), "ship", "deliver")
        claims.append(str(claim["claim"]))
    return claims


def opened(room: Room, file: Path) -> None:
    rules = room.engine.rules
    loaded = room.engine.campaigning.load(rules.loadable(rules.reader.read_file(file)), "mara")
    nobody = {"people": 0, "eligible": 0, "ineligible": 0, "unknown": 0}
    with room.engine.store.write() as tx:
        tx.campaigns.add_preview(PreviewRecord(str(loaded["version"]), "mara", room.clock(), nobody))
    room.engine.campaigning.approve(file.stem, "noor")
    room.engine.campaigning.open(file.stem, "mara")


def test_the_threshold_is_that_of_the_year() -> None:
    years = TaxYears("America/New_York", read_thresholds(None))
    found = {year: years.threshold(year) for year in (2024, 2025, 2026, 2027)}
    amounts = {year: str(one.amount) for year, one in found.items() if one}
    assert amounts == {2024: "600.00 USD", 2025: "600.00 USD", 2026: "2000.00 USD", 2027: "2000.00 USD"}
    certain = {year: one.is_certain(year) for year, one in found.items() if one}
    assert certain == {2024: True, 2025: True, 2026: True, 2027: False}, "indexed from 2027 on"
    assert years.threshold(1900) is None


def test_values_are_summed_by_person_and_reach_the_threshold(room: Room) -> None:
    several(room)
    room.person("ana")
    room.person("bo")
    receive(room, "ana", 5)
    receive(room, "bo", 4)
    assert valued(room, 2026) == {"ana": ("2245.00 USD", "yes"), "bo": ("1796.00 USD", "no")}
    [ana, _] = rows(room, 2026)
    assert (ana["units"], ana["threshold"], ana["zone"]) == (5, "2000.00", "America/New_York")
    assert ana["threshold_is"] == "in force"


def test_what_is_exactly_the_threshold_reaches_it(sqlite_room: Room) -> None:
    several(sqlite_room, "1000.00 USD")
    sqlite_room.person("ana")
    receive(sqlite_room, "ana", 2)
    assert valued(sqlite_room, 2026) == {"ana": ("2000.00 USD", "yes")}


def test_a_year_begins_at_midnight_in_its_zone(room: Room) -> None:
    several(room)
    room.person("ana")
    room.clock.now = NEW_YEAR - timedelta(microseconds=1)
    room.person("ana")
    receive(room, "ana")
    room.clock.now = NEW_YEAR
    receive(room, "ana", 2)
    assert valued(room, 2026) == {"ana": ("449.00 USD", "no")}
    assert valued(room, 2027) == {"ana": ("898.00 USD", "no")}


def test_what_is_given_back_counts_out_of_the_year_it_was_received_in(room: Room) -> None:
    several(room)
    room.person("ana")
    claim, _ = receive(room, "ana", 2)
    then = room.clock()
    room.clock.now = NEW_YEAR + timedelta(days=9)
    room.record(claim, "return", note="never used")
    assert valued(room, 2026) == {"ana": ("449.00 USD", "no")}
    assert valued(room, 2027) == {}
    [before] = rows(room, 2026, as_of=then)
    assert before["value"] == "898.00", "what was so when it was reported can be shown ever after"


def test_currencies_are_told_apart_and_brands_in_all(room: Room) -> None:
    several(room)
    room.person("ana")
    receive(room, "ana", 2)
    # The same campaign of another brand, valued in another currency.
    text = sample(fair_market_value="900.00 EUR", window=WINDOW, brand="elsewhere")
    file = room.folder / "other.yaml"
    file.write_text(text.replace("campaign: phone-launch-nyc", "campaign: other"), encoding="utf-8")
    opened(room, file)
    claim = str(room.claim("ana", key="other", campaign="other")["claim"])
    room.record(claim, "ship", "deliver")
    found = [
        (one["brand"], one["value"], one["currency"], one["reaches_threshold"])
        for one in rows(room, 2026, None)
    ]
    assert sorted(found) == sorted(
        [
            (BRAND, "898.00", "USD", "no"),
            ("elsewhere", "900.00", "EUR", "not comparable"),
            ("all brands", "898.00", "USD", "not comparable"),
            ("all brands", "900.00", "EUR", "not comparable"),
        ]
    )


def test_it_is_for_who_reports_alone(sqlite_room: Room) -> None:
    room = sqlite_room
    several(room)
    for role in (Role.BRAND_MANAGER, Role.FULFILLMENT, Role.INFLUENCER):
        with (
            pytest.raises(ForbiddenError, match="may not export tax"),
            room.engine.taxing.report(Actor("x", role, (BRAND,)), 2026, BRAND),
        ):
            pass
    other = Actor("x", Role.COMPLIANCE, ("other",))
    with pytest.raises(ForbiddenError), room.engine.taxing.report(other, 2026, BRAND):
        pass
    with pytest.raises(NotFoundError), room.engine.taxing.report(STAFF, 2026, "nobody"):
        pass
    with (
        pytest.raises(InvalidInputError, match="it has not begun in America/New_York"),
        room.engine.taxing.report(STAFF, 2027, BRAND),
    ):
        pass
    with (
        pytest.raises(InvalidInputError, match="no values of the year 0; expected one from 1900 on"),
        room.engine.taxing.report(STAFF, 0, BRAND),
    ):
        pass


def test_before_a_claim_that_would_reach_it_the_person_is_told(room: Room) -> None:
    several(room)
    room.person("ana")
    receive(room, "ana", 3)
    assert "tax_notice" not in room.engine.claiming.perk("ana", PHONE)
    on_its_way = room.claim("ana", key="fourth")
    assert "tax_notice" not in on_its_way
    shown = room.engine.claiming.perk("ana", PHONE)["tax_notice"]
    assert (shown["before"], shown["with_this"], shown["threshold"]) == (
        "1796.00 USD",
        "2245.00 USD",
        "2000.00 USD",
    )
    assert (
        "With this perk you will have got 2245.00 USD in value from northwind-phones in 2026" in shown["text"]
    )
    answer = room.claim("ana", key="fifth")
    assert answer["tax_notice"] == shown
    assert room.claim("ana", key="fifth") == answer

    room.clock.now = NEW_YEAR + timedelta(days=2)
    room.person("ana")
    assert "tax_notice" not in room.engine.claiming.perk("ana", PHONE), "a new year begins at nothing"


def test_what_is_sent_in_the_place_of_a_unit_counts_with_what_that_is_worth(room: Room) -> None:
    several(room)
    room.person("ana")
    receive(room, "ana", 3)
    other = str(room.claim("ana", key="fourth")["claim"])
    assert room.engine.claiming.perk("ana", PHONE)["tax_notice"]["before"] == "1796.00 USD"
    cheaper = Money(100_00, "USD")
    row = Fulfillment(other, MoveKind.SUBSTITUTE, room.clock(), note="none left", item="Case", value=cheaper)
    room.engine.fulfilling.record([row], STAFF)
    assert "tax_notice" not in room.engine.claiming.perk("ana", PHONE)
    assert "tax_notice" not in room.claim("ana", key="fifth")


def test_csv_over_http_and_with_the_columns_of_who_files_it(
    room: Room, staff_of: Callable[[Role], Client]
) -> None:
    several(room)
    room.person("ana")
    receive(room, "ana", 5)
    compliance = staff_of(Role.COMPLIANCE)
    answer = compliance.get("/v1/tax/2026", brand=BRAND)
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["year"], row["person"], row["value"], row["currency"]) == ("2026", "ana", "2245.00", "USD")
    assert row["reaches_threshold"] == "yes"
    with room.engine.taxing.report(STAFF, 2026, BRAND) as report:
        assert "".join(tax_csv(report)) == answer.text
    assert compliance.get("/v1/tax/2026", brand=BRAND, format="json").json()["count"] == 1
    bad = compliance.get("/v1/tax/2031", brand=BRAND)
    assert (bad.status_code, bad.json()["code"]) == (422, "tax.year")
    pdf = compliance.get("/v1/tax/2026", brand=BRAND, format="pdf")
    assert (pdf.status_code, pdf.json()["problems"]) == (
        422,
        ["query.format: Input should be 'csv' or 'json'"],
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("thresholds: []", "from 1 to"),
        ("thresholds: [{from_year: 2026, amount: 2000, source: law}]", "an amount with its currency"),
        ("thresholds: [{from_year: 2026, amount: 1.00 USD}]", "source"),
        (
            "thresholds: [{from_year: 9, amount: 1.00 USD, source: a}]",
            "from 1,900 to 9,998",
        ),
        ("thresholds:\n" + 2 * "- {from_year: 2026, amount: 1.00 USD, source: a}\n", "stands here twice"),
    ],
)
def test_a_broken_file_of_thresholds_is_told_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "thresholds.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileProblemsError) as found:
        read_thresholds(file)
    assert fault in str(found.value.problems[0])
    assert str(found.value.problems[0]).startswith(f"{file}:")


def test_a_file_of_ones_own_goes_before(tmp_path: Path) -> None:
    file = tmp_path / "thresholds.yaml"
    file.write_text("thresholds: [{from_year: 2027, amount: 2100.00 USD, source: notice}]", encoding="utf-8")
    [found] = read_thresholds(file)
    assert (found.from_year, found.amount) == (2027, Money(210_000, "USD"))
