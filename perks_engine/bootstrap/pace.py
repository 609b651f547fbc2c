"""How often and when people are written to for more than their own affairs, as the settings say."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from perks_engine.delivery.country_zones import zones_of_country
from perks_engine.domain.quiet_hours import quiet_hours
from perks_engine.services.sendable import Pace
from perks_engine.settings import Settings


def pace_of(settings: Settings) -> Pace:
    return Pace(
        settings.most_letters,
        timedelta(days=settings.most_letters_days),
        quiet_hours(settings.quiet_hours),
        ZoneInfo(settings.mail_zone),
        zones_of_country,
    )
