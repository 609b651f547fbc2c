"""The parts of the engine that hear what recipients say, and look at what they posted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from perks_engine.delivery.file_store import FolderStore
from perks_engine.delivery.pictures import PillowCleaner
from perks_engine.delivery.s3_store import S3Pictures, s3_pictures
from perks_engine.domain.geography import Atlas
from perks_engine.domain.pictures import PictureLimits
from perks_engine.services import duty_letters, feedback_letters, fulfillment_letters, judgement_letters
from perks_engine.services.composing import Composing
from perks_engine.services.consents import Consents
from perks_engine.services.feedback import Feedback
from perks_engine.services.feedback_export import FeedbackExport
from perks_engine.services.feedback_letters import FeedbackLetters
from perks_engine.services.feedback_records import Asking
from perks_engine.services.judgement_letters import JudgementLetters
from perks_engine.services.judging import Judging
from perks_engine.services.links import Links
from perks_engine.services.mending import still_to_be_mended, still_without_a_post
from perks_engine.services.pictures import Pictures, SeenPictures
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.recipients import still_on_its_way, still_received
from perks_engine.services.records import Message
from perks_engine.services.sendable import Still
from perks_engine.services.soliciting import Soliciting
from perks_engine.services.survey_gate import SurveyGate
from perks_engine.services.versions import Versions
from perks_engine.settings import Settings


def still_so() -> Mapping[str, Still]:
    """What letters of a kind rest on beside consent, looked at when they go out: a unit that is still
    where they say it is."""
    return {
        feedback_letters.KIND: _of_the_claim(still_received),
        fulfillment_letters.SHIPMENT_KIND: _of_the_claim(still_on_its_way),
        fulfillment_letters.RECEIPT_KIND: _of_the_claim(still_received),
        duty_letters.REMINDER_KIND: _of_the_claim(still_without_a_post),
        judgement_letters.KIND: _of_the_claim(still_to_be_mended),
    }


def _of_the_claim(why_not: Callable[[Transaction, str | None], str | None]) -> Still:
    def still(tx: Transaction, message: Message, _now: datetime) -> str | None:
        return why_not(tx, message.claim_id)

    return still


@dataclass(frozen=True)
class RecipientParts:
    settings: Settings
    store: Store
    versions: Versions
    composing: Composing
    links: Links
    consents: Consents
    atlas: Atlas
    clock: Clock

    @cached_property
    def pictures(self) -> Pictures:
        """Raises `PictureSettingsError`."""
        given = self.settings
        limits = PictureLimits(given.max_picture_bytes, given.max_picture_pixels)
        return Pictures(self.store, self._picture_store(), PillowCleaner(limits), self.clock)

    def _picture_store(self) -> FolderStore | S3Pictures:
        where = self.settings.pictures
        if "://" in where:
            return s3_pictures(where, self.settings.s3_endpoint, self.settings.s3_region)
        return FolderStore(Path(where) if where else self.settings.files / "pictures")

    @cached_property
    def seen_pictures(self) -> SeenPictures:
        return SeenPictures(self.store, self.pictures)

    @cached_property
    def feedback(self) -> Feedback:
        parts = (self.pictures, self.links, self.consents)
        return Feedback(self.store, self.versions, *parts, self.clock)

    @cached_property
    def feedback_export(self) -> FeedbackExport:
        return FeedbackExport(self.store)

    @cached_property
    def soliciting(self) -> Soliciting:
        days = (self.settings.feedback_after_days, self.settings.feedback_until_days)
        asking = Asking(*(timedelta(days=one) for one in days))
        letters = FeedbackLetters(self.composing)
        gate = SurveyGate(self.atlas)
        return Soliciting(self.store, self.versions, gate, self.links, letters, asking, self.clock)

    @cached_property
    def judging(self) -> Judging:
        span = timedelta(hours=self.settings.disclosure_fix_hours)
        letters = JudgementLetters(self.composing)
        return Judging(self.store, self.versions, self.pictures, letters, span, self.clock)
