"""Bring the catalogues of translations up to what the engine says: `python -m tools.catalogues`.

New texts come in empty, texts that nobody says any more go. What is missing is listed, and the exit code is
1.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from perks_engine.audiences.codes import Code
from perks_engine.campaigns.consent_file import load_purposes
from perks_engine.domain import promotion
from perks_engine.domain.campaign import Connection
from perks_engine.domain.consent import Through
from perks_engine.domain.disclosing_failures import Failure
from perks_engine.domain.disclosure import Section, Standing
from perks_engine.domain.fulfillment import Account, MoveKind, ReceiptEvidence
from perks_engine.domain.phrase import HELD
from perks_engine.domain.promotion import PromotionState
from perks_engine.domain.verdict import Verdict
from perks_engine.services import dispute_records as disputes
from perks_engine.services.access import Role
from perks_engine.services.disclosing import DisclosureLine
from perks_engine.services.dispute_records import DisputeAct
from perks_engine.services.feedback_records import FeedbackAct
from perks_engine.services.incident_records import Action, Harm
from perks_engine.services.inventory_tables import INVENTORY
from perks_engine.services.judgement_records import Outcome, PostState
from perks_engine.services.mail_records import MailEvent
from perks_engine.services.picture_records import PictureUse
from perks_engine.services.records import ClaimOutcome
from perks_engine.services.sending_records import MessageState
from perks_engine.web.access_rules import RULES, WATCHED, Whose
from perks_engine.web.app import _PARTS
from perks_engine.web.page_rules import PAGE_RULES, WATCHED_PAGES
from perks_engine.web.pages.console_log import doings

HERE = Path(__file__).parent.parent
PACKAGE = HERE / "perks_engine"
LOCALES = PACKAGE / "locale"
_PLACE = re.compile(r"\{\w*\}|%\(\w+\)s")
_WORD = re.compile(r"[^\W\d_]")
_WITHIN = (
    *("point", "radius_m", "country", "region", "postal_code", "text", "observed_at"),
    *("code", "mark", "required", "actual", "change", "node", "children"),
    *("decision", "reasons", "person", "version", "outcome", "created_at", "reserved_until", "verdict"),
    *("dispute", "entry", "file", "files", "hold", "known_at", "opened_at", "open_days", "overdue"),
    *("promotion", "retracted", "tree", "where", "candidates"),
    *("action", "campaign", "claim", "ledger_entry", "why", "wrong", "happened", "done"),
)
"""Fields within fields of the record: places, and trees of reasons."""
_CODES: tuple[type[StrEnum], ...] = (
    *(MoveKind, Account, Verdict, ClaimOutcome, Through, Harm, Action, Connection, ReceiptEvidence),
    *(FeedbackAct, DisputeAct, disputes.Cause, Outcome, PictureUse, PromotionState, promotion.Cause),
    *(Section, Standing, Role, Failure, MessageState, PostState, MailEvent),
)
_WORDS = (
    *("met", "not met", "condition", "all", "any", "not", "at least"),
    *("account", "operations", "claim", "promotion", "message", "survey", "perks", "feedback"),
    *("grant", "refusal", "shipment", "receipt", "disclosure instruction", "disclosure reminder"),
    *("feedback request", "incident", "ledger correction", "record corrected", "consent confirm"),
    *("dispute opened", "dispute settled", "disclosure fix", "erasure receipt", "substitution", "sign in"),
    *("born on", "opted in", "relation to brand", "blocked by", "earlier receipts", "register"),
    *("moments", "likeness", "location", "open", "given", "name", "handle", "email", "speaks", "time zone"),
    *("sms", "site", "social", "device"),
    *("decisions", "not as recorded", "lines", "people", "letters"),
    *(
        "consent confirmation",
        "statement link",
        "delivered",
        "campaign",
        "channel",
        "purpose",
        "brand",
        "export",
        "post",
    ),
)
"""What else is held in codes, beside enumerations."""
_CHANNELS = ("email", "sms", "site", "social", "device")
_HEADER = "# What letters say, by the English text. `python -m tools.catalogues` adds what is new."


def said() -> dict[str, str]:
    """Every text that can stand in a letter or on a page for people, with the file that says it."""
    texts: dict[str, str] = {}
    sources = (_of_templates(), _of_phrases(), _of_the_catalogue(), _of_the_inventory(), _of_the_record())
    sources = (*sources, _of_the_staff_log())
    for text, file in (one for source in sources for one in source):
        texts.setdefault(text, file.relative_to(HERE).as_posix())
    return texts


def _of_templates() -> Iterator[tuple[str, Path]]:
    templates = HERE / "templates"
    folders = ("messages/*.j2", "reports/*.j2", "pages/**/*.j2")
    for file in sorted(file for folder in folders for file in templates.glob(folder)):
        with file.open("rb") as source:
            for _, _, message, _ in babel_extract(source, ("_",), (), {"newstyle_gettext": "true"}):
                yield (message if isinstance(message, str) else message[0]), file


def _of_phrases() -> Iterator[tuple[str, Path]]:
    """What is written out as the first argument of `phrase(…)` or `said(…)`."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="phrase" | "said"), args=[ast.Constant(value=str(text)), *_]):
                    if _WORD.search(_PLACE.sub("", text)):
                        yield text, file
                case _:
                    pass


