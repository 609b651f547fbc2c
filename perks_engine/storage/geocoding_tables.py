"""The tables of what geocoders answered, and of whose turn it is to ask them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, json_data, table_of


class GeocodingRow(TableModel, table=True):
    """An answer. `text_hash` is the SHA-256 of the text, for that may be somebody's address."""

    geocoder: str = Field(primary_key=True)
    text_hash: str = Field(primary_key=True)
    places: list[dict[str, Any]] = json_data()
    answered_at: datetime = instant()
    expires_at: datetime = instant(index=True)


class GeocoderTurnRow(TableModel, table=True):
    """When a geocoder may be asked next, by any process."""

    geocoder: str = Field(primary_key=True)
    next_at: datetime = instant()


geocoding = table_of(GeocodingRow)
geocoder_turn = table_of(GeocoderTurnRow)
