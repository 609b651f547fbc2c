"""Two versions of a campaign side by side: what changed, and what that does to people."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice

from perks_engine.audiences.diff import Diff
from perks_engine.audiences.transitions import Transition
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.changes import campaign_changes, example_changes
from perks_engine.domain.codec import canonical_json
from perks_engine.domain.progress import Report, unreported
from perks_engine.domain.verdict import Verdict
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.gate import known_person
from perks_engine.services.ports import Store, Transaction
from perks_engine.services.previewing import Previewing, everybody
from perks_engine.services.records import CampaignRecord, VersionRecord
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, counted, instant_view

LIVE = "live"


@dataclass(frozen=True, slots=True)
class VersionAtHand:
    """A version of a campaign out of a file or out of the database, with its canonical form."""

    campaign: Campaign
    version: str
    canonical: str
    source: str = ""
    """the file as it was written, where it is at hand"""

    def view(self) -> View:
        return {"campaign": self.campaign.name, "title": self.campaign.title, "version": self.version}


@dataclass(frozen=True, slots=True)
class Comparing:
    """Versions on record, and everybody on record under two of them."""

    store: Store
    versions: Versions
    previewing: Previewing

    def version(self, text: str) -> VersionAtHand:
        """The version that `NAME` (its latest), `NAME@live` or `NAME@` and the beginning of its name stands
        for. Raises `NotFoundError` and `InvalidInputError`."""
        name, _, wanted = text.partition("@")
        with self.store.read() as tx:
            record = find_version(tx, name, wanted)
            source = record.source.decode("utf-8", "replace")
            campaign = self.versions.get(record.version, tx)
            return VersionAtHand(campaign, record.version, record.canonical, source)

    def diff_of_everybody(
        self, old: VersionAtHand, new: VersionAtHand, now: datetime, report: Report = unreported
    ) -> View:
        with self.store.read() as tx:
            people = everybody(tx, now, report)
            diff = self.previewing.diff(old.campaign, new.campaign, people, now, report)
        return people_view(diff, old.campaign, new.campaign, now)

    def diff_at_once(self, old: VersionAtHand, new: VersionAtHand, now: datetime, most: int) -> View | None:
        """The same; None where more than `most` are on record. Raises `IncomparableError`."""
        with self.store.read() as tx:
            ids = list(islice(tx.people.ids(), most + 1))
            if len(ids) > most:
                return None
            people = [known_person(tx, one, now) for one in ids]
            diff = self.previewing.diff(old.campaign, new.campaign, people, now)
        return people_view(diff, old.campaign, new.campaign, now)


def known_campaign(tx: Transaction, name: str) -> CampaignRecord:
    """Raises `NotFoundError`."""
    campaign = tx.campaigns.get(name)
    if campaign is None:
        raise NotFoundError("campaign.unknown", f"there is no campaign '{name}'")
    return campaign


def find_version(tx: Transaction, name: str, wanted: str = "") -> VersionRecord:
    """The version of a campaign that is called so: the beginning of its name, `live`, or "" for the latest.
    Raises `NotFoundError` and `InvalidInputError`, which name the versions there are."""
    campaign = known_campaign(tx, name)
    if wanted == LIVE and campaign.version is None:
        raise NotFoundError("campaign.version_unknown", f"the campaign {name} was never opened: none is live")
    whole = {LIVE: campaign.version, "": campaign.latest}.get(wanted)
    versions = tx.campaigns.versions(name)
    found = [one for one in versions if (one.version == whole if whole else one.version.startswith(wanted))]
    if len(found) == 1:
        return found[0]
    known = ", ".join(
        f"{one.version[:12]} (loaded {one.loaded_at:%Y-%m-%d %H:%M} UTC by {one.loaded_by})"
        for one in versions
    )
    if not found:
        raise NotFoundError(
            "campaign.version_unknown",
            f"no version of {name} begins with '{wanted}'; there are: {known}",
        )
    raise InvalidInputError(
        "campaign.version_ambiguous",
        f"{counted(len(found), 'version')} of {name} begin with '{wanted}'; give more of it: {known}",
    )


def changes_view(old: VersionAtHand, new: VersionAtHand) -> View:
    """The two versions, and what is different between them, each thing by its path in the file."""
    examples = (_examples(one.canonical) for one in (old, new))
    changes = [*campaign_changes(old.campaign, new.campaign), *example_changes(*examples)]
    return {"old": old.view(), "new": new.view(), "changes": [asdict(one) for one in changes]}


def _examples(canonical: str) -> dict[str, str]:
    return {one["name"]: canonical_json(one) for one in json.loads(canonical)["examples"]}


def people_view(diff: Diff, old: Campaign, new: Campaign, now: datetime) -> View:
    """What the new version does to people, as JSON data."""
    by_verdict = {
        was.value: {now_.value: diff.counts.get((was, now_), 0) for now_ in Verdict} for was in Verdict
    }
    eligible = Verdict.ELIGIBLE.value
    before = sum(by_verdict[eligible].values())
    after = sum(row[eligible] for row in by_verdict.values())
    return {
        "at": instant_view(now),
        "people": diff.people,
        "verdicts": by_verdict,
        "gained": after - by_verdict[eligible][eligible],
        "lost": before - by_verdict[eligible][eligible],
        "changed": sum(one.people for one in diff.transitions),
        "eligible": {"old": before, "new": after},
        "stock": {"old": old.perk.quantity, "new": new.perk.quantity},
        "transitions": [transition_view(one) for one in diff.transitions],
        "sample": [asdict(one) for one in diff.sample],
        "maps": [asdict(one) for one in diff.maps],
    }


def transition_view(one: Transition, counted: str = "people") -> View:
    """A transition as JSON data; `counted` is what is counted by it."""
    return {
        "old": one.old.value,
        "new": one.new.value,
        counted: one.people,
        "near_edge": one.near_edge,
        "turns": [
            {**asdict(turn.turn), counted: turn.people, "by_itself": turn.by_itself} for turn in one.turns
        ],
    }
