"""The mail server of the histories: it looks at each letter that arrives, answers as it is told to, and
sends back what providers send back."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from perks_engine.services.sending_records import (
    Mail,
    MailerDownError,
    MailSession,
    NotSentError,
    RefusedForGoodError,
)
from tests.services.what_may_be_sent import Ground

_REPORT = """\
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

A report.
--b
Content-Type: message/{kind}

{body}
--b
Content-Type: text/rfc822-headers

Message-ID: <{message_id}@shop.example>
--b--
"""
_BOUNCE = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {to}\nAction: failed\nStatus: 5.1.1"
_COMPLAINT = "Feedback-Type: abuse\nUser-Agent: Example/1.0\nVersion: 1"


@dataclass
class Wire:
    """The mail server: it looks at each letter, then answers as it is told to; `meanwhile` is what happens
    while it takes the first one."""

    ground: Ground
    on_real_paper: Callable[[str], None]
    real: Callable[[], Any] | None = None
    answer: str = "takes it"
    meanwhile: Callable[[], None] | None = None
    inner: MailSession | None = None

    @contextmanager
    def session(self) -> Generator[Wire]:
        if self.answer == "is away":
            raise MailerDownError("it is away")
        if self.real is None:
            yield self
            return
        with self.real() as self.inner:
            yield self

    def send(self, mail: Mail) -> str:
        why_not = self.ground.why_no_letter(mail)
        assert why_not is None, f"{mail.subject!r} went to {mail.to[0].address}, but {why_not}"
        if self.answer == "is full":
            raise NotSentError("452 4.2.2 mailbox full")
        if self.answer == "knows nobody":
            raise RefusedForGoodError("550 5.1.1 no such user", "5.1.1")
        if self.inner is not None:
            self.inner.send(mail)
            self.on_real_paper(mail.message_id)
        self.ground.note(mail)
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return ""


def report_of(what: str, to: str, message_id: str) -> bytes:
    """What comes back of a letter: a `bounce`, or a `complaint`."""
    kind = "delivery-status" if what == "bounce" else "feedback-report"
    body = _BOUNCE.format(to=to) if what == "bounce" else _COMPLAINT
    return _REPORT.format(kind=kind, body=body, message_id=message_id).replace("\n", "\r\n").encode()
