"""Documents that somebody hands in to be verified: JSON, read so that it says the same to every reader.

A reader may take the first of two values of one name, or the last, and pass over names that it does not know.
What is verified by one and shown by another would be two documents: so neither is taken.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from perks_engine.domain.leaves import PERSONAL, SALT_BYTES, Leaf
from perks_engine.domain.merkle import Hash
from perks_engine.domain.phrase import Phrase, SaidError, phrase


class ProofFileError(SaidError):
    """A file that is no document with proofs, or cannot be read as one."""


def read_document(text: str) -> Any:
    """Raises `ProofFileError` for what is no JSON, or is some that two readers may take for two things."""
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_float=_number, parse_constant=_number)
        if "\\u" in text:  # half a character may stand there, which no text can hold
            json.dumps(data, ensure_ascii=False).encode()
    except ProofFileError:
        raise
    except UnicodeEncodeError as error:
        raise ProofFileError(phrase("it holds half a character; the file was damaged")) from error
    except ValueError as error:
        raise ProofFileError(phrase("it is not JSON: {error}", error=str(error))) from error
    except RecursionError as error:
        raise ProofFileError(phrase("it is nested too deeply; the file was damaged")) from error
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ProofFileError(phrase("it says '{name}' twice in one place; the file was altered", name=twice))
    return found


def _number(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(f"{text} is no number that JSON has")
    return found


def strange_names(found: Mapping[str, Any], known: Collection[str]) -> Iterator[Phrase]:
    """What stands in a document that none of its kind has: nobody signed it."""
    strange = [name for name in found if name not in known]
    if strange:
        yield phrase("it has what no document of its kind has: {names}", names=", ".join(strange))


@dataclass(frozen=True, slots=True)
class GivenProof:
    """A proof as a document bears it: `leaf` is the text that was hashed, and `sealed` what it says."""

    leaf: str
    sealed: Leaf
    position: int
    path: Sequence[Hash]
    salts: Mapping[str, bytes]


def given_proof(found: Any) -> GivenProof:
    """Raises `ValueError` for what is none."""
    proof = _typed(found, {"position": int, "leaf": str, "path": list, "salts": dict})
    leaf = str(proof["leaf"])
    try:
        told = _typed(json.loads(leaf), {"public": dict, "commitments": dict})
    except RecursionError as error:
        raise ValueError("a leaf that is nested too deeply") from error
    commitments, salts = told["commitments"], proof["salts"]
    opened = {name: bytes.fromhex(_text(salt)) for name, salt in salts.items()}
    if not set(opened) <= set(PERSONAL) or any(len(salt) != SALT_BYTES for salt in opened.values()):
        raise ValueError("a salt that opens nothing")
    return GivenProof(
        leaf=leaf,
        sealed=Leaf(told["public"], {name: _text(value) for name, value in commitments.items()}),
        position=int(proof["position"]),
        path=[bytes.fromhex(_text(one)) for one in proof["path"]],
        salts=opened,
    )


def _typed(found: Any, kinds: Mapping[str, type]) -> dict[str, Any]:
    """An object with these names and no others, each of its type."""
    if not isinstance(found, dict) or set(cast("dict[str, Any]", found)) != set(kinds):
        raise ValueError("other names than it has to have")
    told = cast("dict[str, Any]", found)
    if any(type(told[name]) is not kind for name, kind in kinds.items()):
        raise ValueError("a value of another type")
    return told


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value
