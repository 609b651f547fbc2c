"""The gates that look for secrets, dangerous code and known vulnerabilities: that they can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.audit import judged
from tools.secret_scan import main as scan

SECRETS = (
    "-----BEGIN RSA PRIVATE " + "KEY-----",
    "key = AKIA" + "IOSFODNN7EXAMPLQ",
    "token: ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789",
    "https://bob:" + "hunter2sesame@db.shop.internal/x",
    "perks.tok_01m8vqqx00rws67jyw48q8zk3f." + "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq",
)


@pytest.mark.parametrize("secret", SECRETS, ids=lambda one: one[:12])
def test_a_secret_in_a_file_is_found_and_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    file = tmp_path / "settings.txt"
    file.write_text(f"first\n{secret}\n", encoding="utf-8")
    assert scan([file]) == 1
    told = capsys.readouterr().out
    assert f"{file}:2: " in told
    assert secret not in told
    file.write_text(f"{secret}  # pragma: allowlist secret\n", encoding="utf-8")
    assert scan([file]) == 0


def test_dangerous_code_is_found(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text("import pickle\n\nwhat = pickle.loads(open('given', 'rb').read())\n", encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-ll", "-s", "B608", str(file)], capture_output=True, text=True
    )
    assert found.returncode == 1
    assert "B301" in found.stdout


def test_a_vulnerability_fails_and_a_database_that_is_away_does_not() -> None:
    fault = {"id": "PYSEC-2026-1", "fix_versions": ["2.0"]}
    bad = {"name": "thing", "version": "1.0", "vulns": [fault]}
    unknown = {"name": "other", "skip_reason": "not found"}
    assert judged({"dependencies": [bad, unknown]}) == (
        1,
        [
            "thing 1.0: PYSEC-2026-1, mended in 2.0",
            "1 libraries looked at, 1 vulnerabilities",
            "not looked at, for the index does not know them: 1 libraries",
        ],
    )
    assert judged({"dependencies": [{"name": "thing", "version": "2.0", "vulns": []}]})[0] == 0
    code, [told] = judged(None)
    assert code == 0
    assert told.startswith("not looked at")
