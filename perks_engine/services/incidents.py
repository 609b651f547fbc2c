"""The record of an incident: opened over decisions, its plan approved by a second person, how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from perks_engine.domain.evidence import REGISTER
from perks_engine.domain.phrase import phrase, said
from perks_engine.domain.recorded import Which
from perks_engine.services import campaign_refusals
from perks_engine.services.access import ALL_BRANDS, Actor, Permission, same_human
from perks_engine.services.comparing import find_version, known_campaign
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.incident_job_records import IncidentJob, JobKind
from perks_engine.services.incident_records import (
    Incident,
    IncidentAct,
    IncidentEvent,
    Position,
    Scope,
    Step,
)
from perks_engine.services.incident_views import incident_view, line_view, step_view
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.views import Say, View, instant_view

LONGEST_WORDS = 4_000


@dataclass(frozen=True, slots=True)
class Incidents:
    store: Store
    clock: Clock

    def open(self, actor: Actor, scope: Scope, wrong: str) -> View:
        """Open one over the decisions of `scope`; `version` in it may be the beginning of a name.

        Raises `InvalidInputError` for a scope that says nothing or cannot be, `NotFoundError` for a campaign
        or a version that is not on record and for a scope without a decision in it, and `ForbiddenError`.
        """
        actor.require(Permission.RUN_INCIDENTS)
        now = self.clock()
        said = wrong.strip()
        _check(scope, said)
        with self.store.write() as tx:
            brand = None
            if scope.campaign is not None:
                brand = known_campaign(tx, scope.campaign).brand
                if not actor.may(Permission.RUN_INCIDENTS, brand):
                    raise campaign_refusals.unknown(scope.campaign)
                if scope.version is not None:
                    scope = replace(scope, version=find_version(tx, scope.campaign, scope.version).version)
            elif ALL_BRANDS not in actor.brands:
                raise ForbiddenError(
                    "incident.all_brands",
                    phrase(
                        "an incident without a campaign is about all brands, and this token does not "
                        "reach them "
                        "all; name a campaign"
                    ),
                )
            counts = [tx.decisions.count(name, which_of(scope)) for name in campaigns_of(tx, scope)]
            if not sum(one.total for one in counts):
                raise NotFoundError(
                    "incident.empty",
                    phrase(
                        "no decision on record lies in this scope, so nobody can have been hit by it; "
                        "look at "
                        "its campaign, version and span of time"
                    ),
                )
            made = Incident(new_id("inc", now), brand, scope, said, actor.name, now)
            tx.incidents.add(made)
        return incident_view(made, [])

    def seen_by(self, actor: Actor, after: str | None, limit: int) -> list[View]:
        """Those of the brands that the actor reaches, the oldest first."""
        actor.require(Permission.RUN_INCIDENTS)
        with self.store.read() as tx:
            found = tx.incidents.find(actor.reach, after, limit)
            return [incident_view(one, tx.incidents.events(one.incident_id)) for one in found]

    def show(self, actor: Actor, incident_id: str) -> View:
        with self.store.read() as tx:
            found = seen_incident(tx, actor, incident_id)
            return incident_view(found, tx.incidents.events(incident_id))

    def lines(self, actor: Actor, incident_id: str, after: int, limit: int) -> list[View]:
        """The list of the latest replay, with the reasons in words."""
        with self.store.read() as tx:
            seen_incident(tx, actor, incident_id)
            replay = latest(tx, incident_id, IncidentAct.REPLAYED).subject
            found = list(tx.incidents.lines(replay, after, limit))
            return [line_view(tx, replay, one) for one in found]

    def steps(self, actor: Actor, incident_id: str, after: int, limit: int, say: Say = str) -> list[View]:
        """The steps of the latest plan."""
        with self.store.read() as tx:
            seen_incident(tx, actor, incident_id)
            plan = latest(tx, incident_id, IncidentAct.PLANNED).subject
            return [step_view(one, say) for one in tx.incidents.steps(plan, after, limit)]

    def approve(self, actor: Actor, incident_id: str, plan_hash: str) -> View:
        """A second person approves the latest plan, naming it by its hash (or at least 8 digits of it).

        Humans are counted, not credentials: who has two roles, or two tokens, is one. Raises `ForbiddenError`
        where the actor is a service, opened the incident or made the plan, and `RefusedError` where there is
        no plan, it is another one, or the ledger has moved on since.
        """
        now = self.clock()
        with self.store.write() as tx:
            found = seen_incident(tx, actor, incident_id)
            approver = actor.require_human(phrase("to approve a plan"))
            plan = latest(tx, incident_id, IncidentAct.PLANNED)
            opened = said("{name} opened this incident; somebody else has to approve it")
            made = said("{name} made this plan; somebody else has to approve it")
            for who, is_opener in ((found.opened_by, True), (plan.acted_by, False)):
                if same_human(who, approver):
                    did = opened if is_opener else made
                    raise ForbiddenError(
                        "incident.second_person",
                        phrase(did, name=actor.name),
                    )
            digest = str(plan.numbers["hash"])
            if len(plan_hash) < 8 or not digest.startswith(plan_hash):
                raise RefusedError(
                    "incident.other_plan",
                    phrase(
                        "the latest plan is {digest}, not '{plan_hash}'; look at it, and approve that one",
                        digest=digest[:12],
                        plan_hash=plan_hash,
                    ),
                )
            require_not_applied(tx, incident_id)
            require_current(tx, incident_id, plan)
            require_fresh(tx, incident_id, plan.subject)
            event = IncidentEvent(
                incident_id, IncidentAct.APPROVED, plan.subject, actor.name, now, {"hash": digest}
            )
            try:
                tx.incidents.record(event)
            except KeyTakenError as error:
                raise RefusedError(
                    "incident.approved", phrase("this plan is approved already; it can be applied")
                ) from error
            return incident_view(found, tx.incidents.events(incident_id))


def _check(scope: Scope, wrong: str) -> None:
    if not wrong:
        raise InvalidInputError(
            "incident.words", phrase("say what was wrong; everybody hit by it is told so in these words")
        )
    if len(wrong) > LONGEST_WORDS:
        raise InvalidInputError(
            "incident.words",
            phrase(
                "it has {wrong} characters; {longest_words} at most",
                wrong=float(len(wrong)),
                longest_words=float(LONGEST_WORDS),
            ),
        )
    if scope == Scope():
        raise InvalidInputError(
            "incident.scope",
            phrase("an incident is about something; name a campaign, a source of evidence or a span of time"),
        )
    if scope.version is not None and scope.campaign is None:
        raise InvalidInputError("incident.scope", phrase("a version belongs to a campaign; name that, too"))
    if scope.source == REGISTER:
        raise InvalidInputError(
            "incident.scope",
            phrase("every decision rests on the engine's own registers; name another source"),
        )
    if scope.since is not None and scope.until is not None and scope.since >= scope.until:
        raise InvalidInputError(
            "incident.span",
            phrase(
                "the span ends at {until}, which is not after {since}",
                until=str(instant_view(scope.until)),
                since=str(instant_view(scope.since)),
            ),
        )


def which_of(scope: Scope) -> Which:
    return Which(scope.since, scope.until, None, scope.version)


def campaigns_of(tx: Transaction, scope: Scope) -> list[str]:
    return [scope.campaign] if scope.campaign else [one.name for one in tx.campaigns.all()]


def seen_incident(tx: Transaction, actor: Actor, incident_id: str) -> Incident:
    """Raises `ForbiddenError` for a role that runs none, and `NotFoundError`."""
    actor.require(Permission.RUN_INCIDENTS)
    found = tx.incidents.get(incident_id)
    if found is None or not (actor.reach is None or found.brand in actor.reach):
        raise NotFoundError(
            "incident.unknown",
            phrase("there is no incident {incident_id} that you can see", incident_id=incident_id),
        )
    return found


def known_incident(tx: Transaction, incident_id: str) -> Incident:
    """For work that somebody who may see it asked for."""
    found = tx.incidents.get(incident_id)
    if found is None:
        raise NotFoundError(
            "incident.unknown", phrase("there is no incident {incident_id}", incident_id=incident_id)
        )
    return found


def require_no_job(tx: Transaction, incident_id: str) -> None:
    """Raises `RefusedError`."""
    job = tx.incident_jobs.under_way(incident_id)
    if job is not None:
        raise job_under_way(job)


def job_under_way(job: IncidentJob) -> RefusedError:
    replays = phrase("its decisions are being replayed")
    what = replays if job.kind is JobKind.REPLAY else phrase("its plan is being applied")
    return RefusedError(
        "incident.job_under_way",
        phrase(
            "{what}: {done} of {total} are done by {job_id}, which {asked_by} asked for; wait until that "
            "has ended",
            what=what,
            done=float(job.done),
            total=float(job.total),
            job_id=job.job_id,
            asked_by=job.asked_by,
        ),
    )


def event_of(tx: Transaction, incident_id: str, act: IncidentAct) -> IncidentEvent | None:
    """The latest of that kind."""
    found = [one for one in tx.incidents.events(incident_id) if one.act is act]
    return found[-1] if found else None


_FIRST = {
    IncidentAct.REPLAYED: (
        "incident.not_replayed",
        phrase("it was not replayed yet; replay its decisions first"),
    ),
    IncidentAct.PLANNED: ("incident.not_planned", phrase("there is no plan yet; make one first")),
    IncidentAct.APPROVED: (
        "incident.not_approved",
        phrase("nobody has approved the plan; a second person has to"),
    ),
}


def latest(tx: Transaction, incident_id: str, act: IncidentAct) -> IncidentEvent:
    """Raises `RefusedError` where there is none yet."""
    found = event_of(tx, incident_id, act)
    if found is None:
        raise RefusedError(*_FIRST[act])
    return found


def require_not_applied(tx: Transaction, incident_id: str) -> None:
    """Raises `RefusedError`."""
    applied = event_of(tx, incident_id, IncidentAct.APPLIED)
    if applied is not None:
        raise RefusedError(
            "incident.applied",
            phrase(
                "its plan was applied at {acted_at} by {acted_by}; what is found since needs an incident "
                "of its own",
                acted_at=str(instant_view(applied.acted_at)),
                acted_by=applied.acted_by,
            ),
        )


def require_current(tx: Transaction, incident_id: str, plan: IncidentEvent) -> None:
    """Raises `RefusedError` where the decisions were replayed again since the plan was made."""
    replay = latest(tx, incident_id, IncidentAct.REPLAYED)
    if plan.numbers["replay"] != replay.subject:
        raise RefusedError(
            "incident.plan_stale",
            phrase(
                "the decisions were replayed again by {acted_by} since the plan was made; make it anew",
                acted_by=replay.acted_by,
            ),
        )


AT_A_TIME = 200
_NAMED = 5


def require_fresh(tx: Transaction, incident_id: str, plan: str, after: int = 0) -> None:
    """Raises `RefusedError` where the ledger has moved for a claim of the plan, behind the step `after`, but
    for what the plan did."""
    moved: list[str] = []
    batch: list[Step] = []
    for step in tx.incidents.steps(plan, after):
        batch.append(step)
        if len(batch) == AT_A_TIME:
            moved += _moved(tx, incident_id, batch)
            batch = []
    moved += _moved(tx, incident_id, batch)
    if moved:
        raise stale(moved)


def stale(moved: list[str]) -> RefusedError:
    more = f", and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
    return RefusedError(
        "incident.plan_stale",
        phrase(
            "the ledger has moved since the plan was made: {moved}{more}; make it anew",
            moved="; ".join(moved[:_NAMED]),
            more=more,
        ),
    )


def _moved(tx: Transaction, incident_id: str, steps: list[Step]) -> list[str]:
    claims = [one.claim_id for step in steps for one in step.actions if one.claim_id]
    found = tx.incidents.positions(claims)
    moved: list[str] = []
    for step in steps:
        there = [moved_claim(one.claim_id, one.entry_id, found) for one in step.actions if one.claim_id]
        told = list(dict.fromkeys(one for one in there if one))
        # What was done by the plan itself has moved, of course.
        if told and not tx.incidents.is_done(incident_id, step.person_id):
            moved += told
    return moved


def moved_claim(claim_id: str, entry_id: int | None, positions: Mapping[str, Position]) -> str:
    """What moved, in words; nothing where the unit is where the plan found it."""
    there = positions.get(claim_id)
    if (there.entry_id if there else None) == entry_id:
        return ""
    where = f"is {there.account.value} by entry {there.entry_id}" if there else "has no unit"
    return f"the unit of {claim_id} {where}, not by entry {entry_id}"
