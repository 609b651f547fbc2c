"""Incidents: rules or data that were wrong, whom that hit, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from perks_engine.campaigns.corrected_evidence import read_corrected
from perks_engine.campaigns.people_file import PeopleReader
from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.domain.campaign import Campaign
from perks_engine.places.atlas import RulesAtlas, areas_of
from perks_engine.services.access import Actor
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.incident_correction import Corrected, Distrust
from perks_engine.services.incident_records import Scope
from perks_engine.services.incidents import LONGEST_WORDS
from perks_engine.services.once import remembered
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.link_pages import PRIVATE_HEADERS, AsForm, document, told
from perks_engine.web.page_languages import words_for
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, Cursor, Instant, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["incidents"], responses=RESPONSES)

IncidentId = Annotated[StorableText, InPath(max_length=80, description="an incident's id")]
JobId = Annotated[StorableText, InPath(max_length=80, description="a job's id")]
After = Annotated[int, Query(ge=0, le=2**31 - 1, alias="cursor", description="`next` of the page before")]
Word = Annotated[StorableText, Field(min_length=1, max_length=80)]
_PAGE: dict[int | str, dict[str, Any]] = {200: {"description": "The report", "content": {"text/html": {}}}}
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}


class NewIncident(models.Body):
    wrong: StorableText = Field(
        min_length=1, max_length=LONGEST_WORDS, description="what was wrong; everybody hit is told so"
    )
    campaign: Word | None = None
    version: Word | None = Field(None, description="the beginning of a version's name, with `campaign`")
    source: Word | None = Field(None, description="the source of evidence that was wrong")
    since: Instant | None = None
    until: Instant | None = None


class DistrustBody(models.Body):
    source: Word
    since: Instant | None = Field(None, description="only what was observed from here on")
    until: Instant | None = Field(None, description="only what was observed before this")


class Correction(models.Body):
    """What should have been so: at least one of the four."""

    version: Word | None = Field(None, description="a loaded version of the incident's campaign")
    campaign_file: StorableText | None = Field(None, max_length=500_000, description="one as YAML")
    people_file: StorableText | None = Field(
        None, max_length=1_000_000, description="people with the evidence that is right, as YAML"
    )
    distrust: list[DistrustBody] = Field(default_factory=list[DistrustBody], max_length=50)


class PlanApproval(models.Body):
    plan: StorableText = Field(min_length=8, max_length=64, description="the hash of the plan")


class Incident(BaseModel):
    incident: str
    state: str = Field(description="open, replayed, planned, approved or applied")
    brand: str | None
    scope: dict[str, Any]
    wrong: str
    opened_by: str
    opened_at: str
    history: list[dict[str, Any]] = Field(description="who did what, with what came of it")


class IncidentPage(models.Page):
    incidents: list[Incident]


class Lines(BaseModel):
    lines: list[dict[str, Any]]
    next: int | None = None


class Steps(BaseModel):
    steps: list[dict[str, Any]]
    next: int | None = None


class Job(BaseModel):
    """A replay or an application of a plan. Of an incident one is under way at a time."""

    job: str
    incident: str
    kind: Literal["replay", "apply"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int = Field(description="decisions judged, or people dealt with")
    total: int
    error: dict[str, str] | None = Field(description="`code` and `detail` of what ended it")
    asked_by: str
    asked_at: str
    started_at: str | None
    ended_at: str | None


class Jobs(BaseModel):
    jobs: list[Job]


_AS_A_JOB: dict[str, Any] = {
    "status_code": 202,
    "response_model": Job,
    "responses": {
        **_NOT_NOW,
        202: {
            "description": "Asked for",
            "headers": {"Location": {"description": "the job", "schema": {"type": "string"}}},
        },
    },
}


class OwnIncident(BaseModel):
    """An incident that hit you: what was wrong, what it did to you, and what was done about it."""

    incident: str
    wrong: str
    days: list[str]
    happened: list[str]
    done: list[str]
    decisions: list[dict[str, Any]]
    letter: str | None
    done_at: str


class OwnIncidents(BaseModel):
    incidents: list[OwnIncident]


@router.post("/incidents", status_code=201, response_model=Incident)
def open_incident(body: NewIncident, engine: Engine, caller: Calling, key: Key) -> Any:
    """Open one over the decisions of a campaign, a version, a source of evidence, a span of time."""
    scope = Scope(body.campaign, body.version, body.source, body.since, body.until)
    actor = caller.actor()
    work = partial(engine.incidents.open, actor, scope, body.wrong)
    return JSONResponse(done_once(engine, actor, key, "open", body, work), 201)


@router.get("/incidents", response_model=IncidentPage)
def list_incidents(engine: Engine, caller: Calling, cursor: Cursor = None, limit: Limit = PAGE) -> Any:
    """The incidents of your brands, the oldest first."""
    found = engine.incidents.seen_by(caller.actor(), cursor, limit + 1)
    return JSONResponse(page("incidents", found, limit, "incident"))


@router.get("/incidents/{incident}", response_model=Incident)
def show_incident(incident: IncidentId, engine: Engine, caller: Calling) -> Any:
    """One incident, and who did what with it."""
    return JSONResponse(engine.incidents.show(caller.actor(), incident))


@router.post("/incidents/{incident}/replay", **_AS_A_JOB)
def replay_incident(incident: IncidentId, body: Correction, engine: Engine, caller: Calling, key: Key) -> Any:
    """Have every decision in its scope judged again, as of its moment, under what should have been so. A
    worker does it: `Location` names the job, which shows how far it is."""
    actor = caller.actor()
    corrected = corrected_of(engine, actor, incident, body)
    work = partial(engine.incident_jobs.ask_replay, actor, incident, corrected)
    return _accepted(done_once(engine, actor, key, f"replay {incident}", body, work))


def corrected_of(engine: Engine, actor: Actor, incident: str, body: Correction) -> Corrected:
    """What should have been so, as an incident is replayed under it. Raises `InvalidInputError`."""
    shown = engine.incidents.show(actor, incident)
    corrected = Corrected(distrust=tuple(Distrust(one.source, one.since, one.until) for one in body.distrust))
    try:
        corrected = _with_rule(corrected, body, engine, shown["scope"]["campaign"])
        return _with_people(corrected, body, engine)
    except FileProblemsError as error:
        problems = [str(one) for one in error.problems]
        raise InvalidInputError("file.problems", "what was given cannot be used", problems) from error


def _with_rule(corrected: Corrected, body: Correction, engine: Engine, campaign: str | None) -> Corrected:
    if body.version is not None and body.campaign_file is not None:
        raise InvalidInputError("incident.two_rules", "give a version or a file, not both")
    if body.campaign_file is not None:
        file = engine.rules.reader.read(body.campaign_file.encode(), "campaign_file")
        return _under(corrected, file.campaign, file.version, engine.rules.atlas)
    if body.version is None:
        return corrected
    if campaign is None:
        raise InvalidInputError(
            "incident.other_campaign",
            "the incident is about all campaigns, so no version of one corrects it; open one over that",
        )
    named = engine.comparing.version(f"{campaign}@{body.version}")
    return _under(corrected, named.campaign, named.version, engine.atlas)


def _under(corrected: Corrected, campaign: Campaign, version: str, atlas: RulesAtlas) -> Corrected:
    areas = areas_of(campaign.eligibility, atlas)
    return replace(corrected, campaign=campaign, version=version, areas=areas)


def _with_people(corrected: Corrected, body: Correction, engine: Engine) -> Corrected:
    if body.people_file is None:
        return corrected
    with TemporaryDirectory(prefix="perks-incident-", dir=engine.settings.spool) as folder:
        file = Path(folder) / "people_file.yaml"
        file.write_text(body.people_file, encoding="utf-8")
        facts, digest = read_corrected(PeopleReader(engine.rules.catalogue, engine.rules.atlas), file)
    return replace(corrected, facts=facts, facts_sha256=digest)


@router.get("/incidents/{incident}/lines", response_model=Lines, responses=_NOT_NOW)
def list_lines(
    incident: IncidentId, engine: Engine, caller: Calling, after: After = 0, limit: Limit = PAGE
) -> Any:
    """Who was hit, by the latest replay: each decision, what it was and is, and what that makes wrong."""
    found = engine.incidents.lines(caller.actor(), incident, after, limit + 1)
    return JSONResponse(page("lines", found, limit, "place"))


@router.post("/incidents/{incident}/plan", response_model=Incident, responses=_NOT_NOW)
def plan_incident(incident: IncidentId, engine: Engine, caller: Calling, key: Key) -> Any:
    """Make the plan out of the latest replay; its hash is what a second person approves."""
    actor = caller.actor()
    work = partial(engine.incident_plan.plan, actor, incident)
    return JSONResponse(done_once(engine, actor, key, f"plan {incident}", None, work))


@router.get("/incidents/{incident}/plan", response_model=Steps, responses=_NOT_NOW)
def list_steps(
    incident: IncidentId, engine: Engine, caller: Calling, after: After = 0, limit: Limit = PAGE
) -> Any:
    """The latest plan: what is to be done for each person, and why."""
    found = engine.incidents.steps(caller.actor(), incident, after, limit + 1)
    return JSONResponse(page("steps", found, limit, "number"))


@router.post("/incidents/{incident}/approval", response_model=Incident, responses=_NOT_NOW)
def approve_plan(incident: IncidentId, body: PlanApproval, engine: Engine, caller: Calling, key: Key) -> Any:
    """Approve the plan of that hash. Who opened the incident or made the plan cannot."""
    actor = caller.actor()
    work = partial(engine.incidents.approve, actor, incident, body.plan)
    return JSONResponse(done_once(engine, actor, key, f"approve {incident}", body, work))


@router.post("/incidents/{incident}/application", **_AS_A_JOB)
def apply_plan(incident: IncidentId, engine: Engine, caller: Calling, key: Key) -> Any:
    """Have the approved plan carried out. A worker does it: `Location` names the job, which shows how far it
    is. One that is cut short goes on where it stood, and nothing is done twice."""
    actor = caller.actor()
    work = partial(engine.incident_jobs.ask_apply, actor, incident)
    return _accepted(done_once(engine, actor, key, f"apply {incident}", None, work))


@router.get("/incidents/{incident}/jobs", response_model=Jobs)
def list_jobs(incident: IncidentId, engine: Engine, caller: Calling) -> Any:
    """Its replays and applications, the newest first."""
    return JSONResponse({"jobs": engine.incident_jobs.of_incident(caller.actor(), incident)})


@router.get("/incidents/{incident}/jobs/{job}", response_model=Job)
def show_job(incident: IncidentId, job: JobId, engine: Engine, caller: Calling) -> Any:
    """How far it is, and what ended it if anything did."""
    return JSONResponse(engine.incident_jobs.show(caller.actor(), incident, job))


@router.post("/incidents/{incident}/jobs/{job}/cancellation", response_model=Job, responses=_NOT_NOW)
def cancel_job(incident: IncidentId, job: JobId, engine: Engine, caller: Calling, key: Key) -> Any:
    """Stop it. A replay can be asked for again, and begins anew; an application goes on with those for whom
    nothing was done yet."""
    actor = caller.actor()
    work = partial(engine.incident_jobs.cancel, actor, incident, job)
    return JSONResponse(done_once(engine, actor, key, f"cancel {incident} {job}", None, work))


def _accepted(job: dict[str, Any]) -> JSONResponse:
    return JSONResponse(job, 202, {"Location": f"/v1/incidents/{job['incident']}/jobs/{job['job']}"})


def done_once(
    engine: Engine, actor: Actor, key: str, operation: str, body: BaseModel | None, work: Callable[[], Any]
) -> dict[str, Any]:
    given = body.model_dump(mode="json") if body else {}
    request = {"operation": f"incident {operation}", **given}
    return dict(remembered(engine.store, f"staff:{actor.name}", key, request, engine.clock(), work))


@router.get(
    "/incidents/{incident}/report",
    response_class=Response,
    responses={
        200: {
            "description": "The report",
            "content": {"application/json": {}, "text/html": {}, "text/plain": {}},
        },
        **_NOT_NOW,
    },
)
def report_incident(
    incident: IncidentId,
    engine: Engine,
    caller: Calling,
    request: Request,
    audience: Annotated[Literal["public", "regulator"], Query(description="for whom")] = "public",
    names: Annotated[bool, Query(description="for the regulator: who they are, not numbers")] = False,
    format: Annotated[Literal["json", "html", "txt"], Query()] = "json",  # noqa: A002
) -> Any:
    """How it happened, since when, how many it hit, what was done; as HTML in the language that is asked
    for."""
    actor = caller.actor()
    say = words_for(engine, request) if format == "html" else str
    if audience == "public":
        if names:
            raise InvalidInputError("incident.names", "the public is given no names; leave `names` out")
        found = engine.incident_reports.for_the_public(actor, incident, say)
    else:
        found = engine.incident_reports.for_the_regulator(actor, incident, names, say)
    if format == "json":
        return JSONResponse(found)
    if format == "html":
        return document(engine, request, "incident", found)
    text = engine.rules.renderer.page("incident", found, format)
    return Response(text, media_type="text/plain", headers=PRIVATE_HEADERS)


@router.get("/my/incidents", response_model=OwnIncidents)
def list_own(engine: Engine, caller: Calling, request: Request) -> Any:
    """The incidents that hit you, in your language: what was wrong, what it did to you and what was done."""
    person = caller.person()
    found = engine.incident_reports.own(person, words_for(engine, request, person))
    return JSONResponse({"incidents": found}, headers=PRIVATE_HEADERS)


@router.get("/my/incidents/{incident}", response_model=OwnIncident, responses=_PAGE)
def show_own(
    incident: IncidentId, engine: Engine, caller: Calling, request: Request, form: AsForm = None
) -> Any:
    """One of them: the report for you, as JSON or as a document to keep."""
    person = caller.person()
    found = engine.incident_reports.own_one(person, incident, words_for(engine, request, person))
    return told(engine, request, form, "own_incident", found, person)
