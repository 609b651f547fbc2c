"""What a brand's staff does with its campaigns, each under the name of the human who does it: a version is
written, looked at, approved by a second person, opened; a campaign is paused, goes on, is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.phrase import phrase, word
from perks_engine.services import campaign_refusals
from perks_engine.services.access import Actor, Permission
from perks_engine.services.campaigning import TAKEN_BACK_WITHIN, Campaigning, LoadedFile
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError
from perks_engine.services.records import VersionRecord
from perks_engine.services.views import View

LONGEST_WHY = 500
ACTS = ("preview", "approve", "open", "pause", "explain", "undo", "resume", "close")


@dataclass(frozen=True, slots=True)
class Running:
    """`campaigning` does it; here stands who may."""

    campaigning: Campaigning

    def load(self, actor: Actor, file: LoadedFile) -> View:
        """Keep a version. Raises `ForbiddenError` for a brand that the actor does not reach, whoever the
        campaign belongs to."""
        brand = file.campaign.brand
        actor.require(Permission.RUN_CAMPAIGNS)
        if not actor.may(Permission.RUN_CAMPAIGNS, brand):
            raise ForbiddenError(
                "access.brand",
                phrase("the file says `brand: {brand}`, which your account does not reach", brand=brand),
            )
        return self.campaigning.load(file, actor.require_human(phrase("to load a campaign")))

    def act(self, actor: Actor, name: str, act: str, why: str = "") -> View:
        """One of `ACTS`. Raises `NotFoundError` for a campaign of another brand, as for none, and what the
        act itself raises."""
        self.require(actor, name)
        by = actor.require_human(phrase("to {act} a campaign", act=word(act)))
        if len(why) > LONGEST_WHY:
            raise InvalidInputError(
                "campaign.why",
                phrase("a reason has {longest_why} characters at most", longest_why=LONGEST_WHY),
            )
        campaigning = self.campaigning
        acts: Mapping[str, Callable[[], View]] = {
            "preview": lambda: campaigning.preview(name, by),
            "approve": lambda: campaigning.approve(name, by),
            "open": lambda: campaigning.open(name, by),
            "pause": lambda: campaigning.pause(name, by, why),
            "explain": lambda: campaigning.explain(name, by, why),
            "undo": lambda: campaigning.take_back(name, by),
            "resume": lambda: campaigning.resume(name, by, why),
            "close": lambda: campaigning.close(name, by, why),
        }
        if act not in acts:
            raise NotFoundError("campaign.act", phrase("nothing of a campaign is called {act}", act=act))
        return acts[act]()

    def may_take_back(self, actor: Actor, shown: View) -> bool:
        """Whether the actor could undo their own pause of a campaign, as it is `shown`, now."""
        if shown["state"] != CampaignState.PAUSED.value or shown["paused_by"] != actor.holder:
            return False
        paused_at = datetime.fromisoformat(shown["paused_at"])
        return self.campaigning.clock() - paused_at <= TAKEN_BACK_WITHIN

    def require(self, actor: Actor, name: str, permission: Permission = Permission.RUN_CAMPAIGNS) -> None:
        actor.require(permission)
        with self.campaigning.store.read() as tx:
            record = tx.campaigns.get(name)
        if record is None or not actor.may(permission, record.brand):
            raise campaign_refusals.unknown(name)

    def versions(self, actor: Actor, name: str) -> list[VersionRecord]:
        """Those of a campaign that the actor sees, the newest first."""
        self.require(actor, name, Permission.SEE_CAMPAIGNS)
        with self.campaigning.store.read() as tx:
            return sorted(tx.campaigns.versions(name), key=lambda one: one.loaded_at, reverse=True)

    def preview_of(self, actor: Actor, name: str, version: str) -> Mapping[str, Any] | None:
        """What was foreseen of a version: of the preview it was approved by, else of the latest."""
        self.require(actor, name, Permission.SEE_CAMPAIGNS)
        with self.campaigning.store.read() as tx:
            found = tx.campaigns.approved_preview(version) or tx.campaigns.latest_preview(version)
        return found.summary if found else None
