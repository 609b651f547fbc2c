"""Incidents, from opening one to the letters: whom it hit, and what was done, when, by whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError

from perks_engine.domain.phrase import phrase, said
from perks_engine.services.access import same_human
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.incident_records import Scope
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.pages.console import LINES, Cursor, form_key, skipped, tried, version_option, wanted
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.readers import Form, Reader, Reading, Sent
from perks_engine.web.pages.shell import PART, show, show_part, words_of
from perks_engine.web.routes_incidents import Correction, DistrustBody, corrected_of, done_once
from perks_engine.web.values import StorableText

router = APIRouter(prefix="/console/incidents", include_in_schema=False)
MOST_CAMPAIGNS = 1_000
_SCOPE = ("campaign", "version", "source", "since", "until")


@router.get("")
def incidents(engine: Engine, reader: Reading, request: Request, cursor: Cursor = "") -> Response:
    """The incidents of the reader's brands, and the form to open one."""
    return show(engine, request, "console/incidents", _list_values(engine, reader, Form(), cursor))


@router.post("")
def open_incident(engine: Engine, reader: Reading, request: Request, form: Sent) -> Response:
    """Open an incident over the decisions of a campaign, a source or a span of time."""
    actor = reader.actor

    def work() -> Any:
        campaign, version, source = (wanted(form.text(name)) for name in ("campaign", "version", "source"))
        since, until = (_moment(form.text(name), name) for name in ("since", "until"))
        scope = Scope(campaign, version, source, since, until)
        opening = partial(engine.incidents.open, actor, scope, form.text("wrong"))
        return done_once(engine, actor, form.text("key"), f"open {scope} {form.text('wrong')}", None, opening)

    return tried(
        engine,
        request,
        _or_refused(work),
        lambda made: see(f"/console/incidents/{made['incident']}"),
        "console/incidents",
        lambda: _list_values(engine, reader, form, ""),
    )


def _list_values(engine: Engine, reader: Reader, form: Form, cursor: str) -> View:
    actor = reader.actor
    found = engine.incidents.seen_by(actor, wanted(cursor), LINES + 1)
    names = [one["campaign"] for one in engine.campaigning.seen_by(actor, None, MOST_CAMPAIGNS)]
    return {
        "incidents": found[:LINES],
        "next": found[LINES - 1]["incident"] if len(found) > LINES else "",
        "at": cursor,
        "campaigns": [(name, name) for name in names],
        "given": {name: form.text(name) for name in (*_SCOPE, "wrong")},
        "key": form_key(engine),
    }


@router.get("/{incident}")
def incident(
    incident: StorableText,
    engine: Engine,
    reader: Reading,
    request: Request,
    cursor: Cursor = "",
    steps: Cursor = "",
) -> Response:
    """One with its timeline, whom it hit by the latest replay, and what is planned for each."""
    if request.headers.get(PART) == "true":
        jobs = engine.incident_jobs.of_incident(reader.actor, incident)
        return show_part(
            engine, request, "console/incident_jobs", {"jobs": jobs, "incident": {"incident": incident}}
        )
    values = _values(engine, reader, request, incident, Form(), skipped(cursor), skipped(steps))
    return show(engine, request, "console/incident", {**values, "at": cursor, "steps_at": steps})


@router.post("/{incident}/replay")
def replay(incident: StorableText, engine: Engine, reader: Reading, request: Request, form: Sent) -> Response:
    """Replay an incident: judge its decisions again, under what should have been so."""
    actor = reader.actor

    def work() -> Any:
        body = _correction(form)
        corrected = corrected_of(engine, actor, incident, body)
        replaying = partial(engine.incident_jobs.ask_replay, actor, incident, corrected)
        return done_once(engine, actor, form.text("key"), f"replay {incident}", body, replaying)

    return _acted(engine, reader, request, incident, form, work)


