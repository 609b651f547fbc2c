"""The services of a person's own record: to have it, to have it corrected, held and erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from perks_engine.delivery.file_store import FolderStore
from perks_engine.delivery.tombstone_file import TombstoneFile
from perks_engine.services.composing import Composing
from perks_engine.services.erasing import Erasing, GiveBack, Step, end_consents
from perks_engine.services.erasure_letters import ErasureLetters
from perks_engine.services.holding import Holding
from perks_engine.services.ports import Clock
from perks_engine.services.promotion_review import PromotionReview
from perks_engine.services.recording import Recording
from perks_engine.services.rectifying import Rectifying
from perks_engine.services.retaining import Retaining
from perks_engine.services.spans import Spans
from perks_engine.services.suppressing import Suppressing
from perks_engine.services.tombstones import Bury, nowhere
from perks_engine.services.versions import Versions
from perks_engine.settings import Settings
from perks_engine.storage.unit_of_work import SqlStore

Mailboxes = Callable[[str], tuple[str, ...]]


def pepper(settings: Settings) -> bytes:
    """The secret of PERKS_ERASURE_KEY, empty where none is named. Raises `OSError` where the file of the
    key cannot be read."""
    return settings.erasure_key.read_bytes().strip() if settings.erasure_key else b""


def suppressing(settings: Settings) -> Suppressing:
    """Raises `OSError`, as `pepper`."""
    return Suppressing(pepper(settings))


@dataclass
class RecordServices:
    """`steps` are those of services that hold something about people beside what the inventory knows how to
    erase: each ends it, and says so in the receipt."""

    settings: Settings
    store: SqlStore
    clock: Clock
    versions: Versions
    composing: Composing
    suppressing: Suppressing
    mailboxes: Mailboxes
    review: PromotionReview
    steps: tuple[Step, ...] = ()

    @cached_property
    def spans(self) -> Spans:
        settings = self.settings
        days = (
            *(settings.keep_disclosure_days, settings.keep_tax_days, settings.keep_consent_days),
            *(settings.keep_refused_days, settings.keep_address_days, settings.keep_answer_days),
            settings.keep_request_days,
        )
        return Spans(*(timedelta(days=one) for one in days))

    @cached_property
    def erasing(self) -> Erasing:
        steps = (*self.steps, GiveBack(self.versions), end_consents)
        return Erasing(
            *(self.store, self.clock, self.spans, self.suppressing, ErasureLetters(self.composing)),
            *(FolderStore(self.settings.files), steps, self.mailboxes, self.store.scrub),
            f"{self.settings.public_url.rstrip('/')}/statement",
            self._bury(),
        )

    def _bury(self) -> Bury:
        file = self.settings.erasures
        return TombstoneFile(file, lambda: pepper(self.settings)) if file else nowhere

    @cached_property
    def recording(self) -> Recording:
        return Recording(self.store, self.clock, self.spans, self.mailboxes)

    @cached_property
    def rectifying(self) -> Rectifying:
        return Rectifying(self.store, self.clock, self.composing, self.review)

    @cached_property
    def retaining(self) -> Retaining:
        return Retaining(self.store, self.clock, self.spans, self.store.scrub)

    @cached_property
    def holding(self) -> Holding:
        return Holding(self.store, self.clock)
