"""Headers as they go over the wire: what a parser forgives, a mail provider need not."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from perks_engine.bootstrap.rules import packaged
from perks_engine.delivery.smtp import written
from perks_engine.delivery.templates import JinjaRenderer
from perks_engine.services.sending_records import Mail, Mailbox
from perks_engine.services.signing_in import LETTER as SIGN_IN

VALUES = {"name": "Ana", "link": "https://perks.example/l", "until": datetime(2026, 12, 9, tzinfo=UTC)}
LINK = "https://perks.example/v1/unsubscribe/" + "Jlmuih-v5_" * 20


def mail(subject: str, html: str = "<p>Hello</p>") -> EmailMessage:
    letter = Mail(
        to=(Mailbox("ana@mail.example", "Ana"),),
        subject=subject,
        text="Hello",
        html=html,
        message_id="<msg_1@perks.example>",
        dated=datetime(2026, 12, 2, tzinfo=UTC),
        unsubscribe=LINK,
    )
    return written(letter, Mailbox("perks@shop.example", "Our Perks"))


def lines(subject: str) -> list[bytes]:
    head, _, _ = mail(subject).as_bytes().partition(b"\r\n\r\n")
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


def test_a_letter_as_html_is_a_page_that_fits_phones_and_nights() -> None:
    written_in = JinjaRenderer([packaged("templates")]).render(SIGN_IN, VALUES, "fr-CA").html
    _, page = mail("Yours <& ours>", written_in).iter_parts()
    text = page.get_content()
    assert text.startswith("<!doctype html>")
    assert "<title>Yours &lt;&amp; ours&gt;</title>" in text
    assert 'content="width=device-width' in text
    assert "prefers-color-scheme: dark" in text
    assert '<div lang="fr">\n<p>Bonjour Ana,</p>' in text
    own = '<HTML lang="es"><body><p>Hola</p></body></HTML>\n'
    _, page = mail("Hola", own).iter_parts()
    assert page.get_content() == own, "what a deployment wrote as a whole page stays as it is"
