"""A dispute as plain data: the same words over HTTP and at the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from perks_engine.services.dispute_records import Dispute, KeptFile
from perks_engine.services.views import View, instant_view

DUE_AFTER = timedelta(days=30)
"""Within a month a person has to be answered (GDPR 12(3))."""


def dispute_view(dispute: Dispute, files: Sequence[KeptFile], now: datetime, is_staff: bool) -> View:
    """`known_at` is when it became known, `opened_at` when it was so; the person is not told who of the
    staff acted, the staff is."""
    opening, ending = dispute.opening, dispute.ending
    due_at = opening.recorded_at + DUE_AFTER
    until = ending.recorded_at if ending else now
    view: View = {
        "dispute": opening.dispute_id,
        "state": dispute.state,
        "claim": opening.claim_id,
        "campaign": opening.campaign,
        "brand": dispute.brand,
        "person": opening.person_id,
        "entry": opening.entry_id,
        "cause": opening.cause.value,
        "text": opening.words,
        "opened_at": instant_view(opening.occurred_at),
        "known_at": instant_view(opening.recorded_at),
        "open_days": max(0, (until - opening.recorded_at).days),
        "due_at": instant_view(due_at),
        "overdue": ending is None and now > due_at,
        "files": [file_view(one) for one in files],
    }
    if is_staff:
        view["opened_by"] = opening.acted_by
    if ending is not None:
        view |= {
            "settled_at": instant_view(ending.recorded_at),
            "reason": ending.words,
            "correction": ending.correction,
        }
        if is_staff:
            view["settled_by"] = ending.acted_by
    return view


def file_view(file: KeptFile) -> View:
    return {
        "file": file.file_id,
        "name": file.name,
        "kind": file.kind,
        "bytes": file.size,
        "sha256": file.sha256,
        "given_at": instant_view(file.recorded_at),
    }
