"""What the console of staff needs besides what everybody uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from perks_engine.bootstrap.rules import RuleBook
from perks_engine.services.campaigning import Campaigning
from perks_engine.services.claim_watch import ClaimWatch
from perks_engine.services.drafting import Drafting
from perks_engine.services.erasures import Erasures
from perks_engine.services.judging import Judging
from perks_engine.services.ports import Clock
from perks_engine.services.recipient_files import RecipientFiles
from perks_engine.services.running import Running
from perks_engine.services.sessions import Sessions
from perks_engine.services.token_sign_in import TokenSignIn
from perks_engine.services.tokens import Tokens
from perks_engine.services.warehouse import Warehouse
from perks_engine.storage.unit_of_work import SqlStore


@dataclass(frozen=True)
class ConsoleParts:
    store: SqlStore
    clock: Clock
    rules: RuleBook
    campaigning: Campaigning
    judging: Judging
    tokens: Tokens
    sessions: Sessions

    @cached_property
    def running(self) -> Running:
        return Running(self.campaigning)

    @cached_property
    def claim_watch(self) -> ClaimWatch:
        return ClaimWatch(self.store)

    @cached_property
    def drafting(self) -> Drafting:
        rules = self.rules
        return Drafting(self.store, rules.reader, rules.atlas, self.campaigning.previewing, self.clock)

    @cached_property
    def recipient_files(self) -> RecipientFiles:
        return RecipientFiles(self.store, self.campaigning.versions, self.judging, self.clock)

    @cached_property
    def erasures(self) -> Erasures:
        return Erasures(self.store)

    @cached_property
    def token_sign_in(self) -> TokenSignIn:
        return TokenSignIn(self.store, self.tokens, self.sessions, self.clock)

    @cached_property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.store, self.campaigning.versions, self.clock)
