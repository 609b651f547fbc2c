"""Mail over SMTP (RFC 5321), with TLS where the address asks for it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from perks_engine.delivery.letter_frame import framed
from perks_engine.delivery.mail_reports import no_mailbox
from perks_engine.services.sending_records import (
    Mail,
    Mailbox,
    MailerDownError,
    NotSentError,
    RefusedForGoodError,
)

TIMEOUT_S = 30.0
SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PERMANENT = 500


class _Headers(policy.EmailPolicy):
    """No header begins with an empty line, which servers like to mend, and so break a signature over it; and
    an address to unsubscribe at stands in one piece, for no encoded word may stand in it (RFC 2047, section
    5; RFC 2369). Python does both to what does not fit in a line."""

    def fold(self, name: str, value: str) -> str:
        return self.fold_binary(name, value).decode("ascii", "surrogateescape")

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == UNSUBSCRIBE and value.isascii():
            return f"{name}: {value}{self.linesep}".encode()
        begun = f"{name}: ".encode()
        return super().fold_binary(name, value).replace(f"{name}:{self.linesep} ".encode(), begun, 1)


UNSUBSCRIBE = "List-Unsubscribe"
_POLICY = _Headers(linesep=policy.SMTP.linesep, cte_type="7bit")


class MailSettingsError(ValueError):
    """Settings of mail that cannot be used; the message names the setting and the mend."""


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands letters to one mail server. `sender` is what stands in From."""

    host: str
    port: int
    scheme: str
    user: str
    password: str
    sender: Mailbox
    timeout_s: float = TIMEOUT_S

    @contextmanager
    def session(self) -> Generator[SmtpSession]:
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise MailerDownError(f"{self.host}:{self.port}: {_words(error)}") from error
        try:
            yield SmtpSession(connection, self.sender)
        finally:
            try:
                connection.quit()
            except (OSError, smtplib.SMTPException):
                connection.close()

    def _connect(self) -> smtplib.SMTP:
        if self.scheme == "smtps":
            context = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout_s, context=context
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        try:
            if self.scheme == "smtp+starttls":
                connection.starttls(context=ssl.create_default_context())
            if self.user:
                connection.login(self.user, self.password)
        except (OSError, smtplib.SMTPException):
            connection.close()
            raise
        return connection


@dataclass(frozen=True, slots=True)
class SmtpSession:
    connection: smtplib.SMTP
    sender: Mailbox

    def send(self, mail: Mail) -> str:
        try:
            letter = written(mail, self.sender)
        except (ValueError, MessageError) as error:
            raise RefusedForGoodError(f"it cannot be written as mail: {error}") from error
        try:
            refused = self.connection.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            told = "; ".join(_answer(*answer) for answer in error.recipients.values())
            codes = [code for code, _ in error.recipients.values()]
            self._begin_anew()
            if min(codes) < _PERMANENT:
                raise NotSentError(told) from error
            raise RefusedForGoodError(told, no_mailbox(told)) from error
        except smtplib.SMTPDataError as error:
            kind = RefusedForGoodError if error.smtp_code >= _PERMANENT else NotSentError
            self._begin_anew()
            raise kind(_answer(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise RefusedForGoodError(_words(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            # The sender is refused, or the connection is gone: the next letter would fare no better.
            raise MailerDownError(_words(error)) from error
        return "; ".join(f"not taken for one mailbox: {_answer(*answer)}" for answer in refused.values())

    def _begin_anew(self) -> None:
        try:
            self.connection.rset()
        except (OSError, smtplib.SMTPException) as error:
            raise MailerDownError(_words(error)) from error


def written(mail: Mail, sender: Mailbox) -> EmailMessage:
    """The letter with its headers (RFC 5322); raises `ValueError` or `MessageError` for
    an address that cannot stand in one."""
    letter = EmailMessage(policy=_POLICY)
    letter["From"] = _address(sender)
    letter["To"] = [_address(one) for one in mail.to]
    letter["Subject"] = _one_line(mail.subject)
    letter["Date"] = format_datetime(mail.dated)
    letter["Message-ID"] = mail.message_id
    # Nobody answers a letter of a machine with another one (RFC 3834).
    letter["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        letter[UNSUBSCRIBE] = f"<{mail.unsubscribe}>"
        if mail.unsubscribe.startswith("https:"):
            # RFC 8058 knows one click by HTTPS alone.
            letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(mail.text)
    letter.add_alternative(framed(mail.html, _one_line(mail.subject)), subtype="html")
    return letter


def _address(mailbox: Mailbox) -> Address:
    return Address(display_name=_one_line(mailbox.name), addr_spec=mailbox.address)


def _one_line(text: str) -> str:
    """No name begins a header of its own: signs that a reader cannot see are gone, and lines are joined."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _answer(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return " ".join(str(error).split()) or type(error).__name__


def smtp_mailer(url: str, sender: str) -> SmtpMailer | None:
    """The mailer of `PERKS_SMTP_URL` and `PERKS_MAIL_FROM`, None where no mail server is named.

    Raises `MailSettingsError`.
    """
    if not url:
        return None
    wanted = "such as smtp+starttls://user:password@mail.example:587"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MailSettingsError(f"PERKS_SMTP_URL is no address: {error}; write it {wanted}") from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        known = ", ".join(f"{one}://" for one in SCHEMES)
        raise MailSettingsError(f"PERKS_SMTP_URL names none of {known} with a host; write it {wanted}")
    if parts.username and parts.scheme == "smtp":
        raise MailSettingsError(
            "PERKS_SMTP_URL would send a password without TLS; write smtp+starttls:// or smtps://"
        )
    name, address = parseaddr(sender)
    if "@" not in address:
        raise MailSettingsError(
            "PERKS_MAIL_FROM has to name who letters are from, such as Our Perks <perks@shop.example>"
        )
    return SmtpMailer(
        parts.hostname,
        port or SCHEMES[parts.scheme],
        parts.scheme,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        Mailbox(address, name),
    )
