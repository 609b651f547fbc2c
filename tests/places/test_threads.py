"""A server decides in several threads, and each of them may be the first to ask about an area."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from perks_engine.bootstrap import packaged

ASK = """
import sys, threading
from pathlib import Path
from perks_engine.domain.geography import Disc, Position
from perks_engine.places.areas import read_area

data = Path(sys.argv[1]).read_bytes()
for _ in range(20):
    area, answers, start = read_area(data, "areas/nyc_boroughs"), [], threading.Barrier(16)

    def ask():
        start.wait()
        for _ in range(5):
            answers.append(area.relate(Disc(40.6782, -73.9442, 30.0)).position)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [Position.INSIDE] * 80
print("asked")
"""


def test_many_threads_ask_a_fresh_area_at_once() -> None:
    """In a process of its own, for what goes wrong here corrupts its memory."""
    file: Path = packaged("rules") / "areas" / "nyc_boroughs.geojson"
    asked = subprocess.run([sys.executable, "-c", ASK, file], capture_output=True, text=True, timeout=300)
    assert (asked.stdout, asked.stderr, asked.returncode) == ("asked\n", "", 0)
