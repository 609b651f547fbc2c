"""The words of a dispute that opened by itself, because evidence contradicts itself: kept in English like all
words of disputes, and told to each reader in their language."""

from __future__ import annotations

import re

from perks_engine.domain.phrase import Phrase, phrase, said, word

_TOLD = said(
    "{who} says that it was received on {received}{reference}, "
    "the person said on {denied} that it was not{why}"
)
_DAY = r"\d{4}-\d\d-\d\d"
_WHY = ": "
_KEPT = re.compile(
    rf"(?P<who>[\w -]+) says that it was received on (?P<received>{_DAY})(?P<reference>(?: \([^\n]*\))?), "
    rf"the person said on (?P<denied>{_DAY}) that it was not(?P<why>(?:: .+)?)",
    re.DOTALL,
)


def contradiction(who: str, received: str, reference: str, denied: str, why: str) -> Phrase:
    """Who says that it arrived, when and under which number, and when and why the person denied it."""
    return phrase(
        _TOLD,
        who=word(who),
        received=received,
        reference=f" ({reference})" if reference else "",
        denied=denied,
        why=f"{_WHY}{why}" if why else "",
    )


def recognised(words: str) -> Phrase | str:
    """The words of a dispute as the phrase that they were, where they were one."""
    found = _KEPT.fullmatch(words)
    if found is None:
        return words
    told: dict[str, str | Phrase] = {**found.groupdict(), "who": word(found["who"])}
    if why := found["why"].removeprefix(_WHY):
        told["why"] = phrase(f"{_WHY}{{words}}", words=why)
    return phrase(_TOLD, **told)
