"""Who may open each page, and what its forms do: the table of `access_rules`, for pages. A page that needs
somebody signed in and does not stand here is closed to everybody."""

from __future__ import annotations

from collections.abc import Mapping

from perks_engine.services.access import Permission
from perks_engine.web.access_rules import Rule, Whose

_BY_RULE: Mapping[Rule, str] = {
    Rule(Whose.OWN, (Permission.CLAIM,)): """
        GET /my
        GET /my/perks/{campaign}
    """,
    Rule(Whose.CREDENTIAL): """
        GET /home
        POST /sign-out
    """,
}
PAGE_RULES: Mapping[str, Rule] = {
    line.strip(): rule for rule, lines in _BY_RULE.items() for line in lines.strip().splitlines()
}
OPEN_PAGES: Mapping[str, str] = {
    "GET /": "anybody",
    "GET /sign-in": "anybody",
    "POST /language": "anybody",
    "GET /static/{name}": "anybody",
}
