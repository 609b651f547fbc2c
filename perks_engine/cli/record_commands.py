"""`perks person record|correct|erase|hold|lift|holds|requests|retention|processing`: a person's own data."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.cli.output import JsonOption, emit, put_in_place, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, compliance, opened, reader_language
from perks_engine.delivery.localising import localizer
from perks_engine.services.processing import processing_text
from perks_engine.services.views import counted

Person = Annotated[str, typer.Argument(help="the person's id")]
Why = Annotated[str, typer.Option(help="why: it is kept with it")]


class RecordFormat(StrEnum):
    JSON = "json"
    HTML = "html"


def record(
    person: Person,
    format: Annotated[RecordFormat, typer.Option(help="the form of the record")] = RecordFormat.JSON,  # noqa: A002
    output: Annotated[Path | None, typer.Option("-o", "--output", help="a file; else here")] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything that is held about a person who asked for it, why, and for how long."""
    with opened(database, as_json) as engine:
        page, is_page = None, format is RecordFormat.HTML
        words = localizer(reader_language(engine, person))
        data = engine.records.recording.of(compliance(by), person, words.localised if is_page else str)
        if is_page:
            page = engine.rules.renderer.page("record", data, language=words.language)
        if output is None:
            emit(data, as_json or page is None, lambda: say(page or ""))
            return
        with put_in_place(output) as part:
            text = page if page is not None else json.dumps(data, indent=2, ensure_ascii=False) + "\n"
            part.write_text(text, encoding="utf-8")
    emit({"written": str(output)}, as_json, lambda: say(f"written to {output}"))


def erase(
    person: Person, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Erase a person's record who told you to, at once and whole; the receipt says what became of what."""
    with opened(database, as_json) as engine:
        data = engine.records.erasing.erase_for(compliance(by), person)

    def show() -> None:
        when = f"at {data['erased_at']}; what is kept stands under {data['pseudonym']}"
        say(f"{person} was erased before, {when}" if data["already"] else f"{person} is erased, {when}")
        for done in ("gone", "ended", "kept"):
            for line in data[done]:
                until = f", until {line['until'][:10]}" if line["until"] else ""
                why = f" ({line['why']}{until})" if line["why"] else ""
                say(f"  {done}: {line['what']}: {line['count']}{why}")
        say(f"a statement later: {data['statement']['at']}, until {data['statement']['until'][:10]}")

    emit(data, as_json, show)


def correct(
    person: Person,
    why: Why,
    name: Annotated[str | None, typer.Option(help="their name")] = None,
    handle: Annotated[str | None, typer.Option(help="their public handle")] = None,
    email: Annotated[str | None, typer.Option(help="their e-mail address")] = None,
    speaks: Annotated[str | None, typer.Option(help="the language to write to them in, such as en")] = None,
    time_zone: Annotated[str | None, typer.Option(help="where they live, such as America/New_York")] = None,
    born_on: Annotated[str | None, typer.Option(help="their birth date, YYYY-MM-DD")] = None,
    postal_code: Annotated[str | None, typer.Option(help="the postal code of their verified address")] = None,
    country: Annotated[str | None, typer.Option(help="its country, such as US")] = None,
    region: Annotated[str | None, typer.Option(help="its region, such as US-NY")] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Correct what is wrong about a person; whoever was given it is told that it changed."""
    address = {"country": country, "region": region, "postal_code": postal_code}
    asked: dict[str, Any] = {"name": name, "handle": handle, "email": email, "speaks": speaks}
    asked |= {
        "time_zone": time_zone,
        "born_on": born_on,
        "address": address if any(address.values()) else None,
    }
    with opened(database, as_json) as engine:
        changes = {field: value for field, value in asked.items() if value is not None}
        data = engine.records.rectifying.correct_for(compliance(by), person, changes, why)

    def show() -> None:
        for field in data["corrected"]:
            say(f"corrected: {field}")
        if not data["corrected"]:
            say("it was so already")
        for brand in data["told"]:
            say(f"the staff of {brand} is told to take its lists again")

    emit(data, as_json, show)


def hold(
    person: Person,
    why: Why,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let nothing of a record be erased, until the hold is lifted."""
    with opened(database, as_json) as engine:
        data = engine.records.holding.put(compliance(by), person, why)
    emit(data, as_json, lambda: say(f"{data['hold']}: nothing of {person} is erased until it is lifted"))


def lift(
    hold_id: Annotated[str, typer.Argument(metavar="HOLD", help="the hold's id")],
    why: Why,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lift a legal hold."""
    with opened(database, as_json) as engine:
        data = engine.records.holding.lift(compliance(by), hold_id, why)
    emit(data, as_json, lambda: say(f"{hold_id} is lifted; {data['person']} can be erased"))


def holds(
    everything: Annotated[bool, typer.Option("--all", help="those that were lifted, too")] = False,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """The legal holds that there are."""
    with opened(database, as_json) as engine:
        found = engine.records.holding.listed(compliance(by), live_only=not everything)

    def show() -> None:
        rows = [[one["hold"], one["person"], one["set_at"], one["set_by"], one["why"]] for one in found]
        table(("hold", "person", "since", "by", "why"), rows)
        say(counted(len(found), "hold"))

    emit({"holds": found}, as_json, show)


def requests(by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """The log of requests about one's own data, which the law asks for (11 CCR 7101)."""
    with opened(database, as_json) as engine:
        found = engine.records.recording.requests(compliance(by))

    def show() -> None:
        columns = ("asked_at", "kind", "person", "through", "asked_by", "outcome")
        table(columns, [[one[name] for name in columns] for one in found])
        say(counted(len(found), "request"))

    emit({"requests": found}, as_json, show)


def retention(
    run: Annotated[bool, typer.Option("--run", help="remove what is due now, first")] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """How much was removed because its time was over, by day; `perks worker` does it by itself."""
    with opened(database, as_json) as engine:
        if run:
            engine.records.retaining.remove()
        found = engine.records.retaining.removed()

    def show() -> None:
        for one in found:
            say(f"{one['day']}: {one['what']}: {one['rows']}")
        if not found:
            say("nothing was removed yet")

    emit({"removed": found}, as_json, show)


def processing(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """The record of processing (GDPR 30): what is held, why, on which ground, for how long."""
    with opened(database, as_json, check_schema=False) as engine:
        text = processing_text(engine.records.spans)
    emit({"text": text}, as_json, lambda: say(text.rstrip()))
