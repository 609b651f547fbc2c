"""Nobody writes over what they never saw: what was changed since one looked is not changed again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from perks_engine.services.access import Role
from tests.engine_room import Client, Room
from tests.pictures import plain
from tests.web.feedback_room import asker, give_picture, ready_to_ask, request

ClientOf = Callable[[str], Client]


def say(client: Client, claim: str, words: str, seen: str | None) -> httpx.Response:
    headers = {} if seen is None else {"If-Match": seen}
    return request(client, "PUT", f"/v1/claims/{claim}/feedback", json={"text": words}, headers=headers)


def looked(client: Client, claim: str) -> str:
    return client.get(f"/v1/claims/{claim}/feedback").headers["ETag"]


def test_on_two_screens_the_second_one_is_told(claim: str, client_of: ClientOf) -> None:
    ana = client_of("ana")
    first = looked(ana, claim)
    assert looked(ana, claim) == first

    said = say(ana, claim, "It is light.", first)
    assert (said.status_code, said.headers["ETag"] != first) == (200, True)
    assert looked(ana, claim) == said.headers["ETag"]

    late = say(ana, claim, "It is heavy.", first)
    told = late.json()
    assert (late.status_code, told["code"]) == (412, "edition.stale")
    assert told["detail"].startswith("it was changed since you looked, and nothing was done")
    assert f'"{told["edition"]}"' == said.headers["ETag"]
    assert ana.get(f"/v1/claims/{claim}/feedback").json()["text"] == "It is light."

    assert say(ana, claim, "It is heavy.", said.headers["ETag"]).status_code == 200


def test_a_picture_is_part_of_what_was_seen(claim: str, client_of: ClientOf) -> None:
    ana = client_of("ana")
    seen = say(ana, claim, "It is light.", None).headers["ETag"]
    assert give_picture(ana, claim, plain("PNG")).status_code == 201
    path = f"/v1/claims/{claim}/feedback"
    assert request(ana, "DELETE", path, headers={"If-Match": seen}).status_code == 412
    assert len(ana.get(path).json()["pictures"]) == 1
    assert request(ana, "DELETE", path, headers={"If-Match": looked(ana, claim)}).json()["pictures"] == []


def test_of_two_at_the_same_moment_one_is_told(claim: str, client_of: ClientOf) -> None:
    ana = client_of("ana")
    seen = looked(ana, claim)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda words: say(ana, claim, words, seen), ("light", "heavy")))
    assert sorted(one.status_code for one in answers) == [200, 412]
    assert len(ana.get(f"/v1/claims/{claim}/feedback").json()["history"]) == 1


@pytest.mark.parametrize(
    ("header", "status"),
    [("*", 200), ('"nothing", {}', 200), ("W/{}", 412), ("no tag", 412), ("", 412)],
)
def test_the_forms_of_the_header(sqlite_room: Room, sqlite_base: str, header: str, status: int) -> None:
    ready_to_ask(sqlite_room)
    sqlite_room.campaign()
    claim = sqlite_room.received(asker(sqlite_room))
    ana = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana"))
    assert say(ana, claim, "It is light.", header.format(looked(ana, claim))).status_code == status
