"""Letters in the language of their reader: words from catalogues, days and money as it writes them.

The key of a translation is the English text: what a template gives to `_`, or a `Phrase` that the engine
itself says. What has no translation, such as the name of an item, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from types import NoneType
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations

from perks_engine.domain.consent import FALLBACK_LANGUAGE
from perks_engine.domain.contradiction import recognised
from perks_engine.domain.money import Money
from perks_engine.domain.phrase import HELD, QUOTED, WORD, Phrase, Verbatim, held_word, one_of, said
from perks_engine.domain.words import TERRITORY
from perks_engine.places.region_names import region_names

LANGUAGES = (FALLBACK_LANGUAGE, "es", "fr")
CODED = frozenset(
    {
        *("mark", "verdict", "outcome", "was", "is", "now", "move", "source", "target", "account", "node"),
        *("attribute", "purpose", "kind", "kinds", "act", "action", "through", "harms"),
        *(
            "channel",
            "state",
            "field",
            "cause",
            "use",
            "role",
            "evidence",
            "failures",
            "where",
            *("reported_by", "event", "step", "subject_kind", "status"),
        ),
    }
)
"""Fields of the record that hold words of the engine's own."""
_WHOLE = frozenset({"how", "why", "text", "words"})
"""Fields that may hold a sentence of the engine's own."""
_PLAIN = frozenset({str, bool, int, float, NoneType})
_BETWEEN = ", "
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""As phrases hold a day."""
_DISTANCE = re.compile(r"([\d,]+(?:\.\d+)?) (k?m)")
"""As phrases hold one."""
_BEFORE_MONTH = re.compile(r" (?=\d{1,2},)|(?<=^\d) |(?<=^\d\d) |(?<=^\d de) |(?<=^\d\d de) ")
"""Between a day and its month, so that no line breaks there: `December 5`, `5 de diciembre`, `5 décembre`."""
_COLON = re.compile(r"(?:(?<=\})|^):(?= )")
"""Where no word is before it that a catalogue has."""
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
"""As they hold a share."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
"""As JSON has an instant."""


COUNTRY, SPOKEN = "country", "language"
"""Attributes whose words are codes (ISO 3166-1, ISO 639)."""
_TITLED = "{title}: {words}"
"""What is asked of an attribute by its words."""
_ADDRESS = "an address in {named}"  # said by domain/judge_location.py
_ONE_COUNTRY, _SEVERAL_COUNTRIES = said("this country ({names})"), said("one of these countries ({names})")
_ARTICLED = re.compile(
    r"(?:Islands|States|Kingdom|Emirates|Republic|Territory|Territories)$|^(?:Netherlands|Philippines|Bahamas|Gambia|Maldives)$"
)
"""Names of countries as English has them in the CLDR that stand with an article in a sentence."""
ON = said("{what} on {where}")
_KEYED = re.compile(r"([a-z ]+) on (\w+)")
"""An attribute that is kept by a key, as rules name it: `followers on instagram`."""
_OWN_NAMES = {
    "github": "GitHub",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
    "twitch": "Twitch",
    "x": "X",
    "youtube": "YouTube",
}
"""Of platforms that write themselves otherwise than rules do."""
_AMOUNT = re.compile(r"\d+(\.\d+)? [A-Z]{3}")
"""As they hold money."""


def language_of(wanted: str) -> str:
    """The one of `LANGUAGES` that comes closest to a language tag such as `es-MX`, else English."""
    first = wanted.replace("_", "-").partition("-")[0].lower()
    return first if first in LANGUAGES else FALLBACK_LANGUAGE


