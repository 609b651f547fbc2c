"""The list as a workbook and as a document: what an office opens and files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from perks_engine.bootstrap import packaged
from perks_engine.domain.campaign import Connection
from perks_engine.domain.disclosure import Standing
from perks_engine.domain.money import Money
from perks_engine.exports.columns import LATEST, VERSIONS
from perks_engine.exports.disclosure_document import write_document
from perks_engine.exports.disclosure_sheet import TooManyLinesError, write_sheet
from perks_engine.exports.issuer import Issuer
from perks_engine.services.disclosing import DisclosureLine, Listing
from perks_engine.services.list_records import Chosen

AS_OF = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
COLUMNS = tuple(VERSIONS[LATEST])
TEMPLATE = packaged("templates") / "reports" / "disclosure_list.typ"


def lines(count: int, **changes: object) -> Iterator[DisclosureLine]:
    for number in range(1, count + 1):
        known: dict[str, object] = {
            "brand": "northwind-phones",
            "campaign": "phone-launch-nyc",
            "version": "ab" * 32,
            "claim": f"clm_{number}",
            "person": f"p{number}",
            "handle": f"handle.{number}",
            "connection": Connection.RECEIVED_ITEM,
            "item": "Northwind One",
            "fair_market_value": Money(44_900, "USD"),
            "received_at": AS_OF - timedelta(days=3, minutes=number),
            "evidence": "carrier",
            "reference": f"1Z{number}",
            "instructed_at": AS_OF - timedelta(days=9),
            "entry": number,
            "recorded_at": AS_OF - timedelta(days=3),
        }
        yield DisclosureLine(**(known | changes))  # pyright: ignore[reportArgumentType]


def listing(count: int, **changes: object) -> Listing:
    return Listing(AS_OF, Chosen("northwind-phones"), 0, lines(count, **changes))


def test_a_workbook_holds_typed_cells_under_a_header_that_stays(tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    assert write_sheet(file, listing(3)) == 3

    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [name.replace("_", " ") for name in COLUMNS]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:AC4"
    said = "Disclosure list of northwind-phones, as of 2026-12-31 12:00:00 UTC"
    head, foot = sheet.oddHeader, sheet.oddFooter
    assert head is not None
    assert foot is not None
    assert (head.left.text, foot.right.text) == (said, "&P / &N")
    row = dict(zip(COLUMNS, (cell.value for cell in sheet[2]), strict=True))
    assert row["fair_market_value"] == 449
    assert row["received_at"] == datetime(2026, 12, 28, 11, 59)  # noqa: DTZ001 - a workbook's times bear no zone
    assert (row["person"], row["ledger_entry"], row["currency"]) == ("p1", 1, "USD")


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", "+1", "-1", "https://example.com/x"])
def test_a_workbook_takes_nothing_for_a_formula_or_a_link(tmp_path: Path, name: str) -> None:
    file = tmp_path / "list.xlsx"
    write_sheet(file, listing(1, handle=name))
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    cell = sheet.cell(2, COLUMNS.index("handle") + 1)
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)


def test_a_document_is_paged_numbered_and_says_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "list.pdf"
    assert write_document(file, TEMPLATE, listing(60)) == 60

    reader = pypdf.PdfReader(file)
    assert len(reader.pages) > 1
    first, last = reader.pages[0].extract_text(), reader.pages[-1].extract_text()
    assert "Disclosure list" in first
    assert "northwind-phones, as of December\N{NO-BREAK SPACE}31, 2026, 12:00:00 UTC" in first
    assert "26,940.00\N{NO-BREAK SPACE}USD" in first
    assert "handle.1" in first
    assert f"page {len(reader.pages)} of {len(reader.pages)}" in last
    assert "handle.60" in last
    assert "Disclosure list · northwind-phones · A. Received" in last
    assert "No log was signed when it was made" in last


def test_a_document_says_who_gives_it_and_how_to_hold_it_to_the_ledger(tmp_path: Path) -> None:
    file = tmp_path / "list.pdf"
    issuer = Issuer(("Our Perks", "1 Example Street"), "shop.example/log", "KEY", "https://x.example/verify")
    first_day, after = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    chosen = Chosen("northwind-phones", "the launch", None, first_day, after)
    disputed = lines(
        1, standing=Standing.DISPUTED, disputed_since=AS_OF, dispute="dsp_1", evidence="check_in"
    )
    write_document(file, TEMPLATE, Listing(AS_OF, chosen, 12_345, disputed), issuer)

    reader = pypdf.PdfReader(file)
    text = " ".join(reader.pages[0].extract_text().split())
    assert "Our Perks, 1 Example Street" in text
    assert "shop.example/log, 12,345 entries at its newest head" in text
    assert "Only: campaign the launch, received from November 1, 2026 to December 31, 2026" in text
    assert "B. Disputed" in text
    assert "check in 1Z1 disputed since 2026-12-31 12:00 dsp_1" in text
    assert (
        "perks disclosures export --brand northwind-phones --campaign 'the launch' "
        "--received-from 2026-11-01 \\ --received-to 2026-12-31 --as-of 2026-12-31T12:00:00Z "
        "--format json --proofs -o list.json perks verify list.json \\ --key KEY" in text
    )
    assert "https://x.example/verify" in text


def test_a_document_can_be_kept_and_read_out(tmp_path: Path) -> None:
    file = tmp_path / "list.pdf"
    write_document(file, TEMPLATE, listing(1, reference="R" * 40), Issuer(("Our Perks",)))

    reader = pypdf.PdfReader(file)
    catalogue: Any = reader.root_object
    outline: Any = reader.outline
    properties, about = reader.metadata, reader.xmp_metadata
    assert properties is not None
    assert about is not None
    assert (properties.title, properties.author) == ("Disclosure list of northwind-phones", "Our Perks")
    assert (catalogue["/Lang"], catalogue["/MarkInfo"]["/Marked"]) == ("en", True)
    assert (about.pdfaid_part, about.pdfaid_conformance) == ("3", "A")
    assert [one.title for one in outline[1]] == ["A. Received", "How to hold it to the ledger"]
    # A long word breaks within its column.
    assert f"{'R' * 22}\n{'R' * 18}\n" in reader.pages[0].extract_text()


def test_an_empty_document_says_that_nobody_is_on_it(tmp_path: Path) -> None:
    file = tmp_path / "list.pdf"
    write_document(file, TEMPLATE, listing(0))
    assert "Nobody held a received item" in pypdf.PdfReader(file).pages[0].extract_text()


def test_a_name_is_never_markup(tmp_path: Path) -> None:
    file = tmp_path / "list.pdf"
    write_document(file, TEMPLATE, listing(1, handle='#read("/etc/passwd") *b* $x$'))
    assert '#read("/etc/passwd") *b* $x$' in pypdf.PdfReader(file).pages[0].extract_text()


def test_the_same_instant_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sheet(tmp_path / f"{name}.xlsx", listing(20))
        write_document(tmp_path / f"{name}.pdf", TEMPLATE, listing(20))
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    one, two = (zipfile.ZipFile(tmp_path / f"{name}.xlsx") for name in ("one", "two"))
    assert {name: one.read(name) for name in one.namelist()} == {
        name: two.read(name) for name in two.namelist()
    }


def test_a_document_that_nobody_could_hold_is_refused_before_it_takes_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "list.pdf"
    with pytest.raises(TooManyLinesError, match=r"a document holds 5,000 lines.*; use CSV, JSON or XLSX"):
        write_document(file, TEMPLATE, listing(5_001))
    assert not file.exists()
