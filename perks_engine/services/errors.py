"""What can stop a use case. Each error is a value for its reader: a stable `code`, a sentence that
says what is so, and what would mend it. The faces turn them into a status or an exit code.

    ServiceError
    ├── NotFoundError           nothing of that name is here for this caller
    ├── RefusedError            understood, and not done: the state of things forbids it
    ├── ConflictError           the same key was used for something else, or somebody was faster
    │   └── StaleError          it was changed since the caller looked
    ├── ForbiddenError          the caller may not do this
    ├── BusyError               too much of this is being done already; later it can be
    └── InvalidInputError       the input cannot be used; `problems` says why, each with its place
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perks_engine.domain.phrase import Phrase


class ServiceError(Exception):
    """`message` is in English; `phrase` is the same for a reader of another language, where somebody may come
    upon it on a page."""

    def __init__(self, code: str, message: str | Phrase) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = str(message)
        self.phrase = message if isinstance(message, Phrase) else None

    @property
    def said(self) -> str | Phrase:
        """What another error is made of that says the same."""
        return self.phrase or self.message


class NotFoundError(ServiceError):
    pass


class RefusedError(ServiceError):
    pass


class ConflictError(ServiceError):
    """`more` is what the caller needs to see beside the message, as plain data."""

    def __init__(self, code: str, message: str | Phrase, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, message)
        self.more = more or {}


class StaleError(ConflictError):
    """The caller acted upon what is no longer so."""


class ForbiddenError(ServiceError):
    pass


class BusyError(ServiceError):
    pass


class InvalidInputError(ServiceError):
    """`said_problems` are the `problems` as they were given: phrases, where they are to be translated."""

    def __init__(self, code: str, message: str | Phrase, problems: Sequence[str | Phrase] = ()) -> None:
        super().__init__(code, message)
        self.said_problems = tuple(problems)
        self.problems = tuple(str(one) for one in problems)
