"""The people of 2012: locations that are right, locations that are wrong and say how unsure they are, and
locations that are wrong and sure of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

SEED = 2012
DEFAULT_POINT = (40.7127837, -74.0059413)
"""What the geocoder answered where it found nothing: City Hall, New York."""
IN_NEW_YORK = ((40.6501, -73.9496), (40.7282, -73.7949), (40.5795, -74.1502))
ELSEWHERE = ((33.5186, -86.8104), (41.8781, -87.6298), (29.7604, -95.3698), (40.7357, -74.1724))
"""Birmingham, Alabama; Chicago; Houston; Newark, which is no part of New York."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Ids of people by what their evidence is worth. Of the blurred and the defaulted nobody lives in New
    York; the evidence of both places them there."""

    new_yorkers: tuple[str, ...]
    others: tuple[str, ...]
    blurred: tuple[str, ...]
    defaulted: tuple[str, ...]
    text: str
    """all of them as a file of people"""


def crowd_of_2012(joined: str) -> Crowd:
    """60 in New York, 60 elsewhere, and twice 200 elsewhere whose evidence is corrupted: by a wrong point
    with an honest large radius, and by one and the same wrong point with a small one."""
    random = Random(SEED)

    def near(middles: Iterable[tuple[float, float]], spread: float) -> str:
        lat, lon = random.choice(tuple(middles))
        return f"[{lat + random.uniform(-spread, spread):.6f}, {lon + random.uniform(-spread, spread):.6f}]"

    locations: dict[str, str] = {}
    for number in range(60):
        locations[f"new-yorker-{number}"] = (
            f"{{device: {near(IN_NEW_YORK, 0.015)}, radius: {random.randint(10, 40)} m}}"
        )
        locations[f"other-{number}"] = (
            f"{{device: {near(ELSEWHERE, 0.01)}, radius: {random.randint(10, 40)} m}}"
        )
    for number in range(200):
        blurred = near(IN_NEW_YORK, 0.015)
        locations[f"blurred-{number}"] = f"{{device: {blurred}, radius: {random.randint(25, 80)} km}}"
        locations[f"defaulted-{number}"] = (
            f"{{verified_address: {{point: {list(DEFAULT_POINT)}}}, radius: 50 m}}"
        )
    consents = f"[{{purpose: perks, given_at: {joined}, how: sign-up form}}]"
    people = "".join(
        f"- {{id: {name}, handle: {name}.handle, email: {name}@mail.example, born_on: 1985-03-02, "
        f"score: {{reach: 66}}, topics: [mobile], location: {location}, consents: {consents}}}\n"
        for name, location in locations.items()
    )
    named = lambda kind: tuple(name for name in locations if name.startswith(kind))  # noqa: E731
    return Crowd(named("new-yorker"), named("other"), named("blurred"), named("defaulted"), people)
