"""A running campaign as its claims show it: how many are granted, what stands in the way of the others, and
of whom too little is known. Nobody is named: a brand sees what to mend, not whom it refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from perks_engine.domain.reasons import Reason, obstacles
from perks_engine.domain.verdict import Mark, Verdict
from perks_engine.services import campaign_refusals
from perks_engine.services.access import Actor, Permission
from perks_engine.services.ports import Store
from perks_engine.services.records import Decision
from perks_engine.services.views import View, instant_view

MOST_LOOKED_AT = 1_000
SHOWN = 20
CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class ClaimWatch:
    store: Store

    def of(self, actor: Actor, name: str) -> View:
        """The latest claims of a campaign; who asked again counts once, by their latest. Raises
        `NotFoundError` for a campaign of another brand, as for none."""
        actor.require(Permission.SEE_CAMPAIGNS)
        with self.store.read() as tx:
            record = tx.campaigns.get(name)
            if record is None or not actor.may(Permission.SEE_CAMPAIGNS, record.brand):
                raise campaign_refusals.unknown(name)
            latest = tx.decisions.latest(name, CLAIM, MOST_LOOKED_AT)
            stands = tx.ledger.stands(name)
        return {**summed(latest), "stock": {account.value: units for account, units in stands.items()}}


def summed(decisions: Iterable[Decision]) -> View:
    """`decisions` come the newest first."""
    people: dict[str, Decision] = {}
    shown: list[View] = []
    for one in decisions:
        people.setdefault(one.person_id, one)
        if len(shown) < SHOWN:
            shown.append(_line(one))
    refused, missing, words = Counter[str](), Counter[str](), dict[str, Any]()
    verdicts = Counter[str]()
    for one in people.values():
        verdicts["granted" if one.grants else _refused_as(one)] += 1
        if one.grants:
            continue
        for reason in (*one.standing, *obstacles(one.reason)):
            words.setdefault(reason.code, reason.required)
            (missing if reason.mark is Mark.UNKNOWN else refused)[reason.code] += 1
    return {
        "people": len(people),
        **{name: verdicts[name] for name in ("granted", "ineligible", "unknown", "hindered")},
        "refusals": [_count(code, number, words) for code, number in refused.most_common()],
        "missing": [_count(code, number, words) for code, number in missing.most_common()],
        "latest": shown,
    }


def _refused_as(decision: Decision) -> str:
    """By the rule, for want of evidence, or by what stood in the way of somebody who is eligible."""
    return "hindered" if decision.verdict is Verdict.ELIGIBLE else decision.verdict.value


def _count(code: str, people: int, words: dict[str, Any]) -> View:
    return {"code": code, "required": words[code], "people": people}


def _line(decision: Decision) -> View:
    in_the_way: list[Reason] = [] if decision.grants else [*decision.standing, *obstacles(decision.reason)]
    return {
        "at": instant_view(decision.decided_at),
        "outcome": "granted" if decision.grants else _refused_as(decision),
        "reasons": [{"code": one.code, "required": one.required} for one in in_the_way],
    }