def _of_the_catalogue() -> Iterator[tuple[str, Path]]:
    """Titles of built-in attributes, and sources."""
    file = PACKAGE / "campaigns" / "builtin_catalogue.yaml"
    for attribute in yaml.safe_load(file.read_text(encoding="utf-8"))["attributes"].values():
        for text in (attribute["title"], *attribute.get("sources", ()), *attribute.get("values", ())):
            yield text.replace("_", " "), file
    yield from ((one.name, file) for one in load_purposes(None))


def _of_the_inventory() -> Iterator[tuple[str, Path]]:
    """What the record of a person and the receipt of an erasure say of each table, and what its fields are
    called."""
    file = PACKAGE / "services" / "inventory.py"
    for held in INVENTORY.about_people():
        texts = (held.what, held.why, held.basis, held.kept_because, held.span.value)
        for text in (*texts, *(f"{name.replace('_', ' ')}:" for name in (*held.shown(), *_WITHIN))):
            if text:
                yield text, file


def _of_the_record() -> Iterator[tuple[str, Path]]:
    """The engine's own words that stand in the record."""
    file = PACKAGE / "delivery" / "localising.py"
    for kind in _CODES:
        for one in kind:
            yield f"{HELD}{one.value.replace('_', ' ')}", file
    for field in fields(DisclosureLine):
        yield f"{HELD}{field.name.replace('_', ' ')}", file
    for word in _WORDS:
        yield f"{HELD}{word}", file
    yield from ((word, file) for word in _CHANNELS)
    for code in Code:
        yield f"{HELD}{code.word.replace('_', ' ')}", file


def _of_the_staff_log() -> Iterator[tuple[str, Path]]:
    """What each act of staff does, as its route says it."""
    file = PACKAGE / "web" / "pages" / "console_log.py"
    rules = {**RULES, **PAGE_RULES}
    for route, does in doings(_PARTS).items():
        rule = rules.get(route)
        is_of_staff = rule is not None and rule.whose is not Whose.OWN
        if route in WATCHED | WATCHED_PAGES or (is_of_staff and not route.startswith("GET ")):
            yield does, file


def read(language: str) -> Catalog:
    with (LOCALES / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language)


def places(text: str) -> list[str]:
    """The places of values in a text: a translation has the same."""
    return sorted(_PLACE.findall(text))


def brought_up(language: str) -> list[str]:
    """Write the catalogue anew; returns what has no translation."""
    before = read(language) if (LOCALES / f"{language}.po").is_file() else Catalog(locale=language)
    after = Catalog(locale=language)
    for text, file in sorted(said().items(), key=lambda one: (one[1], one[0])):
        known = before.get(text)
        after.add(text, known.string if known else "", locations=[(file, None)])
    with (LOCALES / f"{language}.po").open("wb") as target:
        target.write(f"{_HEADER}\n\n".encode())
        write_po(target, after, width=0, omit_header=True, include_lineno=False)
    return [str(message.id) for message in after if message.id and not message.string]


def main() -> int:
    missing = {language: brought_up(language) for language in ("es", "fr")}
    for language, texts in missing.items():
        for text in texts:
            print(f"{language}: {text}")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