@dataclass(frozen=True, slots=True)
class Localizer:
    """Of one of `LANGUAGES`."""

    language: str
    translations: NullTranslations
    locale: Locale

    def gettext(self, text: str) -> str:
        return self.translations.gettext(text) if text else text

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.translations.ngettext(one, many, count)

    def localised(self, value: Any) -> Any:
        """The value with all that it holds as a reader of the language reads it: phrases, money, instants (in
        UTC) and days become text; anything else stays."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is dict:
            return {key: one if type(one) in _PLAIN else self.localised(one) for key, one in value.items()}
        match value:
            case Phrase():
                return self._phrase(value)
            case Money():
                return _money(value, self.locale)
            case datetime():
                at = value.astimezone(UTC)
                return f"{_day(at.date(), self.locale)}, {at:%H:%M} UTC"
            case date():
                return _day(value, self.locale)
            case str():
                return value
            case Mapping():
                return {key: self.localised(one) for key, one in value.items()}
            case Sequence():
                return [self.localised(one) for one in value]
            case _:
                return value

    def moment(self, value: datetime | str) -> str:
        """An instant, in UTC, also as JSON has it."""
        return str(self.localised(_instant(value)))

    def day(self, value: datetime | str) -> str:
        """The day of an instant, in UTC."""
        return _day(_instant(value).date(), self.locale)

    def plain_day(self, value: str) -> str:
        """A day as JSON has it, which belongs to no zone."""
        return _day(date.fromisoformat(value), self.locale)

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self.locale)

    def money(self, value: str) -> str:
        """An amount as files and JSON write it: `449.00 USD`."""
        amount, _, currency = value.partition(" ")
        return format_currency(Decimal(amount), currency, locale=self.locale)

    def language_name(self, tag: str) -> str:
        """`español` for `es`; what is no language stays."""
        return self.locale.languages.get(tag, tag)

    @property
    def colon(self) -> str:
        """As it stands after a word."""
        return f"{NO_BREAK}:" if self.language == "fr" else ":"

    @property
    def semicolon(self) -> str:
        return f"{NARROW};" if self.language == "fr" else ";"

    @property
    def quotes(self) -> str:
        """Around a `word`."""
        return {"es": "«{word}»", "fr": f"«{NO_BREAK}{{word}}{NO_BREAK}»"}.get(self.language, QUOTED)

    def column(self, name: str) -> str:
        """The name of a field of the record, in words, with a colon: it is no word of any other text."""
        return self.gettext(f"{name.replace('_', ' ')}:")

    def _word(self, word: str) -> str:
        told = self.gettext(word)
        if told == word and word:
            held = self.gettext(f"{HELD}{word.replace('_', ' ')}")
            told = word if held.startswith(HELD) else held
        keyed = _KEYED.fullmatch(word) if told == word else None
        if keyed is None:
            return told
        return self.gettext(ON).format(what=self.gettext(keyed[1]), where=_OWN_NAMES.get(keyed[2], keyed[2]))

    def held(self, value: Any, name: str = "") -> Any:
        """A value of the record under that name, for a reader: the engine's own words and instants in the
        language; what people wrote stays as it is."""
        if not isinstance(value, str):
            return value
        if _INSTANT.fullmatch(value):
            return self.moment(value)
        if name in _WHOLE and " " in value:
            return self.recognised(value)
        return self.coded(value) if name in CODED else value

    def recognised(self, text: str) -> str:
        """What people wrote, as it stands; what the engine wrote for them, in the language."""
        return str(self.localised(recognised(self.gettext(text))))

    def coded(self, code: str) -> str:
        """A word that the engine has for something, such as `in_transit`, for a reader."""
        told = self._phrase(held_word(code)).removeprefix(HELD)
        return self.named(told)  # a source or an attribute is known by its own name

    def named(self, name: str) -> str:
        """What rules ask about, or where it comes from, as they name it: `followers on instagram`."""
        return self._word(name.replace("_", " "))

    def _phrase(self, phrase: Phrase) -> str:
        if phrase.template == WORD:
            return _BETWEEN.join(map(self._word, str(phrase.params["word"]).split(_BETWEEN)))
        if phrase.template == TERRITORY:
            return self._countries(str(phrase.params["codes"]).split(_BETWEEN))
        params = {name: self._part(value) for name, value in phrase.params.items()}
        if phrase.template == _TITLED and (title := str(phrase.params["title"])) in (COUNTRY, SPOKEN):
            names = self.locale.territories if title == COUNTRY else self.locale.languages
            params["words"] = self._by_name(phrase.params["words"], names)
        if phrase.template == _ADDRESS:
            params["named"] = self._territory(str(phrase.params["named"]))
        if phrase.template == QUOTED:
            return self.quotes.format(**params)
        # A template without words has no translation, and a colon in it all the same.
        return _COLON.sub(self.colon, self.gettext(phrase.template)).format(**params)

    def _by_name(self, codes: str | float | Phrase, names: Mapping[str, str]) -> str:
        """A list of codes, such as `CA or US`, by the names of what they stand for."""
        if isinstance(codes, Phrase):
            params = {name: self._by_name(value, names) for name, value in codes.params.items()}
            return self.gettext(codes.template).format(**params)
        return _BETWEEN.join(names.get(one, one) for one in str(codes).split(_BETWEEN))

    def _countries(self, codes: Sequence[str]) -> str:
        """To follow "inside": with an article in English, elsewhere in brackets: no word before changes."""
        names = tuple(self.locale.territories.get(code, code) for code in codes)
        if self.language == FALLBACK_LANGUAGE:
            articled = (f"the {name}" if _ARTICLED.search(name) else name for name in names)
            return self._phrase(Phrase("{names}", {"names": one_of(tuple(articled))}))
        around = _ONE_COUNTRY if len(names) == 1 else _SEVERAL_COUNTRIES
        return self._phrase(Phrase(around, {"names": one_of(names)}))

    def _territory(self, code: str) -> str:
        """`New York (US-NY)` for `US-NY`, a country by its name; what has none stays."""
        if code in self.locale.territories:
            return self.locale.territories[code]
        name = region_names().get(code)
        return f"{name} ({code})" if name else code

    def _part(self, value: str | float | Phrase) -> str:
        match value:
            case Phrase():
                return self._phrase(value)
            case Verbatim():
                return str(value)
            case str() if _DAY.fullmatch(value):
                return _day(date.fromisoformat(value), self.locale)
            case str() if distance := _DISTANCE.fullmatch(value):
                # Three decimals read like thousands, where another language has the point for the comma.
                number = round(Decimal(distance[1].replace(",", "")), 2)
                return f"{format_decimal(number, locale=self.locale)}{NO_BREAK}{distance[2]}"
            case str() if share := _PERCENT.fullmatch(value):
                number = format_decimal(Decimal(share[1]), locale=self.locale)
                return f"{number}%" if self.language == FALLBACK_LANGUAGE else f"{number}{NO_BREAK}%"
            case str() if _AMOUNT.fullmatch(value):
                return self.money(value)
            case str() if _INSTANT.fullmatch(value):
                return self.moment(value)
            case str():
                return value
            case _:
                return format_decimal(value, locale=self.locale)


NO_BREAK, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
_LOOSE = (
    (re.compile(r"(?<=\S) (?=[;!?](?:\s|$|[»)”<]))"), NARROW),
    (re.compile(r"(?<=\S) (?=:(?:\s|$|<))"), NO_BREAK),
    (re.compile(r"(?<=«) "), NO_BREAK),
    (re.compile(r" (?=»)"), NO_BREAK),
)


def unbroken(french: str) -> str:
    """With the spaces that French has before `: ; ! ?` and inside of « » made such that no line breaks there.
    Source: Lexique des règles typographiques en usage à l’Imprimerie nationale, « Ponctuation »."""
    for loose, space in _LOOSE:
        french = loose.sub(space, french)
    return french


@lru_cache(1_000)
def _day(day: date, locale: Locale) -> str:
    written = _BEFORE_MONTH.sub(NO_BREAK, format_date(day, "long", locale=locale))
    # Source: Lexique (as in `unbroken`), « Dates »; the CLDR writes the first of a month like any other day.
    return f"1er{written[1:]}" if locale.language == "fr" and day.day == 1 else written


@lru_cache(1_000)
def _money(money: Money, locale: Locale) -> str:
    return format_currency(money.amount, money.currency, locale=locale)


def _instant(value: datetime | str) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.astimezone(UTC)


@cache
def localizer(language: str) -> Localizer:
    """Of one of `LANGUAGES`; read once."""
    translations = NullTranslations() if language == FALLBACK_LANGUAGE else _translations(language)
    return Localizer(language, translations, Locale.parse(language))


def _translations(language: str) -> Translations:
    """Source: `perks_engine/locale/LANGUAGE.po`; the French with the spaces at which no line may break."""
    source = files("perks_engine").joinpath("locale", f"{language}.po").read_bytes()
    compiled = BytesIO()
    catalogue = read_po(BytesIO(source), locale=language)
    if language == "fr":
        for message in catalogue:
            forms: Any = message.string
            message.string = unbroken(forms) if isinstance(forms, str) else tuple(map(unbroken, forms))
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
