"""The store: transactions over the repositories, all of a block or nothing."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg.errors import IdleInTransactionSessionTimeout, InvalidSqlStatementName
from sqlalchemy import Connection, Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from perks_engine.services.ports import NoRoomError
from perks_engine.storage.campaigns import SqlCampaignBook
from perks_engine.storage.claim_writing import PostgresClaimWork, SqliteClaimWork
from perks_engine.storage.claims import SqlClaimBook
from perks_engine.storage.consents import SqlConsentBook
from perks_engine.storage.contacts import SqlContactBook
from perks_engine.storage.decisions import SqlDecisionBook
from perks_engine.storage.deliveries import SqlHeadDeliveries
from perks_engine.storage.disclosures import SqlListBook
from perks_engine.storage.disputes import SqlDisputeBook
from perks_engine.storage.duties import SqlDutyBook
from perks_engine.storage.events import SqlEventBook
from perks_engine.storage.exports import SqlExportBook
from perks_engine.storage.feedback import SqlFeedbackBook
from perks_engine.storage.guards import SqlGuardBook
from perks_engine.storage.identities import SqlSessionBook, SqlSignInBook
from perks_engine.storage.incident_jobs import SqlIncidentJobBook
from perks_engine.storage.incidents import SqlIncidentBook
from perks_engine.storage.instructing import SqlInstructing
from perks_engine.storage.judgements import SqlJudgementBook
from perks_engine.storage.keeping import SqlKeepingBook
from perks_engine.storage.keys import SqlAnswers, SqlLeases
from perks_engine.storage.ledger import SqlLedger
from perks_engine.storage.log import SqlLogBook
from perks_engine.storage.looking import PostgresLook, SqliteLook
from perks_engine.storage.mail_reports import SqlMailReportBook
from perks_engine.storage.messages import SqlOutbox
from perks_engine.storage.namings import SqlNamings
from perks_engine.storage.offers import SqlOfferBook
from perks_engine.storage.people import SqlPeopleBook
from perks_engine.storage.personal_data import SqlPersonalData
from perks_engine.storage.pictures import SqlPictureBook
from perks_engine.storage.promotions import SqlPromotionBook
from perks_engine.storage.refusals import contention, refusal
from perks_engine.storage.reports import SqlReportBook
from perks_engine.storage.retention import SqlRetention
from perks_engine.storage.sending import SqlDeliveryBook
from perks_engine.storage.sqlite_turns import BUSY_SECONDS
from perks_engine.storage.staff_actions import SqlStaffActionBook
from perks_engine.storage.statements import SqlStatementBook
from perks_engine.storage.tokens import SqlTokenBook
from perks_engine.storage.webhooks import SqlWebhookBook
from perks_engine.storage.wire import Known, Wire

_log = logging.getLogger(__name__)


class SqlTransaction:
    """One unit of work: every repository on one connection."""

    def __init__(self, connection: Connection) -> None:
        self.campaigns = SqlCampaignBook(connection)
        self.people = SqlPeopleBook(connection)
        self.claims = SqlClaimBook(connection)
        self.decisions = SqlDecisionBook(connection)
        self.ledger = SqlLedger(connection)
        self.guards = SqlGuardBook(connection)
        self.consents = SqlConsentBook(connection)
        self.contacts = SqlContactBook(connection)
        self.incidents = SqlIncidentBook(connection)
        self.incident_jobs = SqlIncidentJobBook(connection)
        self.disputes = SqlDisputeBook(connection)
        self.duties = SqlDutyBook(connection)
        self.feedback = SqlFeedbackBook(connection)
        self.judgements = SqlJudgementBook(connection)
        self.offers = SqlOfferBook(connection)
        self.mail_reports = SqlMailReportBook(connection)
        self.pictures = SqlPictureBook(connection)
        self.statements = SqlStatementBook(connection)
        self.reports = SqlReportBook(connection)
        self.outbox = SqlOutbox(connection)
        self.sending = SqlDeliveryBook(connection)
        self.answers = SqlAnswers(connection)
        self.tokens = SqlTokenBook(connection)
        self.sign_ins = SqlSignInBook(connection)
        self.sessions = SqlSessionBook(connection)
        self.leases = SqlLeases(connection)
        self.log = SqlLogBook(connection)
        self.deliveries = SqlHeadDeliveries(connection)
        self.namings = SqlNamings(connection)
        self.lists = SqlListBook(connection)
        self.instructing = SqlInstructing(connection)
        self.exports = SqlExportBook(connection)
        self.events = SqlEventBook(connection)
        self.promotions = SqlPromotionBook(connection)
        self.webhooks = SqlWebhookBook(connection)
        self.personal = SqlPersonalData(connection)
        self.keeping = SqlKeepingBook(connection)
        self.retention = SqlRetention(connection)
        self.staff_actions = SqlStaffActionBook(connection)


class SqlStore:
    """Transactions on one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = engine
        self._is_postgresql = engine.dialect.name == "postgresql"
        if self._is_postgresql:
            self._reading = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._writing = engine.execution_options(perks_writes=True)

    @contextmanager
    def read(self) -> Generator[SqlTransaction]:
        with self._reading.connect() as connection, connection.begin():
            yield SqlTransaction(connection)

    @contextmanager
    def write(self) -> Generator[SqlTransaction]:
        with self._with_room(), _told_apart(), self._writing.connect() as connection, connection.begin():
            yield SqlTransaction(connection)

    @contextmanager
    def look(self) -> Generator[PostgresLook | SqliteLook]:
        with self._lent() as lent:
            driver: Any = lent.driver_connection
            if self._is_postgresql:
                yield PostgresLook(_wire(lent))
            else:
                yield SqliteLook(driver, self.engine.dialect)

    @contextmanager
    def claim(self) -> Generator[PostgresClaimWork | SqliteClaimWork]:
        with self._with_room(), self._lent() as lent:
            driver: Any = lent.driver_connection
            if self._is_postgresql:
                with closing(_wire(lent)) as wire:
                    work = PostgresClaimWork(wire)
                    yield work
                    work.commit()
            else:
                yield SqliteClaimWork(driver, self.engine.dialect)
                driver.commit()

    @contextmanager
    def _with_room(self) -> Generator[None]:
        """Where the ledger has no part for an entry, makes it; whoever tries again finds it. To be entered
        before the transaction, whose locks the new part waits for."""
        try:
            yield
        except NoRoomError:
            _log.warning("the ledger had no part for the next entry: does a worker run?")
            try:
                with self.engine.begin() as connection:
                    SqlLedger(connection).make_room()
            except DBAPIError as error:
                _log.error("no part could be made for the next entry (%s)", type(error.orig).__name__)
            raise

    @contextmanager
    def _lent(self) -> Generator[PoolProxiedConnection]:
        """A connection of the driver's own; what the database refuses is raised in the words of the ports."""
        lent: PoolProxiedConnection | None = None
        try:
            lent = self.engine.raw_connection()
            yield lent
        except (psycopg.IntegrityError, sqlite3.IntegrityError) as error:
            raise refusal(error) from error
        except _AWAY as error:
            given_up = contention(error)
            if given_up is not None:
                raise given_up from error
            if lent is not None and getattr(lent.driver_connection, "closed", False):
                lent.invalidate(error)
            raise OperationalError(str(error), None, error) from error
        finally:
            if lent is not None:
                lent.close()

    def scrub(self) -> None:
        """On SQLite: what was deleted is overwritten in the database's file (`storage.engine`), and leaves
        its write-ahead log here. Where somebody reads at this moment it is left for the next time."""
        if self._is_postgresql:
            return
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA busy_timeout = {_SCRUB_MS}")
            try:
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1_000}")


_AWAY = (
    *(psycopg.OperationalError, psycopg.InterfaceError),
    *(IdleInTransactionSessionTimeout, InvalidSqlStatementName),
    sqlite3.OperationalError,
)
"""What a driver raises where the database is away, ill or busy, or has forgotten what was prepared."""
_SCRUB_MS = 200
"""So long at most do writers wait for it."""


def _wire(lent: PoolProxiedConnection) -> Wire:
    driver: Any = lent.driver_connection
    return Wire(driver, lent.info.setdefault("on wire", Known()))


@contextmanager
def _told_apart() -> Generator[None]:
    """What the database refuses is raised in the words of the ports."""
    try:
        yield
    except IntegrityError as error:
        raise refusal(error.orig) from error
    except OperationalError as error:
        given_up = contention(error.orig)
        if given_up is None:
            raise
        raise given_up from error
