"""What the ledger says of a unit, in words for the person whose unit it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perks_engine.domain.contents import Contents
from perks_engine.domain.fulfillment import Account, ReceiptEvidence
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.services.records import Entry, Holding

_WHERE: Mapping[Account, Phrase] = {
    Account.STOCK: phrase("back in stock, and no longer kept for you"),
    Account.RESERVED: phrase("reserved for you"),
    Account.CLEARED: phrase("about to be sent to you"),
    Account.PACKED: phrase("packed for you"),
    Account.IN_TRANSIT: phrase("on its way to you"),
    Account.RECIPIENT: phrase("received by you"),
    Account.RETURNED: phrase("given back"),
    Account.LOST: phrase("lost on its way to you"),
    Account.VOIDED: phrase("void, as if you had never had it"),
}
_EVIDENCE: Mapping[str, Phrase] = {
    ReceiptEvidence.CARRIER: phrase("the carrier says that it delivered it"),
    ReceiptEvidence.PERSON: phrase("you said so"),
    ReceiptEvidence.CHECK_IN: phrase("you checked in"),
    ReceiptEvidence.REDEMPTION: phrase("the code was redeemed"),
    ReceiptEvidence.WAREHOUSE: phrase("the warehouse says so"),
}


def evidence_words(evidence: str) -> Phrase | str:
    """What a receipt rests on; empty for none."""
    return _EVIDENCE.get(evidence, evidence)


def line_of(unit: Entry | Holding) -> dict[str, Any]:
    """One line of the ledger as a letter says it: where the unit is, since when, which parts of it, and what
    that rests on."""
    where = unit.target if isinstance(unit, Entry) else unit.account
    return line_values(where, unit.occurred_at, unit.contents, unit.evidence)


def line_values(
    where: Account, since: datetime, contents: Contents | None = None, evidence: str = ""
) -> dict[str, Any]:
    is_received = where is Account.RECIPIENT
    return {
        "where": _WHERE[where],
        "since": since.date(),
        "parts": list(contents.parts) if contents and is_received else [],
        "evidence": evidence_words(evidence) if is_received else "",
    }
