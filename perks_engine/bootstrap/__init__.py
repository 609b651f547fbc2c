"""Puts the engine together: the only place that knows settings and which adapter answers which port."""

from perks_engine.bootstrap.application import Application
from perks_engine.bootstrap.environment import read_settings
from perks_engine.bootstrap.rules import (
    RuleBook,
    RulesMissingError,
    packaged,
    rule_book,
    utc_now,
)
from perks_engine.storage.schema_state import MigrationBusyError, SchemaOutdatedError

__all__ = [
    "Application",
    "MigrationBusyError",
    "RuleBook",
    "RulesMissingError",
    "SchemaOutdatedError",
    "packaged",
    "read_settings",
    "rule_book",
    "utc_now",
]
