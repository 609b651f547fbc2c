"""What may come of a link in a letter: a browser gets a page that says so, not JSON."""

from __future__ import annotations

from collections.abc import Mapping

from perks_engine.domain.phrase import said

_EXPIRED = said("It is not whole, or it has expired. Ask for another one.")
_USED = said("It was used before. Ask for another one.")
_NO_LONGER = said("It is not whole, or it is no longer good.")

CLOSED: Mapping[str, str] = {
    "consent.link": _EXPIRED,
    "consent.link_used": said("It was used before. Nothing was changed by it now."),
    "consent.withdrawn_since": said("You said no after it was sent. If you want it, agree anew."),
    "consent.text_changed": said("The words that you agreed to have changed since. Agree anew."),
    "feedback.link": _NO_LONGER,
    "receipt.link": _NO_LONGER,
    "sign_in.link": _EXPIRED,
    "sign_in.used": _USED,
    "sign_in.browser": said(
        "It signs in only the browser that asked for it. Open it there, or ask for another one here."
    ),
    "sign_in.address": said("This is not an e-mail address."),
    "sign_in.insecure": said("Nobody signs in without https."),
    "sign_in.state": said("This sign-in was not begun in this browser, or too long ago. Begin again."),
    "sign_in.provider": "",
    "sign_in.provider_away": "",
    "sign_in.provider_unknown": said("Nobody signs in that way here."),
    "statement.link": _EXPIRED,
    "statement.used": _USED,
}
"""The words of the page by the code of the error; empty for those of the error itself."""
NOT_SIGNED_IN = frozenset(
    {
        "sign_in.insecure",
        "sign_in.provider",
        "sign_in.provider_away",
        "sign_in.provider_unknown",
        "sign_in.state",
    }
)
"""What is not about a letter: who wants to sign in can do something about it."""