@router.post("/{incident}/{act}")
def act(
    incident: StorableText, act: StorableText, engine: Engine, reader: Reading, request: Request, form: Sent
) -> Response:
    """Take a step with an incident: plan, approve, carry out, stop what is under way."""
    actor = reader.actor
    acts: dict[str, Callable[[], Any]] = {
        "plan": partial(engine.incident_plan.plan, actor, incident),
        "approval": partial(engine.incidents.approve, actor, incident, form.text("plan")),
        "application": partial(engine.incident_jobs.ask_apply, actor, incident),
        "cancellation": partial(engine.incident_jobs.cancel, actor, incident, form.text("job")),
    }
    if act not in acts:
        raise NotFoundError("incident.act", phrase("nothing of an incident is called {act}", act=act[:40]))
    named = f"{act} {incident} {form.text('plan')}{form.text('job')}"
    work = partial(done_once, engine, actor, form.text("key"), named, None, acts[act])
    return _acted(engine, reader, request, incident, form, work)


def _acted(
    engine: Engine, reader: Reader, request: Request, incident: str, form: Form, work: Callable[[], Any]
) -> Response:
    return tried(
        engine,
        request,
        _or_refused(work),
        lambda _done: see(f"/console/incidents/{incident}"),
        "console/incident",
        lambda: _values(engine, reader, request, incident, form, 0, 0),
    )


def _or_refused(work: Callable[[], Any]) -> Callable[[], Any]:
    """What a form names and is not there is a fault of the form, not a page that is missing."""

    def tried_work() -> Any:
        try:
            return work()
        except NotFoundError as error:
            if error.code == "incident.unknown":
                raise
            raise InvalidInputError(error.code, error.said) from error

    return tried_work


def _correction(form: Form) -> Correction:
    source = wanted(form.text("distrust"))
    span = {name: _moment(form.text(f"distrust_{name}"), name) for name in ("since", "until")}
    distrust = [DistrustBody(source=source, **span)] if source else []
    try:
        return Correction(
            version=wanted(form.text("version")),
            campaign_file=wanted(form.text("campaign_file")),
            people_file=wanted(form.text("people_file")),
            distrust=distrust,
        )
    except ValidationError as error:
        raise InvalidInputError("incident.correction", phrase("what was given is too long")) from error


def _moment(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        since = said("since: '{text}' is no moment; expected one such as 2026-12-31T10:00")
        until = said("until: '{text}' is no moment; expected one such as 2026-12-31T10:00")
        told = phrase(since if name == "since" else until, text=text[:30])
        raise InvalidInputError("incident.span", told) from error
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given


def _values(
    engine: Engine, reader: Reader, request: Request, incident: str, form: Form, after: int, from_step: int
) -> View:
    actor, say = reader.actor, words_of(engine, request, reader.actor)
    shown = engine.incidents.show(actor, incident)
    campaign = shown["scope"]["campaign"]
    lines = _if_any(lambda: engine.incidents.lines(actor, incident, after, LINES + 1))
    steps = _if_any(lambda: engine.incidents.steps(actor, incident, from_step, LINES + 1, say))
    versions = engine.console.running.versions(actor, campaign) if campaign else []
    plans = [one for one in shown["history"] if one["act"] == "planned"]
    makers = [one["by"] for one in plans[-1:]]
    names = ("distrust", "distrust_since", "distrust_until", "version", "campaign_file", "people_file")
    return {
        "incident": shown,
        "jobs": engine.incident_jobs.of_incident(actor, incident),
        "hits": lines and lines[:LINES],
        "lines_next": str(lines[LINES - 1]["place"]) if lines and len(lines) > LINES else "",
        "steps": steps and steps[:LINES],
        "steps_next": str(steps[LINES - 1]["number"]) if steps and len(steps) > LINES else "",
        "versions": [version_option(one) for one in versions],
        "plan": plans[-1]["numbers"] if plans else None,
        "is_own": any(same_human(one, actor.holder or "") for one in (shown["opened_by"], *makers)),
        "given": {name: form.text(name) for name in names},
        "key": form_key(engine),
    }


def _if_any(find: Callable[[], list[View]]) -> list[View] | None:
    """None before there is such a list."""
    try:
        return find()
    except RefusedError:
        return None
