"""Tests of what leaves the engine."""
