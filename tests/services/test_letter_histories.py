"""No history of events, however odd, sends a commercial message, an offer or a survey, or shows a promotion,
that the consents and the ledger of that moment do not allow: on SQLite and on PostgreSQL, and once through a
real mail server. `nightly` takes many more and longer ones."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from perks_engine.domain.quiet_hours import QuietHours
from perks_engine.services import recipients, sendable
from perks_engine.services.offering import Offering
from perks_engine.storage.mail_reports import SqlMailReportBook
from perks_engine.storage.sending import SqlDeliveryBook
from tests.engine_room import Room
from tests.mail_server import post_office
from tests.services.letter_beginning import Beginning
from tests.services.letter_odd_events import OddEvents
from tests.services.what_may_be_sent import OF_THE_HOUSE

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SEEN = {
    *("offer", "feedback_request", "grant", "disclosure_reminder", "promotion"),
    *("shipment", "receipt", "ledger_correction", "incident", OF_THE_HOUSE),
}


@pytest.fixture
def beginning(room: Room, request: pytest.FixtureRequest) -> Beginning:
    is_postgres = room.engine.engine.dialect.name == "postgresql"
    return Beginning(room, str(request.getfixturevalue("postgres")) if is_postgres else "")


def live(beginning: Beginning, examples: int, steps: int, **more: Any) -> None:
    machine = type("HistoriesHere", (OddEvents,), {"beginning": beginning})
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]
    few = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=checks,
        **more,
    )
    run_state_machine_as_test(machine, settings=few)


def test_no_history_sends_what_is_not_allowed(beginning: Beginning) -> None:
    live(beginning, *((150, 50) if NIGHTLY else (12, 30)))
    assert beginning.seen >= SEEN, "the histories show too little"


def test_through_a_real_mail_server_the_same_letters_arrive(sqlite_room: Room) -> None:
    with post_office() as office:
        beginning = Beginning(sqlite_room, with_real_mail=office.url)
        live(beginning, *((20, 40) if NIGHTLY else (6, 30)))
    assert sorted(str(letter["Message-ID"]) for _, letter in office.letters) == sorted(beginning.taken)
    assert beginning.taken, "nothing was sent at all"


@dataclass(frozen=True)
class Flaw:
    """One check of the engine that is taken away, and what goes out for lack of it."""

    where: Any
    name: str
    instead: Callable[..., Any]
    then: str


# A promotion that its gate should have refused is refused by the database (`test_promotion_rules`).
FLAWS = {
    "consent": Flaw(sendable, "_require_consent", lambda *_: None, "they do not agree to"),
    "receipt": Flaw(recipients, "hindrance", lambda *_: None, "the unit is|it is disputed"),
    "still open": Flaw(Offering, "still", lambda *_: None, "the campaign is|not for them|taken|had one"),
    "cap": Flaw(SqlDeliveryBook, "sent_since", lambda *_, **__: [], "they had their letters"),
    "quiet hours": Flaw(QuietHours, "is_quiet", lambda *_: False, "it is .* where they are"),
    "bounces": Flaw(SqlMailReportBook, "stops", lambda *_: None, "there is no such mailbox"),
}


LOOKED_FOR = tuple(FLAWS) if NIGHTLY else ("consent", "receipt", "bounces")
"""A history that shows one of the others is found among hundreds: looking for these is for the night."""


@pytest.mark.parametrize("flaw", [FLAWS[name] for name in LOOKED_FOR], ids=LOOKED_FOR)
def test_without_one_of_the_checks_a_history_shows_it(
    sqlite_room: Room, monkeypatch: pytest.MonkeyPatch, flaw: Flaw
) -> None:
    monkeypatch.setattr(flaw.where, flaw.name, flaw.instead)
    with pytest.raises(AssertionError, match=flaw.then):
        live(Beginning(sqlite_room), 300, 30, phases=[Phase.generate], report_multiple_bugs=False)
