"""Write down what happens where a write is sent twice, from the published schema and the table of those
without a key: `python -m tools.idempotency`. A test holds the page to it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from perks_engine.web.app import all_routes
from perks_engine.web.described import described
from perks_engine.web.edit_rules import EDITS, WITHOUT_MATCH
from perks_engine.web.write_rules import AFTERWARDS, FOR_EVER, WITHOUT_KEY

FILE = Path(__file__).parent.parent / "docs" / "idempotency.md"
KEY = "Idempotency-Key"
_READS = ("get", "head")
_HEAD = """# Sending a request again

Made by `python -m tools.idempotency`; `tests/web/test_idempotency.py` sends each of these twice.

A client that got no answer cannot know whether its request was done. So it sends the same again, and nothing
is done twice:

- A write takes the header `Idempotency-Key`: up to 200 printable characters, chosen by the caller, new for
  each new request. The answer is kept under it, and is the answer again, word for word; but a secret is shown
  once. Keys belong to the person or to the member of staff, whichever credential they use.
- The answer is written in the same transaction as the work, so both are there or none. Of two requests at the
  same moment one does the work, and both get its answer.
- The same key with another request, or another body, is answered 409 (`idempotency.conflict`); a new request
  takes a new key.
- What is refused before anything is done (401, 403, 404, 422, 429, 503) is not kept: the same key may be used
  when it is mended. A refused claim is a decision, and is kept.
- Answers are kept for 30 days (`PERKS_KEEP_ANSWER_DAYS`); that of a grant for as long as the claim is there.
- Writes that take no key may be sent again as they are, for the reason that stands beside them.
"""

_EDITS = """## What somebody else may have changed

Two who look at the same thing and then change it must not write over what they never saw. The answer that
shows such a thing has an `ETag`; sent back as `If-Match`, the edit is refused where it was changed since (412
`edition.stale`, with the present `edition`), and nothing is done. It is asked in the transaction that writes,
so that of two at the same moment one is told. Without `If-Match`, or with `*`, the edit is done as it is. The
answer under an `Idempotency-Key` is the same again whatever changed since. `tests/web/test_editions.py` holds
both tables to the routes.
"""


def writes() -> Iterator[tuple[str, bool]]:
    """Each route that writes, and whether it takes a key."""
    for path, operations in described(all_routes().routes)["paths"].items():
        for method, operation in operations.items():
            if method not in _READS:
                named = [one["name"] for one in operation.get("parameters", [])]
                yield f"{method.upper()} {path}", KEY in named


def text() -> str:
    return "\n".join((_HEAD, *_with_key(), *_without(), *_edits()))


def matched() -> set[str]:
    """The routes that take `If-Match`."""
    return {
        f"{method.upper()} {path}"
        for path, operations in described(all_routes().routes)["paths"].items()
        for method, operation in operations.items()
        if any(one["name"] == "If-Match" for one in operation.get("parameters", []))
    }


def _edits() -> Iterator[str]:
    yield _EDITS
    yield "| route | edits what this shows |"
    yield "|---|---|"
    yield from (f"| `{route}` | `{shown}` |" for route, shown in sorted(EDITS.items()))
    yield ""
    yield "| every other write | why it needs none |"
    yield "|---|---|"
    yield from (f"| `{route}` | {why} |" for route, why in sorted(WITHOUT_MATCH.items()))
    yield ""


def _with_key() -> Iterator[str]:
    yield "## With a key\n"
    yield "| route | the answer is kept | for |"
    yield "|---|---|---|"
    for route in sorted(route for route, keyed in writes() if keyed):
        when = "when its many transactions have ended" if route in AFTERWARDS else "in its transaction"
        yield f"| `{route}` | {when} | {'as long as the claim' if route in FOR_EVER else '30 days'} |"
    yield ""


def _without() -> Iterator[str]:
    yield "## Without one\n"
    yield "| route | why it may be sent again |"
    yield "|---|---|"
    yield from (f"| `{route}` | {why} |" for route, why in sorted(WITHOUT_KEY.items()))
    yield ""


def main() -> int:
    FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
