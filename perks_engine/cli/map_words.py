"""A map of people in a terminal: a sign for each square, two rows of squares on one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SHADES = "░▒▓█"
LEGEND = "░▒▓█ eligible, few to many; where nobody is: ~ near an edge, ? unknown, · refused"


def map_lines(people_map: Mapping[str, Any]) -> Iterator[str]:
    """The lines from the north to the south."""
    squares: dict[tuple[int, int], dict[str, int]] = {}
    for cell in people_map["cells"]:
        counts = squares.setdefault((cell["row"] // 2, cell["column"]), {})
        for name, people in cell["counts"].items():
            counts[name] = counts.get(name, 0) + people
    most = max((counts.get("eligible", 0) for counts in squares.values()), default=0)
    for row in range((people_map["rows"] - 1) // 2, -1, -1):
        signs = (_sign(squares.get((row, column), {}), most) for column in range(people_map["columns"]))
        yield "".join(signs).rstrip()


def _sign(counts: Mapping[str, int], most: int) -> str:
    eligible = counts.get("eligible", 0)
    if eligible:
        return SHADES[min(int((eligible / most) ** 0.5 * len(SHADES)), len(SHADES) - 1)]
    if counts.get("near_edge"):
        return "~"
    return "?" if counts.get("unknown") else "·" if counts else " "
