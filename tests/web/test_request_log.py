"""The log of requests: what was asked for, and of nobody whom."""

from __future__ import annotations

import logging
import logging.config

import pytest

from perks_engine.cli.serving import log_settings
from perks_engine.web.request_log import NamesNobody, masked


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/v1/people/ana@mail.example/record?format=html", "/v1/people/…/record?format=html"),
        ("/v1/consent-links/AbC-123_x", "/v1/consent-links/…"),
        ("/v1/statements/AbC/disputes", "/v1/statements/…/disputes"),
        ("/v1/sign-in/links/AbC-1_x", "/v1/sign-in/links/…"),
        ("/v1/sign-in", "/v1/sign-in"),
        ("/v1/sign-in/back/staff?code=abc&state=d", "/v1/sign-in/back/staff?…"),
        ("/v1/statements/requests", "/v1/statements/requests"),
        ("/v1/disclosures?brand=b&person=ana", "/v1/disclosures?brand=b&person=…"),
        ("/v1/claims/clm_1", "/v1/claims/clm_1"),
        ("/v1/perks?token=perks.tok_1.aB-_9&page=2", "/v1/perks?token=perks.…&page=2"),
        ("/v1/tokens/perks%2Etok_1%2EaB", "/v1/tokens/perks.…"),
    ],
)
def test_who_it_is_about_does_not_stand_in_it(path: str, told: str) -> None:
    assert masked(path) == told
    record = logging.LogRecord(
        *("uvicorn.access", logging.INFO, __file__, 1, '%s - "%s %s HTTP/%s" %d'),
        *(("198.51.100.7:51000", "GET", path, "1.1", 200), None),
    )
    assert NamesNobody().filter(record)
    assert record.getMessage() == f'- - "GET {told} HTTP/1.1" 200'


def test_the_server_logs_requests_through_it() -> None:
    settings = log_settings(only_json=False)
    assert settings["handlers"]["access"]["filters"] == ["names_nobody"]
    logging.config.DictConfigurator(settings).configure_filter(settings["filters"]["names_nobody"])
