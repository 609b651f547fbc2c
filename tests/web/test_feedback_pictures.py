"""Pictures that recipients give: kept clean, on the disk or in a bucket, and taken away whole."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from perks_engine.services.access import Role
from perks_engine.services.feedback import MOST_PICTURES
from tests.engine_room import Client, Room
from tests.pictures import SECRET, from_a_camera, plain, png_that_claims
from tests.s3_server import Bucket
from tests.web.feedback_room import (
    agree,
    asker,
    give_picture,
    ready_to_ask,
    request,
    say,
)

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]


def test_pictures_are_kept_clean_and_given_back_as_nothing_else(
    room: Room, claim: str, client_of: ClientOf
) -> None:
    ana = client_of("ana")
    answer = give_picture(ana, claim, from_a_camera("WEBP"))
    assert (answer.status_code, answer.json()["kind"]) == (201, "image/webp")
    assert (answer.json()["width"], answer.json()["height"]) == (30, 40)
    assert give_picture(ana, claim, from_a_camera("WEBP")).json() == answer.json()  # the same one again
    found = ana.get(f"/v1/claims/{claim}/feedback").json()
    assert found["pictures"] == [answer.json()]
    assert [one["act"] for one in found["history"]] == ["answered"]
    image = ana.get(f"/v1/pictures/{answer.json()['picture']}")
    assert image.headers["content-type"] == "image/webp"
    assert image.headers["x-content-type-options"] == "nosniff"
    assert image.headers["content-disposition"].startswith('inline; filename="pic_')
    assert "sandbox" in image.headers["content-security-policy"]
    assert b"8151" not in image.content
    [file] = (room.folder / "files" / "pictures").iterdir()
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (image.content, 0o600)
    file.write_bytes(b"altered")
    assert ana.get(f"/v1/pictures/{answer.json()['picture']}").json()["code"] == "picture.altered"
    file.unlink()
    assert ana.get(f"/v1/pictures/{answer.json()['picture']}").json()["code"] == "picture.lost"


def test_bad_pictures_and_too_many_are_refused(
    sqlite_room: Room, sqlite_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready_to_ask(sqlite_room)
    sqlite_room.campaign()
    claim = sqlite_room.received(asker(sqlite_room))
    ana = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana"))
    for data, code, words in (
        (b"", "picture.empty", "there is no picture in the request"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture.kind", "it is no JPEG, PNG or WebP; save it"),
        (png_that_claims(50_000, 1), "picture.pixels", "it is 50,000 by 1 pixels; at most"),
        (plain() + b"<?php", "picture.polyglot", "as well as a picture; save the picture anew"),
        (plain("JPEG", (400, 300))[:-700], "picture.broken", "save it anew"),
    ):
        refused = give_picture(ana, claim, data)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert words in refused.json()["detail"], refused.json()["detail"]
    for number in range(MOST_PICTURES):
        assert give_picture(ana, claim, plain(size=(10 + number, 10))).status_code == 201
    one_more = give_picture(ana, claim, plain(size=(90, 10)))
    assert (one_more.status_code, one_more.json()["code"]) == (409, "picture.too_many")
    too_large = give_picture(ana, claim, bytes(10_485_761))
    assert (too_large.status_code, too_large.json()["code"]) == (413, "body.too_large")
    agree(sqlite_room, "ana", yes=False)
    unread = give_picture(ana, claim, b"neither a picture nor looked at")
    assert (unread.status_code, unread.json()["code"]) == (409, "feedback.no_consent")


def test_the_event_loop_answers_others_while_a_picture_is_decoded(
    sqlite_room: Room, sqlite_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready_to_ask(sqlite_room)
    sqlite_room.campaign()
    claim = sqlite_room.received(asker(sqlite_room))
    ana = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana"))
    begun, go_on = threading.Event(), threading.Event()
    pictures = sqlite_room.engine.recipients.pictures
    clean = type(pictures.cleaner).clean

    def slow(self: Any, data: bytes) -> Any:
        begun.set()
        assert go_on.wait(20)
        return clean(self, data)

    monkeypatch.setattr(type(pictures.cleaner), "clean", slow)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(give_picture, ana, claim, plain())
        assert begun.wait(20)
        assert httpx.get(f"{sqlite_base}/openapi.json", timeout=10).status_code == 200
        go_on.set()
        assert waiting.result().status_code == 201


def test_a_picture_whose_bytes_did_not_come_is_given_up_or_taken_up(
    room: Room, claim: str, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies after the row was written, and before the bytes were."""
    ana = client_of("ana")
    files = type(room.engine.recipients.pictures.files)
    folder = room.folder / "files" / "pictures"

    def dies(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(files, "keep", dies)
        assert give_picture(ana, claim, plain()).status_code == 500
    assert ana.get(f"/v1/claims/{claim}/feedback").json()["pictures"] == []
    assert give_picture(ana, claim, plain()).status_code == 201  # sent again: it is the same one
    with monkeypatch.context() as broken:
        broken.setattr(files, "keep", dies)
        give_picture(ana, claim, plain(colour="red"))
    assert room.engine.chores.run("pictures") == 0
    room.clock.move(hours=2)
    assert room.engine.chores.run("pictures") == 1
    assert len(list(folder.iterdir())) == 1


def test_in_a_bucket_they_are_given_kept_and_erased_over_http(
    room: Room, bucket: Bucket, client_of: ClientOf, staff_of: StaffOf
) -> None:
    settings = {"pictures": bucket.url, "s3_endpoint": bucket.endpoint}
    ready_to_ask(room, **settings)
    room.campaign()
    claim = room.received(asker(room))
    ana, staff = client_of("ana"), staff_of(Role.BRAND_MANAGER)
    given = give_picture(ana, claim, from_a_camera())
    assert given.status_code == 201, given.text
    picture = f"/v1/pictures/{given.json()['picture']}"
    [(key, kept)] = bucket.objects().items()
    assert key.startswith("some/pictures/")
    assert given.json()["picture"] not in key, "who knows the picture does not know the object"
    assert SECRET.encode() not in kept
    for reader in (ana, staff):
        shown = reader.get(picture)
        assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, kept, "image/jpeg")

    bucket.put(key, b"altered")
    assert ana.get(picture).json()["code"] == "picture.altered"
    bucket.put(key, kept)
    say(ana, claim, text="My name is Ana Secret")
    assert request(ana, "DELETE", "/v1/record").status_code == 200
    assert bucket.objects() == {}
    assert staff.get(picture).status_code == 404
    assert not (room.folder / "files" / "pictures").exists(), "nothing was kept on the disk beside it"


def test_while_the_bucket_is_away_nothing_is_half_given_and_nobody_half_erased(
    room: Room, bucket: Bucket, client_of: ClientOf
) -> None:
    ready_to_ask(room, pictures=bucket.url, s3_endpoint=bucket.endpoint)
    room.campaign()
    claim = room.received(asker(room))
    ana = client_of("ana")
    assert give_picture(ana, claim, plain()).status_code == 201
    with bucket.away():
        for answer in (give_picture(ana, claim, plain(colour="red")), request(ana, "DELETE", "/v1/record")):
            assert (answer.status_code, answer.json()["code"]) == (503, "picture.store")
    assert len(ana.get(f"/v1/claims/{claim}/feedback").json()["pictures"]) == 1
    assert request(ana, "DELETE", "/v1/record").status_code == 200
    assert bucket.objects() == {}
