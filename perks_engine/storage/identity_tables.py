"""The tables of sign-ins and of sessions. Rows are deleted when they expire, and with their person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, json_data, table_of


class SignInRow(TableModel, table=True):
    """`address` stands here only until the letters are on their way: then there is a row for each person."""

    __table_args__ = (
        CheckConstraint("(address IS NULL) <> (person_id IS NULL)", name="sign_in_of_one"),
        Index("ix_sign_in_person_id_requested_at", "person_id", "requested_at"),
        Index("ix_sign_in_expires_at", "expires_at"),
        Index(
            "ix_sign_in_waiting",
            "sign_in_id",
            sqlite_where=text("address IS NOT NULL"),
            postgresql_where=text("address IS NOT NULL"),
        ),
    )

    sign_in_id: str = Field(primary_key=True)
    browser_hash: str
    address: str | None = None
    person_id: str | None = None
    requested_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


class WebSessionRow(TableModel, table=True):
    """A browser that is signed in, as a person or as a member of staff; only the SHA-256 of the secret in its
    cookie is kept (256 random bits)."""

    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (holder IS NULL)", name="session_of_one"),
        Index("ix_web_session_person_id", "person_id"),
        Index("ix_web_session_holder", "holder"),
        Index("ix_web_session_expires_at", "expires_at"),
        Index("ix_web_session_subject", "subject"),
        Index("ix_web_session_provider_session", "provider_session"),
    )

    session_id: str = Field(primary_key=True)
    secret_hash: str
    person_id: str | None = None
    holder: str | None = None
    role: str
    brands: list[str] = json_data()
    provider: str
    subject: str | None = None
    provider_session: str | None = None
    created_at: datetime = instant()
    expires_at: datetime = instant()


class ProviderLogoutRow(TableModel, table=True):
    """Who signed out at an OpenID provider, as SHA-256 of the provider and what it calls them."""

    __table_args__ = (
        Index("ix_provider_logout_subject_hash", "subject_hash"),
        Index("ix_provider_logout_session_hash", "session_hash"),
        Index("ix_provider_logout_said_at", "said_at"),
    )

    logout_id: str = Field(primary_key=True)
    subject_hash: str | None = None
    session_hash: str | None = None
    said_at: datetime = instant()


provider_logout = table_of(ProviderLogoutRow)
sign_in = table_of(SignInRow)
web_session = table_of(WebSessionRow)
