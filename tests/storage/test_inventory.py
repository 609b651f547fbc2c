"""Nothing about people can be forgotten: every column of the schema stands in the inventory."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from sqlalchemy import inspect

from perks_engine.services.inventory import Span, Treatment
from perks_engine.services.inventory_tables import INVENTORY
from perks_engine.services.processing import processing_text
from perks_engine.services.spans import Spans
from perks_engine.settings import Settings
from perks_engine.storage import migrations
from perks_engine.storage.engine import make_engine
from perks_engine.storage.ledger import is_part
from perks_engine.storage.migrations import append_only, ledger_0001
from perks_engine.storage.migrations.append_only import DELETABLE, ERASABLE
from perks_engine.storage.reach import Reach, table_named

CHANGED = set(Treatment) - {Treatment.KEPT, Treatment.HIDDEN}
APPEND_ONLY = {
    table
    for module in iter_modules(migrations.__path__, f"{migrations.__name__}.")
    if module.name[-4:].isdigit()
    for table in getattr(import_module(module.name), "APPEND_ONLY", ())
}
"""As the migrations say it."""


def test_every_column_of_the_schema_stands_in_the_inventory(database_url: str) -> None:
    """A new table or column fails here until somebody has said what an erasure does with it: in
    `services/inventory_tables.py`."""
    engine = make_engine(database_url)
    with engine.connect() as connection:
        schema = inspect(connection)
        found = {
            table: {column["name"] for column in schema.get_columns(table)}
            for table in schema.get_table_names()
            if table != "alembic_version" and not is_part(table)
        }
    engine.dispose()
    stands = INVENTORY.columns()
    assert set(found) - set(stands) == set(), "tables that do not stand in it"
    assert set(stands) - set(found) == set(), "tables that it names and the schema has not"
    assert {table: found[table] ^ stands[table] for table in found if found[table] ^ stands[table]} == {}


def test_what_is_held_says_why_on_which_ground_and_for_how_long() -> None:
    for one in INVENTORY:
        assert one.what, one.table
        assert one.why, one.table
        assert one.basis.startswith("GDPR"), one.table
        assert one.span is not Span.NONE, one.table
        assert one.goes or one.of_staff or one.kept_because, f"{one.table} stays: the receipt has to say why"


def test_each_table_has_a_way_to_the_rows_of_a_person() -> None:
    for one in INVENTORY.about_people():
        own_way = hasattr(Reach, f"_of_{one.table}")
        columns = set(table_named(one.table).columns.keys())
        assert own_way or columns & {"person_id", "claim_id"}, f"{one.table}: nothing finds a person's rows"


def test_no_row_that_stays_names_the_person() -> None:
    for one in INVENTORY.about_people():
        assert one.goes or one.columns.get("person_id") is not Treatment.KEPT, one.table


def test_the_triggers_let_an_erasure_change_what_the_inventory_says_and_nothing_else() -> None:
    for one in INVENTORY.about_people():
        if one.table not in APPEND_ONLY:
            continue
        changed = {name for name, kind in one.columns.items() if kind in CHANGED}
        if one.goes:
            assert one.table in DELETABLE, one.table
        else:
            assert set(ERASABLE.get(one.table, ())) == changed, one.table
    assert set(ERASABLE) <= APPEND_ONLY


@pytest.mark.parametrize("table", ["entry", "consent"])
def test_only_append_only_tables_are_erased_through_a_gate(table: str) -> None:
    assert table in ledger_0001.APPEND_ONLY
    assert append_only.ERASABLE[table][0] == "person_id"


def test_the_record_of_processing_in_the_documents_is_the_one_of_the_inventory() -> None:
    """After a change: `perks person processing > docs/record-of-processing.md`."""
    written = (Path(__file__).parents[2] / "docs" / "record-of-processing.md").read_text(encoding="utf-8")
    assert written == processing_text(Spans())


def test_the_spans_are_those_of_the_settings() -> None:
    days = {
        name.removeprefix("keep_").removesuffix("_days"): field.default
        for name, field in Settings.model_fields.items()
        if name.startswith("keep_")
    }
    spans = Spans()
    assert days == {
        "disclosure": spans.disclosure.days,
        "tax": spans.tax.days,
        "consent": spans.consent.days,
        "refused": spans.refusal.days,
        "address": spans.address.days,
        "answer": spans.answer.days,
        "request": spans.request.days,
    }
