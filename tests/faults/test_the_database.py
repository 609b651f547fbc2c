"""PostgreSQL is cut off, slow, silent or killed while people claim: what they were told holds, what they
repeat is done once, a balancer is told the truth, and all goes on by itself."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.engine_room import make_room, served
from tests.faults.claimants import Claimants, books, everybody, health
from tests.faults.conftest import Behind
from tests.postgres_server import fresh_database
from tests.simulation.outages import killable_server


def test_connections_are_cut_in_the_middle_of_claims(faulty: Behind) -> None:
    told = faulty.claimants(60)

    def cut_now_and_then(done: int) -> None:
        if done % 10 == 5:
            faulty.proxy.cut()

    told.claim_all(list(told.tokens), after=cut_now_and_then)
    books(faulty.room, told)
    assert len(told.acknowledged) == 60
    assert {one["outcome"] for one in told.acknowledged.values()} == {"granted"}
    assert faulty.proxy.seen > 4, "nothing was cut"
    assert health(faulty.base) == (200, 200)


@pytest.mark.parametrize("answer_bytes", [0, 300])
def test_answers_stop_in_the_middle(faulty: Behind, answer_bytes: int) -> None:
    """What was sent may have been done, and nobody can know: the same key finds out."""
    told = faulty.claimants(2)
    told.claim("p0")
    faulty.proxy.answer_bytes = answer_bytes
    begun = time.monotonic()
    answer = told.post("p1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2"), answer.text
    assert time.monotonic() - begun < 8
    assert health(faulty.base) == (200, 503)
    faulty.proxy.heal()
    told.claim("p1")
    told.claim("p0")
    books(faulty.room, told)
    assert health(faulty.base) == (200, 200)


def test_a_claim_whose_commit_was_not_answered_is_there_once(faulty: Behind) -> None:
    """The server has kept it, and its answer to COMMIT was lost on its way."""
    told = faulty.claimants(12)
    # Who comes first reads things, each with a COMMIT; later ones have nothing to read.
    for others, person in zip((*range(6), *range(6)), told.tokens, strict=True):
        faulty.proxy.cut_before, faulty.proxy.let_pass = b"COMMIT\0", others
        answer = told.post(person)
        faulty.proxy.heal()
        with faulty.room.engine.store.read() as tx:
            kept = tx.claims.of_person(person, None, 9)
        if answer.status_code == 503 and kept:
            break
    else:
        raise AssertionError("no answer was lost after its commit")
    assert "never done twice" in answer.json()["detail"]
    assert told.claim(person)["claim"] == kept[0].claim_id
    told.claim_all(list(told.tokens))
    books(faulty.room, told)


def test_it_takes_connections_and_never_answers(faulty: Behind) -> None:
    told = faulty.claimants(5)
    told.claim("p0")
    faulty.proxy.half_open = True
    faulty.proxy.cut()
    assert health(faulty.base) == (200, 503)
    assert told.post("p1").status_code == 503
    faulty.proxy.heal()
    told.claim_all(list(told.tokens))
    books(faulty.room, told)
    assert health(faulty.base) == (200, 200)


def test_it_is_slow(faulty: Behind) -> None:
    """Slow is not away: claims take longer. Slower than anybody waits, it is away."""
    told = faulty.claimants(6)
    faulty.proxy.latency_s = 0.04
    told.claim_all(["p0", "p1"], at_once=1)
    assert (told.refusals, told.broken) == (0, 0)
    assert health(faulty.base) == (200, 200)
    faulty.proxy.latency_s = 30.0
    assert told.post("p4").status_code == 503
    assert health(faulty.base) == (200, 503)
    faulty.proxy.heal()
    faulty.proxy.cut()
    told.claim_all(["p4", "p5"])
    books(faulty.room, told)


def test_nobody_listens(faulty: Behind) -> None:
    told = faulty.claimants(3)
    told.claim("p0")
    faulty.proxy.refuse()
    assert told.post("p1").status_code == 503
    assert health(faulty.base) == (200, 503)
    faulty.proxy.accept()
    told.claim_all(["p1", "p2", "p0"])
    books(faulty.room, told)
    assert health(faulty.base) == (200, 200)


def test_it_is_killed_and_started_again(tmp_path: Path, cache: Path) -> None:
    with (
        TemporaryDirectory(prefix="perks-killed-") as folder,
        killable_server(Path(folder), Random(1)) as (url, kill),
    ):
        room = make_room(fresh_database(url, "perks_killed"), tmp_path, cache)
        room.engine.migrate()
        room.campaign(quantity="80")
        with served(room.engine) as base:
            told = Claimants([base], everybody(room, 80))
            told.claim_all(list(told.tokens), after=lambda done: kill() if done in (20, 50) else None)
            assert told.refusals > 0, "nobody noticed"
            assert health(base) == (200, 200)
            books(room, told)
            assert {one["outcome"] for one in told.acknowledged.values()} == {"granted"}
        room.engine.close()
