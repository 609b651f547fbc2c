"""What the database refuses, told apart by the constraint that refused it."""

from __future__ import annotations

import re

from perks_engine.services.ports import (
    AllowanceSpentError,
    ContentionError,
    DatabaseRefusedError,
    KeyTakenError,
    NoRoomError,
    NotOpenError,
    OutOfStockError,
    UnitMovedError,
)
from perks_engine.storage.agreed import CAMPAIGN_NOT_OPEN, NOBODY, UNIT_NOT_THERE

_BY_CONSTRAINT: dict[str, type[DatabaseRefusedError]] = {
    "stock_not_below_zero": OutOfStockError,
    "allowance_not_exceeded": AllowanceSpentError,
    UNIT_NOT_THERE: UnitMovedError,
    CAMPAIGN_NOT_OPEN: NotOpenError,
    # Erased at this moment: done again, the claim finds nobody.
    NOBODY: ContentionError,
}

_GIVEN_UP = {
    "40001": "two writers waited for each other",
    "40P01": "two writers waited for each other",
    "26000": "the connection had forgotten its statements",
}
"""PostgreSQL's serialization failure, deadlock, and a prepared statement that is gone (`storage.wire`): the
transaction is gone, and can be done again."""


def contention(error: BaseException | None) -> ContentionError | None:
    """A driver's error in the words of the ports where it says so; None where the database is ill or away."""
    given_up = _GIVEN_UP.get(getattr(error, "sqlstate", None) or "")
    return ContentionError(given_up) if given_up else None


def refusal(error: BaseException | None) -> DatabaseRefusedError:
    """The refusal of the driver in the words of the ports; its message names the constraint."""
    if _is_without_part(error):
        return NoRoomError("the ledger has no part for the next entry yet")
    name, is_unique = _constraint(error)
    kind = KeyTakenError if is_unique else _BY_CONSTRAINT.get(name, DatabaseRefusedError)
    return kind(name)


def _is_without_part(error: BaseException | None) -> bool:
    """A row for which a table has no part PostgreSQL refuses like one that fails a check, of no name."""
    said = getattr(error, "diag", None)
    if said is None or said.sqlstate != "23514":
        return False
    return said.table_name == "entry" and said.constraint_name is None


def _constraint(error: BaseException | None) -> tuple[str, bool]:
    diagnosis = getattr(error, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or ""), getattr(error, "sqlstate", "") == "23505"
    text = str(error)
    found = re.match(r"(\w+) constraint failed: (.+)", text)
    if found is None:
        return text, False
    return found[2], found[1] == "UNIQUE"
