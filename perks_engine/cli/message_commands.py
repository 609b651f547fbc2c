"""`perks messages …`: what waits in the outbox, what was sent, and what could not be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.cli.output import DONE, NOT_ELIGIBLE, JsonOption, emit, fail, say
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.services.sending_records import MessageState
from perks_engine.services.views import counted

app = typer.Typer(
    invoke_without_command=True, help="The outbox: what waits, what was sent, what could not be."
)

Limit = Annotated[int, typer.Option(min=1, max=1000, help="how many")]
StateOption = Annotated[MessageState | None, typer.Option(help="only those of this state")]


@app.callback()
def newest(
    context: typer.Context,
    limit: Limit = 20,
    state: StateOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest messages in the outbox, as they are written."""
    if context.invoked_subcommand is None:
        _list(limit, state, database, as_json, with_text=True)


@app.command("list")
def list_messages(
    limit: Limit = 20,
    state: StateOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest messages, a line each; `--state dead` for those that could not be sent."""
    _list(limit, state, database, as_json, with_text=False)


def _list(
    limit: int, state: MessageState | None, database: str | None, as_json: bool, *, with_text: bool
) -> None:
    with opened(database, as_json) as engine:
        data = engine.sending.listed(state, limit)

    def show() -> None:
        for one in data:
            if with_text:
                say(f"--- {one['kind']} to {one['to']}, {one['created_at']}")
                say(f"{one['subject']}\n\n{one['text']}")
            else:
                say(_line(one))

    emit({"messages": data}, as_json, show)


def _line(one: dict[str, Any]) -> str:
    head = f"{one['message']}  {_how_far(one)}  {one['kind']} to {one['to']}: {one['subject']}"
    return f"{head}\n    {one['why']}" if one.get("why") else head


def _how_far(one: dict[str, Any]) -> str:
    state = one["state"]
    if "settled_at" in one:
        return f"{state} {one['settled_at']}"
    if one["attempts"]:
        tries = counted(one["attempts"], "attempt")
        return f"{state} after {tries}, next at {one['next_at']}"
    return f"{state} since {one['created_at']}"


@app.command("show")
def show_message(
    message: Annotated[str, typer.Argument(help="the message's id")],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """One message, as it is written, and how far it has come."""
    with opened(database, as_json) as engine:
        data = engine.sending.show(message)

    def show() -> None:
        say(_line(data))
        say(f"\n{data['text']}")

    emit(data, as_json, show)


@app.command("retry")
def retry(
    message: Annotated[str | None, typer.Argument(help="a dead message's id")] = None,
    all_dead: Annotated[bool, typer.Option("--all", help="every dead message")] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let what could not be sent wait for another turn. Consent is looked at again when it goes out."""
    if (message is None) == (not all_dead):
        fail("name a dead message, or say --all", as_json, "input")
    with opened(database, as_json) as engine:
        revived = engine.sending.retry(message)
    waits = "waits" if revived == 1 else "wait"
    told = f"{counted(revived, 'message')} {waits} for another turn"
    emit({"waiting": revived}, as_json, lambda: say(told))


@app.command("report")
def report(
    file: Annotated[
        Path, typer.Argument(help="the report as it came, headers first; - reads standard input")
    ],
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note a bounce or a complaint: what a mailbox for returned mail gets, piped in."""
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", as_json, "input")
    with opened(database, as_json) as engine:
        data = engine.mail_reports.take(operator(by), raw)
    status = f" ({data['status']})" if data["status"] else ""
    emit(data, as_json, lambda: say(f"{data['message']} {data['event']}{status}"))


@app.command("send")
def send(
    message: Annotated[str | None, typer.Argument(help="this one only")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send what waits; `perks worker` does it by itself. Exit 1 where something could not be sent."""
    with opened(database, as_json) as engine:
        if engine.sending.mailer is None:
            fail(
                "nothing is sent, for there is no mail server; name one in PERKS_SMTP_URL, and in "
                "PERKS_MAIL_FROM who letters are from",
                as_json,
                "mail.not_configured",
            )
        done = engine.sending.round(message)
    data = {"sent": done.sent, "cancelled": done.cancelled, "waiting": done.waiting, "dead": done.dead}

    def show() -> None:
        say(f"{counted(done.sent, 'message')} sent, {done.cancelled} cancelled, {done.waiting} to try again")
        if done.dead:
            say(f"{done.dead} could not be sent: perks messages list --state dead")

    emit(data, as_json, show)
    raise typer.Exit(NOT_ELIGIBLE if done.dead else DONE)
