"""When a letter that nobody waits for may arrive: not at night where its reader is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

_STEP = timedelta(minutes=15)
_LONGEST = timedelta(days=2)
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begins` to `ends`, local time, over midnight where `ends` is earlier; none where they are
    equal."""

    begins: time
    ends: time

    def is_quiet(self, moment: datetime, zone: tzinfo) -> bool:
        local = moment.astimezone(zone).time()
        if self.begins <= self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends

    def over_at(self, now: datetime, zones: Iterable[tzinfo]) -> datetime | None:
        """The first moment from `now` (aware) on that is quiet in none of the zones, to the quarter of an
        hour; `now` itself where it is not. None where there is no such moment."""
        where = tuple(zones)
        moment = now
        while moment <= now + _LONGEST:
            if not any(self.is_quiet(moment, zone) for zone in where):
                return moment
            moment = _next_quarter(moment)
        return None


def quiet_hours(words: str) -> QuietHours:
    """`21:00-08:00`; raises `ValueError`."""
    found = _SPAN.fullmatch(words.strip())
    if found is None:
        raise ValueError(f"write the quiet hours as 21:00-08:00, not {words!r}")
    hours = [int(one) for one in found.groups()]
    return QuietHours(time(hours[0], hours[1]), time(hours[2], hours[3]))


def _next_quarter(moment: datetime) -> datetime:
    """Offsets of all zones in use are whole quarters of an hour."""
    past = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment - past + _STEP
