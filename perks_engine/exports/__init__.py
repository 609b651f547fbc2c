"""Disclosure lists and statements as files."""
