"""The engine over one database: which adapter answers which port."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from perks_engine.audiences.engines import connect
from perks_engine.bootstrap.console import ConsoleParts
from perks_engine.bootstrap.databased import Databased, engine_of
from perks_engine.bootstrap.documented import Documented
from perks_engine.bootstrap.environment import process_name, read_settings
from perks_engine.bootstrap.identified import Identified
from perks_engine.bootstrap.observed import Observed
from perks_engine.bootstrap.pace import pace_of
from perks_engine.bootstrap.paged import Paged
from perks_engine.bootstrap.recipients import RecipientParts, still_so
from perks_engine.bootstrap.record_services import RecordServices, suppressing
from perks_engine.bootstrap.rules import RuleBook, rule_book, utc_now
from perks_engine.campaigns.tax_file import read_thresholds
from perks_engine.delivery.carriers import CARRIERS
from perks_engine.delivery.file_store import FolderStore
from perks_engine.delivery.mail_reports import read_report
from perks_engine.delivery.smtp import smtp_mailer
from perks_engine.domain.tax import TaxYears
from perks_engine.places.atlas import RulesAtlas
from perks_engine.places.drawings import Drawings
from perks_engine.services.admitting import Admitting
from perks_engine.services.after_moves import AfterMoves
from perks_engine.services.approving import Approving
from perks_engine.services.auditing import Auditing
from perks_engine.services.backtesting import Backtesting
from perks_engine.services.campaigning import Campaigning
from perks_engine.services.carrier_reports import CarrierReports
from perks_engine.services.chores import Chores
from perks_engine.services.claiming import Claiming
from perks_engine.services.comparing import Comparing
from perks_engine.services.composing import Composing
from perks_engine.services.conflicts import Conflicts
from perks_engine.services.consent_letters import ConsentLetters
from perks_engine.services.consents import Consents
from perks_engine.services.contacts import Contacts
from perks_engine.services.disclosing import Disclosing
from perks_engine.services.dispute_files import DisputeFiles
from perks_engine.services.dispute_letters import DisputeLetters
from perks_engine.services.disputing import Disputing
from perks_engine.services.duty_letters import DutyLetters
from perks_engine.services.duty_records import Schedule
from perks_engine.services.exporting import Exporting
from perks_engine.services.fulfilling import Fulfilling
from perks_engine.services.fulfillment_letters import FulfillmentLetters
from perks_engine.services.gate import Gate
from perks_engine.services.guards import Guarding
from perks_engine.services.incident_apply import Applying
from perks_engine.services.incident_jobs import IncidentJobs
from perks_engine.services.incident_letters import IncidentLetters
from perks_engine.services.incident_plan import Planning
from perks_engine.services.incident_replay import Replaying
from perks_engine.services.incident_reports import Reporting
from perks_engine.services.incidents import Incidents
from perks_engine.services.instructing import Instructing
from perks_engine.services.letters import Letters
from perks_engine.services.mail_reports import MailReports
from perks_engine.services.making_room import MakingRoom
from perks_engine.services.measuring import Measuring
from perks_engine.services.objections import Objections
from perks_engine.services.offering import KIND as OFFER_KIND
from perks_engine.services.offering import Offering
from perks_engine.services.own_word import OwnWord
from perks_engine.services.people import People
from perks_engine.services.ports import Clock
from perks_engine.services.previewing import Previewing
from perks_engine.services.promoting import Promoting
from perks_engine.services.promotion_gate import PromotionGate
from perks_engine.services.promotion_review import PromotionReview, take_leave
from perks_engine.services.proving import Proving
from perks_engine.services.receipt_links import Objecting, ReceiptLinks
from perks_engine.services.records import Message
from perks_engine.services.reminding import Reminding
from perks_engine.services.sendable import Sendable
from perks_engine.services.sending import Sending
from perks_engine.services.staff_actions import StaffActions
from perks_engine.services.statement_requests import StatementRequests
from perks_engine.services.stating import Stating
from perks_engine.services.tax_notices import TaxNotices
from perks_engine.services.taxing import Taxing
from perks_engine.services.unsubscribe_links import UnsubscribeLinks
from perks_engine.services.unsubscribing import Unsubscribing
from perks_engine.services.version_approval import VersionApproval
from perks_engine.services.versions import Versions
from perks_engine.settings import Settings
from perks_engine.storage.gauges import SqlGauges
from perks_engine.storage.geocodings import SqlGeocodings
from perks_engine.storage.unit_of_work import SqlStore


class Application(Paged, Documented, Identified, Observed, Databased):
    """The engine over one database. `rules`, where given, go before those that the settings name."""

    def __init__(self, settings: Settings, clock: Clock = utc_now, rules: RuleBook | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.engine: Engine = engine_of(settings)
        self.metrics.watch_pool(self.engine, settings.pool_size)
        self.tracing.watch(self.engine)
        self.store = SqlStore(self.engine)
        self.versions = Versions()
        self.rules = (rules or rule_book(settings)).remembering(SqlGeocodings(self.engine))

    def rules_of(self, file: Path) -> RuleBook:
        """The rules that a campaign file belongs to (see `rule_book`)."""
        return rule_book(self.settings, file).remembering(SqlGeocodings(self.engine))

    @classmethod
    def from_environment(cls) -> Application:
        """The engine that `PERKS_…` variables describe; how a server process starts."""
        return cls(read_settings())

    def close(self) -> None:
        self.last_used.flush()
        self.engine.dispose()
        self.probe.dispose()
        self.tracing.close()

    @cached_property
    def atlas(self) -> RulesAtlas:
        return RulesAtlas(self.rules.roots, self.rules.gazetteer, self._kept_area, self.rules.geocoder)

    def _kept_area(self, sha256: str) -> bytes | None:
        with self.store.read() as tx:
            return tx.campaigns.area(sha256)

    @cached_property
    def gate(self) -> Gate:
        return Gate(self.versions, self.atlas, self.watching)

    @cached_property
    def claiming(self) -> Claiming:
        parts = (self.gate, self.letters, self.guarding, self.tax_notices)
        return Claiming(self.store, *parts, self.clock, self.watching)

    @cached_property
    def letters(self) -> Letters:
        return Letters(self.composing)

    @cached_property
    def guarding(self) -> Guarding:
        return Guarding(self.atlas)

    @cached_property
    def measuring(self) -> Measuring:
        gauges = SqlGauges(self.engine)
        return Measuring(self.store, gauges, self.versions, self.guarding, self.sealing, self.clock)

    @cached_property
    def contacts(self) -> Contacts:
        return Contacts(self.store, self.clock)

    @cached_property
    def fulfilling(self) -> Fulfilling:
        return Fulfilling(self.store, self.versions, self.letters, self.clock, self.after_moves)

    @cached_property
    def after_moves(self) -> AfterMoves:
        letters = FulfillmentLetters(self.composing, ReceiptLinks(self.links))
        return AfterMoves(Conflicts(self.objections), letters)

    @cached_property
    def objecting(self) -> Objecting:
        links = ReceiptLinks(self.links)
        return Objecting(self.store, links, self.versions, self.disputing, self.clock)

    @cached_property
    def approving(self) -> Approving:
        return Approving(self.store, self.versions, self.letters, self.clock)

    @cached_property
    def own_word(self) -> OwnWord:
        return OwnWord(self.store, self.versions, self.clock, self.after_moves)

    @cached_property
    def carrier_reports(self) -> CarrierReports:
        parts = (CARRIERS, self.settings.carrier_secrets, self.after_moves)
        return CarrierReports(self.store, self.versions, *parts, self.clock)

    @cached_property
    def admitting(self) -> Admitting:
        return Admitting(self.store, self.versions, self.clock, self.after_moves)

    @cached_property
    def disclosing(self) -> Disclosing:
        return Disclosing(self.store, self.versions, self.clock)

    @cached_property
    def objections(self) -> Objections:
        return Objections(self.versions, DisputeLetters(self.composing))

    @cached_property
    def disputing(self) -> Disputing:
        return Disputing(self.store, self.objections, self.clock)

    @cached_property
    def incidents(self) -> Incidents:
        return Incidents(self.store, self.clock)

    @cached_property
    def incident_plan(self) -> Planning:
        return Planning(self.store, self.gate, self.clock)

    @cached_property
    def incident_jobs(self) -> IncidentJobs:
        replaying = Replaying(self.store, self.versions, self.atlas, self.clock)
        letters = IncidentLetters(self.versions, self.composing)
        applying = Applying(self.store, self.gate, self.letters, letters, self.clock)
        return IncidentJobs(self.store, replaying, applying, self.clock, self.holder)

    @cached_property
    def incident_reports(self) -> Reporting:
        return Reporting(self.store, self.clock)

    @cached_property
    def dispute_files(self) -> DisputeFiles:
        folder = FolderStore(self.settings.files)
        return DisputeFiles(self.store, folder, self.clock, self.settings.max_file_bytes)

    @cached_property
    def campaigning(self) -> Campaigning:
        return Campaigning(self.store, self.versions, self.previewing, self.guarding, self.clock)

    @cached_property
    def version_approval(self) -> VersionApproval:
        return VersionApproval(self.store, self.versions, self.clock)

    @cached_property
    def backtesting(self) -> Backtesting:
        return Backtesting(self.store, self.versions)

    @cached_property
    def comparing(self) -> Comparing:
        return Comparing(self.store, self.versions, self.previewing, self.clock)

    @cached_property
    def previewing(self) -> Previewing:
        return Previewing(self.atlas, self.rules.vocabulary, connect, Drawings(self.atlas))

    def latest_messages(self, limit: int) -> list[Message]:
        """The newest messages in the outbox."""
        with self.store.read() as tx:
            return tx.outbox.latest(limit)

    @cached_property
    def promotion_gate(self) -> PromotionGate:
        return PromotionGate(self.atlas)

    @cached_property
    def promotion_review(self) -> PromotionReview:
        return PromotionReview(self.promotion_gate)

    @cached_property
    def promoting(self) -> Promoting:
        rules, gate = self.rules, self.promotion_gate
        return Promoting(self.store, self.versions, gate, rules.purposes, rules.renderer, self.clock)

    @cached_property
    def people(self) -> People:
        parts = (suppressing(self.settings), self.promotion_review)
        return People(self.store, self.rules.purposes, self.clock, *parts)

    @cached_property
    def sending(self) -> Sending:
        """Raises `MailSettingsError`."""
        mailer = smtp_mailer(self.settings.smtp_url, self.settings.mail_from)
        domain = mailer.sender.address.rpartition("@")[2] if mailer else "localhost"
        jitter = random.SystemRandom().random
        return Sending(self.store, self.clock, mailer, domain, self.sendable, jitter)

    @cached_property
    def sendable(self) -> Sendable:
        still = {**still_so(), OFFER_KIND: self.offering.still}
        return Sendable(self.unsubscribe_links, pace_of(self.settings), still)

    @cached_property
    def staff_actions(self) -> StaffActions:
        return StaffActions(self.store, self.clock)

    @cached_property
    def mail_reports(self) -> MailReports:
        return MailReports(self.store, read_report, self.consents, self.clock)

    @cached_property
    def offering(self) -> Offering:
        return Offering(self.store, self.gate, self.composing, self.clock)

    @cached_property
    def composing(self) -> Composing:
        return Composing(self.rules.renderer, self.unsubscribe_links, self.settings.postal_address)

    @cached_property
    def unsubscribe_links(self) -> UnsubscribeLinks:
        return UnsubscribeLinks(self.links, self.rules.purposes)

    @cached_property
    def unsubscribing(self) -> Unsubscribing:
        return Unsubscribing(self.store, self.unsubscribe_links, self.consents)

    @cached_property
    def consents(self) -> Consents:
        letters = ConsentLetters(self.composing)
        return Consents(self.store, self.clock, self.rules.purposes, self.links, letters)

    @cached_property
    def proving(self) -> Proving:
        return Proving(self.store, self.disclosing, self.sealing)

    @cached_property
    def stating(self) -> Stating:
        return Stating(self.store, self.versions, self.sealing, suppressing(self.settings), self.clock)

    @cached_property
    def records(self) -> RecordServices:
        """A service that holds something about people adds its step to these; its tables stand in the
        inventory (`services.inventory_tables`), where a test asks for them."""
        parts = (self.settings, self.store, self.clock, self.versions, self.composing)
        mailboxes = self.statement_requests.mailboxes
        steps = (self.recipients.pictures.leave, take_leave)
        return RecordServices(*parts, suppressing(self.settings), mailboxes, self.promotion_review, steps)

    @cached_property
    def statement_requests(self) -> StatementRequests:
        url = self.settings.public_url.rstrip("/")
        parts = (self.stating, self.disputing, self.sealing, self.composing)
        return StatementRequests(self.store, *parts, self.clock, url)

    @cached_property
    def exporting(self) -> Exporting:
        """At most as many lists at once as leave a connection for everybody else."""
        at_once = min(self.settings.exports_at_once, max(1, self.settings.pool_size - 1))
        parts = (self.store, self.disclosing, lambda: self.proving, self.file_maker, self.clock)
        return Exporting(*parts, at_once)

    @cached_property
    def tax_years(self) -> TaxYears:
        """Raises `FileProblemsError` where the file of thresholds cannot be used."""
        return TaxYears(self.settings.tax_zone, read_thresholds(self.settings.tax_thresholds))

    @cached_property
    def tax_notices(self) -> TaxNotices:
        return TaxNotices(self.tax_years)

    @cached_property
    def taxing(self) -> Taxing:
        return Taxing(self.store, self.disclosing, self.tax_years)

    @cached_property
    def instructing(self) -> Instructing:
        return Instructing(self.store, self.clock)

    @cached_property
    def reminding(self) -> Reminding:
        days = self.settings.disclosure_reminder_days
        escalation = timedelta(days=self.settings.disclosure_escalation_days)
        schedule = Schedule(tuple(timedelta(days=one) for one in days), escalation)
        return Reminding(self.store, self.versions, DutyLetters(self.composing), schedule, self.clock)

    @cached_property
    def recipients(self) -> RecipientParts:
        parts = (self.settings, self.store, self.versions, self.composing, self.links, self.consents)
        return RecipientParts(*parts, self.atlas, self.clock)

    @cached_property
    def console(self) -> ConsoleParts:
        parts = (self.campaigning, self.recipients.judging, self.tokens, self.sessions)
        return ConsoleParts(self.store, self.clock, self.rules, *parts)

    @cached_property
    def auditing(self) -> Auditing:
        return Auditing(self.store, self.clock)

    @cached_property
    def holder(self) -> str:
        """Tells this process from all others."""
        return process_name()

    @cached_property
    def chores(self) -> Chores:
        return Chores(
            *(self.store, self.clock, self.holder, self.campaigning, self.fulfilling, self.sealing),
            *(self.statement_requests, self.announcing, self.sending, self.reminding),
            *(self.telling, self.recipients.soliciting, self.recipients.pictures),
            *(self.records.erasing, self.records.retaining),
            *(self.recipients.judging, self.offering, self.signing_in, self.incident_jobs),
            MakingRoom(self.store),
        )
