"""Writes of use cases of one transaction, under the caller's key: done once, and the same answer again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from perks_engine.services.access import Actor
from perks_engine.services.once import once_within
from perks_engine.services.ports import Store
from perks_engine.web.callers import Engine


def once_by(
    engine: Engine,
    actor: Actor,
    key: str,
    operation: str,
    body: BaseModel | None,
    do: Callable[[Store], Mapping[str, Any]],
) -> dict[str, Any]:
    """`operation` names what is done and to what; the body is what was asked of it. Raises `ConflictError`
    where the key was used for another request."""
    scope = f"person:{actor.person_id}" if actor.person_id else f"staff:{actor.name}"
    given = body.model_dump(mode="json", exclude_unset=True) if body else {}
    request = {"operation": operation, "body": given}
    return dict(once_within(engine.store, scope, key, request, engine.clock(), do))
