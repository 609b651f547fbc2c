"""Where a Chromium is on this machine: `python -m tests.browser.chromium` says, and exits with 1 where there
is none."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""As root there is no sandbox; and nothing is asked of any other host."""


def chromium() -> str | None:
    """The one that PERKS_TEST_BROWSER names, else one of the system, else one that Playwright installed."""
    named = os.environ.get("PERKS_TEST_BROWSER")
    if named:
        return named if Path(named).is_file() else None
    of_the_system = next((found for name in NAMES if (found := shutil.which(name))), None)
    return of_the_system or _of_playwright()


def _of_playwright() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


if __name__ == "__main__":
    found = chromium()
    sys.stdout.write(f"{found}\n" if found else "")
    sys.exit(found is None)
