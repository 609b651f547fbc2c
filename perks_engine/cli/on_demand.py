"""Commands whose modules are imported when first asked for: one does not wait for the rest."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from perks_engine.cli.acting import noted

Command = TyperCommand | TyperGroup


class OnDemand(MutableMapping[str, Command]):
    """Commands by name. `places` says of each where it stands: `module:name`, below `perks_engine.cli`, of a
    function or of a whole group."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._made: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._made:
            self._made[name] = _made(name, self._places[name])
        return self._made[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._places[name] = ""
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]
        self._made.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def group_of(places: Mapping[str, str]) -> type[TyperGroup]:
    """The class of a group of these commands, in this order."""

    class Group(TyperGroup):
        def __init__(self, **rest: Any) -> None:
            super().__init__(**rest)
            self.commands = OnDemand(places)

    return Group


@contextmanager
def _without_collecting() -> Generator[None]:
    """What is imported stays: looking through it for garbage all along took a seventh of a short command."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _made(name: str, place: str) -> Command:
    module, _, attribute = place.partition(":")
    with _without_collecting():
        found = getattr(import_module(f"perks_engine.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        command: Command = get_group(noted(found, f"perks {name}"))
        command.name = name
        return command
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return cast(TyperCommand, get_command(noted(alone)))
