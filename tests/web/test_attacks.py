"""Attacks that have no other place: entities in uploads, and secrets compared by how long it takes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import perks_engine
from perks_engine.services.access import Role
from perks_engine.web.app import all_routes
from perks_engine.web.described import described
from tests.engine_room import Client, Room, new_key
from tests.web.feedback_room import asker, ready_to_ask

PACKAGE = Path(perks_engine.__file__).parent
READS_A_FILE = b"""<?xml version="1.0"?>
<!DOCTYPE svg [<!ENTITY read SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg"><text>&read;</text></svg>"""
GROWS = b"""<!DOCTYPE a [<!ENTITY b "%s"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>""" % (
    b"x" * 1_000
)
XML_READERS = {"xml", "lxml", "xmltodict", "defusedxml", "bs4", "html5lib"}


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        yield file, ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("given", [READS_A_FILE, GROWS], ids=["a file", "a bomb"])
@pytest.mark.parametrize("kind", ["image/svg+xml", "application/xml", "text/plain", ""])
def test_what_has_entities_in_it_is_taken_nowhere(
    sqlite_room: Room, sqlite_base: str, given: bytes, kind: str
) -> None:
    ready_to_ask(sqlite_room)
    sqlite_room.campaign()
    claim = sqlite_room.received(asker(sqlite_room))
    ana = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana"))
    headers = ana.token | {"Idempotency-Key": new_key()} | ({"Content-Type": kind} if kind else {})

    def refused(path: str) -> str:
        answer = httpx.post(f"{sqlite_base}{path}", content=given, headers=headers, timeout=30)
        assert answer.status_code == 422, answer.text
        assert "root:" not in answer.text
        return str(answer.json()["code"])

    assert refused(f"/v1/claims/{claim}/feedback/pictures") == "picture.kind"
    dispute = ana.post(f"/v1/claims/{claim}/disputes", {"text": "it never came"}).json()["dispute"]
    assert refused(f"/v1/disputes/{dispute}/files?name=a.txt") == "file.kind"


def test_no_body_takes_more_than_its_fields() -> None:
    """Nobody assigns what a form does not offer, at any depth. What a carrier signs is its own matter."""
    schema = described(all_routes().routes)
    open_ones = {
        where
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        for kind, body in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json"
        for where in _taking_more(body["schema"], schema["components"]["schemas"], f"{method} {path}")
    }
    assert open_ones == {"post /v1/carriers/{source}"}


def _taking_more(schema: Any, known: Any, where: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield where
    within = [*schema.get("anyOf", ()), *schema.get("properties", {}).values(), schema.get("items", {})]
    for one in within:
        if one:
            yield from _taking_more(one, known, where)


def test_nothing_reads_xml() -> None:
    """So there is no reader of it whose settings could be wrong."""
    found = {
        f"{file.name}: {name}"
        for file, tree in _trees()
        for node in ast.walk(tree)
        for name in _imported(node)
        if name.partition(".")[0] in XML_READERS
    }
    assert found == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


SECRET = ("secret_hash", "older_hash", "browser_hash", "csrf", "csrf_token", "signature")
"""Names that hold a secret or its hash."""


def test_secrets_are_compared_in_constant_time() -> None:
    """`==` ends at the first byte that differs, and so tells how many were right; `compare_digest` does not.
    In the database nothing is compared that a caller gave: rows are found by ids, and then looked at here."""
    found = [
        f"{file.name}:{node.lineno}"
        for file, tree in _trees()
        for node in ast.walk(tree)
        if "storage" not in file.parts
        and isinstance(node, ast.Compare)
        and any(isinstance(one, (ast.Eq, ast.NotEq)) for one in node.ops)
        and any(_named(one) in SECRET for one in (node.left, *node.comparators))
        and not any(isinstance(one, ast.Constant) for one in node.comparators)
    ]
    assert found == []


def _named(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Call(func=ast.Name(id=name)):
            return name
        case _:
            return ""
