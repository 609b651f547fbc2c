"""Consent: for which purposes, by which channels, and in which exact words people are asked.

Purposes are data. What somebody agrees to is a text: one version of it in one language, named by the hash of
its bytes, so that a text that was changed after it was shown is another text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

ACCOUNT = "account"
"""The purpose of what answers a person's own act (16 CFR 316.3(c)): without opt-in, and without an offer."""
OPERATIONS = "operations"
"""The purpose of what a brand's staff is told of its campaigns."""
FALLBACK_LANGUAGE = "en"
EMAIL = "email"
"""The one channel by which the engine sends: people can agree to others, and nothing goes out by those."""
SMS = "sms"


class Through(StrEnum):
    """How an act of consent reached the engine."""

    OWN = "own"
    """The person did it here, signed in."""
    LINK = "link"
    """Whoever holds the mailbox used a link that was sent there."""
    IMPORT = "import"
    """It was given elsewhere; the proof came with the file."""
    PROVIDER = "provider"
    """A mail provider passed on that the person called a letter spam."""
    STAFF = "staff"
    """Staff wrote it down on the person's behalf, and why."""


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The exact words of one version in one language."""

    version: int
    language: str
    text: str

    @property
    def sha256(self) -> str:
        """Hexadecimal, of the text in UTF-8."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Ask:
    """One purpose by one channel: the unit of consent. With `double_opt_in` a yes waits until whoever holds
    the mailbox has confirmed it. `texts` are all versions that are declared."""

    purpose: str
    channel: str
    double_opt_in: bool
    texts: tuple[ConsentText, ...]

    @property
    def version(self) -> int:
        """The newest, in which people are asked today."""
        return max(one.version for one in self.texts)

    def current(self, language: str) -> ConsentText:
        """The newest version in that language, else in English."""
        newest = {one.language: one for one in self.texts if one.version == self.version}
        return newest.get(language) or newest[FALLBACK_LANGUAGE]

    def languages(self) -> list[str]:
        return sorted(one.language for one in self.texts if one.version == self.version)

    def known(self, hash_shown: str) -> ConsentText | None:
        """The text of that hash, of whatever version."""
        return next((one for one in self.texts if one.sha256 == hash_shown), None)

    def is_current(self, text: ConsentText) -> bool:
        return text.version == self.version

    def of_version(self, version: int, language: str) -> ConsentText | None:
        """The text of that version in that language, else in English; None where it is not declared."""
        found = {one.language: one for one in self.texts if one.version == version}
        return found.get(language) or found.get(FALLBACK_LANGUAGE)


@dataclass(frozen=True, slots=True)
class Purpose:
    """`titles` are its name by language; `commercial` is what a law on marketing mail would call so."""

    name: str
    titles: Mapping[str, str]
    commercial: bool
    asks: tuple[Ask, ...]

    def title(self, language: str) -> str:
        return self.titles.get(language) or self.titles[FALLBACK_LANGUAGE]


@dataclass(frozen=True, slots=True)
class Purposes:
    """All that are declared, by name."""

    by_name: Mapping[str, Purpose]

    def __iter__(self) -> Iterator[Purpose]:
        return iter(self.by_name.values())

    def asks(self) -> Iterator[tuple[Purpose, Ask]]:
        for purpose in self:
            for ask in purpose.asks:
                yield purpose, ask

    def ask(self, purpose: str, channel: str) -> Ask | None:
        found = self.by_name.get(purpose)
        return next((one for one in found.asks if one.channel == channel), None) if found else None


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that an act took place: which words were on the screen, how it reached us, from where, who
    wrote it down and, where it was not the person, why. `confirmed_at` is when a double opt-in was confirmed,
    of the request that `request_id` names. Empty is what nobody knows: proofs of others are as they came."""

    through: Through = Through.IMPORT
    text_version: int | None = None
    text_sha256: str = ""
    language: str = ""
    origin: str = ""
    recorded_by: str = ""
    why: str = ""
    request_id: str | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentAct:
    """`given` is False for a no: a withdrawal, or a refusal of what was never agreed to. `how` says by which
    act."""

    person_id: str
    purpose: str
    channel: str
    given: bool
    acted_at: datetime
    how: str
    proof: Proof = field(default=Proof(), compare=False)


def latest_acts(acts: Iterable[ConsentAct]) -> dict[tuple[str, str], ConsentAct]:
    """Of acts in their order the last one by purpose and channel: it holds."""
    return {(act.purpose, act.channel): act for act in acts}


def live_consents(acts: Iterable[ConsentAct]) -> list[ConsentAct]:
    """Of acts in their order those of opting in that no later act of opting out has ended."""
    return [act for act in latest_acts(acts).values() if act.given]
