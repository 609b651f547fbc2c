"""Write down who may call which route, from the rules that hold: `python -m tools.access`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from perks_engine.services.access import Role, permissions_of
from perks_engine.web.access_rules import RULES, WITHOUT_CREDENTIAL, Rule, Whose
from perks_engine.web.page_rules import OPEN_PAGES, PAGE_RULES

FILE = Path(__file__).parent.parent / "docs" / "access.md"
_HEAD = """# Who may call which route

Made from `web/access_rules.py` by `python -m tools.access`. The engine holds each request to the same rules,
and `tests/web/test_access.py` walks every route with every role, with what is theirs and with what is not.

- Without a credential, or with one that is unknown, expired or ended: 401.
- A role that may not (· below): 403, whatever the request is about, and whether or not that is there.
- A role that may, about what it does not reach: 404, as for what is not there. Where a request itself names a
  brand, 403: that a brand is called so is no secret. Lists leave out what is not reached.
- A token that was made for single permissions has those of its role's alone.
"""
_PAGES = """## Pages

For a browser that is signed in; whoever is not is led to the sign-in. Made from `web/page_rules.py`, and held
in the same way (`tests/web/test_pages.py`). A form counts only with the word that its page put into it.
"""


def text() -> str:
    api = (*_by_role(RULES), *_open("## Without a credential", WITHOUT_CREDENTIAL))
    pages = (_PAGES, *_by_role(PAGE_RULES), *_open("## Pages for anybody", OPEN_PAGES))
    return "\n".join((_HEAD, *api, *pages, *_permissions()))


def _by_role(rules: Mapping[str, Rule]) -> Iterator[str]:
    yield f"| route | {' | '.join(Role)} | about what |"
    yield f"|---|{'---|' * len(Role)}---|"
    for route, rule in rules.items():
        marks = [("yes" if role in rule.roles() else "·") for role in Role]
        yield f"| `{route}` | {' | '.join(marks)} | {_about(rule)} |"
    yield ""


def _about(rule: Rule) -> str:
    return rule.whose if rule.whose is not Whose.CREDENTIALS or rule.permissions == () else "all tokens"


def _open(title: str, routes: Mapping[str, str]) -> Iterator[str]:
    yield f"{title}\n"
    yield "| route | for |"
    yield "|---|---|"
    yield from (f"| `{route}` | {who} |" for route, who in routes.items())
    yield ""


def _permissions() -> Iterator[str]:
    yield "## Permissions\n"
    yield "| role | permissions |"
    yield "|---|---|"
    yield from (f"| {role} | {', '.join(sorted(permissions_of(role)))} |" for role in Role)
    yield ""


def main() -> int:
    FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
