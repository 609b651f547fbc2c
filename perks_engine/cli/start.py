"""The console script `perks`."""

from __future__ import annotations

import signal
from importlib import import_module


def run() -> None:
    """Until all is loaded, which takes a second, an interrupt ends the process as it ends any other: nothing
    was begun, and a traceback through the imports would tell nobody anything."""
    asked = signal.getsignal(signal.SIGINT)
    if asked is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main = import_module("perks_engine.cli.main")
    signal.signal(signal.SIGINT, asked)
    main.run()
