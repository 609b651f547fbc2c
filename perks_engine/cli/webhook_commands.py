"""`perks webhooks …`: where a brand is told of events, what it was told, and to be told once more."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from perks_engine.campaigns.quantities import QuantityError, span
from perks_engine.cli.output import JsonOption, emit, fail, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.cli.times import moment_of
from perks_engine.domain.events import EVERY
from perks_engine.services.event_records import DeliveryState, WhichEvents
from perks_engine.services.views import counted

app = typer.Typer(no_args_is_help=True, help="Where brands are told of events, and what they were told.")

Webhook = Annotated[str, typer.Argument(help="a webhook's id")]
MOST_LISTED = 200


@app.command()
def add(
    brand: Annotated[str, typer.Argument(help="the brand, as campaign files name it")],
    url: Annotated[str, typer.Argument(help="where to post, such as https://hooks.shop.example/perks")],
    events: Annotated[
        list[str] | None, typer.Option("--event", help="a type of event; again for more. Left out: every one")
    ] = None,
    publisher: Annotated[
        str | None, typer.Option(help="only of promotions that this publisher shows")
    ] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell this address of events from now on. The secret that signs them is shown this once."""
    with opened(database, as_json) as engine:
        data = engine.webhooks.add(operator(by), brand, url, events or [EVERY], publisher)

    def show() -> None:
        say(f"{data['webhook']} is told of {', '.join(data['events'])}")
        say(f"secret, shown this once: {data['secret']}")

    emit(data, as_json, show)


@app.command("list")
def list_webhooks(
    brand: Annotated[str | None, typer.Option(help="of this brand only")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who is told, and how each fares."""
    with opened(database, as_json) as engine:
        data = engine.webhooks.seen_by(operator(), brand, None, MOST_LISTED)
    columns = ("webhook", "brand", "state", "url", "publisher")

    def show() -> None:
        table(
            (*columns, "events"),
            [[*(one[name] for name in columns), ", ".join(one["events"])] for one in data],
        )

    emit({"webhooks": data}, as_json, show)


@app.command()
def rotate(
    webhook: Webhook,
    overlap: Annotated[str, typer.Option(help="for how long older secrets sign along, such as 24h")] = "24h",
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """A new secret, shown this once; older ones sign along for a while. `--overlap 0h` ends them at once."""
    try:
        for_so_long = timedelta() if overlap in ("0", "0h") else span(overlap)
    except QuantityError as error:
        fail(f"--overlap: {error}", as_json, "option.overlap")
    with opened(database, as_json) as engine:
        data = engine.webhooks.rotate(operator(by), webhook, for_so_long)

    def show() -> None:
        say(f"secret, shown this once: {data['secret']}")
        say(f"older ones sign along until {data['older_secrets_until'][0]}")

    emit(data, as_json, show)


@app.command()
def disable(
    webhook: Webhook, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Send nothing there until it is enabled again."""
    with opened(database, as_json) as engine:
        data = engine.webhooks.disable(operator(by), webhook)
    emit(data, as_json, lambda: say(f"{webhook} is disabled"))


@app.command()
def enable(
    webhook: Webhook, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Send there again. What happened meanwhile it gets by `replay --since`."""
    with opened(database, as_json) as engine:
        data = engine.webhooks.enable(operator(by), webhook)
    emit(data, as_json, lambda: say(f"{webhook} is enabled"))


@app.command()
def remove(
    webhook: Webhook, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Remove it for good, with its secrets. Its log stays."""
    with opened(database, as_json) as engine:
        cancelled = engine.webhooks.remove(operator(by), webhook)
    waited = (
        f"; {counted(cancelled, 'waiting delivery', 'waiting deliveries')} cancelled" if cancelled else ""
    )
    emit({"webhook": webhook, "cancelled": cancelled}, as_json, lambda: say(f"{webhook} is removed{waited}"))


@app.command("log")
def show_log(
    webhook: Webhook,
    state: Annotated[DeliveryState | None, typer.Option(help="only those of this state")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="how many")] = 20,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """What it was told, the newest first, and what came of it."""
    with opened(database, as_json) as engine:
        data = engine.webhooks.log(operator(), webhook, state, None, limit)

    def show() -> None:
        for one in data:
            say(_line(one))

    emit({"deliveries": data}, as_json, show)


def _line(one: dict[str, Any]) -> str:
    about = one.get("claim") or one.get("subject") or one.get("campaign") or ""
    head = f"{one['event']}  {one['type']}  {about}  {one['state']}"
    if one["settled_at"]:
        head += f" {one['settled_at']}"
    elif one["attempts"]:
        head += f" after {counted(one['attempts'], 'attempt')}, next at {one['next_at']}"
    return f"{head}\n    {one['why']}" if one["why"] else head


@app.command()
def replay(
    webhook: Webhook,
    event: Annotated[str | None, typer.Option(help="this event")] = None,
    since: Annotated[str | None, typer.Option(help="those recorded from here on")] = None,
    until: Annotated[str | None, typer.Option(help="those recorded before this, with --since")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="those that could not be delivered")] = False,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send events once more, under the ids that they had."""
    first, last = moment_of(since, "--since", as_json), moment_of(until, "--until", as_json)
    with opened(database, as_json) as engine:
        queued = engine.webhooks.replay(operator(by), webhook, WhichEvents(event, first, last, dead))
    emit({"queued": queued}, as_json, lambda: say(f"{counted(queued, 'event')} to be sent once more"))


@app.command()
def send(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Send what waits; `perks worker` does it by itself."""
    with opened(database, as_json) as engine:
        done = engine.telling.tell()
    emit({"settled": done}, as_json, lambda: say(f"{counted(done, 'event')} delivered or given up"))
