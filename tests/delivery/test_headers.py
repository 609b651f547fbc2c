"""Headers as they go over the wire: what a parser forgives, a mail provider need not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from perks_engine.delivery.smtp import written
from perks_engine.services.sending_records import Mail, Mailbox

LINK = "https://perks.example/v1/unsubscribe/" + "Jlmuih-v5_" * 20


def lines(subject: str) -> list[bytes]:
    mail = Mail(
        to=(Mailbox("ana@mail.example", "Ana"),),
        subject=subject,
        text="Hello",
        html="<p>Hello</p>",
        message_id="<msg_1@perks.example>",
        dated=datetime(2026, 12, 2, tzinfo=UTC),
        unsubscribe=LINK,
    )
    head, _, _ = written(mail, Mailbox("perks@shop.example", "Our Perks")).as_bytes().partition(b"\r\n\r\n")
    return head.split(b"\r\n")


def test_an_address_to_unsubscribe_at_stands_in_one_piece() -> None:
    """RFC 8058: a provider posts to what stands there; as an encoded word it would be no address."""
    assert f"List-Unsubscribe: <{LINK}>".encode() in lines("Short")
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines("Short")


@pytest.mark.parametrize(
    "subject",
    [
        "We made a mistake about The new phone, and its launch night in New York",
        "Cometimos un error con El teléfono nuevo, y su noche de estreno en Nueva York, señoras y señores",
        "Long " * 60,
    ],
)
def test_no_header_begins_with_an_empty_line(subject: str) -> None:
    written_lines = lines(subject)
    assert all(not one.endswith(b":") and len(one) <= 998 for one in written_lines), written_lines
