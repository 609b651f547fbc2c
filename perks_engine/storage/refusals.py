"""What the database refuses, told apart by the constraint that refused it."""

from __future__ import annotations

import re

from sqlalchemy.exc import IntegrityError, OperationalError

from perks_engine.services.ports import (
    AllowanceSpentError,
    ContentionError,
    DatabaseRefusedError,
    KeyTakenError,
    OutOfStockError,
    UnitMovedError,
)
from perks_engine.storage.migrations.ledger_0001 import UNIT_NOT_THERE

_BY_CONSTRAINT: dict[str, type[DatabaseRefusedError]] = {
    "stock_not_below_zero": OutOfStockError,
    "allowance_not_exceeded": AllowanceSpentError,
    UNIT_NOT_THERE: UnitMovedError,
}

_GIVEN_UP = ("40001", "40P01")
"""PostgreSQL's serialization failure and deadlock: the transaction is gone, and can be done again."""


def contention(error: OperationalError) -> ContentionError | None:
    """The error in the words of the ports where it says so; None where the database is ill or away."""
    given_up = getattr(error.orig, "sqlstate", None) in _GIVEN_UP
    return ContentionError("two writers waited for each other") if given_up else None


def refusal(error: IntegrityError) -> DatabaseRefusedError:
    """The refusal in the words of the ports; its message names the constraint."""
    name, is_unique = _constraint(error)
    kind = KeyTakenError if is_unique else _BY_CONSTRAINT.get(name, DatabaseRefusedError)
    return kind(name)


def _constraint(error: IntegrityError) -> tuple[str, bool]:
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or ""), getattr(error.orig, "sqlstate", "") == "23505"
    text = str(error.orig)
    found = re.match(r"(\w+) constraint failed: (.+)", text)
    if found is None:
        return text, False
    return found[2], found[1] == "UNIQUE"
