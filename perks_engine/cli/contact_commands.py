"""`perks contact …`: whom of a brand's staff the engine tells."""

from __future__ import annotations

from typing import Annotated

import typer

from perks_engine.cli.output import JsonOption, emit, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, opened, who
from perks_engine.services.views import instant_view

app = typer.Typer(no_args_is_help=True, help="Who of a brand's staff is told when a guard pauses a campaign.")

Brand = Annotated[str, typer.Argument(help="the brand, as campaign files name it")]
Email = Annotated[str, typer.Argument(help="an e-mail address; best one that a team reads")]


@app.command()
def add(
    brand: Brand,
    email: Email,
    name: Annotated[str, typer.Option(help="whose address it is")] = "",
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell this address from now on."""
    with opened(database, as_json) as engine:
        is_new = engine.contacts.add(brand, email, who(by), name)
    data = {"brand": brand, "email": email, "new": is_new}
    already = "" if is_new else " already"
    emit(data, as_json, lambda: say(f"{email} is told{already} when a guard pauses a campaign of {brand}"))


@app.command()
def remove(brand: Brand, email: Email, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Do not tell this address any more."""
    with opened(database, as_json) as engine:
        engine.contacts.remove(brand, email)
    emit({"brand": brand, "removed": email}, as_json, lambda: say(f"{email} is no longer told of {brand}"))


@app.command("list")
def list_contacts(
    brand: Annotated[str | None, typer.Option(help="of this brand only")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who is told."""
    with opened(database, as_json) as engine:
        found = engine.contacts.list(brand)
    data = [
        {
            "brand": one.brand,
            "email": one.email,
            "name": one.name,
            "added_by": one.added_by,
            "added_at": instant_view(one.added_at),
        }
        for one in found
    ]
    columns = ("brand", "email", "name", "added_by", "added_at")
    emit(
        {"contacts": data}, as_json, lambda: table(columns, [[one[name] for name in columns] for one in data])
    )
