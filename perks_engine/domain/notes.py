"""Signed notes and checkpoints: how the log's heads are published, in the form that transparency logs share.

A note is text that ends in a newline, an empty line, and a line for each signature (C2SP signed-note); a
checkpoint is a note that names a log, its size and its root (C2SP tlog-checkpoint). Signatures are Ed25519
(RFC 8032). Tools that were not made for this engine read and verify them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from perks_engine.domain.merkle import HASH_BYTES, Hash
from perks_engine.domain.phrase import Phrase, SaidError, phrase

ED25519 = b"\x01"
_NAME = re.compile(r"[^\s+]+")
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/=]+)")
_TIME = "time "
_PRIVATE = "PRIVATE+KEY+"


class NoteError(SaidError):
    """A note, a checkpoint or a key that cannot be read."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under its name; `str()` gives it as `NAME+HASH+KEY`, the form that is published."""

    name: str
    public: bytes
    """the 32 bytes of the Ed25519 public key"""

    @property
    def key_hash(self) -> bytes:
        """Four bytes that tell which key of this name signed."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.key_hash.hex()}+{key}"

    def has_signed(self, signature: bytes, text: str) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def read_verifier_key(text: str) -> VerifierKey:
    """The key that `NAME+HASH+KEY` names; raises `NoteError` where it is none or contradicts itself."""
    name, _, rest = text.strip().partition("+")
    key_hash, _, encoded = rest.partition("+")
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise NoteError(Phrase("the key is not base64; expected NAME+HASH+KEY")) from error
    if not _NAME.fullmatch(name) or data[:1] != ED25519 or len(data) != 1 + HASH_BYTES:
        raise NoteError(
            Phrase("this is no Ed25519 key; expected NAME+HASH+KEY, as `perks ledger heads` prints it")
        )
    key = VerifierKey(name, data[1:])
    if key.key_hash.hex() != key_hash:
        raise NoteError(
            Phrase("the key does not fit the hash that stands before it: a character was changed")
        )
    return key


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key under its name."""

    name: str
    private: Ed25519PrivateKey

    def __str__(self) -> str:
        """The key to be kept, `PRIVATE+KEY+NAME+HASH+KEY`; never shown."""
        secret = base64.b64encode(ED25519 + self.private.private_bytes_raw()).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_hash.hex()}+{secret}"

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r}, …)"

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The line that signs a note's text."""
        signature = self.verifier.key_hash + self.private.sign(text.encode())
        return f"— {self.name} {base64.b64encode(signature).decode()}\n"


def new_signing_key(name: str) -> SigningKey:
    """A new key; raises `NoteError` where the name has spaces or a plus."""
    if not _NAME.fullmatch(name):
        raise NoteError(
            Phrase("'{name}' cannot name a key: it must have no spaces and no plus", {"name": name})
        )
    return SigningKey(name, Ed25519PrivateKey.generate())


def is_signing_key(text: str) -> bool:
    return text.strip().startswith(_PRIVATE)


def read_signing_key(text: str) -> SigningKey:
    """The key that `PRIVATE+KEY+NAME+HASH+KEY` holds; raises `NoteError`, which never shows it."""
    name, key_hash, secret = ([*text.strip().removeprefix(_PRIVATE).split("+", 2), "", ""])[:3]
    try:
        data = base64.b64decode(secret, validate=True)
    except binascii.Error as error:
        raise NoteError(Phrase("the private key is not base64")) from error
    if not is_signing_key(text) or not _NAME.fullmatch(name) or data[:1] != ED25519 or len(data) != 33:
        raise NoteError(Phrase("this is no private Ed25519 key; expected PRIVATE+KEY+NAME+HASH+KEY"))
    key = SigningKey(name, Ed25519PrivateKey.from_private_bytes(data[1:]))
    if key.verifier.key_hash.hex() != key_hash:
        raise NoteError(Phrase("the private key does not fit the hash that stands before it"))
    return key


def sign_note(text: str, keys: Iterable[SigningKey]) -> str:
    """The note: the text (which ends in a newline), signed by every key."""
    if not text.endswith("\n"):
        raise NoteError(Phrase("the text of a note ends in a newline"))
    return text + "\n" + "".join(key.sign(text) for key in keys)


def open_note(note: str, keys: Iterable[VerifierKey]) -> str:
    """The text of the note, where one of the keys signed it.

    Raises `NoteError` where it is no note, where none of the keys signed it, and where a signature by one of
    them is wrong.
    """
    text, gap, tail = note.rpartition("\n\n")
    lines = tail.splitlines()
    if not gap or not lines or not note.endswith("\n"):
        raise NoteError(phrase("this is no signed note: it has no empty line with signatures below it"))
    text += "\n"
    known = {(key.name, key.key_hash): key for key in keys}
    is_signed = False
    signers = set[str]()
    for line in lines:
        found = _SIGNATURE.fullmatch(line)
        if not found:
            raise NoteError(phrase("this is no line of a signature: {line}", line=repr(line[:60])))
        try:
            data = base64.b64decode(found[2], validate=True)
        except binascii.Error as error:
            raise NoteError(phrase("this is no line of a signature: {line}", line=repr(line[:60]))) from error
        signers.add(f"{found[1]}+{data[:4].hex()}")
        key = known.get((found[1], data[:4]))
        if key is None:
            continue
        if not key.has_signed(data[4:], text):
            raise NoteError(
                phrase(
                    "the signature by {name} is wrong: the text or the signature was changed",
                    name=key.name,
                )
            )
        is_signed = True
    if not is_signed:
        # As public keys begin: the name alone would be the same before and after a new key.
        names = ", ".join(sorted(signers))
        raise NoteError(phrase("it is signed by {names}, not with the key that was given", names=names))
    return text


@dataclass(frozen=True, slots=True)
class Head:
    """What the log held at a moment: its first `size` leaves have this root. `origin` names the log."""

    origin: str
    size: int
    root: Hash
    signed_at: datetime

    def text(self) -> str:
        """The checkpoint's text; the time stands on a line of its own, as an extension."""
        root = base64.b64encode(self.root).decode()
        moment = self.signed_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return f"{self.origin}\n{self.size}\n{root}\n{_TIME}{moment}\n"


def read_head(text: str) -> Head:
    """The head that a checkpoint's text tells; raises `NoteError`."""
    lines = text.splitlines()
    if len(lines) < 4 or not lines[1].isdecimal() or not lines[3].startswith(_TIME):
        raise NoteError(
            phrase("this is no checkpoint: expected the log's name, its size, its root and the time")
        )
    try:
        root = base64.b64decode(lines[2], validate=True)
        signed_at = datetime.fromisoformat(lines[3].removeprefix(_TIME))
    except ValueError as error:
        raise NoteError(phrase("this checkpoint cannot be read: {error}", error=str(error))) from error
    if len(root) != HASH_BYTES:
        raise NoteError(phrase("this checkpoint's root is not 32 bytes long"))
    return Head(lines[0], int(lines[1]), root, signed_at)
