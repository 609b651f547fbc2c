"""The life of a campaign: loaded, previewed, approved by a second person, opened, paused, closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Campaign, CampaignState
from perks_engine.domain.evidence import Person
from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.domain.progress import Report, unreported
from perks_engine.services.access import ALL_BRANDS, Actor, Permission
from perks_engine.services.errors import ForbiddenError, NotFoundError, RefusedError
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.previewing import Crowd, Previewing, everybody, preview_view
from perks_engine.services.records import (
    ApprovalRecord,
    CampaignRecord,
    Entry,
    PreviewRecord,
    VersionRecord,
)
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, campaign_view, counted, instant_view


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
    clock: Clock

    def load(self, file: LoadedFile, by: str) -> View:
        """Keep a version; a live campaign goes on under its old one until the new one is opened."""
        now = self.clock()
        campaign = file.campaign
        with self.store.write() as tx:
            known = tx.campaigns.get(campaign.name)
            if known is not None and known.brand != campaign.brand:
                raise RefusedError(
                    "campaign.name_taken",
                    f"the campaign {campaign.name} belongs to {known.brand}; choose another name",
                )
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
        return {"campaign": name, "version": version.version, "previewed_at": instant_view(now), **summary}

    def approve(self, name: str, by: str) -> View:
        """A second person approves the latest version, having its preview before them."""
        now = self.clock()
        with self.store.write() as tx:
            version = self._latest(tx, name)
            if version.loaded_by == by:
                raise ForbiddenError(
                    "campaign.second_person",
                    f"{by} loaded this version; somebody else has to approve it: "
                    f"perks campaign approve {name} --by SOMEBODY_ELSE",
                )
            self._require_preview(tx, name, version)
            if tx.campaigns.approval(version.version) is None:
                tx.campaigns.add_approval(ApprovalRecord(version.version, by, now))
        return {"campaign": name, "version": version.version, "approved_by": by}

    def open(self, name: str, by: str) -> View:
        """Make the latest version live, now or when its window opens, with its stock."""
        now = self.clock()
        with self.store.write() as tx:
            known = _known(tx, name)
            if (
                known.state is CampaignState.CLOSED
                and _due_state(replace(known, state=CampaignState.OPEN), now) is CampaignState.OPEN
            ):
                raise RefusedError(
                    "campaign.state",
                    f"the campaign {name} was closed for good; load the file under another name",
                )
            version = self._latest(tx, name)
            self._require_ready(tx, name, version)
            campaign = self.versions.get(version.version, tx)
            window = campaign.window
            if window.is_over(now):
                raise RefusedError(
                    "campaign.closed",
                    f"its window ended on {instant_view(window.closes_at)}; load a later one",
                )
            state = CampaignState.OPEN if window.has_begun(now) else CampaignState.SCHEDULED
            record = CampaignRecord(
                name,
                campaign.brand,
                state,
                version.version,
                version.version,
                window.opens_at,
                window.closes_at,
            )
            tx.campaigns.go_live(record)
            self._adjust_stock(tx, campaign, by, now)
            return campaign_view(record, tx.ledger.free_units(name))

    def _require_preview(self, tx: Transaction, name: str, version: VersionRecord) -> None:
        if tx.campaigns.latest_preview(version.version) is None:
            raise RefusedError(
                "campaign.no_preview",
                f"nobody has seen whom this version would reach; run: perks campaign preview {name}",
            )

    def _require_ready(self, tx: Transaction, name: str, version: VersionRecord) -> None:
        if version.examples_total == 0:
            raise RefusedError(
                "campaign.no_examples",
                f"it has no examples; add some to the file and run: perks campaign load FILE "
                f"(see perks campaign show {name})",
            )
        if version.examples_failed:
            raise RefusedError(
                "campaign.examples_fail",
                f"{version.examples_failed} of its {version.examples_total} examples fail; "
                "run: perks campaign test FILE",
            )
        self._require_preview(tx, name, version)
        if tx.campaigns.approval(version.version) is None:
            raise RefusedError(
                "campaign.not_approved",
                "no second person approved this version; "
                f"run: perks campaign approve {name} --by SOMEBODY_ELSE",
            )

    def _adjust_stock(self, tx: Transaction, campaign: Campaign, by: str, now: datetime) -> None:
        """Bring the stock to what the version says, by an entry for the difference."""
        tx.ledger.open_stock(campaign.name, campaign.perk.per_person)
        difference = campaign.perk.quantity - tx.ledger.supplied(campaign.name)
        free = tx.ledger.free_units(campaign.name)
        if difference == 0:
            return
        if -difference > free:
            raise RefusedError(
                "campaign.quantity",
                f"{counted(free, 'unit is free', 'units are free')}, so {-difference} cannot be withdrawn; "
                "raise perk.quantity",
            )
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

    def pause(self, name: str, by: str, why: str) -> View:
        return self._change(
            name, CampaignState.PAUSED, (CampaignState.OPEN, CampaignState.SCHEDULED), f"{by}: {why}"
        )

    def resume(self, name: str, by: str) -> View:
        return self._change(name, CampaignState.OPEN, (CampaignState.PAUSED,), "")

    def close(self, name: str, by: str) -> View:
        live = (CampaignState.OPEN, CampaignState.SCHEDULED, CampaignState.PAUSED)
        return self._change(name, CampaignState.CLOSED, live, "")

    def _change(
        self, name: str, state: CampaignState, possible: tuple[CampaignState, ...], because: str
    ) -> View:
        with self.store.write() as tx:
            record = _known(tx, name)
            if record.state not in possible:
                wanted = " or ".join(one.value for one in possible)
                raise RefusedError(
                    "campaign.state", f"the campaign {name} is {record.state}; this needs it to be {wanted}"
                )
            if state is CampaignState.OPEN and record.opens_at is not None and self.clock() < record.opens_at:
                state = CampaignState.SCHEDULED
            if not tx.campaigns.set_state(name, state, because, was=record.state):
                raise RefusedError(
                    "campaign.state",
                    f"the state of {name} was changed by somebody else at this moment; look at it again",
                )
            changed = replace(record, state=state, paused_because=because)
            return campaign_view(changed, tx.ledger.free_units(name))

    def keep_the_calendar(self) -> int:
        """Open what was scheduled and has begun, close what is over; returns how many changed."""
        now = self.clock()
        changed = 0
        with self.store.write() as tx:
            live = (CampaignState.SCHEDULED, CampaignState.OPEN, CampaignState.PAUSED)
            for record in tx.campaigns.all(live):
                due = _due_state(record, now)
                if due is not record.state:
                    changed += tx.campaigns.set_state(record.name, due, was=record.state)
        return changed

    def list(self) -> list[View]:
        with self.store.read() as tx:
            return [campaign_view(one, tx.ledger.free_units(one.name)) for one in tx.campaigns.all()]

    def seen_by(self, actor: Actor, after: str | None, limit: int) -> Sequence[View]:
        """Those of the brands that the actor reaches, by name, that come after `after`."""
        actor.require(Permission.SEE_CAMPAIGNS)
        brands = None if ALL_BRANDS in actor.brands else actor.brands
        with self.store.read() as tx:
            found = tx.campaigns.all(brands=brands, after=after, limit=limit)
            return [campaign_view(one, tx.ledger.free_units(one.name)) for one in found]

    def show(self, name: str) -> View:
        """The campaign with its versions: who loaded, previewed and approved each."""
        with self.store.read() as tx:
            record = _known(tx, name)
            return {
                **campaign_view(record, tx.ledger.free_units(name)),
                "versions": [self._version_view(tx, one) for one in tx.campaigns.versions(name)],
            }

    def _version_view(self, tx: Transaction, version: VersionRecord) -> View:
        preview = tx.campaigns.latest_preview(version.version)
        approval = tx.campaigns.approval(version.version)
        view: dict[str, Any] = {
            "version": version.version,
            "loaded_at": instant_view(version.loaded_at),
            "loaded_by": version.loaded_by,
            "examples": version.examples_total,
            "examples_failed": version.examples_failed,
        }
        if preview is not None:
            view |= {"previewed_by": preview.made_by, "preview": dict(preview.summary)}
        if approval is not None:
            view |= {"approved_by": approval.approved_by}
        return view

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
        raise NotFoundError("campaign.unknown", f"there is no campaign '{name}'")
    return record


def _due_state(record: CampaignRecord, now: datetime) -> CampaignState:
    if record.closes_at is not None and now >= record.closes_at:
        return CampaignState.CLOSED
    scheduled = record.state is CampaignState.SCHEDULED
    if scheduled and record.opens_at is not None and now >= record.opens_at:
        return CampaignState.OPEN
    return record.state
