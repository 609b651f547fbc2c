"""Recorded decisions as a file (JSON Lines), so that they can be replayed where their database is not.

First stand the versions by which they were made, each with its canonical form and the areas that it names,
which their hashes hold to what they were; then the decisions, each with the evidence that it saw:

    {"kind": "version", "version": "…", "canonical": "…", "areas": {"SHA-256": {"name": "…", "geojson": "…"}}}
    {"kind": "decision", "decision": "…", "person": "…", "version": "…", "verdict": "…", "evidence": […], …}

The lines of decisions may be left out, or brought into another order, by whoever takes some of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from perks_engine.campaigns.problems import FileProblemsError, Problem
from perks_engine.campaigns.quantities import QuantityError, instant
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.codec import decode, encode, evidence_from_json, evidence_to_json, fingerprint
from perks_engine.domain.evidence import Evidence, Person
from perks_engine.domain.recorded import Recorded
from perks_engine.domain.verdict import Verdict

MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """A version by which decisions were made. `areas` are name and bytes by SHA-256."""

    version: str
    canonical: str
    areas: Mapping[str, tuple[str, bytes]]

    @property
    def campaign(self) -> Campaign:
        return decode(Campaign, json.loads(self.canonical)["campaign"])


def version_line(made_by: DecidedBy) -> str:
    areas = {
        sha256: {"name": name, "geojson": geojson.decode()}
        for sha256, (name, geojson) in made_by.areas.items()
    }
    line = {"kind": "version", "version": made_by.version, "canonical": made_by.canonical, "areas": areas}
    return _line(line)


def decision_line(decision: Recorded) -> str:
    return _line(
        {
            "kind": "decision",
            "decision": decision.decision_id,
            "campaign": decision.campaign,
            "version": decision.version,
            "purpose": decision.purpose,
            "person": decision.person.person_id,
            "verdict": decision.verdict.value,
            "hindered": decision.hindered,
            "decided_at": encode(decision.decided_at),
            "evidence": evidence_to_json(decision.person.evidence),
        }
    )


def _line(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"


@dataclass(frozen=True, slots=True)
class DecisionsFile:
    """A file of decisions: the versions at its head, and how many lines there are."""

    path: Path
    versions: Mapping[str, DecidedBy]
    lines: int

    def decisions(self) -> Iterator[Recorded]:
        """The decisions, read as they are asked for. Raises `FileProblemsError` after the last one, with the
        lines that are none (the first `MOST_PROBLEMS`), so that what was made of the others is to be left."""
        problems: list[Problem] = []
        for number, data in _objects(self.path, problems):
            if data.get("kind") == "version":
                continue
            try:
                decision = _decision(data)
            except _LineError as error:
                _note(problems, self.path, number, str(error))
                continue
            if decision.version in self.versions:
                yield decision
            else:
                fault = f"its version {decision.version[:12]} stands in no line before the decisions"
                _note(problems, self.path, number, fault)
        if problems:
            raise FileProblemsError(problems)


def read_decisions(path: Path) -> DecisionsFile:
    """The file with its versions; raises `FileProblemsError` where it cannot be read or one is broken."""
    problems: list[Problem] = []
    unreadable: list[Problem] = []
    versions: dict[str, DecidedBy] = {}
    for number, data in _objects(path, unreadable):
        if data.get("kind") == "version":
            try:
                made_by = _version(data)
                versions[made_by.version] = made_by
            except _LineError as error:
                _note(problems, path, number, str(error))
        elif data.get("kind") == "decision":
            break  # versions stand before what was decided by them
    if not versions and not problems:
        fault = "holds no version by which anything was decided"
        expected = "a file that `perks decisions export` wrote"
        problems = [Problem(str(path), 0, 0, "", fault, expected), *unreadable]
    if problems:
        raise FileProblemsError(problems)
    with path.open("rb") as stream:
        return DecisionsFile(path, versions, sum(1 for _ in stream))


class _LineError(ValueError):
    """What is wrong with a line."""


def _objects(path: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines that are JSON objects, each with its number; blank ones are passed over."""
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.strip():
                    continue
                try:
                    data = json.loads(line)
                except (ValueError, RecursionError) as error:
                    _note(problems, path, number, f"is not JSON: {error}")
                    continue
                if isinstance(data, dict):
                    yield number, data
                else:
                    _note(problems, path, number, "is not a JSON object")
    except OSError as error:
        fault = f"cannot be read: {error.strerror}"
        raise FileProblemsError([Problem(str(path), 0, 0, "", fault)]) from error


def _note(problems: list[Problem], path: Path, number: int, fault: str) -> None:
    if len(problems) < MOST_PROBLEMS:
        problems.append(Problem(str(path), number, 1, "", fault))


def _version(data: Mapping[str, Any]) -> DecidedBy:
    version, canonical = _text(data, "version"), _text(data, "canonical")
    if fingerprint(canonical) != version:
        raise _LineError(f"the version {version[:12]} is not what its name says: it was changed")
    areas: dict[str, tuple[str, bytes]] = {}
    for sha256, area in data.get("areas", {}).items():
        name, geojson = _text(area, "name"), _text(area, "geojson").encode()
        if hashlib.sha256(geojson).hexdigest() != sha256:
            raise _LineError(f"the area {name} is not what its hash says: it was changed")
        areas[sha256] = (name, geojson)
    return DecidedBy(version, canonical, areas)


def _decision(data: Mapping[str, Any]) -> Recorded:
    if data.get("kind") != "decision":
        raise _LineError(f"is of the kind {data.get('kind')!r}; expected version or decision")
    verdict, hindered = _text(data, "verdict"), data.get("hindered")
    if verdict not in list(Verdict):
        raise _LineError(f"verdict: '{verdict}' is none of {', '.join(Verdict)}")
    if not isinstance(hindered, bool):
        raise _LineError("hindered: expected true or false")
    return Recorded(
        decision_id=_text(data, "decision"),
        campaign=_text(data, "campaign"),
        version=_text(data, "version"),
        purpose=_text(data, "purpose"),
        person=Person(_text(data, "person"), _evidence(data.get("evidence"))),
        verdict=Verdict(verdict),
        hindered=hindered,
        decided_at=_instant(data, "decided_at"),
    )


def _evidence(data: Any) -> tuple[Evidence, ...]:
    if not isinstance(data, list):
        raise _LineError("evidence: expected a list")
    try:
        facts = evidence_from_json(data)
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        said = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise _LineError(f"evidence: cannot be read: {said}") from error
    if any(fact.observed_at.tzinfo is None for fact in facts):
        raise _LineError("evidence: observed_at has no zone")
    return facts


def _instant(data: Mapping[str, Any], name: str) -> datetime:
    try:
        return instant(_text(data, name))
    except QuantityError as error:
        raise _LineError(f"{name}: {error}") from error


def _text(data: Any, name: str) -> str:
    found = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(found, str) or not found:
        raise _LineError(f"{name}: " + ("is missing" if found is None else f"found {found!r}; expected text"))
    return found
