"""`perks token …`: API tokens, issued on the machine itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from perks_engine.campaigns.quantities import QuantityError, span
from perks_engine.cli.output import JsonOption, emit, fail, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, opened, who
from perks_engine.services.access import Permission, Role
from perks_engine.services.tokens import token_view
from perks_engine.services.views import counted, instant_view

app = typer.Typer(no_args_is_help=True, help="API tokens.")

FOR_EVER = "never"


def _span(option: str, words: str, as_json: bool) -> timedelta:
    try:
        return span(words)
    except QuantityError as error:
        fail(f"{option}: {error}; expected such as 90d", as_json, "option.expires")


@app.command()
def issue(
    role: Annotated[Role, typer.Option(help="what its bearer may do")],
    label: Annotated[
        str | None, typer.Option(help="what it is for; the ledger names it. Its role if left out")
    ] = None,
    brand: Annotated[
        list[str] | None, typer.Option(help="a brand it reaches; again for more, * for all")
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="the person that an influencer's token stands for")
    ] = None,
    holder: Annotated[
        str | None,
        typer.Option(
            help="the member of staff who acts by it, by the name that every credential of theirs has; "
            "without one it is a service's, and approves nothing"
        ),
    ] = None,
    permission: Annotated[
        list[Permission] | None, typer.Option(help="of what the role may, only this; again for more")
    ] = None,
    expires: Annotated[
        str, typer.Option(help="its lifetime, such as 90d; `never` for one without an end")
    ] = "365d",
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a token. It is shown this once; only its hash is kept."""
    lifetime = None if expires == FOR_EVER else _span("--expires", expires, as_json)
    with opened(database, as_json) as engine:
        made, text = engine.tokens.issue(
            *(role, label or role.value, tuple(brand or ()), person, lifetime, holder),
            *(tuple(permission) if permission else None, who(by)),
        )
    data = {
        "token": text,
        "id": made.token_id,
        "role": made.role,
        "expires_at": instant_view(made.expires_at),
    }
    emit(data, as_json, lambda: say(text))


@app.command("list")
def list_tokens(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """The tokens there are, without their secrets."""
    with opened(database, as_json) as engine:
        tokens = [token_view(one, engine.clock()) for one in engine.tokens.all()]
    data = [
        {**one, "id": one["token"], "brands": " ".join(one["brands"])}
        | {"permissions": " ".join(one["permissions"] or ["all"])}
        for one in tokens
    ]
    columns = ("id", "label", "role", "brands", "permissions", "person", "holder")
    columns += ("expires_at", "last_used_at", "older_secret_until", "revoked_at")
    shown = [{name: one[name] for name in (*columns, "issued_by", "created_at")} for one in data]
    emit(
        {"tokens": shown}, as_json, lambda: table(columns, [[one[name] for name in columns] for one in shown])
    )


@app.command()
def rotate(
    token_id: Annotated[str, typer.Argument(help="the token's id")],
    overlap: Annotated[str, typer.Option(help="for how long the secret before works along")] = "24h",
    expires: Annotated[
        str | None, typer.Option(help="its lifetime from now on, such as 90d; as it was if left out")
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """A new secret for a token, shown this once; its id, and what it may do, stay."""
    works_along = _span("--overlap", overlap, as_json)
    lifetime = _span("--expires", expires, as_json) if expires else None
    with opened(database, as_json) as engine:
        made, text = engine.tokens.rotate(token_id, works_along, lifetime)
    data = {
        "token": text,
        "id": made.token_id,
        "older_secret_until": instant_view(made.older_until),
        "expires_at": instant_view(made.expires_at),
    }
    emit(data, as_json, lambda: say(text))


@app.command()
def revoke(
    token_id: Annotated[str | None, typer.Argument(help="the token's id")] = None,
    holder: Annotated[
        str | None, typer.Option(help="all that this member of staff acts by, sessions of browsers too")
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="all that this person signed in with, sessions of browsers too")
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a token at once, with all of its secrets; or all that somebody acts by."""
    if [token_id, holder, person].count(None) != 2:
        fail("name a token, --holder or --person: one of them", as_json, "token.whose")
    with opened(database, as_json) as engine:
        if token_id is not None:
            engine.tokens.revoke(token_id)
            emit({"revoked": token_id}, as_json, lambda: say(f"{token_id} is revoked"))
            return
        tokens, sessions = engine.tokens.revoke_all(holder, person)
    ended = f"{counted(tokens, 'token')} and {counted(sessions, 'session')} of {holder or person} ended"
    emit({"tokens": tokens, "sessions": sessions}, as_json, lambda: say(ended))
