"""Look through every file that git holds for secrets that should not be there: `python -m tools.secret_scan`.

Kinds of secrets are looked for that have a shape of their own (private keys, tokens of providers, addresses
with a password), and the engine's own tokens. A line that shows one on purpose says
`pragma: allowlist secret`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

HERE = Path(__file__).parent.parent
_PLUGINS = (
    "ArtifactoryDetector AWSKeyDetector AzureStorageKeyDetector BasicAuthDetector CloudantDetector "
    "DiscordBotTokenDetector GitHubTokenDetector GitLabTokenDetector JwtTokenDetector MailchimpDetector "
    "NpmDetector OpenAIDetector PrivateKeyDetector PypiTokenDetector SendGridDetector SlackDetector "
    "SquareOAuthDetector StripeDetector TelegramBotTokenDetector TwilioKeyDetector"
)
_FILTERS = ("detect_secrets.filters.allowlist.is_line_allowlisted",)
_SETTINGS = {
    "plugins_used": [{"name": name} for name in _PLUGINS.split()],
    "filters_used": [{"path": path} for path in _FILTERS],
}
OWN = re.compile(r"perks\.tok_[0-9a-z]{26}\.[\w-]{43}|whsec_[A-Za-z0-9+/]{43}=")
_MAY = re.compile(
    r"""
    :// (USER|user|ana|u|perks|postgres) : [^@\s]* @      # an address as documents and tests write it
    | @ (localhost|127\.0\.0\.1|\w*\.?example\b|host\b)
    """,
    re.VERBOSE,
)
_PROBE = re.compile(
    r"://|key|Key|KEY|token|secret|eyJ|AKIA|gh[pousr]_|glpat|xox|sk[-_]|pypi-|SG\.|perks\.tok|whsec"
)
"""Every kind has one of these on its line; the others are not looked at more closely."""
LARGEST = 1_000_000


def files() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=HERE,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        file = HERE / name
        if name and not name.startswith("requirements/") and file.is_file() and file.stat().st_size < LARGEST:
            yield file


def found_in(name: str, lines: Iterable[str]) -> Iterator[str]:
    """`file:line: kind` of each; what it says is not repeated."""
    for number, line in enumerate(lines, 1):
        if not _PROBE.search(line) or "pragma: allowlist secret" in line:
            continue
        kinds = {one.type for one in scan_line(line.rstrip("\n")) if not _MAY.search(line)}
        if OWN.search(line):
            kinds.add("a token or secret of this engine")
        yield from (f"{name}:{number}: {kind}" for kind in sorted(kinds))


def main(given: Iterable[Path] | None = None) -> int:
    findings: list[str] = []
    with transient_settings(_SETTINGS):
        for file in given or files():
            try:
                lines = file.read_text(encoding="utf-8").splitlines()
            except UnicodeDecodeError:
                continue
            findings += found_in(str(file.relative_to(HERE) if file.is_relative_to(HERE) else file), lines)
    for one in findings:
        print(one)
    if findings:
        print("a secret in a file is none any more: end it, take it out; or show that it is an example")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main([Path(one) for one in sys.argv[1:]] or None))
