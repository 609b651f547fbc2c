"""Heads are published as signed notes that other logs' tools read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from perks_engine.domain.notes import (
    Head,
    NoteError,
    SigningKey,
    open_note,
    read_head,
    read_verifier_key,
    sign_note,
)

# The example of the Go project's package `note`, from which the form comes.
KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KNOWN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
HEAD = Head("perks.example/log", 3, bytes(range(32)), datetime(2026, 12, 2, 15, 0, tzinfo=UTC))


@pytest.fixture
def key() -> SigningKey:
    return SigningKey("perks.example/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))


@pytest.fixture
def next_key() -> SigningKey:
    return SigningKey("perks.example/log", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))


def test_a_note_that_another_tool_signed_is_read() -> None:
    key = read_verifier_key(KNOWN_KEY)
    assert str(key) == KNOWN_KEY
    assert open_note(KNOWN_NOTE, [key]).endswith("what your problem is.\n")


def test_a_head_is_told_and_read_again(key: SigningKey) -> None:
    note = sign_note(HEAD.text(), [key])
    assert note.startswith(
        "perks.example/log\n3\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\ntime 2026-12-02T15:00:00Z\n\n— "
    )
    assert read_head(open_note(note, [key.verifier])) == HEAD


def test_after_a_rotation_both_keys_open_the_note(key: SigningKey, next_key: SigningKey) -> None:
    note = sign_note(HEAD.text(), [key, next_key])
    assert open_note(note, [key.verifier]) == open_note(note, [next_key.verifier]) == HEAD.text()


def test_any_altered_sign_is_found(key: SigningKey) -> None:
    note = sign_note(HEAD.text(), [key])
    for place, sign in enumerate(note):
        altered = note[:place] + ("A" if sign != "A" else "B") + note[place + 1 :]
        with pytest.raises(NoteError):
            open_note(altered, [key.verifier])


@pytest.mark.parametrize("end", range(1, 40))
def test_a_note_cut_short_is_found(key: SigningKey, end: int) -> None:
    with pytest.raises(NoteError):
        open_note(sign_note(HEAD.text(), [key])[:-end], [key.verifier])


def test_another_key_does_not_open_it(key: SigningKey, next_key: SigningKey) -> None:
    signed = rf"signed by perks\.example/log\+{key.verifier.key_hash.hex()}, not with the key that was given"
    with pytest.raises(NoteError, match=signed):
        open_note(sign_note(HEAD.text(), [key]), [next_key.verifier])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no Ed25519 key"),
        ("perks+00000000+AAAA", "no Ed25519 key"),
        ("perks+00000000+not base64!", "not base64"),
        (KNOWN_KEY.replace("c74f", "c74e"), "does not fit the hash"),
        (KNOWN_KEY.replace("Peter", "Petra"), "does not fit the hash"),
    ],
)
def test_a_broken_key_is_refused(text: str, why: str) -> None:
    with pytest.raises(NoteError, match=why):
        read_verifier_key(text)


@pytest.mark.parametrize(
    "text", ["", "log\n3\n", "log\nthree\nAAAA\ntime 2026-12-02T15:00:00Z\n", "log\n3\nAAAA\ntime soon\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError, match="checkpoint"):
        read_head(text)
