"""`python -m perks_engine` is `perks`."""

from perks_engine.cli.main import run

run()
