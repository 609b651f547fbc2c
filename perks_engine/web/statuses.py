"""The status and the title of each kind of error: over HTTP, and in the log of what staff does."""

from __future__ import annotations

from collections.abc import Mapping

from perks_engine.services.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    ServiceError,
    StaleError,
)

_STATUS: Mapping[type[ServiceError], tuple[int, str]] = {
    NotFoundError: (404, "Not found"),
    RefusedError: (409, "Not possible now"),
    StaleError: (412, "Changed meanwhile"),
    ConflictError: (409, "Conflict"),
    ForbiddenError: (403, "Not allowed"),
    InvalidInputError: (422, "The input cannot be used"),
    BusyError: (503, "Busy"),
}


def status_of(error: ServiceError) -> tuple[int, str]:
    return next(found for kind, found in _STATUS.items() if isinstance(error, kind))
