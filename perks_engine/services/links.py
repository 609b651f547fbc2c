"""Links in letters: each carries what it is for, sealed, so that nobody can guess, read or change one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from perks_engine.domain.sealed_links import LinkSeal, derived_key
from perks_engine.services.errors import RefusedError

Secrets = Callable[[], tuple[bytes, ...]]
"""What links are sealed with, the newest first: those of the older ones are still opened. Empty where the
deployment has none."""


@dataclass(frozen=True, slots=True)
class Links:
    """`public_url` is where this engine is reached from outside, without a slash at its end."""

    secrets: Secrets
    public_url: str

    @property
    def can_be_made(self) -> bool:
        return bool(self.secrets())

    def make(self, path: str, purpose: str, told: Mapping[str, Any]) -> str:
        """The whole address; raises `RefusedError` where there is nothing to seal it with."""
        self.require_key()
        sealed = LinkSeal(derived_key(self.secrets()[0], purpose)).seal(json.dumps(told, ensure_ascii=False))
        return f"{self.public_url}{path}/{sealed}"

    def require_key(self) -> None:
        """Raises `RefusedError` where there is nothing to seal links with."""
        if not self.secrets():
            raise RefusedError(
                "link.no_key",
                "there is no key to seal links with; make one with `perks ledger new-key FILE` and name it "
                "in PERKS_LINK_KEY (else that of PERKS_LOG_KEY is used)",
            )

    def opened(self, purpose: str, link: str) -> Mapping[str, Any] | None:
        """What a link carries, by its last part; None where this engine did not make it for that."""
        for secret in self.secrets():
            text = LinkSeal(derived_key(secret, purpose)).opened(link)
            if text is not None:
                return json.loads(text)
        return None
