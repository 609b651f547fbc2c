"""What one statement finds, each by itself and in no transaction: what most requests ask for, and all that
they ask for. One round trip, and none of the work that a transaction makes on either side."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Dialect

from perks_engine.services.claim_ports import Question
from perks_engine.services.records import ClaimFacts
from perks_engine.services.token_records import Token
from perks_engine.storage.claim_facts import (
    answers_of,
    borne_of,
    borne_statement,
    facts_of,
    facts_statement,
    questions_statement,
    questions_values,
    shown_of,
    shown_statement,
    shown_values,
)
from perks_engine.storage.prepared import Driver
from perks_engine.storage.tokens import TOKEN, token_found
from perks_engine.storage.wire import Wire


class PostgresLook:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def facts(self, person_id: str, campaign: str, scope: str = "", key: str = "") -> ClaimFacts:
        values = {"person": person_id, "campaign": campaign, "scope": scope, "key": key}
        return facts_of(person_id, campaign, [self._wire.ask(facts_statement("postgresql"), values)])

    def facts_about(self, questions: Sequence[Question]) -> list[ClaimFacts]:
        found = self._wire.ask(questions_statement(), questions_values(questions))
        return answers_of(questions, found)

    def shown(self, person_id: str, after: str | None, limit: int | None) -> list[ClaimFacts]:
        values = shown_values(person_id, after, limit)
        return shown_of(person_id, [self._wire.ask(shown_statement("postgresql"), values)])

    def borne(
        self, token_id: str, secret_hash: str, campaign: str, key: str = ""
    ) -> tuple[Token, ClaimFacts | None] | None:
        values = {"token": token_id, "secret": secret_hash, "campaign": campaign, "key": key}
        return borne_of(campaign, [self._wire.ask(borne_statement("postgresql"), values)])

    def token(self, token_id: str) -> Token | None:
        return token_found([self._wire.ask(TOKEN["postgresql"], {"token": token_id})])


class SqliteLook:
    def __init__(self, driver: Driver, dialect: Dialect) -> None:
        self._driver = driver
        self._dialect = dialect

    def facts(self, person_id: str, campaign: str, scope: str = "", key: str = "") -> ClaimFacts:
        values = {"person": person_id, "campaign": campaign, "scope": scope, "key": key}
        found = facts_statement("sqlite").on(self._driver, self._dialect, values)
        return facts_of(person_id, campaign, found.fetchone())

    def facts_about(self, questions: Sequence[Question]) -> list[ClaimFacts]:
        """SQLite has no round trips: one after the other, within one transaction."""
        self._driver.execute("BEGIN")
        try:
            return [self.facts(*one) for one in questions]
        finally:
            self._driver.execute("COMMIT")

    def shown(self, person_id: str, after: str | None, limit: int | None) -> list[ClaimFacts]:
        values = shown_values(person_id, after, limit)
        return shown_of(
            person_id, shown_statement("sqlite").on(self._driver, self._dialect, values).fetchone()
        )

    def borne(
        self, token_id: str, secret_hash: str, campaign: str, key: str = ""
    ) -> tuple[Token, ClaimFacts | None] | None:
        values = {"token": token_id, "secret": secret_hash, "campaign": campaign, "key": key}
        return borne_of(
            campaign, borne_statement("sqlite").on(self._driver, self._dialect, values).fetchone()
        )

    def token(self, token_id: str) -> Token | None:
        return token_found(TOKEN["sqlite"].on(self._driver, self._dialect, {"token": token_id}).fetchone())
