"""Pure rules of the engine: no web, no database, no clock, no settings."""
