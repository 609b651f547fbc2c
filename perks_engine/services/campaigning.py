"""The life of a campaign: loaded, previewed, approved by a second person, opened, paused, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from perks_engine.domain.campaign import Campaign, CampaignAct, CampaignState
from perks_engine.domain.evidence import Person
from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.domain.progress import Report, unreported
from perks_engine.services import campaign_refusals
from perks_engine.services.access import ALL_BRANDS, Actor, Permission
from perks_engine.services.campaign_overview import shown_briefly, shown_in_full
from perks_engine.services.errors import NotFoundError
from perks_engine.services.guards import Guarding
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.previewing import Crowd, Previewing, everybody, preview_view
from perks_engine.services.readiness import (
    latest_preview,
    require_ready,
)
from perks_engine.services.records import (
    CampaignEvent,
    CampaignRecord,
    Entry,
    PreviewRecord,
    VersionRecord,
)
from perks_engine.services.version_approval import approve
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, campaign_view, instant_view

CALENDAR = "the calendar"
"""Who acts where a campaign opens or closes because its time has come."""
TAKEN_BACK_WITHIN = timedelta(minutes=10)
TAKEN_BACK = "the pause was taken back"


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A checked campaign file as the parser leaves it, with the area files that it names."""

    campaign: Campaign
    version: str
    canonical: str
    source: bytes
    examples_total: int
    examples_failed: int
    areas: Mapping[str, tuple[str, bytes]]
    """name and bytes of each area file, by its SHA-256"""


