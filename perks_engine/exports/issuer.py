"""Who gives a document: what stands on it for whoever it is filed with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issuer:
    """`address` is the operator's name and where it is by post, line by line; `log` the name of the log that
    the ledger is sealed in, and `key` the public one of its signatures; `verify_at` the page on which
    documents are verified. Each is empty where the deployment names none."""

    address: tuple[str, ...] = ()
    log: str = ""
    key: str = ""
    verify_at: str = ""

    @property
    def name(self) -> str:
        """For the properties of a file: the operator, else the log."""
        return next(iter(self.address), self.log)
