"""Files of fulfillment: what a warehouse or an event desk reports, as CSV, JSON or YAML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perks_engine.campaigns.parts import PART_NAMES
from perks_engine.campaigns.person_facts import INSTANT
from perks_engine.campaigns.problems import FileProblemsError, Problem
from perks_engine.campaigns.quantities import MONEY_EXPECTED, MONEY_PATTERN, money
from perks_engine.campaigns.reader import FAILED, Reader
from perks_engine.campaigns.shapes import (
    Built,
    Choice,
    Field,
    Record,
    Text,
)
from perks_engine.campaigns.tables_in import read_csv
from perks_engine.campaigns.yaml_source import Fields, Items, Node, Scalar, read_yaml
from perks_engine.domain.fulfillment import RECORDABLE, Fulfillment, MoveKind

_RECORD = Record(
    (
        Field(
            "claim",
            Text("a claim's identifier", longest=80),
            "the claim that the unit was granted to",
            required=True,
        ),
        Field("move", Built(Choice(RECORDABLE), MoveKind), "what happened", required=True),
        Field("occurred_at", INSTANT, "when it happened, with its zone", required=True),
        Field(
            "evidence", Text("what it rests on", longest=40), "carrier, check_in, redemption, …", default=""
        ),
        Field("reference", Text("a reference", longest=120), "a tracking number, a ticket", default=""),
        Field(
            "note",
            Text("a note", longest=500),
            "why, for a loss, return, refusal, cancellation or void",
            default="",
        ),
        Field("carrier", Text("a carrier", longest=60), "who carries it", default=""),
        Field("parts", PART_NAMES, "of a bundle, the parts that it is about", default=()),
        Field("item", Text("an item", longest=120), "for substitute: what is sent instead", default=""),
        Field(
            "fair_market_value",
            Text(MONEY_EXPECTED, MONEY_PATTERN, build=money),
            "for substitute: what that is worth",
        ),
    )
)
COLUMNS = tuple(one.name for one in _RECORD.fields)
REQUIRED = tuple(one.name for one in _RECORD.fields if one.required)


def read_fulfillments(path: Path) -> tuple[list[Fulfillment], list[str]]:
    """The records of a file and what each is called (`ships.csv:3`); raises `FileProblemsError` with
    every fault of every row."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileProblemsError(
            [Problem(str(path), 0, 0, "", f"cannot be read: {error.strerror}")]
        ) from error
    reader = Reader(str(path))
    if path.suffix.lower() == ".csv":
        optional = [name for name in COLUMNS if name not in REQUIRED]
        nodes: list[Node] = [
            _mapping(row.cells, row.line)
            for row in read_csv(data, str(path), REQUIRED, optional, problems=reader.problems)
        ]
    else:
        nodes = _listed(read_yaml(data, str(path)), reader)
    read = [(node, _RECORD.read(node, "", reader)) for node in nodes]
    if reader.problems:
        raise FileProblemsError(reader.problems)
    rows = [_fulfillment(given) for _, given in read if given is not FAILED]
    return rows, [f"{path}:{node.line}" for node, _ in read]


def read_fulfillment(texts: Mapping[str, str], name: str) -> Fulfillment:
    """One record out of its texts by column; `name` stands for where they come from in the faults of
    `FileProblemsError`."""
    reader = Reader(name)
    given = _RECORD.read(_mapping(texts, 0), "", reader)
    if reader.problems:
        raise FileProblemsError(reader.problems)
    return _fulfillment(given)


def _fulfillment(given: dict[str, Any]) -> Fulfillment:
    return Fulfillment(
        claim_id=given["claim"],
        move=given["move"],
        occurred_at=given["occurred_at"],
        evidence=given["evidence"],
        reference=given["reference"],
        note=given["note"],
        carrier=given["carrier"],
        parts=given["parts"],
        item=given["item"],
        value=given["fair_market_value"],
    )


def _listed(node: Node, reader: Reader) -> list[Node]:
    if isinstance(node, Fields) and node.get("records") is not None:
        node = node.get("records") or node
    if isinstance(node, Items):
        return node.items
    if isinstance(node, Fields):
        return [node]
    reader.found(node, "", "a list of records")
    return []


def _mapping(texts: Mapping[str, str], line: int) -> Fields:
    return Fields([(_text(name, line), _text(text, line)) for name, text in texts.items()], line, 1)


def _text(text: str, line: int) -> Scalar:
    return Scalar(text, True, line, 1)
