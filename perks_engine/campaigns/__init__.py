"""YAML files become checked campaigns: parse, shape, meaning; all errors of a file at once."""
