"""Instants as options give them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from perks_engine.campaigns.quantities import QuantityError, instant
from perks_engine.cli.output import fail

AtOption = Annotated[str | None, typer.Option(help="the moment to decide at; now if left out")]


def moment_of(text: str | None, option: str, as_json: bool) -> datetime | None:
    """The instant that an option gives, if any; says what is wrong with it and stops otherwise."""
    if text is None:
        return None
    try:
        return instant(text)
    except QuantityError as error:
        code = f"option.{option.lstrip('-').replace('-', '_')}"
        fail(f"{option}: {error}; expected such as 2026-12-01T09:00-05:00", as_json, code)
