"""The log of requests: what was asked for, how it ended and which decision it made, and of nobody whom."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import sqlite3
import sys

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from perks_engine.bootstrap.logs import formatter, log_settings, masked
from perks_engine.services.access import Role
from tests.engine_room import Client, Room
from tests.log_lines import logging_lines


def test_a_claim_leaves_a_line_with_its_request_and_its_decision(sqlite_room: Room, sqlite_base: str) -> None:
    room = sqlite_room
    room.campaign()
    ana = Client(sqlite_base, room.token(Role.INFLUENCER, room.person("ana@mail.example")))
    with logging_lines() as lines:
        claimed = ana.claim("key of Ana")
        [line] = lines.requests(claimed)
    assert line["decision"] == claimed.json()["decision"]
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/claims", 201)
    assert (line["verdict"], line["level"]) == ("eligible", "info")
    assert line["duration_ms"] > 0
    assert "ana" not in lines.text.lower().replace("eligible", "")


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1/people/ana@mail.example/record?format=html", "/v1/people/{person}/record"),
        ("/v1/statements/AbC-secret", "/v1/statements/{link}"),
        ("/v1/nothing/perks.tok_1.aB-_9", "(none)"),
        ("/v1/perks?token=perks.tok_1.aB-_9", "/v1/perks"),
    ],
)
def test_a_path_is_told_by_its_route(sqlite_base: str, path: str, route: str) -> None:
    with logging_lines() as lines:
        answers = [httpx.request(method, sqlite_base + path, timeout=30) for method in ("GET", "HEAD")]
        told = [(line["method"], line["route"]) for line in lines.requests(*answers)]
    assert told == [("GET", route), ("HEAD", route)]
    for secret in ("ana", "mail.example", "AbC", "tok_1"):
        assert secret not in lines.text


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [("0f8fad5b-d9cb-469f-a165-70867728950e", True), ("ana-quintero-was-here", False), ("a" * 65, False)],
)
def test_an_id_of_a_balancer_is_kept_and_a_name_is_not(sqlite_base: str, given: str, is_taken: bool) -> None:
    with logging_lines() as lines:
        answer = httpx.get(f"{sqlite_base}/healthz", headers={"X-Request-ID": given}, timeout=30)
        [line] = lines.requests(answer)
    assert (line["request_id"] == given) is is_taken
    assert line["level"] == "debug", "what is asked every few seconds would drown the rest"


def test_an_error_is_told_by_its_kind_and_its_place(
    sqlite_room: Room, sqlite_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by its words, which may quote what somebody wrote; and it bears the id of its request."""

    def broken(*_: object) -> None:
        raise RuntimeError("Maria Quintero, 12 Underhill Avenue")

    monkeypatch.setattr(type(sqlite_room.engine.tokens), "actor", broken)
    with logging_lines() as lines:
        answer = httpx.get(f"{sqlite_base}/v1/perks", headers={"Authorization": "Bearer x"}, timeout=30)
        assert answer.status_code == 500
        [failed] = lines.of("the request failed")
    [request] = [line for line in lines.of("request") if line["request_id"] == failed["request_id"]]
    assert (request["status"], failed["exception"]) == (500, "builtins.RuntimeError")
    assert failed["trace"][-1].endswith("broken")
    assert "Quintero" not in lines.text
    assert "Underhill" not in lines.text


def _shown(record: logging.LogRecord, shape: str = "json") -> str:
    return formatter(shape).format(record)


def _error() -> BaseException:
    try:
        try:
            raise sqlite3.OperationalError("near maria@mail.example")
        except sqlite3.OperationalError as inner:
            raise OperationalError("SELECT 1", {"who": "maria"}, inner) from inner
    except OperationalError as error:
        return error


def test_causes_are_told_from_the_outside_in() -> None:
    error = _error()
    told = (type(error), error, error.__traceback__)
    record = logging.LogRecord("perks_engine.x", logging.ERROR, __file__, 1, "away", (), told)
    line = json.loads(_shown(record))
    assert line["exception"] == "sqlalchemy.exc.OperationalError < sqlite3.OperationalError"
    assert line["trace"] == ["web/test_request_log.py:" + line["trace"][0].split(":")[1]]
    text = _shown(record, "text")
    assert text.splitlines()[0].endswith(
        "error   away  exception=sqlalchemy.exc.OperationalError < sqlite3.OperationalError"
    )
    assert text.splitlines()[1].strip().startswith("web/test_request_log.py:")
    assert "maria" not in text + json.dumps(line)


def test_other_libraries_are_told_without_what_they_fill_in() -> None:
    words = ("retrying %s", ("/search?q=12+Underhill+Avenue",), None)
    theirs = logging.LogRecord("urllib3.pool", logging.WARNING, __file__, 1, *words)
    ours = logging.LogRecord(
        "perks_engine.jobs", logging.INFO, __file__, 1, "the chore %s did %d", ("seal", 2), None
    )
    assert json.loads(_shown(theirs))["event"] == "retrying %s"
    assert json.loads(_shown(ours))["event"] == "the chore seal did 2"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("450 <maria.quintero@mail.example> is full", "450 <…@…> is full"),
        ("perks.tok_1.aB-_9 is over", "perks.… is over"),
        ("perks%2Etok_1%2EaB", "perks.…"),
        ("the head over 3 entries", "the head over 3 entries"),
    ],
)
def test_addresses_and_tokens_are_masked_wherever_they_stand(text: str, told: str) -> None:
    assert masked(text) == told


def test_level_and_format_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = log_settings("warning", "json")
    assert settings["loggers"]["perks_engine"]["level"] == "WARNING"
    logging.config.DictConfigurator(settings).configure_formatter(settings["formatters"]["lines"])
    record = logging.LogRecord("perks_engine.x", logging.INFO, __file__, 1, "so", (), None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert json.loads(_shown(record, "auto"))["event"] == "so", "no terminal: for machines"
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert _shown(record, "auto").endswith(" info    so")
