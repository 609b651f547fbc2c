"""What the columns of a population must hold, so that a rule can be asked of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Literal

from perks_engine.audiences.columns import (
    AT,
    ID,
    LOCATION_PARTS,
    MissingColumnsError,
    Slot,
    Vocabulary,
    sources_of,
)
from perks_engine.domain.rows import slot_name, type_asked
from perks_engine.domain.rules import Condition, LocatedIn, Rule, conditions

Want = Literal["id", "number", "day", "word", "words", "flag", "receipts", "instant", "code", "postal_code"]

NOUNS: dict[Want, str] = {
    "id": "an id",
    "number": "a number",
    "day": "a day such as 1990-04-01",
    "word": "text",
    "words": "a list of words",
    "flag": "true or false",
    "receipts": "a list of receipts (INSTANT|brand|campaign)",
    "instant": "a time such as 2026-12-01T09:00Z",
    "code": "text",
    "postal_code": "text",
}
PART_WANTS: tuple[Want, ...] = ("number", "number", "number", "code", "code", "postal_code")
DISC = LOCATION_PARTS[:3]


class PopulationError(ValueError):
    """A file or a table that cannot be a population; `problems` says all that is wrong with it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


def wanted_columns(
    rule: Rule, columns: Iterable[str], vocabulary: Vocabulary
) -> tuple[dict[str, Want], list[str]]:
    """What each needed column of the file must hold, and what is wrong with the columns as they are."""
    have = list(columns)
    slots: list[Slot] = []
    lacking: list[tuple[str, list[str]]] = []
    if ID not in have:
        lacking.append((f"the column {ID} is missing: who each row is about", [ID]))
    for condition in conditions(rule):
        try:
            found = sources_of(condition, [*have, ID], vocabulary)[0]
        except MissingColumnsError as error:
            names = _names(condition, vocabulary)
            lacking += [(problem, names) for problem in error.problems]
            continue
        slots += [*found.accepted, *found.refused]
        if isinstance(condition, LocatedIn):
            lacking += _halved(found.accepted)
    wants: dict[str, Want] = {ID: "id"} if ID in have else {}
    for slot in slots:
        wants |= _wants_of(slot)
    spare = [name for name in have if name not in wants]
    return wants, list(dict.fromkeys(f"{problem}{_meant(names, spare)}" for problem, names in lacking))


def _halved(slots: Iterable[Slot]) -> Iterator[tuple[str, list[str]]]:
    """Discs of which a part is missing: they could never be used, and nobody would be told."""
    for slot in slots:
        lost = [f"{slot.column}.{part}" for part in DISC if part not in slot.parts]
        if 0 < len(lost) < len(DISC):
            yield f"the columns of {slot.column} lack {', '.join(lost)}", lost


def _wants_of(slot: Slot) -> dict[str, Want]:
    times: dict[str, Want] = {slot.at: "instant"} if slot.at else {}
    if slot.type != "location":
        return {slot.column: slot.type, **times}
    wants: dict[str, Want] = dict(zip(LOCATION_PARTS, PART_WANTS, strict=True))
    return {**{slot.part(part): wants[part] for part in slot.parts}, **times}


def _names(condition: Condition, vocabulary: Vocabulary) -> list[str]:
    """The columns that would serve the condition."""
    about = condition.about
    usual = vocabulary.get(about.attribute)
    base = slot_name(about.attribute, about.key)
    sources = about.accept.sources or (usual.sources if usual else ())
    full = [slot_name(about.attribute, about.key, source) for source in sources]
    if type_asked(condition) == "location":
        return [f"{name}.{part}" for name in full for part in LOCATION_PARTS]
    return [base, *full]


def _meant(names: Iterable[str], spare: Iterable[str]) -> str:
    plain = {name.casefold().replace("_", "."): name for name in spare if not name.endswith(f".{AT}")}
    for name in names:
        if near := difflib.get_close_matches(name.replace("_", "."), list(plain), n=1, cutoff=0.8):
            return f"; did you mean '{plain[near[0]]}'?"
    return ""
