"""`perks promotions …`: what is shown of people, whether it may be, and who was told."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from perks_engine.cli.output import DONE, NOT_ELIGIBLE, JsonOption, emit, reasons, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator, who
from perks_engine.domain.promotion import PromotionState
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.promotion_records import WhichPromotions

app = typer.Typer(no_args_is_help=True, help="What is shown of recipients, and who was told to show it.")

Promotion = Annotated[str, typer.Argument(help="a promotion's id")]
MOST_LISTED = 1_000
COLUMNS = ("promotion", "state", "campaign", "claim", "channel", "publisher", "text")


def _brand(by: str | None) -> Actor:
    """Whoever asks for a promotion here does so for the brand, under their name."""
    return Actor(who(by), Role.BRAND_MANAGER, (ALL_BRANDS,), holder=who(by))


@app.command()
def ask(
    claim: Annotated[str, typer.Argument(help="the claim of who received it")],
    channel: Annotated[str, typer.Option(help="where it is to be shown, as consents name it")],
    publisher: Annotated[str, typer.Option(help="who shows it, such as northwind-blog")],
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whether it may be shown that somebody received a perk; exit 1 with the reasons where it may not."""
    with opened(database, as_json) as engine:
        data = engine.promoting.ask(_brand(by), claim, channel, publisher)
    is_allowed = "promotion" in data

    def show() -> None:
        if not is_allowed:
            say(f"it may not be shown ({data['verdict']}):")
            reasons(data["reasons"])
            return
        say(f"{data['promotion']} may be shown on {channel} by {publisher}, both lines together:")
        say(f"  {data['text']}\n  {data['disclosure']}")

    emit(data, as_json, show)
    raise typer.Exit(DONE if is_allowed else NOT_ELIGIBLE)


@app.command("list")
def list_promotions(
    brand: Annotated[str | None, typer.Option(help="only this brand's")] = None,
    campaign: Annotated[str | None, typer.Option(help="only this campaign's")] = None,
    person: Annotated[str | None, typer.Option(help="only of this person")] = None,
    publisher: Annotated[str | None, typer.Option(help="only by this publisher")] = None,
    state: Annotated[PromotionState | None, typer.Option(help="only those of this state")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """What may be shown, is, or was; `--state retracted` for what somebody has to take down."""
    which = WhichPromotions([brand] if brand else None, campaign, None, person, state, publisher)
    with opened(database, as_json) as engine:
        found = engine.promoting.seen_by(operator(), which, MOST_LISTED + 1)
    shown, more = found[:MOST_LISTED], len(found) > MOST_LISTED

    def show() -> None:
        table(COLUMNS, [[one[name] for name in COLUMNS] for one in shown])
        if more:
            say(f"there are more than {MOST_LISTED:,}; narrow it with --campaign")

    emit({"promotions": shown, "more": more}, as_json, show)


@app.command("show")
def show_promotion(
    promotion: Promotion, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """One of them: what became of it and why, and who was told what, when."""
    with opened(database, as_json) as engine:
        data = engine.promoting.show(operator(), promotion)
    emit(data, as_json, lambda: _show(data))


def _show(data: dict[str, Any]) -> None:
    say(f"{data['promotion']} is {data['state']}: {data['channel']} by {data['publisher']}")
    say(f"  {data['text'] or '(erased)'}\n  {data['disclosure']}")
    if data["place"]:
        say(f"  at {data['place']}")
    for one in data["history"]:
        say(f"{one['at']} {one['act']} by {one['by']}: {one['cause']}")
    for one in data["told"]:
        say(f"{one['at']} told to {one['publisher']} by {one['by']}: {one['text_hash'][:16]}…")


@app.command()
def publish(
    promotion: Promotion,
    at: Annotated[str | None, typer.Option(help="where it is, as an address")] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that it is out. Refused where it may not be any more."""
    with opened(database, as_json) as engine:
        data = dict(engine.promoting.publish(_brand(by), promotion, at))
    emit(data, as_json, lambda: say(f"{promotion} is {data['state']}"))


@app.command()
def retract(
    promotion: Promotion, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Take it back: its publisher is told to take it down."""
    with opened(database, as_json) as engine:
        data = engine.promoting.retract(operator(by), promotion)
    emit(data, as_json, lambda: say(f"{promotion} is {data['state']}"))


@app.command("taken-down")
def taken_down(
    promotion: Promotion, by: ByOption = None, database: DatabaseOption = None, as_json: JsonOption = False
) -> None:
    """Say that what was retracted is taken down."""
    with opened(database, as_json) as engine:
        data = dict(engine.promoting.taken_down(_brand(by), promotion))
    emit(data, as_json, lambda: say(f"{promotion} is {data['state']}"))
