"""`make test`: each gate is told by its name, beside the tests, and none that fails is passed over."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

from tools.gates import Gate, run


def gate(name: str, code: str) -> Gate:
    return Gate(name, [sys.executable, "-S", "-c", f"import os, sys, time\n{code}"])


def test_what_each_says_stands_under_its_name_though_they_run_beside_each_other(tmp_path: Path) -> None:
    """Each waits for the other: one after the other they would never end."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    out = StringIO()
    meet = "open({!r}, 'x')\nwhile not os.path.exists({!r}): time.sleep(.01)\n"
    tests = meet.format(str(ours), str(theirs)) + "print('3 passed – in all')"
    types = meet.format(str(theirs), str(ours)) + "print('0 errors'); print('a warning', file=sys.stderr)"
    assert (
        run([gate("types", types), gate("links", "print('all lead somewhere')")], gate("tests", tests), out)
        == 0
    )
    told = out.getvalue()
    assert "\n=== types\n" in told
    assert told.split("\n=== ")[2:] == [
        "links\nall lead somewhere\n",
        "tests\n3 passed – in all\n",
        "every gate passed\n",
    ]
    assert set(told.split("\n=== ")[1].splitlines()) == {"types", "0 errors", "a warning"}


def test_a_gate_that_fails_is_named_and_stops_the_tests_and_those_after_it(tmp_path: Path) -> None:
    mark, ended = tmp_path / "began", tmp_path / "ended"
    out = StringIO()
    tests = (
        # Within the block: whoever waits for the mark may interrupt at once.
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"try:\n    open({str(mark)!r}, 'x')\n    time.sleep(60)\n"
        f"except KeyboardInterrupt:\n    open({str(ended)!r}, 'x')"
    )
    types = f"while not os.path.exists({str(mark)!r}): time.sleep(.01)\nprint('1 error'); sys.exit(3)"
    assert run([gate("types", types), gate("links", "print('never asked')")], gate("tests", tests), out) == 1
    assert out.getvalue() == (
        "\n=== types\n1 error\n\n*** make test: stopped, because this gate failed: types\n"
    )
    assert ended.exists(), "the tests were not given time to put away what they had started"


def test_tests_that_fail_are_told_at_once_and_at_the_end() -> None:
    out = StringIO()
    tests = gate("tests", "print('1 failed'); sys.exit(1)")
    assert run([gate("types", "time.sleep(60)"), gate("links", "")], tests, out) == 1
    told = "\n=== tests\n1 failed\n\n*** make test: stopped, because this gate failed: tests\n"
    assert out.getvalue() == told
    out = StringIO()
    assert run([gate("types", "print('0 errors')")], tests, out) == 1
    assert out.getvalue().endswith(told)
