"""`perks posts …`: the posts of recipients, and what was seen of them."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.cli.output import JsonOption, emit, say, table
from perks_engine.cli.session import ByOption, DatabaseOption, opened, operator
from perks_engine.domain.disclosing_failures import Failure
from perks_engine.services.judgement_records import Outcome, PostState
from perks_engine.services.judging import Seen
from perks_engine.services.views import counted

app = typer.Typer(no_args_is_help=True, help="Posts of recipients: what was seen of each.")

MOST_LISTED = 1_000
PostArgument = Annotated[
    int, typer.Argument(min=1, max=2**53, help="the post's number, as `perks posts list` shows it")
]
COLUMNS = ("post", "state", "handle", "campaign", "url", "fix until")


@app.command("list")
def list_posts(
    brand: Annotated[str | None, typer.Option(help="only this brand's")] = None,
    campaign: Annotated[str | None, typer.Option(help="only this campaign's")] = None,
    state: Annotated[PostState | None, typer.Option(help="only those of this state")] = PostState.WAITING,
    everything: Annotated[bool, typer.Option("--all", help="of whatever state")] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """The posts that wait for somebody to look, the longest waiting first."""
    wanted = None if everything else state
    with opened(database, as_json) as engine:
        found = engine.recipients.judging.posts(operator(), brand, campaign, wanted, None, MOST_LISTED + 1)
    more, shown = len(found) > MOST_LISTED, found[:MOST_LISTED]

    def show() -> None:
        if not shown:
            say("no post is on record" if wanted is None else f"no post is {wanted}")
            return
        table(COLUMNS, [_row(one) for one in shown], numbers={0})
        say(counted(len(shown), "post") + ("; there are more, narrow it with --campaign" if more else ""))

    emit({"posts": shown, "more": more}, as_json, show)


def _row(one: dict[str, Any]) -> list[Any]:
    remedy = one["remedy"]
    until = (remedy["due_at"] or "")[:16].replace("T", " ") if remedy and remedy["open"] else ""
    return [one["post"], one["state"], one["handle"] or one["person"], one["campaign"], one["url"], until]


@app.command("show")
def show_post(post: PostArgument, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """One post: where it is, and every judgement of it."""
    with opened(database, as_json) as engine:
        found = engine.recipients.judging.show(operator(), post)

    def show() -> None:
        say(f"post {found['post']} of {found['handle'] or found['person']}, {found['state']}: {found['url']}")
        for one in found["history"]:
            why = f": {'; '.join(one['why'])}" if one["why"] else ""
            say(f"  {one['judged_at']} {one['outcome']} by {one['judged_by']}{why}")
            if one["note"]:
                say(f"    noted: {one['note']}")
            if one["picture"]:
                say(f"    picture {one['picture']}")
        if found["remedy"]:
            remedy = found["remedy"]
            steps = ("asked_at", "fixed_at", "escalated_at")
            told = [f"{step.removesuffix('_at')} {remedy[step]}" for step in steps if remedy[step]]
            say(f"  fix: {', '.join(told)}")

    emit(found, as_json, show)


@app.command("judge")
def judge(
    post: PostArgument,
    outcome: Annotated[Outcome, typer.Option(help="is the disclosure clear and conspicuous?")],
    failure: Annotated[list[Failure] | None, typer.Option(help="where it fails; may be repeated")] = None,
    note: Annotated[str, typer.Option(help="what is to be said about it; the person is told")] = "",
    picture: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="a screenshot: JPEG, PNG or WebP")
    ] = None,
    by: ByOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record what you saw of a post. Who has the item is asked to mend a failing one."""
    with opened(database, as_json) as engine:
        actor, judging = operator(by), engine.recipients.judging
        given = judging.give_picture(actor, post, picture.read_bytes())["picture"] if picture else None
        seen = Seen(outcome, tuple(dict.fromkeys(failure or ())), note, given)
        data = dict(judging.judge(actor, post, seen, secrets.token_hex(16)))
    asked = "; the person is asked to mend it" if data["fix_asked"] else ""
    emit(
        data, as_json, lambda: say(f"post {post}: {data['outcome']}, on record as {data['judgement']}{asked}")
    )
