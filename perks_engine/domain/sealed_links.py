"""Links that carry what they are for, sealed: nobody but their maker can read, make or change one.

A link holds a short text under AES-256-GCM (NIST SP 800-38D) with a random nonce; its key is derived from a
secret by HKDF-SHA-256 (RFC 5869), apart from everything else that the secret is used for.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32
LONGEST_LINK = 1_000


def derived_key(secret: bytes, purpose: str) -> bytes:
    """32 bytes that are of use for this purpose alone."""
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


@dataclass(frozen=True, slots=True, repr=False)
class LinkSeal:
    key: bytes

    def seal(self, text: str) -> str:
        """Signs that can stand in an address: letters, digits, `-` and `_`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + AESGCM(self.key).encrypt(nonce, text.encode(), None)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def opened(self, link: str) -> str | None:
        """The text, or None where this seal did not make the link."""
        if len(link) > LONGEST_LINK:
            return None
        try:
            sealed = base64.b64decode(link + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
            text = AESGCM(self.key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (binascii.Error, ValueError, InvalidTag):
            return None
        return text.decode()
