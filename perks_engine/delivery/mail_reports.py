"""Reports about letters, as mail servers send them: bounces (RFC 3464) and complaints (ARF, RFC 5965)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from typing import Any

from perks_engine.services.mail_records import MailEvent, MailNotice

_NO_MAILBOX = re.compile(r"\b5\.(1\.[0-9]{1,3}|2\.1)\b")
"""Bad destination addresses, and mailboxes that are disabled (RFC 3463, 3.2 and 3.3)."""


def read_report(raw: bytes) -> MailNotice | None:
    """None for what is neither."""
    report = BytesParser(policy=policy.default).parsebytes(raw)
    if report.get_content_type() != "multipart/report":
        return None
    letter = _letter(report)
    for part in report.walk():
        match part.get_content_type():
            case "message/delivery-status":
                return _bounce(part, letter)
            case "message/feedback-report":
                return MailNotice(MailEvent.COMPLAINED, letter, "")
            case _:
                pass
    return None


def no_mailbox(words: str) -> str:
    """The enhanced status in a mail server's words that says that there is no such mailbox; else empty."""
    found = _NO_MAILBOX.search(words)
    return found[0] if found else ""


def _bounce(part: Message[Any, Any], letter: str) -> MailNotice | None:
    """The weightiest of what is said of its recipients; a report that it arrived is none."""
    found = [
        (str(block.get("Action", "")).strip().lower(), str(block.get("Status", "")).strip(), _mailbox(block))
        for block in _blocks(part)
        if block.get("Action")
    ]
    for action, status, address in found:
        if action == "failed":
            event = MailEvent.BOUNCED if no_mailbox(status) else MailEvent.UNDELIVERED
            return MailNotice(event, letter, status[:20], address)
    for action, status, address in found:
        if action == "delayed":
            return MailNotice(MailEvent.DELAYED, letter, status[:20], address)
    return None


def _mailbox(block: Message[Any, Any]) -> str:
    """To which it was sent, before anybody forwarded it: `rfc822; ana@mail.example`."""
    named = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
    return named.partition(";")[2].strip()[:320]


def _blocks(part: Message[Any, Any]) -> Iterator[Message[Any, Any]]:
    payload = part.get_payload()
    if isinstance(payload, list):
        for block in payload:
            if isinstance(block, Message):
                yield block


def _letter(report: EmailMessage) -> str:
    """The Message-ID of the letter that it is about: within the letter or its headers, else where an answer
    names what it answers."""
    for part in report.walk():
        if part.get_content_type() == "message/rfc822":
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else None
            if isinstance(inner, Message) and inner.get("Message-ID"):
                return str(inner["Message-ID"]).strip()
        if part.get_content_type() == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            if isinstance(text, bytes):
                named = BytesParser(policy=policy.default).parsebytes(text).get("Message-ID")
                if named:
                    return str(named).strip()
    return str(report.get("In-Reply-To", "")).strip()
