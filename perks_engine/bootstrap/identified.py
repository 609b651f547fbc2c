"""Who is asking: API tokens, sessions of browsers, links that sign one in, and OpenID providers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property

from perks_engine.campaigns.identity_file import read_providers
from perks_engine.domain.providers import Provider
from perks_engine.services.composing import Composing
from perks_engine.services.last_used import LastUsed
from perks_engine.services.links import Links
from perks_engine.services.ports import Clock
from perks_engine.services.sessions import Sessions
from perks_engine.services.signing_in import SigningIn
from perks_engine.services.tokens import Tokens
from perks_engine.services.vouching import Vouching
from perks_engine.settings import Settings
from perks_engine.storage.unit_of_work import SqlStore


class Identified:
    """A part of `Application`."""

    settings: Settings
    clock: Clock
    store: SqlStore
    links: cached_property[Links]
    composing: cached_property[Composing]

    @cached_property
    def last_used(self) -> LastUsed:
        return LastUsed(self._write_used)

    def _write_used(self, at: Mapping[str, datetime]) -> None:
        with self.store.write() as tx:
            tx.tokens.used(at)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.store, self.clock, self.last_used)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.store, self.clock, timedelta(hours=self.settings.session_hours))

    @cached_property
    def signing_in(self) -> SigningIn:
        lifetime = timedelta(minutes=self.settings.sign_in_minutes)
        return SigningIn(self.store, self.links, self.sessions, self.composing, self.clock, lifetime)

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """Raises `FileProblemsError` where the file that PERKS_IDENTITY names cannot be used."""
        return read_providers(self.settings.identity)

    @cached_property
    def vouching(self) -> Vouching:
        from perks_engine.delivery.openid import OpenIdOverHttp  # noqa: PLC0415 - only where providers are

        parts = (self.links, self.sessions, self.clock, self.settings.public_url.rstrip("/"))
        return Vouching(self.store, self.providers, OpenIdOverHttp(self.clock), *parts)
