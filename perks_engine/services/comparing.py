"""Two versions of a campaign side by side: what changed, and what that does to people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import reduce
from itertools import islice

from perks_engine.audiences.diff import Diff, IncomparableError
from perks_engine.audiences.transitions import Transition
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.change_meaning import change_meaning
from perks_engine.domain.changes import campaign_changes, example_changes
from perks_engine.domain.codec import canonical_json
from perks_engine.domain.line_changes import TooLongError, line_changes
from perks_engine.domain.phrase import phrase
from perks_engine.domain.progress import Report, unreported
from perks_engine.domain.verdict import Verdict
from perks_engine.services import campaign_refusals
from perks_engine.services.access import Actor, Permission
from perks_engine.services.drafting import MOST_PEOPLE
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.gate import known_person
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.previewing import Previewing, everybody
from perks_engine.services.records import CampaignRecord, VersionRecord
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view

LIVE = "live"


class Judged(StrEnum):
    """Who is asked what a change does to them; `few` is everybody, unless too many to wait for."""

    NOBODY = "nobody"
    FEW = "few"
    EVERYBODY = "everybody"


class NotJudged(StrEnum):
    """Why nobody was."""

    NOT_ASKED = "not_asked"
    SAME_RULE = "same_rule"
    TOO_MANY = "too_many"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True)
class PeopleChanged:
    """What a change does to people; `view` is None where nobody was judged, and `why_not` says why."""

    view: View | None = None
    not_judged: NotJudged | None = None
    why_not: str = ""


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
    clock: Clock

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

    def people(self, old: VersionAtHand, new: VersionAtHand, who: Judged, most: int) -> PeopleChanged:
        """What the change does to those on record; `few` are `most` at most."""
        if old.campaign.eligibility == new.campaign.eligibility:
            return PeopleChanged(None, NotJudged.SAME_RULE, "both ask for the same: nobody gains or loses")
        if who is Judged.NOBODY:
            return PeopleChanged(None, NotJudged.NOT_ASKED, "nobody was to be judged")
        now = self.clock()
        try:
            if who is Judged.EVERYBODY:
                return PeopleChanged(self.diff_of_everybody(old, new, now))
            found = self.diff_at_once(old, new, now, most)
        except IncomparableError as error:
            return PeopleChanged(None, NotJudged.INCOMPARABLE, str(error))
        if found is None:
            told = f"more than {most:,} people are on record; ask for {Judged.EVERYBODY} to have all judged"
            return PeopleChanged(None, NotJudged.TOO_MANY, told)
        return PeopleChanged(found)

    def diff_to(self, actor: Actor, name: str, old: str, new: str, who: Judged) -> View:
        """Two versions of a campaign for who may see it: in sentences, by path, line by line, and by whom it
        concerns. "" stands for those that are looked at first; see `usual_pair`. To have everybody judged,
        however many, is for who could as well make a preview. Raises `NotFoundError`, `InvalidInputError` and
        `ForbiddenError`."""
        actor.require(Permission.SEE_CAMPAIGNS)
        with self.store.read() as tx:
            record = known_campaign(tx, name)
            if not actor.may(Permission.SEE_CAMPAIGNS, record.brand):
                raise campaign_refusals.unknown(name)
            usual = usual_pair(tx.campaigns.versions(name), record.latest, record.version)
        if who is Judged.EVERYBODY:
            actor.require(Permission.RUN_CAMPAIGNS, record.brand)
        before, after = (self.version(f"{name}@{one}") for one in (old or usual[0], new or usual[1]))
        people = self.people(before, after, who, MOST_PEOPLE)
        return {
            "campaign": name,
            "live": record.version,
            **changes_view(before, after),
            "sentences": [str(one) for one in change_meaning(before.campaign, after.campaign)],
            "lines": _changed_lines(before, after),
            "people": people.view,
            "not_judged": people.not_judged,
            "why_not_judged": people.why_not or None,
        }


def usual_pair(versions: Sequence[VersionRecord], latest: str, live: str | None) -> tuple[str, str]:
    """The two that are looked at where nobody says which: the latest, after what it would replace, which is
    the one that is live, else the one before it, else itself."""
    newest_first = sorted(versions, key=lambda one: one.loaded_at, reverse=True)
    others = [one.version for one in newest_first if one.version != latest]
    return live if live in others else next(iter(others), latest), latest


def _changed_lines(old: VersionAtHand, new: VersionAtHand) -> list[View] | None:
    """Those that changed, each with what stands around it; None where a file is too long for it."""
    try:
        stretches = line_changes(old.source, new.source)
    except TooLongError:
        return None
    return [
        {
            "kind": line.kind,
            "old": line.old,
            "new": line.new,
            "text": "".join(piece.text for piece in line.pieces),
        }
        for stretch in stretches
        if not stretch.is_quiet
        for line in stretch.lines
    ]


def known_campaign(tx: Transaction, name: str) -> CampaignRecord:
    """Raises `NotFoundError`."""
    campaign = tx.campaigns.get(name)
    if campaign is None:
        raise campaign_refusals.unknown(name)
    return campaign


def find_version(tx: Transaction, name: str, wanted: str = "") -> VersionRecord:
    """The version of a campaign that is called so: the beginning of its name, `live`, or "" for the latest.
    Raises `NotFoundError` and `InvalidInputError`, which name the versions there are."""
    campaign = known_campaign(tx, name)
    if wanted == LIVE and campaign.version is None:
        raise NotFoundError(
            "campaign.version_unknown",
            phrase("the campaign {name} was never opened: none is live", name=name),
        )
    whole = {LIVE: campaign.version, "": campaign.latest}.get(wanted)
    versions = tx.campaigns.versions(name)
    found = [one for one in versions if (one.version == whole if whole else one.version.startswith(wanted))]
    if len(found) == 1:
        return found[0]
    each = [
        phrase(
            "{version} (loaded {at} UTC by {who})",
            version=one.version[:12],
            at=f"{one.loaded_at:%Y-%m-%d %H:%M}",
            who=one.loaded_by,
        )
        for one in versions
    ]
    known = reduce(lambda so_far, one: phrase("{so_far}, {one}", so_far=so_far, one=one), each)
    if not found:
        raise NotFoundError(
            "campaign.version_unknown",
            phrase(
                "no version of {name} begins with '{wanted}'; there are: {known}",
                name=name,
                wanted=wanted,
                known=known,
            ),
        )
    raise InvalidInputError(
        "campaign.version_ambiguous",
        phrase(
            "{found} versions of {name} begin with '{wanted}'; give more of it: {known}",
            found=len(found),
            name=name,
            wanted=wanted,
            known=known,
        ),
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
