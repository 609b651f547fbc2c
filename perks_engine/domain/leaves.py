"""What the log says of an entry of the ledger: all that matters, and nothing about a person.

What is personal stands in a leaf only as commitments, each salted: who knows the value and the salt can
show that it is the one, and without the salt nothing can be told or guessed. Erasure destroys the salt, and
every proof goes on holding (GDPR 17; the log is never rewritten).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perks_engine.domain.codec import canonical_json

PERSONAL = ("claim", "person", "recorded_by", "reference", "note")
SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of the log: `public` as it is, and of each personal field its commitment (hex)."""

    public: Mapping[str, Any]
    commitments: Mapping[str, str]

    def data(self) -> bytes:
        """The bytes that are hashed: canonical JSON."""
        return canonical_json({"public": self.public, "commitments": self.commitments}).encode()


def leaf_of(entry: Mapping[str, Any], salt: bytes) -> Leaf:
    """The leaf of an entry given as plain data (`services.sealing` says which)."""
    public = {name: value for name, value in entry.items() if name not in PERSONAL}
    hidden = {
        name: commitment(str(entry[name]), field_salt(salt, name)) for name in PERSONAL if entry.get(name)
    }
    return Leaf(public, hidden)


def field_salt(salt: bytes, name: str) -> bytes:
    """The salt of one field, so that one can be opened while the others stay closed."""
    return hmac.digest(salt, name.encode(), "sha256")


def commitment(value: str, salt: bytes) -> str:
    """HMAC-SHA-256 of the value under the salt, in hex: it hides the value and binds to it."""
    return hmac.digest(salt, value.encode(), "sha256").hex()


def opens(leaf: Leaf, name: str, value: str, salt: bytes) -> bool:
    """Whether `value` is what the leaf is committed to under that name, by the field's salt."""
    return hmac.compare_digest(leaf.commitments.get(name, ""), commitment(value, salt))
