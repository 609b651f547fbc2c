"""What on a page is in no catalogue: with each letter of the translations made another one, all that still is
of ordinary letters was never given to them."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from perks_engine.bootstrap import Application
from perks_engine.delivery.localising import localizer

LANGUAGE = "es"
_PLACE = re.compile(r"(\{[^{}]*\}|%\(\w+\)s|<[^<>]*>|&#?\w+;)")
_WORD = re.compile(r"[A-Za-z]{2,}")
_UNREAD = {"script", "style", "pre", "code", "textarea", "kbd"}
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_SAID = ("title", "aria-label", "alt", "placeholder", "data-said", "data-name", "data-lost")


def marked(text: str) -> str:
    """Each letter from a to z as its full-width form, but for what is no word of the text's own."""
    parts = _PLACE.split(text)
    return "".join(part if place % 2 else _wide(part) for place, part in enumerate(parts))


def _wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if one.isascii() and one.isalpha() else one for one in text)


@contextmanager
def marked_catalogue(engine: Application) -> Generator[None]:
    """For as long as the block lasts, all that is Spanish by the catalogue is marked."""
    translations: Any = localizer(LANGUAGE).translations
    renderer: Any = engine.rules.renderer
    before = dict(translations._catalog)
    _forget(renderer)
    translations._catalog.update({key: marked(text) for key, text in before.items() if key})
    try:
        yield
    finally:
        translations._catalog.update(before)
        _forget(renderer)


def _forget(renderer: Any) -> None:
    """What was compiled and rendered with the words of before."""
    renderer._environments.pop(LANGUAGE, None)
    renderer._greetings._kept.clear()


class _Seen(HTMLParser):
    """The texts that a reader sees or hears, but for those that say in which other language they are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.links: list[str] = []

    @property
    def is_unread(self) -> bool:
        return any(unread for _, unread in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        unread = tag in _UNREAD or known.get("lang", LANGUAGE) != LANGUAGE
        if not unread and not self.is_unread:
            self.texts += [known[name] for name in _SAID if name in known]
        if tag == "a" and "download" not in known:
            self.links.append(known.get("href", ""))
        if tag not in _VOID:
            self.open.append((tag, unread))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.is_unread:
            self.texts.append(" ".join(data.split()))


def read(page: str) -> tuple[list[str], list[str]]:
    """The texts of a page, and where its links lead."""
    seen = _Seen()
    seen.feed(page)
    return seen.texts, seen.links


def foreign(text: str, known: re.Pattern[str]) -> bool:
    """Whether there is a word in it that is neither in the catalogue nor `known`."""
    return _WORD.search(known.sub("", text)) is not None
