"""A file of people, read for what their evidence should have said at the moment of each decision."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from perks_engine.campaigns.people_file import PeopleReader
from perks_engine.campaigns.person_facts import UNDATED
from perks_engine.domain.evidence import Evidence


def read_corrected(reader: PeopleReader, path: Path) -> tuple[Mapping[str, tuple[Evidence, ...]], str]:
    """The facts of each person by id, undated where the file gives no time, and the file's SHA-256.

    Raises `FileProblemsError`.
    """
    entries = reader.read_file(path, UNDATED)
    return {one.person_id: one.facts for one in entries}, hashlib.sha256(path.read_bytes()).hexdigest()
