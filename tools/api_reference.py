"""Write the reference of the API, from the OpenAPI document that the service itself shows:
`python -m tools.api_reference`. A test holds the page to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from perks_engine.web.access_rules import RULES, WITHOUT_CREDENTIAL
from perks_engine.web.app import all_routes
from perks_engine.web.described import AROUND, described

PAGE = Path(__file__).parent.parent / "docs" / "api.md"
_HEAD = """# The API

Made from the OpenAPI document by `python -m tools.api_reference`. A running engine shows the same with every
schema under `/docs`, to try each route, and the document itself under `/openapi.json`.

JSON in and out. A request bears a token (`Authorization: Bearer …`), or the cookie of a session and, where it
writes, `X-CSRF-Token`. A write bears an `Idempotency-Key`: the same key gives the same answer again. Lists
come in pages, the next one by `cursor`. What is refused is answered by a [problem](problems.md), which says
what would mend it. Beside the answers that are named, each route may say that there are too many requests
(429) or that the database is away (503), and one with a body that it cannot be read (400), is too slow (408),
too large (413) or not said to be what it is (415).
"""
_METHODS = ("get", "post", "put", "patch", "delete")


def as_page() -> str:
    return "\n".join((_HEAD, *_sections()))


def _sections() -> Iterator[str]:
    document = described(all_routes().routes)
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                tag = methods[method].get("tags", ["the service"])[0]
                by_tag.setdefault(tag, []).append("\n".join(_route(method.upper(), path, methods[method])))
    for tag, routes in sorted(by_tag.items()):
        yield f"## {tag[0].upper()}{tag[1:]}\n"
        yield from routes


def _route(method: str, path: str, told: dict[str, Any]) -> Iterator[str]:
    yield f"### `{method} {path}`\n"
    yield f"{' '.join(told.get('description', told['summary'] + '.').split())}\n"
    yield f"For {_who(f'{method} {path}')}. Answers {_answers(told)}."
    if named := [one for one in told.get("parameters", ()) if one["in"] in ("path", "query")]:
        yield "\n| parameter | in | what it says |\n|---|---|---|"
        yield from (f"| `{one['name']}` | {one['in']} | {_told(one)} |" for one in named)
    yield ""


def _who(route: str) -> str:
    rule = RULES.get(route)
    if rule is None:
        return WITHOUT_CREDENTIAL.get(route, "anybody")
    return f"{', '.join(rule.roles())} ({rule.whose})"


def _answers(told: dict[str, Any]) -> str:
    return ", ".join(code for code in sorted(told["responses"]) if code not in AROUND)


def _told(parameter: dict[str, Any]) -> str:
    says = parameter.get("description", "").replace("|", "\\|")
    needed = "" if parameter.get("required") or parameter["in"] == "path" else "may be left out"
    return "; ".join(one for one in (says, needed) if one)


def main() -> None:
    PAGE.write_text(as_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
