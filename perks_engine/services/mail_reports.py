"""Bounces and complaints: what comes back stops what would go out.

A mailbox that is none gets nothing any more, until its owner names another address. Whoever called a letter
spam gets answers alone, and their consents by e-mail end: it is a no, told in another way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.consent import Through
from perks_engine.services.access import Actor
from perks_engine.services.composing import CHANNEL
from perks_engine.services.consents import Consents, Speaker
from perks_engine.services.erasing import require_keeper
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.identifiers import new_id
from perks_engine.services.mail_records import MailEvent, MailNotice, MailReport, ReadReport
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.views import View

HOW = "their mail provider passed on that they called a letter spam"


@dataclass(frozen=True, slots=True)
class MailReports:
    store: Store
    read: ReadReport
    consents: Consents
    clock: Clock

    def take(self, actor: Actor, raw: bytes) -> View:
        """Note what a report says, as it came (RFC 3464, RFC 5965). The same report again changes nothing.

        Raises `ForbiddenError` for who reaches some brands only, for a mailbox is no matter of one brand;
        `InvalidInputError` for what is no report, and `NotFoundError` for one about a letter of others.
        """
        require_keeper(actor)
        notice = self.read(raw)
        if notice is None:
            raise InvalidInputError(
                "mail_report.unreadable",
                "this is no report about a letter; give one whole, with its headers: a bounce (RFC 3464, "
                "multipart/report with message/delivery-status) or a complaint (RFC 5965, with "
                "message/feedback-report)",
            )
        with self.store.write() as tx:
            report = self._noted(tx, notice, self.clock())
        if report.event is MailEvent.COMPLAINED:
            self._end_consents(report)
        return {"message": report.message_id, "event": report.event.value, "status": report.status or None}

    def _noted(self, tx: Transaction, notice: MailNotice, now: datetime) -> MailReport:
        message_id = notice.letter.strip().removeprefix("<").partition("@")[0]
        found = tx.sending.get(message_id)
        if found is None or found[0].person_id is None:
            raise NotFoundError(
                "mail_report.message",
                f"{notice.letter or 'the letter'} is none that was sent to a person here",
            )
        card = tx.people.card(found[0].person_id)
        if card is None or card.email is None:
            raise NotFoundError("mail_report.person", "its reader is no longer on record")
        # It may have come back from an address that the person has left since.
        address = notice.address or card.email
        what = (message_id, notice.event, notice.status, address)
        report = MailReport(new_id("rpt", now), card.person_id, *what, now)
        tx.mail_reports.add(report)
        return report

    def _end_consents(self, report: MailReport) -> None:
        with self.store.read() as tx:
            live = {
                one.purpose for one in tx.people.live_consents(report.person_id) if one.channel == CHANNEL
            }
        who = f"person {report.person_id}"
        for purpose in sorted(live):
            speaker = Speaker(report.person_id, Through.PROVIDER, who, HOW)
            self.consents.withdraw(speaker, purpose, CHANNEL)
