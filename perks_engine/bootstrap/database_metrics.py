"""What the database knows, for Prometheus: the same from whichever process is asked, so one is enough."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from perks_engine.services.measuring import Measured, Queue


class DatabaseMetrics(Collector):
    """One reading, as Prometheus asks for it."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def collect(self) -> Iterator[Metric]:
        numbers = self._measured.numbers
        yield _family(
            "perks_stock_units",
            "Free units of campaigns that are not over.",
            ("campaign",),
            [((campaign,), units) for campaign, units in numbers.stock],
        )
        yield _family(
            "perks_guard_distance",
            "How far a guard is from pausing its campaign: 1 far, 0 at the limit, below 0 beyond it.",
            ("campaign", "guard", "place"),
            [((one.campaign, one.guard, str(one.place)), one.distance) for one in self._measured.guards],
        )
        queues = {"messages": numbers.messages, "events": numbers.events}
        if self._measured.seals:
            queues["seal"] = numbers.unsealed
        yield from self._queues(queues)
        if numbers.ledger_room is not None:
            yield _family(
                "perks_ledger_room_entries",
                "How many entries there is room for in the parts of the ledger that were made.",
                (),
                [((), numbers.ledger_room)],
            )

    def _queues(self, queues: dict[str, Queue]) -> Iterator[Metric]:
        yield _family(
            "perks_queue_waiting",
            "What waits: messages to people and staff, events to webhooks, entries to be sealed.",
            ("queue",),
            [((name,), queue.waiting) for name, queue in queues.items()],
        )
        yield _family(
            "perks_queue_lag_seconds",
            "For how long the oldest of it could have been done.",
            ("queue",),
            [((name,), queue.lag_s(self._measured.at)) for name, queue in queues.items()],
        )
        yield _family(
            "perks_queue_dead",
            "What was given up, and is not tried again by itself.",
            ("queue",),
            [((name,), queue.dead) for name, queue in queues.items() if name != "seal"],
        )


def _family(
    name: str, about: str, labels: tuple[str, ...], values: list[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for told, value in values:
        family.add_metric(told, value)
    return family


def database_text(measured: Measured) -> bytes:
    """In the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(DatabaseMetrics(measured))
    return generate_latest(registry)
