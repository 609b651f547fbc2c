"""The file of a warehouse, read by its mapping into what happened to units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from perks_engine.campaigns.parts import SEPARATOR
from perks_engine.campaigns.problems import FileProblemsError, Problem, did_you_mean
from perks_engine.campaigns.quantities import QuantityError
from perks_engine.campaigns.tables_in import read_csv
from perks_engine.campaigns.warehouse_mapping import WarehouseMapping
from perks_engine.domain.fulfillment import Fulfillment, MoveKind, ReceiptEvidence
from perks_engine.domain.phrase import Phrase

LONGEST = {"claim": 80, "tracking_number": 120, "carrier": 60, "note": 500}


class WarehouseRowsError(FileProblemsError):
    """Rows that cannot be read. `others` are those that can, with what they are called, but for those about a
    unit that a faulty row is about, too: what they would do is not known."""

    def __init__(self, problems: Iterable[Problem], others: Sequence[tuple[Fulfillment, str]]) -> None:
        super().__init__(problems)
        self.others = tuple(others)


def read_warehouse_file(path: Path, mapping: WarehouseMapping) -> tuple[list[Fulfillment], list[str], int]:
    """The records of a file, what each is called (`ships.csv:3`), and how many rows say nothing of a unit.

    A record without a claim is about the one that was shipped under its reference. Raises `FileProblemsError`
    with every fault of every row, as a `WarehouseRowsError` where it is the rows that are faulty.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileProblemsError(
            [Problem(str(path), 0, 0, "", f"cannot be read: {error.strerror}")]
        ) from error
    problems: list[Problem] = []
    rows: list[Fulfillment] = []
    names: list[str] = []
    passed = 0
    unclear: set[str] = set()
    needed = mapping.columns.names()
    for row in read_csv(data, str(path), needed, problems=problems, separator=mapping.separator, others=True):
        before = len(problems)
        found = _record(row.cells, mapping, str(path), row.line, problems)
        if found is not None:
            rows.append(found)
            names.append(f"{path}:{row.line}")
        elif len(problems) == before:
            passed += 1
        else:
            columns = (mapping.columns.claim, mapping.columns.tracking_number)
            unclear |= {row.cells.get(column, "") for column in columns if column}
    if problems:
        known = zip(rows, names, strict=True)
        unclear -= {""}
        others = [one for one in known if not unclear & {one[0].claim_id, one[0].reference}]
        raise WarehouseRowsError(problems, others)
    return rows, names, passed


def _record(
    cells: Mapping[str, str], mapping: WarehouseMapping, file: str, line: int, problems: list[Problem]
) -> Fulfillment | None:
    """None for a row with a fault, and for one whose status says nothing."""
    columns = mapping.columns

    def fault(column: str | None, message: str, expected: str = "", hint: str | Phrase = "") -> None:
        problems.append(Problem(file, line, 1, column or "", message, expected, hint))

    def cell(column: str | None) -> str:
        return cells.get(column, "") if column else ""

    before = len(problems)
    word = " ".join(cell(columns.status).split())
    if word.casefold() not in mapping.statuses:
        known = ", ".join(mapping.statuses)
        hint = did_you_mean(word.casefold(), list(mapping.statuses))
        found = f"the status '{word}' is not in the mapping" if word else "there is no status"
        fault(columns.status, found, f"one of {known}", hint)
        return None
    move = mapping.statuses[word.casefold()]
    if move is None:
        return None
    claim, tracking = cell(columns.claim), cell(columns.tracking_number)
    if not claim and not tracking:
        wanted = " or ".join(name for name in (columns.claim, columns.tracking_number) if name)
        fault(columns.claim or columns.tracking_number, "nothing says which unit it is", wanted)
    texts = {"claim": claim, "tracking_number": tracking}
    texts |= {"carrier": cell(columns.carrier) or mapping.carrier, "note": cell(columns.note)}
    for name, text in texts.items():
        if len(text) > LONGEST[name] or not text.isprintable():
            fault(
                getattr(columns, name),
                f"is not a {name.replace('_', ' ')}",
                f"up to {LONGEST[name]} characters",
            )
    try:
        occurred_at = mapping.dates.read(cell(columns.occurred_at))
    except QuantityError as error:
        fault(columns.occurred_at, str(error), f"one of the forms {', '.join(mapping.dates.forms)}")
        return None
    if len(problems) > before:
        return None
    receipt = move in (MoveKind.HAND_OVER, MoveKind.DELIVER, MoveKind.DELIVER_MORE)
    return Fulfillment(
        claim_id=claim,
        move=move,
        occurred_at=occurred_at,
        evidence=ReceiptEvidence.WAREHOUSE.value if receipt else "",
        reference=tracking,
        note=texts["note"] or f"the warehouse says: {word}",
        carrier=texts["carrier"],
        parts=tuple(name for part in cell(columns.parts).split(SEPARATOR) if (name := part.strip())),
    )
