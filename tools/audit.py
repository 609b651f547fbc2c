"""Ask whether a library that the engine runs on has a known vulnerability: `python -m tools.audit`.

That needs the database of PyPI. Where it cannot be had, or knows nothing of a library, that is said and is no
failure: a build must not depend on a network. A vulnerability is one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent
LONGEST_S = 90
_ASK = (
    "--disable-pip",
    "--require-hashes",
    "--progress-spinner",
    "off",
    "--timeout",
    "5",
    "--format",
    "json",
)


def ask(requirements: Path) -> Mapping[str, Any] | None:
    """What pip-audit answers; None where the database cannot be had."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(requirements), *_ASK]
    try:
        done = subprocess.run(  # noqa: S603
            command, check=False, capture_output=True, text=True, timeout=LONGEST_S
        )
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None


def judged(answer: Mapping[str, Any] | None) -> tuple[int, Sequence[str]]:
    """The exit code, and what to say."""
    if answer is None:
        return 0, ["not looked at: the database of vulnerabilities cannot be reached from here"]
    libraries = answer["dependencies"]
    unknown = [one["name"] for one in libraries if "skip_reason" in one]
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, "
        f"mended in {', '.join(fault['fix_versions']) or 'none yet'}"
        for one in libraries
        for fault in one.get("vulns", ())
    ]
    told = [*faults, f"{len(libraries) - len(unknown)} libraries looked at, {len(faults)} vulnerabilities"]
    if unknown:
        told.append(f"not looked at, for the index does not know them: {len(unknown)} libraries")
    return 1 if faults else 0, told


def main() -> int:
    code, told = judged(ask(HERE / "requirements" / "runtime.txt"))
    print("\n".join(told))
    return code


if __name__ == "__main__":
    sys.exit(main())
