"""The tables of what geocoders answered, and of whose turn it is to ask them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.types import Instant, JsonData


def create_geocoding_tables() -> None:
    op.create_table(
        "geocoding",
        sa.Column("geocoder", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("places", JsonData, nullable=False),
        sa.Column("answered_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("geocoder", "text_hash", name=op.f("pk_geocoding")),
    )
    op.create_index(op.f("ix_geocoding_expires_at"), "geocoding", ["expires_at"], unique=False)
    op.create_table(
        "geocoder_turn",
        sa.Column("geocoder", sa.String(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("geocoder", name=op.f("pk_geocoder_turn")),
    )


def drop_geocoding_tables() -> None:
    op.drop_table("geocoder_turn")
    op.drop_index(op.f("ix_geocoding_expires_at"), table_name="geocoding")
    op.drop_table("geocoding")
