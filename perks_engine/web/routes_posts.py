"""Posts of recipients: those that wait for somebody to look, what was seen of each, and what is done about
one that does not disclose clearly."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.domain.disclosing_failures import Failure
from perks_engine.services.judgement_records import Outcome, PostState
from perks_engine.services.judging import LONGEST_NOTE, Seen, post_edition
from perks_engine.services.views import View
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.editions import ENDS, TAGGED, IfMatch, tagged
from perks_engine.web.pictures import PICTURE_BODY, GivenPicture
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, ClaimId, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["disclosures"], responses=RESPONSES)
PICTURES = re.compile(r"/v1/posts/[^/]+/pictures")
"""Where a body may be as large as a picture."""
_LARGEST = 2**53
PostId = Annotated[int, Path(ge=1, le=_LARGEST, description="a post's number")]
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}


class Judgement(BaseModel):
    """What somebody saw of a post."""

    judgement: str
    outcome: str = Field(description="pass, fail or unclear: is it clear and conspicuous (16 CFR 255.0(f))?")
    failures: list[str]
    why: list[str] = Field(description="the failures in words")
    note: str
    picture: str | None
    judged_by: str
    judged_at: datetime


class Remedy(BaseModel):
    """What is done about a failing post."""

    open: bool
    asked_at: datetime
    due_at: datetime = Field(description="when the brand hears of it")
    fixed_at: datetime | None = Field(description="when the person said that it is mended")
    later_post: bool
    escalated_at: datetime | None


class Post(BaseModel):
    post: int
    claim: str
    person: str
    handle: str | None
    brand: str
    campaign: str
    url: str
    seen_at: datetime
    reported_by: str
    state: str = Field(description="waiting for somebody to look, or pass, fail, unclear")
    held: bool = Field(description="whether the unit is with them, undisputed; else nothing is sent to them")
    judgement: Judgement | None = Field(description="the latest")
    remedy: Remedy | None


class Posts(BaseModel):
    posts: list[Post]
    next: int | None = Field(None, description="`cursor` of the next page; absent on the last")


class OwnPosts(BaseModel):
    posts: list[Post]


class PostInFull(Post):
    history: list[Judgement]
    pictures: list[GivenPicture]


class NewJudgement(models.Body):
    outcome: Outcome
    failures: list[Failure] = Field([], max_length=len(Failure), description="where a failing one fails")
    note: StorableText = Field("", max_length=LONGEST_NOTE, description="the person is told")
    picture: StorableText | None = Field(
        None, max_length=80, description="a screenshot that was given before"
    )


class Judged(BaseModel):
    post: int
    judgement: str
    outcome: str
    fix_asked: bool = Field(description="whether the person is asked for a fix")


@router.get("/posts", response_model=Posts)
def list_posts(
    engine: Engine,
    caller: Calling,
    brand: Annotated[StorableText | None, Query(max_length=60)] = None,
    campaign: Annotated[StorableText | None, Query(max_length=60)] = None,
    state: Annotated[PostState | None, Query(description="`waiting` for those to look at")] = None,
    cursor: Annotated[int | None, Query(ge=0, le=_LARGEST, description="`next` of the page before")] = None,
    limit: Limit = PAGE,
) -> Any:
    """Posts, in the order in which they became known (the brand's managers and compliance staff)."""
    found = engine.recipients.judging.posts(caller.actor(), brand, campaign, state, cursor, limit + 1)
    return JSONResponse(page("posts", found, limit, "post"))


@router.get("/claims/{claim}/posts", response_model=OwnPosts)
def my_posts(claim: ClaimId, engine: Engine, caller: Calling) -> Any:
    """My own posts for a claim, and what was seen of them."""
    return JSONResponse({"posts": engine.recipients.judging.own(caller.person(), claim)})


@router.get("/posts/{post}", response_model=PostInFull, responses=TAGGED)
def show_post(post: PostId, engine: Engine, caller: Calling) -> Any:
    """One post, with every judgement of it and the screenshots of the claim."""
    found = engine.recipients.judging.show(caller.actor(), post)
    return tagged(found, post_edition(found))


@router.post(
    "/posts/{post}/pictures",
    status_code=201,
    response_model=GivenPicture,
    responses=_NOT_NOW,
    openapi_extra=PICTURE_BODY,
)
async def give_a_screenshot(request: Request, post: PostId, engine: Engine, caller: Calling) -> Any:
    """Add a screenshot: a JPEG, PNG or WebP. The same one again is the same picture."""
    data = await request.body()

    def give() -> View:
        return engine.recipients.judging.give_picture(caller.actor(), post, data)

    return JSONResponse(await run_in_threadpool(give), 201)


@router.post("/posts/{post}/judgements", status_code=201, response_model=Judged, responses=ENDS)
def judge_post(
    post: PostId, body: NewJudgement, engine: Engine, caller: Calling, key: Key, looked: IfMatch
) -> Any:
    """Say what you saw: whether the disclosure is clear and conspicuous, and where it fails. Who has the
    item is asked to mend a failing one. What the post says of the product is no matter of this."""
    seen = Seen(body.outcome, tuple(dict.fromkeys(body.failures)), body.note, body.picture)
    return JSONResponse(dict(engine.recipients.judging.judge(caller.actor(), post, seen, key, looked)), 201)
