"""`perks webhooks …`: what an operator sees and does at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from perks_engine.delivery.log_files import add_key
from tests.cli.command_line import Desk
from tests.webhook_receiver import Receiver, receiver_at_work


@pytest.fixture
def receiver(phone_desk: Desk) -> Iterator[Receiver]:
    add_key(phone_desk.folder / "log.key", "shop.example/log")
    phone_desk.environment["PERKS_LOG_KEY"] = str(phone_desk.folder / "log.key")
    phone_desk.environment["PERKS_WEBHOOK_NETWORKS"] = '["127.0.0.0/8"]'
    with receiver_at_work() as made:
        yield made


def test_from_the_first_event_to_the_last(phone_desk: Desk, receiver: Receiver) -> None:
    made = phone_desk.well("webhooks", "add", "northwind-phones", receiver.url).lines
    webhook, secret = made[0].split()[0], made[1].removeprefix("secret, shown this once: ")
    assert made[0] == f"{webhook} is told of *"
    claim = phone_desk.granted("ana")
    assert phone_desk.well("webhooks", "send").out == "1 event delivered or given up\n"
    [post] = receiver.posts
    assert post.is_signed_with(secret)
    told = phone_desk.well("webhooks", "log", webhook).lines
    assert told[0].startswith(f"{post.event_id}  claim.granted  {claim}  delivered 20")

    rotated = phone_desk.well("webhooks", "rotate", webhook, "--overlap", "2h").lines
    newer = rotated[0].removeprefix("secret, shown this once: ")
    assert rotated[1].startswith("older ones sign along until 20")
    again = phone_desk.well("webhooks", "replay", webhook, "--event", post.event_id)
    assert again.out == "1 event to be sent once more\n"
    receiver.answers = lambda _post: 500
    phone_desk.well("webhooks", "send")
    assert receiver.posts[1].event_id == post.event_id
    assert [receiver.posts[1].is_signed_with(one) for one in (secret, newer)] == [True, True]
    [waits, why] = phone_desk.well("webhooks", "log", webhook, "--state", "queued").lines
    assert "queued after 1 attempt, next at 20" in waits
    assert why == "    it answered 500 Internal Server Error"
    [listed] = phone_desk.json("webhooks", "list")["webhooks"]
    assert (listed["state"], listed["events"]) == ("resting", ["*"])
    assert phone_desk.well("webhooks", "list").lines[1].split()[2] == "resting"
    assert phone_desk.well("webhooks", "disable", webhook).out == f"{webhook} is disabled\n"
    assert phone_desk.well("webhooks", "enable", webhook).out == f"{webhook} is enabled\n"
    removed = phone_desk.well("webhooks", "remove", webhook)
    assert removed.out == f"{webhook} is removed; 1 waiting delivery cancelled\n"
    gone = phone_desk.perks("webhooks", "disable", webhook)
    assert (gone.code, gone.err) == (2, f"perks: there is no webhook {webhook} of your brands\n")


@pytest.mark.parametrize(
    ("arguments", "code", "fault"),
    [
        (("add", "northwind-phones", "https://10.0.0.1/"), 2, "10.0.0.1 is no public address"),
        (("add", "nobody", "https://hooks.shop.example/"), 2, "there is no campaign of the brand nobody"),
        (
            ("add", "northwind-phones", "https://hooks.shop.example/", "--event", "x"),
            2,
            "there is no type of event 'x'",
        ),
        (("rotate", "whk_1", "--overlap", "soon"), 2, "--overlap: 'soon' is not a span"),
        (("replay", "whk_1"), 2, "name an event, or since when"),
        (("replay", "whk_1", "--since", "yesterday"), 2, "--since: "),
    ],
)
def test_what_cannot_be(
    phone_desk: Desk, receiver: Receiver, arguments: tuple[str, ...], code: int, fault: str
) -> None:
    del receiver
    told = phone_desk.perks("webhooks", *arguments)
    assert told.code == code
    assert fault in told.err
    assert "Traceback" not in told.err