@dataclass(frozen=True, slots=True)
class Campaigning:
    store: Store
    versions: Versions
    previewing: Previewing
    guarding: Guarding
    clock: Clock

    def load(self, file: LoadedFile, by: str) -> View:
        """Keep a version; a live campaign goes on under its old one until the new one is opened."""
        now = self.clock()
        campaign = file.campaign
        with self.store.write() as tx:
            known = tx.campaigns.get(campaign.name)
            if known is not None and known.brand != campaign.brand:
                raise campaign_refusals.name_taken(campaign.name, known.brand)
            is_new = tx.campaigns.version(file.version) is None
            if is_new:
                for sha256, (name, geojson) in file.areas.items():
                    tx.campaigns.add_area(sha256, name, geojson)
                tx.campaigns.add_version(
                    VersionRecord(
                        version=file.version,
                        campaign=campaign.name,
                        brand=campaign.brand,
                        canonical=file.canonical,
                        source=file.source,
                        examples_total=file.examples_total,
                        examples_failed=file.examples_failed,
                        loaded_at=now,
                        loaded_by=by,
                    )
                )
            if known is None:
                draft = CampaignState.DRAFT
                record = CampaignRecord(campaign.name, campaign.brand, draft, None, file.version, None, None)
                tx.campaigns.add(record, now)
            else:
                tx.campaigns.set_latest(campaign.name, file.version)
        return {
            "campaign": campaign.name,
            "version": file.version,
            "new": is_new,
            "examples": file.examples_total,
            "examples_failed": file.examples_failed,
        }

    def preview(
        self,
        name: str,
        by: str,
        people: Iterable[Person] | Crowd | None = None,
        report: Report = unreported,
    ) -> View:
        """Whom the latest version would reach among these people, or everybody on record; recorded."""
        now = self.clock()
        with self.store.read() as tx:
            version = self._latest(tx, name)
            campaign = self.versions.get(version.version, tx)
            crowd = everybody(tx, now, report) if people is None else people
            summary = preview_view(self.previewing.preview(campaign, crowd, now, report), campaign)
        with self.store.write() as tx:
            tx.campaigns.add_preview(PreviewRecord(version.version, by, now, summary))
        head = {"previewed_by": by, "previewed_at": instant_view(now)}
        return {"campaign": name, "version": version.version, **head, **summary}

    def recorded_preview(self, name: str) -> View:
        """The latest preview of the latest version, as it was recorded."""
        with self.store.read() as tx:
            version = self._latest(tx, name)
            preview = latest_preview(tx, version)
        head = {"previewed_by": preview.made_by, "previewed_at": instant_view(preview.made_at)}
        return {"campaign": name, "version": version.version, **head, **preview.summary}

    def approve(self, name: str, by: str) -> View:
        """A second person approves the latest version, having its preview before them."""
        now = self.clock()
        with self.store.write() as tx:
            return approve(tx, self.versions, self._latest(tx, name), by, now)

    def open(self, name: str, by: str) -> View:
        """Make the latest version live, now or when its window opens, with its stock."""
        now = self.clock()
        with self.store.write() as tx:
            tx.guards.enter(name, alone=True)
            known = _known(tx, name)
            if (
                known.state is CampaignState.CLOSED
                and _due_state(replace(known, state=CampaignState.OPEN), now) is CampaignState.OPEN
            ):
                raise campaign_refusals.closed_for_good(name)
            version = self._latest(tx, name)
            is_live = known.version == version.version
            if is_live and known.state is CampaignState.PAUSED:
                raise campaign_refusals.live_and_paused(name)
            campaign = self.versions.get(version.version, tx)
            require_ready(tx, version, campaign)
            window = campaign.window
            if window.is_over(now):
                raise campaign_refusals.over(str(instant_view(window.closes_at)))
            state = CampaignState.OPEN if window.has_begun(now) else CampaignState.SCHEDULED
            if not (is_live and known.state is state):
                tx.campaigns.go_live(
                    replace(
                        known,
                        version=version.version,
                        opens_at=window.opens_at,
                        closes_at=window.closes_at,
                    )
                )
                event = CampaignEvent(name, CampaignAct.OPENED, state, version.version, by, now)
                if not tx.campaigns.record(event, was=known.state):
                    raise campaign_refusals.changed_meanwhile(name)
                tx.guards.start(name, now)
            self._adjust_stock(tx, campaign, by, now)
            contacts = tx.contacts.of_brand(campaign.brand)
            view = campaign_view(_known(tx, name), tx.ledger.free_units(name))
            return view | {"told": [one.email for one in contacts], "guards": len(campaign.guards)}

    def _adjust_stock(self, tx: Transaction, campaign: Campaign, by: str, now: datetime) -> None:
        """Bring the stock to what the version says, by an entry for the difference."""
        tx.ledger.open_stock(campaign.name, campaign.perk.per_person, campaign.perk.hot)
        difference = campaign.perk.quantity - tx.ledger.supplied(campaign.name)
        free = tx.ledger.free_units(campaign.name)
        if difference == 0:
            return
        if -difference > free:
            raise campaign_refusals.too_few_free(free, -difference)
        supplies = difference > 0
        tx.ledger.append(
            Entry(
                campaign=campaign.name,
                move=MoveKind.SUPPLY if supplies else MoveKind.WITHDRAW,
                source=Account.SUPPLY if supplies else Account.STOCK,
                target=Account.STOCK if supplies else Account.SUPPLY,
                units=abs(difference),
                occurred_at=now,
                recorded_at=now,
                recorded_by=by,
            )
        )

    def pause(self, name: str, by: str, why: str = "") -> View:
        """Where the campaign has guards, nothing is granted any more when this has returned. Who pauses need
        not stop to write: `explain` keeps the reason afterwards."""
        live = (CampaignState.OPEN, CampaignState.SCHEDULED)
        return self._change(name, CampaignAct.PAUSED, CampaignState.PAUSED, live, by, why)

    def explain(self, name: str, by: str, why: str) -> View:
        """Why it is paused; what was said before stays in the history."""
        paused = CampaignState.PAUSED
        return self._change(name, CampaignAct.EXPLAINED, paused, (paused,), by, why)

    def take_back(self, name: str, by: str) -> View:
        """Undo one's own pause soon after: the campaign goes on, and its guards with what they have counted.
        A guard's pause, or another's, is ended by `resume`, with a reason."""

        def own(tx: Transaction, now: datetime) -> None:
            pause = tx.campaigns.latest_pause(name)
            if pause is None or pause.acted_by != by or now - pause.acted_at > TAKEN_BACK_WITHIN:
                raise campaign_refusals.not_taken_back(name, TAKEN_BACK_WITHIN.seconds // 60)

        paused = (CampaignState.PAUSED,)
        return self._change(name, CampaignAct.RESUMED, CampaignState.OPEN, paused, by, TAKEN_BACK, own)

    def resume(self, name: str, by: str, why: str) -> View:
        """Take claims again. Who resumes takes note of what the guards have counted so far, which is kept
        beside their reason; the guards count anew from now on, and are as strict as before."""
        return self._change(name, CampaignAct.RESUMED, CampaignState.OPEN, (CampaignState.PAUSED,), by, why)

    def close(self, name: str, by: str, why: str = "") -> View:
        live = (CampaignState.OPEN, CampaignState.SCHEDULED, CampaignState.PAUSED)
        return self._change(name, CampaignAct.CLOSED, CampaignState.CLOSED, live, by, why)

    def _change(
        self,
        name: str,
        act: CampaignAct,
        state: CampaignState,
        possible: tuple[CampaignState, ...],
        by: str,
        why: str,
        allowed: Callable[[Transaction, datetime], None] | None = None,
    ) -> View:
        """What is `allowed` under a condition of its own is no beginning anew for the guards."""
        now = self.clock()
        with self.store.write() as tx:
            tx.guards.enter(name, alone=True)
            record = _known(tx, name)
            if record.state not in possible:
                raise campaign_refusals.in_another_state(name, record.state, possible)
            if allowed is not None:
                allowed(tx, now)
            if act in (CampaignAct.EXPLAINED, CampaignAct.RESUMED) and not why.strip():
                raise campaign_refusals.without_why(name, by)
            if state is CampaignState.OPEN and record.opens_at is not None and now < record.opens_at:
                state = CampaignState.SCHEDULED
            event = CampaignEvent(name, act, state, record.version, by, now, why.strip())
            if act is CampaignAct.RESUMED and allowed is None:
                event = replace(event, numbers={"guards": self._readings(tx, record, now)})
                tx.guards.start(name, now)
            if act is CampaignAct.CLOSED:
                tx.guards.forget(name)
            if not tx.campaigns.record(event, was=record.state):
                raise campaign_refusals.changed_meanwhile(name)
            return shown_briefly(tx, _known(tx, name))

    def keep_the_calendar(self) -> int:
        """Open what was scheduled and has begun, close what is over; returns how many changed."""
        now = self.clock()
        changed = 0
        with self.store.write() as tx:
            live = (CampaignState.SCHEDULED, CampaignState.OPEN, CampaignState.PAUSED)
            for name in [one.name for one in tx.campaigns.all(live) if _due_state(one, now) is not one.state]:
                # Looked at again, alone: somebody may have paused it meanwhile.
                tx.guards.enter(name, alone=True)
                record = _known(tx, name)
                due = _due_state(record, now)
                if due is not record.state:
                    act = CampaignAct.CLOSED if due is CampaignState.CLOSED else CampaignAct.OPENED
                    event = CampaignEvent(name, act, due, record.version, CALENDAR, now)
                    if act is CampaignAct.CLOSED:
                        tx.guards.forget(name)
                    changed += tx.campaigns.record(event, was=record.state)
        return changed

    def list(self) -> list[View]:
        with self.store.read() as tx:
            return [shown_briefly(tx, one) for one in tx.campaigns.all()]

    def seen_by(self, actor: Actor, after: str | None, limit: int) -> Sequence[View]:
        """Those of the brands that the actor reaches, by name, that come after `after`."""
        actor.require(Permission.SEE_CAMPAIGNS)
        brands = None if ALL_BRANDS in actor.brands else actor.brands
        with self.store.read() as tx:
            found = tx.campaigns.all(brands=brands, after=after, limit=limit)
            return [shown_briefly(tx, one) for one in found]

    def brands_seen_by(self, actor: Actor) -> Sequence[str]:
        """The brands that the actor reaches and that have a campaign, by name."""
        actor.require(Permission.SEE_CAMPAIGNS)
        with self.store.read() as tx:
            return sorted({one.brand for one in tx.campaigns.all(brands=actor.reach)})

    def show(self, name: str) -> View:
        """The campaign, what its guards have counted, who did what with it, and its versions: who loaded,
        previewed and approved each."""
        now = self.clock()
        with self.store.read() as tx:
            record = _known(tx, name)
            return shown_in_full(tx, record, self._readings(tx, record, now))

    def show_to(self, actor: Actor, name: str) -> View:
        """The same for who may see it; a campaign of a brand that the actor does not reach is as unknown
        as none."""
        actor.require(Permission.SEE_CAMPAIGNS)
        shown = self.show(name)
        if not actor.may(Permission.SEE_CAMPAIGNS, shown["brand"]):
            raise campaign_refusals.unknown(name)
        return shown

    def _readings(self, tx: Transaction, record: CampaignRecord, now: datetime) -> list[View]:
        if record.version is None or record.state is CampaignState.CLOSED:
            return []
        campaign = self.versions.get(record.version, tx)
        return self.guarding.readings(tx, campaign, record.version, now)

    def latest(self, name: str) -> tuple[Campaign, str]:
        """The latest version, live or not, and its name; raises `NotFoundError`."""
        with self.store.read() as tx:
            version = self._latest(tx, name)
            return self.versions.get(version.version, tx), version.version

    def _latest(self, tx: Transaction, name: str) -> VersionRecord:
        version = tx.campaigns.version(_known(tx, name).latest)
        if version is None:
            raise NotFoundError("campaign.version_unknown", f"the latest version of {name} is not on record")
        return version


def _known(tx: Transaction, name: str) -> CampaignRecord:
    record = tx.campaigns.get(name)
    if record is None:
        raise campaign_refusals.unknown(name)
    return record


def _due_state(record: CampaignRecord, now: datetime) -> CampaignState:
    if record.closes_at is not None and now >= record.closes_at:
        return CampaignState.CLOSED
    scheduled = record.state is CampaignState.SCHEDULED
    if scheduled and record.opens_at is not None and now >= record.opens_at:
        return CampaignState.OPEN
    return record.state
