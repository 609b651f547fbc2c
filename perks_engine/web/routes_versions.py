"""Two versions of a campaign: what is different between them, and whom that concerns."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from perks_engine.domain.verdict import Verdict
from perks_engine.services.comparing import Judged, NotJudged
from perks_engine.web.callers import Calling, Engine
from perks_engine.web.problems import RESPONSES
from perks_engine.web.values import CampaignName, StorableText

router = APIRouter(prefix="/v1", tags=["staff"], responses=RESPONSES)


class ComparedVersion(BaseModel):
    version: str = Field(description="by its hash")
    title: str


class ChangedKey(BaseModel):
    """A key of the file that is different."""

    path: str = Field(examples=["perk.quantity"])
    old: str = Field(description="what stands there in words; empty where nothing does")
    new: str


class ChangedLine(BaseModel):
    """A line of the file that changed, or stands near one that did."""

    kind: Literal["kept", "gone", "come"]
    old: int | None = Field(description="its number in the old file, from 1")
    new: int | None = Field(description="its number in the new file")
    text: str


class Turned(BaseModel):
    """A condition by which a verdict changes."""

    title: str = Field(description="what it is about")
    old_required: str = Field(description="what the old one asks for in words; empty where nothing")
    new_required: str
    old: str = Field(description="what came of it under the old one")
    new: str
    people: int
    by_itself: int = Field(description="of them, those whose verdict it alone changes")


class ChangedVerdict(BaseModel):
    """People whose verdict is another one."""

    old: Verdict
    new: Verdict
    people: int
    near_edge: int = Field(description="of them, those near the edge of an area")
    turns: list[Turned]


class OldAndNew(BaseModel):
    old: int
    new: int


class PeopleConcerned(BaseModel):
    """What the change does to people; nobody is named."""

    at: datetime
    people: int = Field(description="everybody who was judged under both")
    gained: int = Field(description="eligible under the new one only")
    lost: int = Field(description="eligible under the old one only")
    changed: int = Field(description="whose verdict is another one")
    eligible: OldAndNew
    stock: OldAndNew
    transitions: list[ChangedVerdict]


class VersionDiff(BaseModel):
    campaign: str
    live: str | None = Field(description="the version that is live")
    old: ComparedVersion
    new: ComparedVersion
    sentences: list[str] = Field(description="what the new one does otherwise")
    changes: list[ChangedKey]
    lines: list[ChangedLine] | None = Field(description="null where a file is too long for it")
    people: PeopleConcerned | None = Field(description="null where nobody was judged")
    not_judged: NotJudged | None = Field(description="why nobody was judged")
    why_not_judged: str | None = Field(description="the same in words")


Wanted = Annotated[StorableText, Query(max_length=100)]


@router.get("/campaigns/{campaign}/diff", response_model=VersionDiff)
def diff_versions(
    campaign: CampaignName,
    engine: Engine,
    caller: Calling,
    old: Annotated[Wanted, Query(description="the beginning of a version, or live")] = "",
    new: Annotated[Wanted, Query(description="the beginning of a version, or live")] = "",
    people: Annotated[Judged, Query(description="who is judged under both")] = Judged.FEW,
) -> Any:
    """Two versions of a campaign: what changes, in sentences, by key and line by line, and how many people
    gain and lose by it. Where nothing is asked for, the latest is compared with what it would replace."""
    return engine.comparing.diff_to(caller.actor(), campaign, old, new, people)
