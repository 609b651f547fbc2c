"""Claims by several clients at once: in processes of their own, or as threads of a few, as servers have
them."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from perks_engine.bootstrap import Application
from perks_engine.cli.serving import settle

Turn = tuple[str, str]
"""A person and a campaign."""

Ask = Callable[[str, str], bool]
"""Claims for a person in a campaign; whether that was granted."""

WARM_UP = 1.0
"""Seconds before anything is counted: connections are made, and statements prepared."""


@dataclass(frozen=True)
class Rate:
    """What the clients of a load saw together. `cpu_us` is what a claim cost their processes."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    claims: int


def claim_by_service(engine: Application) -> Ask:
    """To be made in a process of its own: it has what the parent had in memory, but no connection of it."""
    engine.engine.dispose(close=False)
    claiming = engine.claiming

    def ask(person: str, campaign: str) -> bool:
        return claiming.claim(person, campaign, f"bench {campaign}")["outcome"] == "granted"

    return ask


def drive(
    make: Callable[[], Ask], turns: Sequence[Sequence[Turn]], seconds: float, processes: int | None = None
) -> Rate:
    """Each client takes its own turns, one after the other, for `seconds` after the warm-up. They are threads
    of so many processes, by default each of its own."""
    forked = multiprocessing.get_context("fork")
    answers: Any = forked.Queue()
    count = min(processes or len(turns), len(turns))
    begin = forked.Barrier(count)
    clients = [
        forked.Process(target=_clients, args=(make, turns[one::count], begin, seconds, answers), daemon=True)
        for one in range(count)
    ]
    for client in clients:
        client.start()
    seen = [answers.get(timeout=120) for _ in clients]
    for client in clients:
        client.join()
    failures = [one for one in seen if isinstance(one, str)]
    if failures:
        raise RuntimeError(failures[0])
    latencies = sorted(latency for times, _ in seen for latency in times)
    return Rate(
        per_second=sum(len(times) / seconds for times, _ in seen),
        p50_ms=latencies[len(latencies) // 2] * 1e3,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1e3,
        cpu_us=sum(cpu for _, cpu in seen) / len(latencies) * 1e6,
        claims=len(latencies),
    )


def _clients(
    make: Callable[[], Ask], turns: Sequence[Sequence[Turn]], begin: Any, seconds: float, answers: Any
) -> None:
    try:
        ask = make()
        settle()
        begin.wait(60)
        with ThreadPoolExecutor(len(turns)) as pool:
            taken = list(pool.map(lambda one: _taken(ask, one, seconds), turns))
        # The processor's time is the whole process's, of which each thread saw as much.
        answers.put(([one for times, _ in taken for one in times], max(cpu for _, cpu in taken)))
    except Exception as error:  # noqa: BLE001 - the parent tells of it
        answers.put(f"{type(error).__name__}: {error}")
    finally:
        answers.close()
        answers.join_thread()
        os._exit(0)


def _taken(ask: Ask, turns: Sequence[Turn], seconds: float) -> tuple[list[float], float]:
    latencies: list[float] = []
    starts_at = time.perf_counter() + WARM_UP
    ends_at = starts_at + seconds
    cpu = None
    for person, campaign in turns:
        start = time.perf_counter()
        if start >= ends_at:
            break
        if cpu is None and start >= starts_at:
            cpu = time.process_time()
        if not ask(person, campaign):
            raise RuntimeError(f"{person} was not granted {campaign}")
        if cpu is not None:
            latencies.append(time.perf_counter() - start)
    else:
        raise RuntimeError("there were more claims than people: raise --people")
    return latencies, time.process_time() - (cpu or 0.0)


def shared_out(
    connections: int, people: Sequence[str], campaigns: Sequence[str]
) -> list[list[tuple[str, str]]]:
    """Who claims what: no person twice in a campaign, each connection going round the campaigns."""
    turns: list[list[Turn]] = []
    for connection in range(connections):
        mine = people[connection::connections]
        rounds = range(len(campaigns))
        turns.append(
            [
                (person, campaigns[(number + connection + turn) % len(campaigns)])
                for turn in rounds
                for number, person in enumerate(mine)
            ]
        )
    return turns
