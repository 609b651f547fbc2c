"""`perks log`: what staff did through the API."""

from __future__ import annotations

from perks_engine.services.access import ALL_BRANDS, Role
from tests.cli.command_line import Desk
from tests.engine_room import Client, Room


def test_the_log_at_the_terminal(sqlite_room: Room, sqlite_base: str, desk: Desk) -> None:
    sqlite_room.person("ana")
    keeper = Client(sqlite_base, sqlite_room.token(Role.COMPLIANCE, brands=(ALL_BRANDS,)))
    assert keeper.post("/v1/people/ana/holds", {"why": "a court asked"}).status_code == 201
    database = ("--database", sqlite_room.engine.settings.database_url)
    [one] = desk.json("log", "--person", "ana", *database)["actions"]
    assert (one["route"], one["status"]) == ("POST /v1/people/{person}/holds", 201)
    assert "POST /v1/people/{person}/holds" in desk.well("log", *database).out
    assert desk.well("log", "--by", "nobody", *database).lines == ["nothing is on record"]
    assert desk.perks("log", "--since", "yesterday", *database).code == 2
