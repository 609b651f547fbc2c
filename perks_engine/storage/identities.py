"""Sign-ins and sessions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from perks_engine.services.session_records import Logout, Session, SignIn
from perks_engine.services.signing_in import KIND
from perks_engine.storage import tables
from perks_engine.storage.identity_tables import provider_logout, sign_in, web_session


class SqlSignInBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, asked: SignIn) -> None:
        self._connection.execute(insert(sign_in).values(asdict(asked)))

    def get(self, sign_in_id: str) -> SignIn | None:
        query = select(sign_in).where(sign_in.c.sign_in_id == sign_in_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return SignIn(**row) if row else None

    def waiting(self, limit: int) -> list[SignIn]:
        query = select(sign_in).where(sign_in.c.address.is_not(None))
        query = query.order_by(sign_in.c.sign_in_id).limit(limit)
        return [SignIn(**row) for row in self._connection.execute(query).mappings()]

    def count_waiting(self, most: int) -> int:
        some = select(sign_in.c.sign_in_id).where(sign_in.c.address.is_not(None)).limit(most).subquery()
        return self._connection.execute(select(func.count()).select_from(some)).scalar_one()

    def done(self, sign_in_id: str) -> None:
        self._connection.execute(delete(sign_in).where(sign_in.c.sign_in_id == sign_in_id))

    def letters_to(self, person_id: str, since: datetime) -> int:
        query = select(func.count()).where(sign_in.c.person_id == person_id, sign_in.c.requested_at > since)
        return self._connection.execute(query).scalar_one()

    def use(self, sign_in_id: str, now: datetime) -> bool:
        used = self._connection.execute(
            update(sign_in)
            .where(sign_in.c.sign_in_id == sign_in_id, sign_in.c.used_at.is_(None))
            .values(used_at=now)
        )
        return used.rowcount == 1

    def forget(self, now: datetime, before: datetime) -> int:
        message = tables.message
        self._connection.execute(delete(message).where(message.c.kind == KIND, message.c.expires_at <= now))
        is_old = and_(
            sign_in.c.expires_at <= now, or_(sign_in.c.requested_at <= before, sign_in.c.address.is_not(None))
        )
        return self._connection.execute(delete(sign_in).where(is_old)).rowcount


class SqlSessionBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        values = asdict(session) | {"brands": list(session.brands)}
        self._connection.execute(insert(web_session).values(values))

    def get(self, session_id: str) -> Session | None:
        query = select(web_session).where(web_session.c.session_id == session_id)
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        values: dict[str, Any] = dict(row)
        values["brands"] = tuple(values["brands"])
        return Session(**values)

    def end(self, session_id: str) -> None:
        self._connection.execute(delete(web_session).where(web_session.c.session_id == session_id))

    def end_all(self, person_id: str | None, holder: str | None) -> int:
        mine = web_session.c.person_id == person_id
        whose = mine if person_id else func.lower(web_session.c.holder) == (holder or "").lower()
        return self._connection.execute(delete(web_session).where(whose)).rowcount

    def end_by(self, provider: str) -> int:
        whose = web_session.c.provider == provider
        return self._connection.execute(delete(web_session).where(whose)).rowcount

    def end_at(
        self, provider: str, subject: str | None, provider_session: str | None, begun_by: datetime
    ) -> int:
        these = delete(web_session).where(
            web_session.c.provider == provider, web_session.c.created_at <= begun_by
        )
        if subject is not None:
            these = these.where(web_session.c.subject == subject)
        if provider_session is not None:
            these = these.where(web_session.c.provider_session == provider_session)
        return self._connection.execute(these).rowcount

    def note_logout(self, logout: Logout, kept_from: datetime) -> None:
        column = provider_logout.c
        self._connection.execute(
            delete(provider_logout).where(
                or_(column.logout_id == logout.logout_id, column.said_at < kept_from)
            )
        )
        self._connection.execute(insert(provider_logout).values(asdict(logout)))

    def logged_out_at(self, subject_hash: str, session_hash: str | None) -> datetime | None:
        column = provider_logout.c
        of_subject = column.subject_hash == subject_hash
        whose = of_subject
        if session_hash is not None:
            of_session = column.session_hash == session_hash
            is_theirs = or_(column.subject_hash.is_(None), of_subject)
            whose = or_(and_(of_subject, column.session_hash.is_(None)), and_(of_session, is_theirs))
        return self._connection.execute(select(func.max(column.said_at)).where(whose)).scalar_one()

    def forget(self, now: datetime) -> int:
        return self._connection.execute(delete(web_session).where(web_session.c.expires_at <= now)).rowcount
