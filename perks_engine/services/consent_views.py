"""Consents as plain data: the same over HTTP and in the CLI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from perks_engine.domain.consent import Ask, ConsentAct, ConsentText, Purposes, latest_acts
from perks_engine.services.consent_records import ConsentRequest
from perks_engine.services.records import PersonCard
from perks_engine.services.views import View, instant_view


def person_view(
    card: PersonCard,
    purposes: Purposes,
    acts: Sequence[ConsentAct],
    requests: Sequence[ConsentRequest],
    now: datetime,
) -> View:
    """`consents` are what people are asked today, and what this one said to it; `history` all that they ever
    said, the oldest first. Only what they never answered is there to be asked (`ask`)."""
    latest = latest_acts(acts)
    said_yes = {(act.purpose, act.channel) for act in acts if act.given}
    consents: list[View] = []
    for purpose, ask in purposes.asks():
        key = (ask.purpose, ask.channel)
        act = latest.get(key)
        waits = pending(*key, act, requests, now)
        view: View = {
            "purpose": purpose.name,
            "channel": ask.channel,
            "title": purpose.title(card.language),
            "commercial": purpose.commercial,
            "double_opt_in": ask.double_opt_in,
            "state": _state(act, waits, key in said_yes),
            "ask": act is None and waits is None,
            "text": text_view(ask.current(card.language)),
        }
        if act is not None:
            view["since"] = instant_view(act.acted_at)
        if waits is not None:
            view["expires_at"] = instant_view(waits.expires_at)
        consents.append(view)
    return {
        "person": card.person_id,
        "consents": consents,
        "history": [act_view(act) for act in acts],
    }


def _state(act: ConsentAct | None, waits: ConsentRequest | None, said_yes: bool) -> str:
    if act is not None and act.given:
        return "given"
    if waits is not None:
        return "pending"
    if act is None:
        return "not_asked"
    return "withdrawn" if said_yes else "declined"


def pending(
    purpose: str,
    channel: str,
    latest: ConsentAct | None,
    requests: Iterable[ConsentRequest],
    now: datetime,
) -> ConsentRequest | None:
    """The yes that waits for its confirmation: the newest that neither expired nor was answered since."""
    for one in reversed(list(requests)):
        if (one.purpose, one.channel) == (purpose, channel):
            is_open = one.confirmed_at is None and now < one.expires_at
            answered = latest is not None and latest.acted_at > one.asked_at
            is_refused = latest is not None and not latest.given and latest.acted_at >= one.asked_at
            return one if is_open and not answered and not is_refused else None
    return None


def text_view(text: ConsentText) -> View:
    return {
        "version": text.version,
        "language": text.language,
        "sha256": text.sha256,
        "text": text.text,
    }


def act_view(act: ConsentAct) -> View:
    """One act with its proof; what nobody knows is left out."""
    proof = act.proof
    known: Mapping[str, object] = {
        "text_version": proof.text_version,
        "text_sha256": proof.text_sha256,
        "language": proof.language,
        "origin": proof.origin,
        "recorded_by": proof.recorded_by,
        "why": proof.why,
        "confirmed_at": instant_view(proof.confirmed_at),
    }
    return {
        "purpose": act.purpose,
        "channel": act.channel,
        "given": act.given,
        "at": instant_view(act.acted_at),
        "how": act.how,
        "through": proof.through.value,
        **{name: value for name, value in known.items() if value},
    }


def request_view(request: ConsentRequest, title: str, text: ConsentText | None) -> View:
    return {
        "title": title,
        "text": text.text if text else "",
        "expires_at": instant_view(request.expires_at),
        "confirmed_at": instant_view(request.confirmed_at),
        "how": "POST to this address to confirm it",
    }


def ask_view(ask: Ask) -> Iterable[View]:
    """Every text of what people are asked, the newest version first."""
    ordered = sorted(ask.texts, key=lambda one: (-one.version, one.language))
    return [text_view(text) | {"current": ask.is_current(text)} for text in ordered]
