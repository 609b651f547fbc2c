"""The places that the navigation names. Who may not open one does not see it: the rules of pages say who."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from perks_engine.domain.phrase import said
from perks_engine.services.access import Actor, Role
from perks_engine.web.page_rules import PAGE_RULES


class Face(StrEnum):
    """For whom a page is laid out: phones first for people, desks first for staff."""

    PORTAL = "portal"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Place:
    """`label` is the key of a translation; `group` stands above the first place of it."""

    label: str
    path: str
    face: Face
    group: str = ""

    def is_for(self, actor: Actor) -> bool:
        rule = PAGE_RULES.get(f"GET {self.path}")
        return rule is not None and actor.role in rule.roles() and _may(actor, rule.permissions)

    def holds(self, path: str) -> bool:
        return path == self.path or path.startswith(f"{self.path}/")


def _may(actor: Actor, permissions: Sequence[str]) -> bool:
    return not permissions or bool(actor.permissions & set(permissions))


_CAMPAIGNS, _FULFILLMENT = said("Campaigns"), said("Fulfillment")
_DISCLOSURE, _PROOF = said("Disclosure"), said("Proof")
PLACES: Sequence[Place] = (
    Place(said("Perks"), "/my", Face.PORTAL),
    Place(said("Claims"), "/my/claims", Face.PORTAL),
    Place(said("Consents"), "/my/consents", Face.PORTAL),
    Place(said("Disputes"), "/my/disputes", Face.PORTAL),
    Place(said("Record"), "/my/record", Face.PORTAL),
    Place(said("Campaigns"), "/console/campaigns", Face.CONSOLE, _CAMPAIGNS),
    Place(said("Packing and sending"), "/console/fulfillment", Face.CONSOLE, _FULFILLMENT),
    Place(said("Disclosure lists"), "/console/lists", Face.CONSOLE, _DISCLOSURE),
    Place(said("Exports"), "/console/exports", Face.CONSOLE, _DISCLOSURE),
    Place(said("Posts"), "/console/posts", Face.CONSOLE, _DISCLOSURE),
    Place(said("Disputes"), "/console/disputes", Face.CONSOLE, _DISCLOSURE),
    Place(said("Incidents"), "/console/incidents", Face.CONSOLE, _DISCLOSURE),
    Place(said("Values for tax"), "/console/tax", Face.CONSOLE, _DISCLOSURE),
    Place(said("Ledger and log"), "/console/log", Face.CONSOLE, _PROOF),
    Place(said("Staff log"), "/console/staff-log", Face.CONSOLE, _PROOF),
)


def places_of(actor: Actor | None) -> list[Place]:
    return [one for one in PLACES if actor is not None and one.is_for(actor)]


def place_at(path: str, places: Sequence[Place]) -> Place | None:
    """The one that a path belongs to: `/my/claims/1` to `/my/claims` rather than to `/my`."""
    return max((one for one in places if one.holds(path)), key=lambda one: len(one.path), default=None)


def home_of(actor: Actor) -> str:
    """Where whoever signs in begins."""
    if actor.role is Role.INFLUENCER:
        return "/my"
    if actor.role is Role.FULFILLMENT:
        return "/console/fulfillment"
    return next((one.path for one in places_of(actor)), "/docs")
