"""What all tables have alike: their names, and the kinds of columns that most of them have."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, Text, text
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from perks_engine.storage.types import Instant, JsonAsWritten, JsonData, RowNumber

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata


class TableModel(SQLModel):
    """Names the table of `CampaignVersionRow` `campaign_version`."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805  # pyright: ignore[reportIncompatibleVariableOverride]
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__.removesuffix("Row"))
        return words.lower()


def among(column: str, words: Any) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


def partial(name: str, where: str, *columns: str) -> Index:
    """An index of those rows alone."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def instant(nullable: bool = False, index: bool = False) -> Any:
    return Field(sa_column=Column(Instant(), nullable=nullable, index=index))


def json_data() -> Any:
    return Field(sa_column=Column(JsonData, nullable=False))


def json_as_written() -> Any:
    """For what is shown and never searched: JSONB takes a server longer to make, and more room."""
    return Field(sa_column=Column(JsonAsWritten, nullable=False))


def long_text() -> Any:
    return Field(sa_column=Column(Text, nullable=False))


def row_number() -> Any:
    return Field(default=None, sa_column=Column(RowNumber, primary_key=True, autoincrement=True))


def table_of(model: type[SQLModel]) -> Table:
    return metadata.tables[str(model.__tablename__)]
