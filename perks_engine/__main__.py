"""`python -m perks_engine` is `perks`."""

from perks_engine.cli.start import run

run()
