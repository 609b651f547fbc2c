"""What the use cases need from the outside, as protocols. `storage` and `delivery` answer them.

A `Store` begins transactions; within one, each part below is a small repository. The database
decides races: what it refuses comes back as one of the errors here, and nothing of the transaction
remains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.consent import ConsentAct
from perks_engine.domain.evidence import EarlierReceipt, Evidence
from perks_engine.domain.fulfillment import Account
from perks_engine.domain.guards import Guard, Tally
from perks_engine.services.claim_ports import ClaimWork, Look
from perks_engine.services.consent_records import ConsentBook
from perks_engine.services.decision_ports import DecisionBook
from perks_engine.services.dispute_records import DisputeBook
from perks_engine.services.duty_records import DutyBook
from perks_engine.services.event_records import EventBook, WebhookBook
from perks_engine.services.feedback_records import FeedbackBook
from perks_engine.services.incident_job_records import IncidentJobBook
from perks_engine.services.incident_records import IncidentBook
from perks_engine.services.judgement_records import JudgementBook
from perks_engine.services.keeping_records import KeepingBook, PersonalData, Retention
from perks_engine.services.list_ports import (
    ExportBook,
    HeadDeliveries,
    Instructing,
    ListBook,
    Namings,
)
from perks_engine.services.log_ports import LogBook
from perks_engine.services.mail_records import MailReportBook
from perks_engine.services.offer_records import OfferBook
from perks_engine.services.picture_records import PictureBook
from perks_engine.services.promotion_records import PromotionBook
from perks_engine.services.records import (
    Answer,
    ApprovalRecord,
    CampaignEvent,
    CampaignRecord,
    ClaimFacts,
    ClaimRecord,
    Contact,
    DecidedClaim,
    Decision,
    Entry,
    GuardCount,
    Holding,
    Message,
    PersonCard,
    PreviewRecord,
    Seen,
    VersionRecord,
)
from perks_engine.services.report_records import Denial, ReportBook
from perks_engine.services.sending_records import DeliveryBook
from perks_engine.services.session_records import SessionBook, SignInBook
from perks_engine.services.staff_records import StaffActionBook
from perks_engine.services.statement_records import StatementBook
from perks_engine.services.token_records import TokenBook

Clock = Callable[[], datetime]
"""The present, as an aware UTC instant."""


class DatabaseRefusedError(Exception):
    """An invariant that the database holds was about to be broken; the transaction is gone."""


class OutOfStockError(DatabaseRefusedError):
    """No unit is left."""


class AllowanceSpentError(DatabaseRefusedError):
    """The person has had as many units as the campaign allows."""


class UnitMovedError(DatabaseRefusedError):
    """The unit is no longer where the entry would take it from: somebody was faster."""


class KeyTakenError(DatabaseRefusedError):
    """A row with that key is there already."""


class NotOpenError(DatabaseRefusedError):
    """The campaign is no longer open: nothing is reserved."""


class ContentionError(DatabaseRefusedError):
    """Two writers waited for each other, and this one was given up: done again, it can succeed."""


class NoRoomError(ContentionError):
    """The ledger had no part for the entry; it is made by the time that this is raised."""


class CampaignBook(Protocol):
    def get(self, name: str) -> CampaignRecord | None: ...
    def all(
        self,
        states: Sequence[CampaignState] = (),
        brands: Sequence[str] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[CampaignRecord]:
        """By name: those in one of the states, of one of the brands, whose name comes after `after`."""
        ...

    def add(self, campaign: CampaignRecord, now: datetime) -> None: ...
    def record(self, event: CampaignEvent, was: CampaignState) -> bool:
        """Append the event and give the campaign its state; False and neither, where it `was` so no more."""
        ...

    def events(self, name: str) -> list[CampaignEvent]: ...
    def latest_pause(self, name: str) -> CampaignEvent | None:
        """With the latest reason that was given for it."""

    def set_latest(self, name: str, version: str) -> None: ...
    def go_live(self, campaign: CampaignRecord) -> None: ...
    def version(self, version: str) -> VersionRecord | None: ...
    def versions(self, campaign: str) -> list[VersionRecord]: ...
    def add_version(self, version: VersionRecord) -> None: ...
    def add_area(self, sha256: str, name: str, geojson: bytes) -> None: ...
    def area(self, sha256: str) -> bytes | None: ...
    def add_preview(self, preview: PreviewRecord) -> None: ...
    def latest_preview(self, version: str) -> PreviewRecord | None: ...
    def add_approval(self, approval: ApprovalRecord) -> None: ...
    def approval(self, version: str) -> ApprovalRecord | None: ...
    def approved_preview(self, version: str) -> PreviewRecord | None: ...


class PeopleBook(Protocol):
    def card(self, person_id: str) -> PersonCard | None: ...
    def known_handles(self, handles: Sequence[str]) -> dict[str, str]: ...
    def ids(self) -> Iterator[str]: ...
    def save(self, card: PersonCard) -> None: ...
    def record_consents(self, acts: Iterable[ConsentAct], now: datetime) -> None: ...
    def record_evidence(self, person_id: str, facts: Iterable[Evidence], now: datetime) -> None: ...
    def evidence(self, person_id: str) -> list[Evidence]: ...
    def live_consents(self, person_id: str) -> list[ConsentAct]: ...
    def receipts(self, person_id: str) -> list[EarlierReceipt]: ...


class ClaimBook(Protocol):
    def facts(self, person_id: str, campaign: str, scope: str = "", key: str = "") -> ClaimFacts:
        """All that a decision about the two rests on, and what was answered to the key, at one look."""
        ...

    def record(self, decided: DecidedClaim) -> None:
        """All that a claim leaves behind but for the unit itself."""
        ...

    def add_decision(self, decision: Decision) -> None: ...
    def decision(self, decision_id: str) -> Decision | None: ...
    def add(self, claim: ClaimRecord) -> None: ...
    def get(self, claim_id: str) -> ClaimRecord | None: ...
    def of_person(self, person_id: str, before: str | None, limit: int) -> list[ClaimRecord]: ...
    def reserved(self, brands: Sequence[str] | None, after: str | None) -> Iterator[ClaimRecord]:
        """Claims whose unit is still reserved, the oldest first, of these brands (None: of all)."""
        ...

    def in_accounts(
        self,
        accounts: Sequence[Account],
        brands: Sequence[str] | None,
        campaign: str | None,
        after: str | None,
        limit: int,
    ) -> list[ClaimRecord]:
        """Claims whose unit is in one of these accounts, the oldest first and younger than `after`."""
        ...

    def units_by_account(self, brands: Sequence[str] | None) -> dict[Account, int]: ...


class GuardBook(Protocol):
    """What guards count. The last thing a claim does, but for its ledger entry, is to `enter`; whoever
    changes the state of a campaign enters alone."""

    @property
    def others(self) -> int:
        """How many may be counted at the same time without being seen by one that is not alone."""
        ...

    def start(self, campaign: str, now: datetime) -> None:
        """Count anew from now on; the caller is alone."""
        ...

    def forget(self, campaign: str) -> None:
        """Forget what was counted, for it holds points that people are on; the caller is alone."""
        ...

    def enter(self, campaign: str, alone: bool) -> int:
        """Until the transaction ends, how many others may be counted at the same time without being seen
        here; with `alone` none, and it waits for those under way."""
        ...

    def seen(self, decision: Decision) -> Seen: ...
    def add(self, campaign: str, counts: Sequence[GuardCount], now: datetime) -> list[Tally]:
        """Count one person for each of these guards; returns what each has counted with it."""
        ...

    def tallies(self, campaign: str, guards: Sequence[Guard], now: datetime) -> list[tuple[str, Tally]]:
        """What each guard has counted, and of what is counted apart the most, with its key."""
        ...


class ContactBook(Protocol):
    def add(self, contact: Contact) -> bool:
        """False where the brand has that address already."""
        ...

    def remove(self, brand: str, email: str) -> bool: ...
    def of_brand(self, brand: str) -> list[Contact]: ...
    def all(self) -> list[Contact]: ...


class Ledger(Protocol):
    def open_stock(self, campaign: str, per_person: int, hot: bool = False) -> None: ...
    def free_units(self, campaign: str) -> int: ...
    def units_had(self, campaign: str, person_id: str) -> int: ...
    def append(self, entry: Entry) -> int: ...
    def make_room(self) -> int:
        """Make parts for entries to come, where the ledger lies in parts; returns how many."""
        ...

    def holding(self, claim_id: str) -> Holding | None: ...
    def entries(self, claim_id: str) -> list[Entry]: ...
    def expired(self, now: datetime, limit: int) -> list[Holding]: ...
    def shipped_under(self, tracking_number: str) -> list[str]:
        """The claims whose latest shipment has that tracking number."""
        ...

    def supplied(self, campaign: str) -> int: ...
    def stands(self, campaign: str) -> dict[Account, int]: ...
    def held_still(self, claim_id: str) -> Holding:
        """Where the unit of a granted claim is, and stays until the transaction ends."""
        ...

    def deny(self, denial: Denial) -> None: ...
    def denials(self, claim_id: str) -> list[Denial]:
        """In the order they were said."""
        ...

    def close_the_books(self, now: datetime, as_of: datetime | None) -> datetime:
        """See to it that no entry is recorded at or before an instant any more; waits for those that are on
        their way. In a transaction of its own, before what reads the list begins.

        The instant is `as_of`; for None it is `now`, or that of the newest entry where a clock that runs
        ahead has dated it later. It is returned.
        """
        ...


class Outbox(Protocol):
    def queue(self, message: Message) -> None: ...
    def of_person(self, person_id: str) -> list[Message]: ...
    def to_staff(self, campaign: str) -> list[Message]: ...
    def latest(self, limit: int) -> list[Message]: ...


class Answers(Protocol):
    def find(self, scope: str, key: str) -> Answer | None: ...
    def put(self, scope: str, key: str, answer: Answer, now: datetime) -> None: ...


class Leases(Protocol):
    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool: ...


class Transaction(Protocol):
    """One unit of work: all of it or nothing."""

    @property
    def campaigns(self) -> CampaignBook: ...
    @property
    def people(self) -> PeopleBook: ...
    @property
    def claims(self) -> ClaimBook: ...
    @property
    def decisions(self) -> DecisionBook: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def guards(self) -> GuardBook: ...
    @property
    def consents(self) -> ConsentBook: ...
    @property
    def contacts(self) -> ContactBook: ...
    @property
    def incidents(self) -> IncidentBook: ...
    @property
    def incident_jobs(self) -> IncidentJobBook: ...
    @property
    def disputes(self) -> DisputeBook: ...
    @property
    def duties(self) -> DutyBook: ...
    @property
    def feedback(self) -> FeedbackBook: ...
    @property
    def judgements(self) -> JudgementBook: ...
    @property
    def pictures(self) -> PictureBook: ...
    @property
    def statements(self) -> StatementBook: ...
    @property
    def reports(self) -> ReportBook: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def sending(self) -> DeliveryBook: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def tokens(self) -> TokenBook: ...
    @property
    def sign_ins(self) -> SignInBook: ...
    @property
    def sessions(self) -> SessionBook: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def log(self) -> LogBook: ...
    @property
    def deliveries(self) -> HeadDeliveries: ...
    @property
    def namings(self) -> Namings: ...
    @property
    def lists(self) -> ListBook: ...
    @property
    def instructing(self) -> Instructing: ...
    @property
    def exports(self) -> ExportBook: ...
    @property
    def staff_actions(self) -> StaffActionBook: ...
    @property
    def mail_reports(self) -> MailReportBook: ...
    @property
    def offers(self) -> OfferBook: ...
    @property
    def events(self) -> EventBook: ...
    @property
    def webhooks(self) -> WebhookBook: ...
    @property
    def personal(self) -> PersonalData: ...
    @property
    def keeping(self) -> KeepingBook: ...
    @property
    def retention(self) -> Retention: ...
    @property
    def promotions(self) -> PromotionBook: ...


class Store(Protocol):
    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads, on one consistent state."""
        ...

    def look(self) -> AbstractContextManager[Look]:
        """Answers without a transaction, in one round trip each."""
        ...

    def claim(self) -> AbstractContextManager[ClaimWork]:
        """A transaction like that of `write`, for one claim, with as few round trips as there can be."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that commits when its block ends, or leaves nothing when it raises.

        Raises the errors of this module where the database refuses.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


class Renderer(Protocol):
    def names(self) -> list[str]:
        """The message templates there are, as campaign files name them."""
        ...

    def render(self, template: str, values: Mapping[str, Any], language: str = "en") -> Rendered:
        """In the language, in English where there is no such; phrases, money, instants and days among the
        values are written as it writes them. Raises an error of the adapter where a variable is unknown."""
        ...
