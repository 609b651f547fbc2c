"""The difference of two versions in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perks_engine.cli.output import say, table
from perks_engine.domain.verdict import Verdict
from perks_engine.services.views import View


def show_diff(data: View) -> None:
    old, new = data["old"], data["new"]
    say(f"from {old['campaign']}, version {old['version'][:12]}")
    say(f"to   {new['campaign']}, version {new['version'][:12]}\n")
    if data["changes"]:
        say("What is different")
        rows = [[one["path"], one["old"] or "—", one["new"] or "—"] for one in data["changes"]]
        table(("", "was", "is now"), rows)
    else:
        say("Nothing is different: they are one version.")
    if "people" in data:
        _show_people(data)


def _show_people(data: View) -> None:
    say(f"\nWhat it does to {data['people']:,} {'person' if data['people'] == 1 else 'people'}")
    show_verdicts(data["verdicts"])
    eligible = (f"{data['eligible'][side]:,} for {data['stock'][side]:,} units" for side in ("old", "new"))
    say(f"\n  gained {data['gained']:,}, lost {data['lost']:,}; eligible were {', now '.join(eligible)}")
    if not data["changed"]:
        say("  Nobody's verdict changes.")
    show_transitions(data["transitions"])
    for one in data["transitions"]:
        _show_sample(
            one, [who for who in data["sample"] if (who["old"], who["new"]) == (one["old"], one["new"])]
        )


def _show_sample(transition: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> None:
    """Some of them, each with what turned their verdict, to be looked at one by one."""
    if people:
        say(f"\nSome of those who were {transition['old']} and are {transition['new']}")
    for one in people:
        say(f"  {one['id']}   {'; '.join(outcomes(turn) for turn in one['turns'])}")


def show_verdicts(verdicts: Mapping[str, Mapping[str, int]]) -> None:
    """How many had each verdict and have each now."""
    names = [verdict.value for verdict in Verdict]
    rows = [[f"  was {was}", *(f"{verdicts[was][now]:,}" for now in names)] for was in names]
    table(("", *(f"is {name}" for name in names)), rows, numbers=range(1, 4))


def show_transitions(transitions: Sequence[Mapping[str, Any]], counted: str = "people") -> None:
    """Each transition with what turned it; `counted` is what is counted by it."""
    for one in transitions:
        edge = f", {one['near_edge']:,} of them near an edge" if one["near_edge"] else ""
        say(f"\n{one['old']} → {one['new']}: {one[counted]:,}{edge}")
        table(
            (f"  {counted}", "by itself", "turned by"),
            [[f"{turn[counted]:,}", f"{turn['by_itself']:,}", turn_words(turn)] for turn in one["turns"]],
            numbers=range(2),
        )


def turn_words(turn: Mapping[str, str]) -> str:
    """`age: met → not met`, and below it what is asked."""
    old, new = turn["old_required"], turn["new_required"]
    if old == new:
        return outcomes(turn) if new == turn["title"] else f"{outcomes(turn)}\n{new}"
    return "\n".join([outcomes(turn), f"was  {old or 'not asked'}", f"now  {new or 'not asked'}"])


def outcomes(turn: Mapping[str, str]) -> str:
    """`age: met → not met`."""
    return f"{turn['title']}: {turn['old']} → {turn['new']}".replace("_", " ")
