"""A copy of a SQLite database as it is at one moment, while others write; and what a copy needs before it is
served again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, insert, select, update

from perks_engine.services.sending_records import MessageState
from perks_engine.storage import tables
from perks_engine.storage.dispute_tables import dispute_file
from perks_engine.storage.picture_tables import picture

MOST_NAMED = 5
RESTORED = "restored from a backup: it may have gone out already"


@dataclass(frozen=True, slots=True)
class Named:
    """The files that rows of a database name: those given with disputes, and pictures."""

    files: tuple[str, ...]
    pictures: tuple[str, ...]


def copy_to(source: Path, target: Path) -> None:
    """By SQLite's own backup, in one step: what was committed by then and nothing else. Writers go on."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=15)) as theirs,
        closing(sqlite3.connect(target)) as ours,
    ):
        theirs.backup(ours, pages=-1)
        # One file, with nothing beside it.
        ours.execute("PRAGMA journal_mode=DELETE").fetchall()


def faults(database: Path) -> list[str]:
    """What SQLite finds wrong with a file, the first of it; empty where it is sound."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            told = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({MOST_NAMED})")]
            if told != ["ok"]:
                return told
            rows = connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_NAMED)
            return [f"a row of {row[0]} leads to none of {row[2]}" for row in rows]
    except sqlite3.DatabaseError as error:
        return [str(error)]


def named_files(engine: Engine) -> Named:
    with engine.connect() as connection:
        files = connection.execute(select(dispute_file.c.stored_as)).scalars().all()
        pictures = connection.execute(select(picture.c.stored_as)).scalars().all()
    return Named(tuple(sorted(files)), tuple(sorted(pictures)))


def everybody(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(tables.person.c.person_id)).scalars())


def set_aside(engine: Engine, now: datetime) -> int:
    """Letters that waited when the copy was made wait no more, until somebody has them tried again: most of
    them went out since. Returns how many."""
    message, kept = tables.message, tables.message_delivery
    with engine.execution_options(perks_writes=True).connect() as connection, connection.begin():
        waiting = select(message.c.message_id).where(message.c.state == MessageState.QUEUED.value)
        ids = list(connection.execute(waiting).scalars())
        known = set(connection.execute(select(kept.c.message_id)).scalars())
        for one in ids:
            anew = {"attempts": 0, "next_at": now, "due_at": now}
            told = {"settled_at": now, "why": RESTORED, "leased_by": None, "leased_until": None}
            if one in known:
                connection.execute(update(kept).where(kept.c.message_id == one).values(**told))
            else:
                connection.execute(insert(kept).values(message_id=one, **anew, **told))
            dead = {"state": MessageState.DEAD.value}
            connection.execute(update(message).where(message.c.message_id == one).values(**dead))
    return len(ids)
