"""A campaign on record, in the terminal: its state and why, its guards, its history, its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perks_engine.cli.output import say, table
from perks_engine.services.views import counted


def show_status(data: Mapping[str, Any]) -> None:
    say(f"{data['campaign']} ({data['brand']}): {data['state']}, {counted(data['free_units'], 'unit')} free")
    for line in _pause_lines(data):
        say(line)
    if data["guards"]:
        say(f"guards, counting since {moment_in_words(data['counted_from'])}:")
        for line in guard_lines(data["guards"]):
            say(line)
        if not data["contacts"] and data["state"] != "closed":
            say(nobody_is_told(data["brand"]))
    if data["history"]:
        say("history:")
        for event in data["history"]:
            why = f": {event['why']}" if "why" in event else ""
            say(f"  {moment_in_words(event['at'])}  {event['act']} by {event['by']}{why}")
    _show_versions(data)


def guard_lines(guards: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """For each guard what it calls healthy, and below it what it found."""
    for one in guards:
        is_known = "found" in one
        yield f"  {('✓' if one['holds'] else '✗') if is_known else '·'} {one['healthy']}"
        yield f"      {one['found'] if is_known else 'seen only while it runs'}"


def nobody_is_told(brand: str) -> str:
    return f"nobody would be told when a guard pauses it; run: perks contact add {brand} EMAIL"


def _pause_lines(data: Mapping[str, Any]) -> Iterator[str]:
    if "paused_because" not in data:
        return
    why = data["paused_because"] or "no reason was given yet"
    yield f"paused {moment_in_words(data['paused_at'])} by {data['paused_by']}: {why}"
    told = [one for one in data["told"] if one["created_at"] == data["paused_at"]]
    if told:
        contacts = ", ".join(data["contacts"]) or "no contact is on record"
        yield f"told: {told[0]['to']} ({contacts})"
    if not data["paused_because"]:
        yield f'to say why: perks campaign explain {data["campaign"]} --why "..."'
    yield f'to go on: perks campaign resume {data["campaign"]} --why "..."'


def _show_versions(data: Mapping[str, Any]) -> None:
    live = data["version"]
    table(
        ("version", "loaded by", "examples", "previewed by", "approved by", ""),
        [
            (
                one["version"][:12],
                one["loaded_by"],
                f"{one['examples'] - one['examples_failed']}/{one['examples']}",
                one.get("previewed_by", "nobody yet"),
                one.get("approved_by", "nobody yet"),
                "live" if one["version"] == live else "",
            )
            for one in data["versions"]
        ],
    )


def moment_in_words(text: str) -> str:
    """`2026-12-02 15:00Z`, of an instant as it stands in JSON."""
    return f"{text[:10]} {text[11:16]}Z"
