"""What stands around a process: its settings, as the environment gives them, and what it is called."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from pydantic_settings import SettingsError

from perks_engine.settings import Settings

_PREFIX = "PERKS_"
_ALIKE = 0.86
"""How much alike a name and that of a setting are before the one is taken for the other misspelt; what a
container's host adds of its own, such as `PERKS_PORT`, is not."""


def read_settings(database_url: str | None = None) -> Settings:
    """The settings of the environment; `database_url`, where given, goes before them. Raises `ValueError`."""
    for fault in misspelt(os.environ):
        raise ValueError(fault)
    try:
        settings = Settings()
    except SettingsError as error:
        raise ValueError(_torn(error)) from error
    return settings.model_copy(update={"database_url": database_url}) if database_url else settings


def process_name() -> str:
    """Unlike that of any other process, here and on other machines, also of one that is gone."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def misspelt(names: Iterable[str]) -> Iterator[str]:
    """What is no setting and looks like one: its value would count for nothing, and nobody would say so."""
    known = [name.upper() for name in Settings.model_fields]
    for name in sorted(names):
        setting = name.upper().removeprefix(_PREFIX)
        if setting == name.upper() or setting in known:
            continue
        if near := get_close_matches(setting, known, n=1, cutoff=_ALIKE):
            yield f"there is no setting {name}; did you mean {_PREFIX}{near[0]}?"


def _torn(error: SettingsError) -> str:
    """Of what is written as JSON, and is none."""
    found = re.search(r'field "(\w+)"', str(error))
    if found is None:
        return str(error)
    field = Settings.model_fields[found[1]]
    example = field.examples[0] if field.examples else json.dumps(field.get_default())
    return f"{_PREFIX}{found[1].upper()} cannot be read; expected JSON, such as {example}"
