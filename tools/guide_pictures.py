"""Bring the pictures of the guides up to what the pages look like: `python -m tools.guide_pictures`, after
the tests in a browser, which take them. They are cut to what a reader needs to see, and made small."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent.parent
TAKEN = HERE / "artefacts" / "pages"
KEPT = HERE / "docs" / "pictures"
WIDTH = 960
QUALITY = 72

PICTURES: Mapping[str, int] = {
    "demo-fault-light": 930,
    "console-editor-offers-light": 800,
    "demo-preview-light": 1180,
    "demo-open-light": 620,
    "console-versions-people-light": 1180,
    "demo-refused-phone": 900,
    "demo-received-phone": 1100,
    "demo-list-light": 800,
    "demo-recipient-light": 1180,
    "demo-ship-light": 1000,
}
"""Which pictures, and how many pixels of each from above."""


def main() -> int:
    missing = [name for name in PICTURES if not (TAKEN / f"{name}.png").is_file()]
    if missing:
        sys.stderr.write(f"error: there is no picture {', '.join(missing)}; run pytest tests/browser\n")
        return 2
    KEPT.mkdir(exist_ok=True)
    for name, height in PICTURES.items():
        with Image.open(TAKEN / f"{name}.png") as taken:
            cut = taken.convert("RGB").crop((0, 0, taken.width, min(height, taken.height)))
        cut.thumbnail((WIDTH, cut.height))
        cut.save(KEPT / f"{name}.webp", quality=QUALITY, method=6)
    return 0


if __name__ == "__main__":
    sys.exit(main())
