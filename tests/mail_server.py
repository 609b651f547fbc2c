"""A real SMTP server for tests: it keeps what it takes, and can be told to refuse."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

Says = Callable[[str], str]
"""What the server says to a mailbox: a reply that begins with its code."""


@dataclass
class PostOffice:
    """`letters` are those that were taken, with the mailboxes that they went to."""

    letters: list[tuple[tuple[str, ...], EmailMessage]] = field(default_factory=list[Any])
    to_mailbox: Says = lambda _address: "250 OK"
    to_letter: Says = lambda _message_id: "250 OK"
    url: str = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names its hooks by SMTP's commands
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        said = self.to_mailbox(address)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        said = self.to_letter(str(letter["Message-ID"]))
        if said.startswith("250"):
            self.letters.append((tuple(envelope.rcpt_tos), letter))
        return said

    def letters_to(self, mailbox: str, subject: str) -> list[str]:
        """The texts of those that arrived there and whose subject begins so."""
        bodies = (
            letter.get_body(("plain",))
            for to, letter in self.letters
            if to == (mailbox,) and str(letter["Subject"]).startswith(subject)
        )
        return [" ".join(str(body.get_content()).split()) for body in bodies if body is not None]

    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for _, letter in self.letters]


@contextmanager
def post_office() -> Generator[PostOffice]:
    """On a free port of this machine, for as long as the block lasts."""
    office = PostOffice()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        office.url = f"smtp://127.0.0.1:{port}"
        yield office
    finally:
        controller.stop()
