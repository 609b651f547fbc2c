"""The reference of the API: a page that needs no other host."""

from __future__ import annotations

import re

import httpx

from tools.api_reference import PAGE, as_page


def test_the_reference_and_its_files_come_from_the_service_itself(base: str) -> None:
    page = httpx.get(f"{base}/docs", timeout=30)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "://" not in page.text
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) == 3
    for name in named:
        told = httpx.get(httpx.URL(f"{base}/docs").join(name), timeout=30)
        assert told.status_code == 200, name
        assert len(told.content) > 500, name
    [schema] = re.findall(r"url: '([^']+)'", page.text)
    described = httpx.get(httpx.URL(f"{base}/docs").join(schema), timeout=30).json()
    assert described["info"]["title"] == "perks_engine"


def test_the_reference_in_the_documents_is_that_of_the_service() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_page(), "run `python -m tools.api_reference`"
