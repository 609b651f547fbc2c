"""Take the examples of the API's schema from what goes over the wire in the tests: it runs those of the HTTP
interface and of the story with a record (`python -m tools.api_examples`), and keeps one exchange for each
place.

An example that still fits the schema stays as it is, so that a run changes only what has to change.
`python -m tools.api_examples FOLDER` reads a record that is there (`PERKS_TEST_RECORDS=FOLDER pytest …`).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from perks_engine.web import schema_examples
from perks_engine.web.app import all_routes
from perks_engine.web.described import described
from perks_engine.web.schema_examples import Place, places
from tests.recorder import FOLDER
from tools.secret_scan import OWN

HERE = Path(__file__).parent.parent
FILE = HERE / "perks_engine" / "web" / "api_examples.json"
TESTS = ("tests/web", "tests/story", "--deselect", "tests/web/test_contract.py")
LONGEST_TEXT = 400
"""Of an answer in CSV and the like: its first lines."""
LONGEST = 6_000
_SIGNED = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+")
"""A token of a provider: an example of one would look like one that somebody lost."""
Found = dict[str, Any]


def published() -> dict[str, Any]:
    return described(all_routes().routes)


def validator(schema: Mapping[str, Any], place: Place) -> Validator:
    """Holds a value to the schema of its place, and to no field that the schema does not name: an answer may
    have more, an example of it not."""
    closed = _closed({"components": schema["components"], **place.content.get("schema", {})})
    return Draft202012Validator(closed, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _closed(part: Any) -> Any:
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {name: _closed(one) for name, one in part.items()}
    if isinstance(part.get("properties"), dict) and part.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


def chosen(schema: Mapping[str, Any], records: Iterable[Mapping[str, Any]], before: Found) -> Found:
    """An example for each place that has one: the one of before where it still fits, else of those that fit
    the one that says most, in the fewest words."""
    by_place: dict[tuple[str, str, str], list[Any]] = {}
    by_status: dict[tuple[str, str], list[Any]] = {}
    for one in records:
        status = str(one["status"])
        if one["status"] < 300 and one["asked"] is not None:
            by_place.setdefault((one["route"], "asks", one["sent"]), []).append(one["asked"])
        if one["answered"] is not None:
            by_place.setdefault((one["route"], status, one["media"]), []).append(one["answered"])
            by_status.setdefault((status, one["media"]), []).append(one["answered"])
    found: Found = {}
    for place in places(schema):
        if place.name in found:
            continue
        fits = validator(schema, place).is_valid
        known = before.get(place.name)
        if known is not None and fits(known):
            found[place.name] = known
            continue
        at = (str(place.status), place.media)
        given = (
            by_status.get(at, [])
            if place.is_shared
            else by_place.get((place.route, place.status or "asks", place.media), [])
        )
        offered = [short for one in given if (short := _shortened(one)) is not None and fits(short)]
        if offered:
            found[place.name] = _usual(offered) if place.is_shared else min(offered, key=_rank)
    return dict(sorted(found.items()))


def _usual(problems: list[Any]) -> Any:
    """The shortest of those of the code that comes most often."""
    codes = Counter(one["code"] for one in problems)
    most = max(codes, key=lambda code: (codes[code], code))
    return min((one for one in problems if one["code"] == most), key=lambda one: _rank(one)[1:])


def _rank(value: Any) -> tuple[int, int, str]:
    text = json.dumps(value, sort_keys=True)
    return -len(set(_paths(value))), len(text), text


def _paths(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _paths(one, f"{at}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _paths(one, f"{at}[]")
    elif value not in (None, ""):
        yield at


def _shortened(value: Any) -> Any:
    """With the first of each list, the first lines of a text, and without a secret; None where it is still
    too long to be read, or shows what tests try."""
    if isinstance(value, str):
        value = f"{value[:LONGEST_TEXT].rpartition(chr(10))[0]}\n" if len(value) > LONGEST_TEXT else value
    short = _cut(value)
    text = json.dumps(short, ensure_ascii=False)
    is_odd = any(sign in text for sign in ("<script", "\\u0000", "{{", "=cmd", "pragma"))
    return None if is_odd or len(text) > LONGEST else short


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cut(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_cut(one) for one in value[:1]]
    if not isinstance(value, str):
        return value
    return _SIGNED.sub("header.claims.signature", OWN.sub("shown-once", value))


def lacking(schema: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Places of requests and of answers that are no plain problem, without an example."""
    named = {place.name for place in places(schema)}
    return sorted(named - set(found))


def recorded(folder: Path) -> Iterator[Mapping[str, Any]]:
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


def as_text(found: Mapping[str, Any]) -> str:
    return f"{json.dumps(found, indent=1, ensure_ascii=False)}\n"


def _run(folder: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "--no-cov", *TESTS]
    more = {**os.environ, FOLDER: str(folder)}
    return subprocess.run(command, cwd=HERE, env=more, check=False).returncode  # noqa: S603


def main() -> int:
    if len(sys.argv) > 1:
        return _taken(Path(sys.argv[1]))
    with TemporaryDirectory() as folder:
        failed = _run(Path(folder))
        return failed or _taken(Path(folder))


def _taken(folder: Path) -> int:
    schema = published()
    found = chosen(schema, recorded(folder), dict(schema_examples.examples()))
    FILE.write_text(as_text(found), encoding="utf-8")
    for name in (missing := lacking(schema, found)):
        print(f"no exchange for: {name}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
