"""The life of a unit as a picture: accounts as boxes, moves as arrows, drawn out of the table of moves."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import hypot

from perks_engine.domain.fulfillment import MOVES, Account

WIDTH, HEIGHT = 1260, 600
BOX = (104, 40)
PLACES = {
    Account.SUPPLY: (70, 300),
    Account.STOCK: (250, 300),
    Account.RESERVED: (470, 300),
    Account.CLEARED: (655, 180),
    Account.PACKED: (750, 300),
    Account.IN_TRANSIT: (950, 300),
    Account.RECIPIENT: (1180, 300),
    Account.LOST: (800, 470),
    Account.VOIDED: (1010, 540),
    Account.RETURNED: (1180, 470),
}
BENDS = {
    (Account.SUPPLY, Account.STOCK): 34,
    (Account.STOCK, Account.SUPPLY): 34,
    (Account.RESERVED, Account.STOCK): 90,
    (Account.CLEARED, Account.STOCK): -90,
    (Account.PACKED, Account.STOCK): 270,
    (Account.STOCK, Account.CLEARED): 210,
    (Account.RESERVED, Account.IN_TRANSIT): -120,
    (Account.CLEARED, Account.IN_TRANSIT): 60,
    (Account.RESERVED, Account.RECIPIENT): 520,
    (Account.CLEARED, Account.RECIPIENT): 190,
    (Account.IN_TRANSIT, Account.LOST): -24,
    (Account.LOST, Account.IN_TRANSIT): -24,
    (Account.RECIPIENT, Account.VOIDED): 30,
}
"""How far an arrow is bent to its left, in pixels; those that are not here are straight."""
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1c2733; text-anchor: middle; paint-order: stroke;
         stroke: #fff; stroke-width: 5px; stroke-linejoin: round }
  .account { font-weight: 600; font-size: 13px; stroke: none }
  rect { fill: #eef3f8; stroke: #51677d } .end { fill: #f6eeee } .held { fill: #e3f2e6 }
  path { fill: none; stroke: #51677d; stroke-width: 1.4; marker-end: url(#tip) }
"""
TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#51677d;stroke:none;marker-end:none"/>'
    "</marker></defs>"
)
_ENDS = (Account.LOST, Account.VOIDED, Account.RETURNED)


def picture() -> str:
    """The whole SVG."""
    by_ends: dict[tuple[Account, Account], list[str]] = {}
    for move in MOVES:
        by_ends.setdefault((move.source, move.target), []).append(move.kind.value)
    arrows = [_arrow(ends, list(dict.fromkeys(names))) for ends, names in by_ends.items()]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            "<title>The life of a unit: accounts, and the moves between them</title>",
            f"<style>{STYLE}</style>",
            TIP,
            f'<rect width="{WIDTH}" height="{HEIGHT}" style="fill:#fff;stroke:none"/>',
            *(path for path, _ in arrows),
            *_boxes(),
            *(label for _, label in arrows),
            "</svg>",
            "",
        ]
    )


def _boxes() -> Iterator[str]:
    width, height = BOX
    for account, (x, y) in PLACES.items():
        kind = "end" if account in _ENDS else "held" if account is Account.RECIPIENT else ""
        shape = f'x="{x - width // 2}" y="{y - height // 2}" width="{width}" height="{height}" rx="7"'
        name = escape(account.value.replace("_", " "))
        yield f'<rect class="{kind}" {shape}/><text class="account" x="{x}" y="{y + 5}">{name}</text>'


def _arrow(ends: tuple[Account, Account], names: list[str]) -> tuple[str, str]:
    """The line, and the names of its moves in the middle of it."""
    source, target = ends
    (x1, y1), (x2, y2) = PLACES[source], PLACES[target]
    if source is target:
        top = y1 - BOX[1] // 2
        line = f"M{x1 - 18} {top}C{x1 - 34} {top - 38} {x1 + 34} {top - 38} {x1 + 18} {top - 2}"
        return f'<path d="{line}"/>', _label(x1, top - 36, names)
    length, bend = hypot(x2 - x1, y2 - y1), BENDS.get(ends, 0)
    # The control point of the curve, beside its middle; in a picture, y grows downwards.
    cx = (x1 + x2) / 2 + (y2 - y1) / length * bend
    cy = (y1 + y2) / 2 - (x2 - x1) / length * bend
    ax, ay = _edge((x1, y1), (cx, cy))
    bx, by = _edge((x2, y2), (cx, cy))
    line = f"M{ax:.0f} {ay:.0f}Q{cx:.0f} {cy:.0f} {bx:.0f} {by:.0f}"
    return f'<path d="{line}"/>', _label((ax + 2 * cx + bx) / 4, (ay + 2 * cy + by) / 4, names)


def _edge(centre: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    """Where a line from the centre of a box leaves it."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    half = (BOX[0] / 2 + 3, BOX[1] / 2 + 3)
    scale = min(half[0] / abs(dx) if dx else 1e9, half[1] / abs(dy) if dy else 1e9)
    return centre[0] + dx * scale, centre[1] + dy * scale


def _label(x: float, y: float, names: list[str]) -> str:
    """One name a line, around the point."""
    lines = [", ".join(names[place : place + 2]) for place in range(0, len(names), 2)]
    first = y + 4 - 7 * (len(lines) - 1)
    spans = (
        f'<tspan x="{x:.0f}" y="{first + 14 * place:.0f}">{escape(line)}</tspan>'
        for place, line in enumerate(lines)
    )
    return f"<text>{''.join(spans)}</text>"
