"""Guards: a live campaign whose decisions leave what was declared healthy pauses itself."""

from __future__ import annotations

from datetime import timedelta

from perks_engine.domain.campaign import Campaign, Guard
from perks_engine.domain.words import age_in_words, distance_in_words
from perks_engine.services.ports import Transaction
from perks_engine.services.records import Decision

FEWEST = 20
"""A share of fewer decisions than this says nothing yet."""


def broken_guard(tx: Transaction, campaign: Campaign, decision: Decision) -> str | None:
    """Which guard is broken and by which numbers, in words, or None. Counts what `tx` has written."""
    for guard in campaign.guards:
        fault = _CHECKS[guard.kind](tx, guard, decision)
        if fault is not None:
            return fault
    return None


def _unknown_share(tx: Transaction, guard: Guard, decision: Decision) -> str | None:
    over = guard.over or timedelta(hours=1)
    unknown, total = tx.claims.count_unknown(decision.campaign, decision.decided_at - over)
    if total < FEWEST or unknown <= guard.at_most * total:
        return None
    return (
        f"unknown_share: {unknown} of {total} decisions within {age_in_words(over)} were unknown, "
        f"at most {guard.at_most:.1%} is healthy"
    )


def _near_edge_share(tx: Transaction, guard: Guard, decision: Decision) -> str | None:
    within_m = guard.within_m or 0.0
    near, total = tx.claims.count_near_edge(decision.campaign, within_m)
    if total < FEWEST or near <= guard.at_most * total:
        return None
    return (
        f"near_edge_share: {near} of {total} grants lie within {distance_in_words(within_m)} of the edge, "
        f"at most {guard.at_most:.1%} is healthy"
    )


def _same_point(tx: Transaction, guard: Guard, decision: Decision) -> str | None:
    if decision.point is None:
        return None
    count = tx.claims.count_on_point(decision.campaign, decision.point)
    if count <= guard.at_most:
        return None
    return (
        f"same_point: {count} people were granted on the point {decision.point}, "
        f"at most {guard.at_most:.0f} is healthy"
    )


_CHECKS = {
    "unknown_share": _unknown_share,
    "near_edge_share": _near_edge_share,
    "same_point": _same_point,
}
