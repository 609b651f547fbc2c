"""In which language a page is: the one that was chosen in this browser, else that of the person where they
are known, else the first that the browser asks for and that the engine speaks."""

from __future__ import annotations

from fastapi import Request

from perks_engine.bootstrap import Application
from perks_engine.delivery.localising import LANGUAGES, language_of, localizer
from perks_engine.domain.consent import FALLBACK_LANGUAGE
from perks_engine.services.errors import NotFoundError
from perks_engine.services.views import Say, Speaking
from perks_engine.web.cookies import Cookies

CHOSEN = "language"
"""The cookie that holds it."""
_LONGEST = 200
"""Characters of the header that are looked at: browsers send fewer."""


def language_for(engine: Application, request: Request, person: str | None = None) -> str:
    """One of `LANGUAGES`. Of a person whose language is none of them, the browser's counts."""
    chosen = Cookies(engine.settings.public_url).read(request, CHOSEN)
    if chosen in LANGUAGES:
        return chosen
    try:
        known = engine.people.language_of(person) if person is not None else ""
    except NotFoundError:
        known = ""  # erased since
    if known in LANGUAGES:
        return known
    return accepted_language(request.headers.get("accept-language", ""))


def words_for(engine: Application, request: Request, person: str | None = None) -> Say:
    """Turns the engine's words into that language."""
    return localizer(language_for(engine, request, person)).localised


def speaking_for(engine: Application, request: Request) -> Speaking:
    """The same where the service knows the person's language: JSON has English as it always had it."""
    chosen = Cookies(engine.settings.public_url).read(request, CHOSEN)
    accepted = request.headers.get("accept-language", "")

    def speaking(known: str) -> Say:
        spoken = next((one for one in (chosen, known) if one in LANGUAGES), None) or accepted_language(
            accepted
        )
        return str if spoken == FALLBACK_LANGUAGE else localizer(spoken).localised

    return speaking


def accepted_language(header: str) -> str:
    """The one of `LANGUAGES` that an `Accept-Language` (RFC 9110, 12.5.4) likes best, English where it likes
    none: `fr-CA, es;q=0.5` is French."""
    liked: list[tuple[float, int, str]] = []
    for place, one in enumerate(header[:_LONGEST].split(",")):
        tag, _, weight = one.partition(";")
        quality = _quality(weight)
        is_ours = tag.strip().partition("-")[0].lower() in LANGUAGES
        if is_ours and quality > 0:
            liked.append((-quality, place, language_of(tag.strip())))
    return min(liked)[2] if liked else FALLBACK_LANGUAGE


def _quality(weight: str) -> float:
    """Of `q=0.5`; 1 where there is none, 0 for what is no number from 0 to 1."""
    if not weight.strip():
        return 1.0
    try:
        value = float(weight.strip().removeprefix("q="))
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0
