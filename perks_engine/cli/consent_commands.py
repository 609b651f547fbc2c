"""`perks consents …`: what people are asked, what they said, and what they told the staff."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from perks_engine.cli.output import JsonOption, emit, fail, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, compliance, opened
from perks_engine.domain.consent import FALLBACK_LANGUAGE
from perks_engine.services.consent_views import ask_view
from perks_engine.services.consents import on_behalf
from perks_engine.services.views import counted

app = typer.Typer(no_args_is_help=True, help="What people are asked, and what they said to it.")

Person = Annotated[str, typer.Argument(help="the person's id")]
PurposeName = Annotated[str, typer.Argument(help="a purpose, such as perks")]
Channel = Annotated[str, typer.Argument(help="a channel, such as email")]
Why = Annotated[str, typer.Option(help="why you write it down: how the person told you")]


@app.command("purposes")
def purposes(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """What people are asked, by which channel, and in which words; of rules/consents.yaml and the engine."""
    with opened(database, as_json, check_schema=False) as engine:
        asks = list(engine.rules.purposes.asks())
    data = [
        {
            "purpose": purpose.name,
            "channel": ask.channel,
            "titles": dict(purpose.titles),
            "commercial": purpose.commercial,
            "double_opt_in": ask.double_opt_in,
            "version": ask.version,
            "texts": ask_view(ask),
        }
        for purpose, ask in asks
    ]

    def show() -> None:
        for purpose, ask in asks:
            kind = "commercial" if purpose.commercial else "not commercial"
            twice = ", confirmed by mail" if ask.double_opt_in else ""
            say(f"{purpose.name} {ask.channel}: version {ask.version}, {kind}{twice}")
            say(f"  {ask.current(FALLBACK_LANGUAGE).text}")
            say(f"  in {', '.join(ask.languages())}")

    emit({"purposes": data}, as_json, show)


@app.command("show")
def show(person: Person, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """What somebody was asked, what they said, and the proof of it."""
    with opened(database, as_json) as engine:
        data = engine.consents.of(person)
    columns = ("purpose", "channel", "state", "since", "title")

    def lines() -> None:
        table(columns, [[one.get(name) for name in columns] for one in data["consents"]])
        say("history:" if data["history"] else "history: none")
        for act in data["history"]:
            say(f"  {_act(act)}")

    emit(data, as_json, lines)


def _act(act: dict[str, Any]) -> str:
    parts = [f"{act['at']} {'yes' if act['given'] else 'no'} to {act['purpose']} by {act['channel']}"]
    parts.append(f"{act['through']}: {act['how']}")
    if "text_version" in act:
        words = f"version {act['text_version']}"
        if "language" in act:
            words += f" in {act['language']}, sha256 {act['text_sha256'][:16]}…"
        parts.append(words)
    parts += [f"{name} {act[key]}" for name, key in _MORE if key in act]
    return "; ".join(parts)


_MORE = (
    ("confirmed at", "confirmed_at"),
    ("from", "origin"),
    ("recorded by", "recorded_by"),
    ("because", "why"),
)


@app.command("give")
def give(
    person: Person,
    purpose: PurposeName,
    channel: Channel,
    why: Why,
    shown: Annotated[str, typer.Option(help="the words that they were shown: a version, or the hash")],
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down the yes that somebody told you. Where it has to be confirmed, they get a letter first."""
    with opened(database, as_json) as engine:
        ask = engine.rules.purposes.ask(purpose, channel)
        if ask is not None and shown.isdecimal() and len(shown) < 10:
            text = ask.of_version(int(shown), engine.people.language_of(person))
            if text is None:
                fail(f"--shown: the words on {purpose} have no version {shown}", as_json, "option.shown")
            shown = text.sha256
        speaker = on_behalf(compliance(by), person, why)
        data = engine.consents.give(speaker, purpose, channel, shown)
    emit(data, as_json, lambda: say(_state(person, data)))


@app.command("withdraw")
def withdraw(
    person: Person,
    purpose: PurposeName,
    channel: Channel,
    why: Why,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down the no that somebody told you: effective from this moment."""
    with opened(database, as_json) as engine:
        data = engine.consents.withdraw(on_behalf(compliance(by), person, why), purpose, channel)
    emit(data, as_json, lambda: say(_state(person, data)))


def _state(person: str, data: dict[str, Any]) -> str:
    what = f"{data['purpose']} by {data['channel']}"
    if data.get("state") == "given":
        return f"{person} agreed to {what} since {data['since']}"
    if data.get("state") == "pending":
        until = data["expires_at"]
        return f"{person} has a letter on its way, and agrees to {what} by confirming it until {until}"
    return f"{person} said no to {what} at {data.get('since', data.get('at'))}: nothing is sent for it"


@app.command("refused")
def refused(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """How many were refused for their age, by day: all that is kept of them."""
    with opened(database, as_json) as engine:
        found = engine.people.refused_for_age()
    data = [{"day": one.refused_on.isoformat(), "people": one.people} for one in found]

    def lines() -> None:
        for one in found:
            say(f"{one.refused_on}: {counted(one.people, 'person', 'people')} refused for their age")
        if not found:
            say("nobody was refused for their age")

    emit({"refused": data}, as_json, lines)
