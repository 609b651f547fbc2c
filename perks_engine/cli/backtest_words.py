"""A backtest in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perks_engine.cli.diff_words import outcomes, show_transitions, show_verdicts
from perks_engine.cli.output import reasons, say
from perks_engine.domain.verdict import Verdict
from perks_engine.services.views import View


def show_backtest(data: View) -> None:
    say(f"{data['campaign']}, under version {data['under'][:12]}: {_decisions(data['decisions'])} replayed")
    _show_strange(data["not_as_recorded"])
    say(f"\n  {data['same']:,} come out the same, {data['changed']:,} otherwise\n")
    show_verdicts(data["verdicts"])
    show_transitions(data["transitions"], "decisions")
    _show_some("Granted, and would not be", data["grants_lost"])
    _show_some("Not granted, and would be", data["grants_gained"])
    hindered = _newly_eligible(data["verdicts"]) - data["grants_gained"]["decisions"]
    if hindered:
        say(f"\n{_decisions(hindered)} more would be eligible; what stood in the way besides the rule would")
        say("  do so still: a pause, no unit left, what the person had already")
    if "file" in data:
        say(f"\nall that come out otherwise written to {data['file']}")


def _show_strange(strange: Mapping[str, Any]) -> None:
    count = strange["decisions"]
    if not count:
        return
    say(f"\n!! {_decisions(count)} {'does' if count == 1 else 'do'} not come out as recorded, under the very")
    say("!! version that made them: the engine, or data that travels with it, no longer means what it did.")
    say("!! Find out why before trusting anything below, where they are left out.")
    for one in strange["first"]:
        say(f"!! {one['decided_at']}  {one['person']}  {one['decision']}, version {one['version'][:12]}: ")
        say(f"     recorded {one['recorded']}, comes out {one['comes_out']}")
        reasons(one["reasons"])
    _say_rest(count, strange["first"])


def _show_some(title: str, some: Mapping[str, Any]) -> None:
    if not some["decisions"]:
        return
    say(f"\n{title}: {some['decisions']:,}")
    for one in some["first"]:
        turned = "; ".join(outcomes(turn) for turn in one["turns"])
        say(f"  {one['decided_at']}  {one['person']}  {one['decision']}   {turned}")
    _say_rest(some["decisions"], some["first"])


def _newly_eligible(verdicts: Mapping[str, Mapping[str, int]]) -> int:
    eligible = Verdict.ELIGIBLE.value
    return sum(row[eligible] for was, row in verdicts.items() if was != eligible)


def _say_rest(count: int, shown: list[Any]) -> None:
    if count > len(shown):
        say(f"  and {count - len(shown):,} more")


def _decisions(count: int) -> str:
    return f"{count:,} decision{'' if count == 1 else 's'}"
