"""Triggers that refuse to change what is only ever appended to; `refuse_change()` stands since 0001."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

REFUSAL = "append_only"


def keep_append_only(dialect: str, tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
        if dialect == "postgresql":
            yield (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            yield (
                f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
            continue
        for verb in ("update", "delete"):
            yield (
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}: {table} is only ever appended to'); END"
            )


def release(dialect: str, tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
        if dialect == "postgresql":
            yield f"DROP TRIGGER {table}_append_only ON {table}"
            yield f"DROP TRIGGER {table}_not_truncated ON {table}"
        else:
            yield f"DROP TRIGGER {table}_no_update"
            yield f"DROP TRIGGER {table}_no_delete"
