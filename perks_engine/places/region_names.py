"""Names of regions by their codes: of those that rules can name. They are the same in all languages: what
has others (the CLDR's names of subdivisions) does not come with Babel, and the gazetteer has none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def region_names() -> Mapping[str, str]:
    """`New York` by `US-NY` (ISO 3166-2). Source: `data/curated.json`."""
    curated: Any = json.loads(
        files("perks_engine").joinpath("places", "data", "curated.json").read_text("utf-8")
    )
    return {code: str(region["names"][0]) for code, region in curated["regions"].items()}
