"""The same rule in five other libraries, each in its quickest form: compiled or parsed beforehand.

They know true and false, not *unknown*, no sources, no geometry and no ages of evidence. So they read a flat
dictionary made beforehand, in which the distance and every age (in days) is already a number, and what is
missing is a value that fails. That is much less work than the engine's, and in their favour.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cel
import celpy
import json_logic
import rule_engine
import zen
from celpy.adapter import json_to_cel

from benchmarks import rules_by_hand as hand
from benchmarks import rules_question as asked
from benchmarks.rules_by_hand import NOW, TODAY, metres_to_centre

Facts = dict[str, Any]
DAY = 86_400_000_000
NEVER = -1.0
"""The age in days of what is missing: dated ahead, which no condition takes."""


def facts_of(row: hand.Row) -> Facts:
    """What a peer reads, from the engine's row for the person."""
    lines = row[hand.OPT_INS]
    born, born_at = _first(row[hand.BIRTHS])
    score, score_at = row[hand.REACH][:2] if row[hand.REACH] else (0.0, None)
    place: Any
    place, place_at = row[hand.DEVICE][:2] if row[hand.DEVICE] else ((None, None, None), None)
    topics, topics_at = _first(row[hand.ALL_TOPICS])
    followers, followers_at = _first(row[hand.ALL_FOLLOWERS])
    lat, lon, radius_m = place[:3]
    reach = float("inf") if lat is None else metres_to_centre(lat, lon) + radius_m
    return {
        "opted_in": bool(lines) and asked.PURPOSE in lines[0][0],
        "age": (TODAY - born) // 10_000 if born is not None else -1,
        "age_seen": _days(born_at),
        "score": float(score),
        "score_seen": _days(score_at),
        "reach_m": min(reach, 1e9),
        "place_seen": _days(place_at),
        "topics": sorted(topics or ()),
        "topics_seen": _days(topics_at),
        "followers": followers or 0,
        "followers_seen": _days(followers_at),
    }


def _first(entries: tuple[Any, ...]) -> tuple[Any, Any]:
    return entries[0][:2] if entries else (None, None)


def _days(at: int | None) -> float:
    return NEVER if at is None else (NOW - at) / DAY


def _text(conjunction: str, any_topic: str) -> str:
    """The rule in the words that the peers' languages share."""
    return f" {conjunction} ".join(
        (
            "opted_in",
            f"age >= {asked.YOUNGEST}",
            f"age <= {asked.OLDEST}",
            "age_seen >= 0.0",
            f"score >= {asked.LOWEST}.0",
            f"score <= {asked.HIGHEST}.0",
            "score_seen >= 0.0",
            f"score_seen <= {asked.SCORE_AGE.days}.0",
            f"reach_m <= {asked.RADIUS_M}",
            "place_seen >= 0.0",
            f"place_seen <= {asked.LOCATION_AGE.days}.0",
            any_topic,
            "topics_seen >= 0.0",
            f"followers >= {asked.FOLLOWERS}",
            "followers_seen >= 0.0",
            f"followers_seen <= {asked.FOLLOWERS_AGE.days}.0",
        )
    )


def with_zen() -> Callable[[Facts], Any]:
    return zen.compile_expression(_text("and", f"some(topics, # in {list(asked.TOPICS)})")).evaluate


def with_cel() -> Callable[[Facts], Any]:
    return cel.compile(_text("&&", f"topics.exists(t, t in {list(asked.TOPICS)})")).execute


def with_cel_python() -> Callable[[Any], Any]:
    """`celpy`; its own values are made beforehand (`celpy_facts`)."""
    environment = celpy.Environment()
    text = _text("&&", f"topics.exists(t, t in {list(asked.TOPICS)})")
    return environment.program(environment.compile(text)).evaluate


def celpy_facts(facts: Facts) -> Any:
    return json_to_cel(facts)


def with_rule_engine() -> Callable[[Facts], Any]:
    return rule_engine.Rule(_text("and", f"[t for t in topics if t in {list(asked.TOPICS)}]")).matches


def with_json_logic() -> Callable[[Facts], Any]:
    def bounds(name: str, low: float, high: float | None = None) -> list[Any]:
        value = {"var": name}
        return [{">=": [value, low]}, *([{"<=": [value, high]}] if high is not None else [])]

    logic = {
        "and": [
            {"var": "opted_in"},
            *bounds("age", asked.YOUNGEST, asked.OLDEST),
            *bounds("age_seen", 0),
            *bounds("score", asked.LOWEST, asked.HIGHEST),
            *bounds("score_seen", 0, asked.SCORE_AGE.days),
            {"<=": [{"var": "reach_m"}, asked.RADIUS_M]},
            *bounds("place_seen", 0, asked.LOCATION_AGE.days),
            {"some": [{"var": "topics"}, {"in": [{"var": ""}, list(asked.TOPICS)]}]},
            *bounds("topics_seen", 0),
            *bounds("followers", asked.FOLLOWERS),
            *bounds("followers_seen", 0, asked.FOLLOWERS_AGE.days),
        ]
    }
    return lambda facts: json_logic.jsonLogic(logic, facts)
