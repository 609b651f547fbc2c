"""Triggers that refuse to change what is only ever appended to; `refuse_change()` stands since 0001.

Where a column may be about a person, an erasure can take that column, and nothing else of the row: while the
person stands in `erasing`, which is within the transaction of the erasure alone. What the log was sealed over
stays so: the columns are those that it holds commitments of, or that it does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from alembic import op

REFUSAL = "append_only"
ERASABLE: dict[str, tuple[str, ...]] = {
    "entry": ("person_id", "recorded_by", "reference", "note"),
    "consent": ("person_id", "how", "origin", "recorded_by", "why"),
    "consent_request": ("person_id", "origin", "recorded_by", "why"),
    "acknowledgement": ("person_id", "how"),
    "receipt_denial": ("person_id", "why"),
    "dispute_event": ("person_id", "words", "acted_by"),
    "disclosure_export": ("chosen",),
    "offer": ("person_id",),
    "incident_line": ("person_id",),
    "incident_step": ("person_id",),
    "incident_done": ("person_id",),
    "staff_action": ("person_id",),
}
"""The columns that an erasure may change, by table."""
DELETABLE = ("dispute_file", "consent", "consent_request")
"""The tables whose rows an erasure may delete."""

REFUSE_CHANGE = f"""
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE was jsonb;
    BEGIN
      IF TG_LEVEL = 'ROW' AND TG_NARGS > 0 THEN
        was := to_jsonb(OLD);
        IF EXISTS (SELECT 1 FROM erasing WHERE NOT was ? 'person_id' OR person_id = was ->> 'person_id') THEN
          IF TG_OP = 'DELETE' AND TG_ARGV[0] = 'delete' THEN
            RETURN OLD;
          ELSIF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV = was - TG_ARGV THEN
            RETURN NEW;
          END IF;
        END IF;
      END IF;
      RAISE EXCEPTION '{REFUSAL}: % is only ever appended to', regexp_replace(TG_TABLE_NAME, '_[0-9]+$', '')
        USING ERRCODE = 'check_violation', CONSTRAINT = '{REFUSAL}';
    END $$
    """


def keep_append_only(dialect: str, tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
        if dialect == "postgresql":
            may = (("delete",) if table in DELETABLE else ("",)) + ERASABLE.get(table, ())
            arguments = ", ".join(repr(one) for one in may) if may != ("",) else ""
            yield (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION refuse_change({arguments})"
            )
            yield (
                f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
            continue
        for verb, unless in (("update", _update_unless(table)), ("delete", _delete_unless(table))):
            yield (
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} {unless}"
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}: {table} is only ever appended to'); END"
            )


def _update_unless(table: str) -> str:
    if table not in ERASABLE:
        return ""
    others = [one for one in _columns(table) if one not in ERASABLE[table]]
    same = " AND ".join(f"OLD.{one} IS NEW.{one}" for one in others)
    return f"WHEN NOT ({_is_erased(table)} AND {same}) "


def _delete_unless(table: str) -> str:
    return f"WHEN NOT {_is_erased(table)} " if table in DELETABLE else ""


def _is_erased(table: str) -> str:
    whose = " WHERE person_id = OLD.person_id" if "person_id" in _columns(table) else ""
    return f"EXISTS (SELECT 1 FROM erasing{whose})"


def _columns(table: str) -> list[str]:
    return [one["name"] for one in sa.inspect(op.get_bind()).get_columns(table)]


def release(dialect: str, tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
        if dialect == "postgresql":
            yield f"DROP TRIGGER {table}_append_only ON {table}"
            yield f"DROP TRIGGER {table}_not_truncated ON {table}"
        else:
            yield f"DROP TRIGGER {table}_no_update"
            yield f"DROP TRIGGER {table}_no_delete"


def keep_unedited(dialect: str, tables: Iterable[str]) -> Iterator[str]:
    """What is never changed, and may be deleted: by erasure."""
    for table in tables:
        if dialect == "postgresql":
            yield (
                f"CREATE TRIGGER {table}_unedited BEFORE UPDATE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
        else:
            yield (
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}: {table} is never changed'); END"
            )


def release_unedited(dialect: str, tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
        is_postgresql = dialect == "postgresql"
        yield (
            f"DROP TRIGGER {table}_unedited ON {table}"
            if is_postgresql
            else f"DROP TRIGGER {table}_no_update"
        )
