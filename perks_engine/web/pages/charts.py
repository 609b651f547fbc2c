"""A preview drawn: the funnel, the histogram and the maps as shapes that a template writes as SVG. Shapes
tell what colours tell, so that all of it can be read in black and white."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any

from perks_engine.audiences.transitions import asked_phrases
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.guards import GrantRate
from perks_engine.domain.rules import conditions
from perks_engine.domain.words import required_words
from perks_engine.services.guards import foreseen

WIDTH = 640
BARS_HIGH = 160
_KINDS = ("eligible", "near_edge", "unknown", "ineligible")
"""As what a square of a map is drawn: by the first of these that somebody there is."""
Data = Mapping[str, Any]
_CHANGES = ("lost", "gained", "changed")
"""The same, where two versions are compared: who loses is seen first."""
_LEFT_OUT: Data = {"stock": 0, "near_edge": 0, "missing": (), "guards": ()}
"""What a preview of nobody does not say."""


def drawn(summary: Data, campaign: Campaign) -> dict[str, Any]:
    """The summary of a preview of that campaign with what is drawn of it, and what is said as phrases; nobody
    of the sample is named."""
    people, rule = max(summary["people"], 1), campaign.eligibility
    asked = [*asked_phrases(rule), *(required_words(one) for one in conditions(rule))]
    phrases = {str(one): one for one in asked}

    def said(one: Data) -> Data:
        return {**one, "required": phrases.get(one["required"], one["required"])}

    funnel: Sequence[Data] = summary.get("funnel", ())
    return {
        **_LEFT_OUT,
        **{name: value for name, value in summary.items() if name != "sample"},
        "funnel": [{**said(step), "wide": round(step["left"] / people * WIDTH, 1)} for step in funnel],
        "missing": [said(one) for one in summary.get("missing", ())],
        "guards": _foreseen(summary, campaign),
        "histogram": _histogram(said(summary["histogram"])) if summary.get("histogram") else None,
        "maps": [_map(one) for one in summary.get("maps", ())],
    }


def _foreseen(summary: Data, campaign: Campaign) -> Sequence[Data]:
    """What is foreseen for each guard, in phrases."""
    tallies = zip(summary.get("guards", ()), campaign.guards, foreseen(summary, campaign), strict=False)
    return [
        {
            **one,
            "healthy": guard.healthy_words(),
            **({"found": guard.foreseen_words(tally)} if tally and not isinstance(guard, GrantRate) else {}),
        }
        for one, guard, tally in tallies
    ]


def drawn_change(change: Data) -> dict[str, Any]:
    """What another version does to people, with its maps drawn; nobody is named."""
    verdicts: Mapping[str, Mapping[str, int]] = change["verdicts"]
    unknown = sum(row["unknown"] for was, row in verdicts.items() if was != "unknown")
    return {
        **{name: value for name, value in change.items() if name != "sample"},
        "maps": [_map(one, _CHANGES) for one in change["maps"]],
        "unknown": unknown,
    }


def _histogram(data: Data) -> dict[str, Any]:
    bars: Sequence[Data] = data["bars"]
    most = max((bar["people"] for bar in bars), default=0) or 1
    wide = WIDTH / max(len(bars), 1)
    lowest, highest = (bars[0]["low"], bars[-1]["high"]) if bars else (0, 1)

    def place(value: float) -> float:
        share = (value - lowest) / ((highest - lowest) or 1)
        return round(min(max(share, 0), 1) * WIDTH, 1)

    low, high = data["band"]
    return {
        "title": data["title"],
        "required": data["required"],
        "most": most,
        "low": lowest,
        "high": highest,
        "goes_on": data["goes_on"],
        "from": place(lowest if low is None else low),
        "to": place(highest if high is None else high),
        "bars": [
            {
                **bar,
                "x": round(number * wide + 1, 1),
                "wide": round(wide - 2, 1),
                "tall": round(bar["people"] / most * BARS_HIGH, 1),
                "full": round(bar["eligible"] / most * BARS_HIGH, 1),
            }
            for number, bar in enumerate(bars)
        ],
    }


def _map(data: Data, kinds: Sequence[str] = _KINDS) -> dict[str, Any]:
    box = data["box"]
    wide = (box["east"] - box["west"]) or 1
    tall = box["north"] - box["south"]
    scale = WIDTH / wide
    height = round(tall * scale / data["stretch"], 1)
    square_x, square_y = WIDTH / data["columns"], height / data["rows"]
    most = max((sum(cell["counts"].values()) for cell in data["cells"]), default=1)

    down = height / (tall or 1)

    def path(lines: Iterable[Sequence[Sequence[float]]]) -> str:
        """In whole pixels, each point from the one before: lines are simplified to about that already."""
        return "".join(
            _line(
                [(round((lon - box["west"]) * scale), round((box["north"] - lat) * down)) for lon, lat in one]
            )
            for one in lines
        )

    cells: list[dict[str, Any]] = []
    for cell in data["cells"]:
        counts: Data = cell["counts"]
        kind = next((one for one in kinds if counts.get(one)), kinds[-1])
        people = sum(number for name, number in counts.items() if name != "near_edge")
        largest = min(square_x, square_y) * 0.75
        cells.append(
            {
                "kind": kind,
                "people": people,
                "x": round((cell["column"] + 0.5) * square_x, 1),
                "y": round(height - (cell["row"] + 0.5) * square_y, 1),
                "r": round(max(3.0, largest * sqrt(people / most)), 1),
            }
        )
    return {
        "title": data["title"],
        "width": WIDTH,
        "height": height,
        "land": path(data["land"]),
        "outline": path(data["outlines"]),
        "cells": cells,
        "elsewhere": sum(number for name, number in data["elsewhere"].items() if name != "near_edge"),
        "nowhere": sum(number for name, number in data["nowhere"].items() if name != "near_edge"),
    }


def _line(points: Sequence[tuple[int, int]]) -> str:
    """Nothing for a line that would be a dot."""
    apart = [one for one, before in zip(points, [None, *points], strict=False) if one != before]
    if len(apart) < 2:
        return ""
    steps = (f"{x - left} {y - top}" for (left, top), (x, y) in pairwise(apart))
    return f"M{apart[0][0]} {apart[0][1]}l{' '.join(steps)}"
