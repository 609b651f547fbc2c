"""The bodies of requests and answers about disclosure lists and the duty to disclose."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from perks_engine.web.models import Body, Page
from perks_engine.web.values import Instant, StorableText


class ChosenLines(BaseModel):
    """Which lines an export was asked for."""

    brand: str | None = None
    campaign: str | None = None
    person: str | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    annex: bool | None = None


class Export(BaseModel):
    """A disclosure list that was exported."""

    export: str = Field(examples=["exp_01jdx"])
    made_by: str
    made_at: datetime
    chosen: ChosenLines
    as_of: datetime
    format: str
    columns: str = Field(description="the version of the columns")
    proofs: bool
    lines: int
    bytes: int
    sha256: str = Field(description="of the file, in hex")
    head_size: int = Field(description="the size of the log's newest head then")


class Exports(Page):
    exports: list[Export]


class NewPost(Body):
    url: StorableText = Field(max_length=2_000, examples=["https://example.com/p/123"])
    seen_at: Instant | None = Field(None, description="when it was posted or seen; now if left out")


class NewSighting(NewPost):
    claim: StorableText = Field(min_length=1, max_length=80)
    note: StorableText = Field("", max_length=500, description="how it was disclosed")


class Sighting(BaseModel):
    """Where the disclosure of what a claim granted was seen."""

    claim: str
    url: str
    seen_at: datetime
    reported_by: str
    note: str


class Instruction(BaseModel):
    """How to disclose, as the person was told."""

    claim: str
    instruction: str = Field(description="the id of the message")
    subject: str
    text: str
    channel: str
    sent_at: datetime
    acknowledged_at: datetime | None = None
    how: str | None = Field(None, description="by which way it was acknowledged")
