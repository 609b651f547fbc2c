"""What is held about people: each table and column of the database, why, for how long, and what an erasure
does with it. The record of a person, the receipt of an erasure and the record of processing (GDPR 30) are
made from it; a test refuses a column of the schema that does not stand in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Treatment(StrEnum):
    """What an erasure does with a column of a row that stays; where the row goes, all of them do."""

    KEPT = "kept"
    """It says nothing of who it is."""
    PERSON = "person"
    """The person's id: a pseudonym takes its place."""
    ACTOR = "actor"
    """Who did it: where that was the person, the pseudonym takes the place of their id."""
    EMPTIED = "emptied"
    """Text that may be about the person, and is not needed any more."""
    MARKED = "marked"
    """The same, where something has to stand: the word `erased`."""
    PRUNED = "pruned"
    """A tree of reasons: what was asked stays, what was found of the person goes."""
    LISTED = "listed"
    """Facts, as a list: it is empty afterwards."""
    NAMED = "named"
    """Data in which the id may stand: the pseudonym takes its place."""
    HIDDEN = "hidden"
    """A secret, or a hash of one: kept, and shown to nobody."""


class Span(StrEnum):
    """For how long; the settings say how many days each is."""

    MEMBER = "for as long as the person is on record"
    DISCLOSURE = "for the disclosure duty, after the last receipt"
    CONSENT = "as proof, after the consent has ended"
    REFUSAL = "for refused claims, after the refusal"
    LINK = "until the link in it expires"
    ANSWER = "for answers to requests that are sent again"
    REQUEST = "for requests about one's own data"
    SUPPRESSION = "for as long as an import could bring the person back; reviewed each year"
    HOLD = "until the hold is lifted, and then as a request about one's own data"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A table that holds personal data. `what` is plural and speaks to the person, `why` is the purpose,
    `basis` its ground in law. `goes` says whether an erasure deletes the rows; else `columns` say what it
    does with each, and `kept_because` why the row stays."""

    table: str
    what: str
    why: str
    basis: str
    span: Span
    columns: Mapping[str, Treatment]
    goes: bool = False
    kept_because: str = ""
    of_staff: bool = False
    """Of members of staff, and of nobody else: an erasure does not look at it."""

    def columns_that_are(self, treatment: Treatment) -> list[str]:
        return [name for name, one in self.columns.items() if one is treatment]

    def shown(self) -> list[str]:
        return [name for name, one in self.columns.items() if one is not Treatment.HIDDEN]


CONTRACT = "GDPR 6(1)(b): what the person asked for"
CONSENT = "GDPR 6(1)(a): consent"
DUTY = "GDPR 6(1)(f): the duty to disclose material connections (16 CFR 255), and its proof"
PROOF = "GDPR 7(1), 17(3)(e): proof that consent was given, and for what"
LAW = "GDPR 6(1)(c): what the law on data protection itself asks"
OURS = "GDPR 6(1)(f): running the service, and defending it against misuse"


def held(
    table: str,
    what: str,
    why: str,
    basis: str,
    span: Span,
    *,
    gone: str = "",
    because: str = "",
    of_staff: bool = False,
    **columns: str,
) -> Held:
    """`gone` names the columns of a table whose rows go, and may stand beside `hidden` alone; else each
    treatment names its columns, parted by spaces."""
    named = {"kept": gone, **columns} if gone else columns
    treatments = {column: Treatment(kind) for kind, names in named.items() for column in names.split()}
    return Held(table, what, why, basis, span, treatments, bool(gone), because, of_staff)


@dataclass(frozen=True, slots=True)
class Inventory:
    """`impersonal` are the tables that hold nothing about people, with what they hold and their columns."""

    tables: tuple[Held, ...]
    impersonal: Mapping[str, tuple[str, frozenset[str]]]

    def __iter__(self) -> Iterator[Held]:
        return iter(self.tables)

    def of(self, table: str) -> Held:
        return next(one for one in self.tables if one.table == table)

    def about_people(self) -> Iterator[Held]:
        """Those that an erasure and a person's record look at."""
        return (one for one in self.tables if not one.of_staff)

    def columns(self) -> dict[str, set[str]]:
        """Every column that stands here, by table."""
        found = {one.table: set(one.columns) for one in self.tables}
        return found | {table: set(columns) for table, (_, columns) in self.impersonal.items()}
