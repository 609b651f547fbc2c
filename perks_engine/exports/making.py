"""Makes the files of disclosure lists, in whichever form is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from perks_engine.domain.disclosure import Section, Standing
from perks_engine.domain.phrase import phrase
from perks_engine.exports.columns import LATEST, ONLY_RECEIVED, VERSIONS
from perks_engine.exports.disclosure_document import write_document
from perks_engine.exports.disclosure_files import csv_chunks, json_chunks
from perks_engine.exports.disclosure_sheet import write_sheet
from perks_engine.exports.issuer import Issuer
from perks_engine.exports.proof_files import proved_chunks
from perks_engine.services.disclosing import DisclosureLine, Listing
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.list_records import Chosen, FileKind, Form
from perks_engine.services.proving import ProvedLine, ProvedList

Passing = TypeVar("Passing")


@dataclass(frozen=True, slots=True)
class FileMaker:
    """`template` is the document's, `reports/disclosure_list.typ`; `issuer` says who gives it."""

    template: Path
    issuer: Callable[[], Issuer]

    def check(self, chosen: Chosen, form: Form) -> None:
        """Raises `InvalidInputError` for columns, or a combination of options, that there is not."""
        if form.columns not in VERSIONS:
            raise InvalidInputError(
                "disclosures.columns",
                phrase(
                    "there is no version '{columns}' of the columns; there are {versions}",
                    columns=form.columns,
                    versions=", ".join(VERSIONS),
                ),
            )
        if form.kind is FileKind.PDF and form.columns != LATEST:
            raise InvalidInputError(
                "disclosures.columns",
                phrase("a PDF has the columns of version {latest}; leave the version out", latest=LATEST),
            )
        if form.proofs and form.kind is not FileKind.JSON:
            raise InvalidInputError(
                "disclosures.proofs", phrase("only JSON carries proofs; ask for the format json")
            )
        if chosen.annex and form.columns in ONLY_RECEIVED:
            raise InvalidInputError(
                "disclosures.annex",
                phrase(
                    "columns of version {columns} cannot tell an annex from the list; ask for {latest}",
                    columns=form.columns,
                    latest=LATEST,
                ),
            )

    def write(self, file: Path, listing: Listing, form: Form) -> int:
        if form.columns in ONLY_RECEIVED:
            received = (line for line in listing.lines if _is_of_the_first(line))
            listing = replace(listing, lines=received)
        match form.kind:
            case FileKind.XLSX:
                return write_sheet(file, listing, form.columns)
            case FileKind.PDF:
                return write_document(file, self.template, listing, self.issuer())
            case FileKind.CSV | FileKind.JSON:
                counted = _Counted(listing.lines)
                listing = replace(listing, lines=counted)
                is_csv = form.kind is FileKind.CSV
                chunks = (
                    csv_chunks(counted, form.bom, form.columns)
                    if is_csv
                    else json_chunks(listing, form.columns)
                )
                _write_text(file, chunks)
                return counted.count

    def write_proved(self, file: Path, proved: ProvedList, form: Form) -> int:
        lines: Iterable[ProvedLine] = proved.lines
        if form.columns in ONLY_RECEIVED:
            lines = (one for one in lines if _is_of_the_first(one.line))
        counted = _Counted(lines)
        _write_text(file, proved_chunks(replace(proved, lines=iter(counted)), form.columns))
        return counted.count


def _is_of_the_first(line: DisclosureLine) -> bool:
    """Whether a set of columns that can mark nothing may hold the line."""
    return line.section is Section.RECEIVED and line.standing is Standing.UNDISPUTED


class _Counted(Generic[Passing]):
    """Lines that pass, and how many they were."""

    def __init__(self, lines: Iterable[Passing]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[Passing]:
        for line in self._lines:
            self.count += 1
            yield line


def _write_text(file: Path, chunks: Iterable[str]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(chunks)
