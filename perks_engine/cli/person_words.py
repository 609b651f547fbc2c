"""All that is held about one person, in lines that they could be read out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from perks_engine.domain.words import distance_in_words

Record = dict[str, Any]


def person_lines(data: Record) -> Iterator[str]:
    """What `People.show` gives, section by section."""
    yield f"{data['person']} ({data['handle'] or 'no handle'}), on record since {data['joined_at']}"
    if data["handles"]:
        yield "handles: " + ", ".join(f"{handle} on {name}" for name, handle in data["handles"].items())
    for title, words in _SECTIONS.items():
        yield f"{title}:" if data[title] else f"{title}: none"
        yield from (f"  {words(one)}" for one in data[title])


def _consent(one: Record) -> str:
    channel = f" by {one['channel']}" if one["channel"] else ""
    return f"{one['purpose']}{channel}, given at {one['given_at']}, how: {one['how']}"


def _fact(one: Record) -> str:
    name = f"{one['attribute']} ({one['key']})" if "key" in one else one["attribute"]
    return f"{name}: {_value(one['value'])}, from {one['source']}, seen at {one['observed_at']}"


def _claim(one: Record) -> str:
    return f"{one['claim']}: {one['campaign']}, {one['outcome']}"


def _message(one: Record) -> str:
    return f"{one['kind']}, {one['at']}: {one['subject']}"


_SECTIONS: dict[str, Callable[[Record], str]] = {
    "consents": _consent,
    "evidence": _fact,
    "claims": _claim,
    "messages": _message,
}


def _value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.10g}"
        case list():
            return " and ".join(str(one) for one in value) or "none"
        case dict():
            return _location(value)
        case _:
            return str(value)


def _location(value: Record) -> str:
    parts: list[str] = []
    if value["point"] is not None:
        lat, lon = value["point"]
        within = f" within {distance_in_words(value['radius_m'])}" if value["radius_m"] is not None else ""
        parts.append(f"{lat}, {lon}{within}")
    if value["text"] is not None:
        parts.append(f"“{value['text']}”")
    parts.extend(value[name] for name in ("postal_code", "region", "country") if value[name] is not None)
    return ", ".join(parts) or "nowhere"
