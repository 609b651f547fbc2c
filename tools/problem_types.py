"""Write down every problem that the API can answer with, from where the code raises it:
`python -m tools.problem_types`.

The file is what `/problems/CODE` shows, and what `docs/problems.md` lists. A test holds it to the code.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perks_engine.domain.promotion import PromotionState
from perks_engine.services.recipients import WORDS

HERE = Path(__file__).parent.parent
PACKAGE = HERE / "perks_engine"
DATA = PACKAGE / "web" / "problem_types.json"
PAGE = HERE / "docs" / "problems.md"

_KINDS = {
    "NotFoundError": (404, "Not found"),
    "RefusedError": (409, "Not possible now"),
    "ConflictError": (409, "Conflict"),
    "StaleError": (412, "Changed meanwhile"),
    "ForbiddenError": (403, "Not allowed"),
    "InvalidInputError": (422, "The input cannot be used"),
    "BusyError": (503, "Busy"),
    # What the domain and the adapters find, as it is passed on.
    "IllegalMoveError": (409, "Not possible now"),
    "WebhookError": (403, "Not allowed"),
    "UnusablePictureError": (422, "The input cannot be used"),
}
_NOT_OVER_HTTP = ("cli", "bootstrap")
"""What is raised there, such as by a backup, no route answers with."""
_CODE = re.compile(r"[a-z_]+(\.[a-z_0-9]+)?")
_ELLIPSIS = "…"


@dataclass
class Problem:
    title: str
    statuses: set[int] = field(default_factory=set[int])
    says: set[str] = field(default_factory=set[str])


def found() -> dict[str, Problem]:
    problems: dict[str, Problem] = {}
    for code, status, title, says in (*_raised(), *_made(), *_with_a_part()):
        known = problems.setdefault(code, Problem(title))
        known.statuses.add(status)
        if says:
            known.says.add(says)
    return dict(sorted(problems.items()))


def _modules() -> Iterator[ast.Module]:
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.relative_to(PACKAGE).parts[0] not in _NOT_OVER_HTTP:
            yield ast.parse(file.read_text(encoding="utf-8"))


def _raised() -> Iterator[tuple[str, int, str, str]]:
    """Errors that are made with a code and words; also those of a table that are unpacked into one."""
    for module in _modules():
        constants = _constants(module)
        for node, known in _with_words(module):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[first, *rest]) if name in _KINDS:
                    code = constants.get(first.id) if isinstance(first, ast.Name) else _text(first)
                    if code and _CODE.fullmatch(code):
                        for says in _texts(rest[0], known) if rest else [""]:
                            yield code, *_KINDS[name], says
                case ast.Assign(targets=[ast.Name(id="_FIRST")], value=ast.Dict(values=values)):
                    for pair in values:
                        if isinstance(pair, ast.Tuple):
                            code, says = (_text(one) for one in pair.elts)
                            yield code, *_KINDS["RefusedError"], says
                case _:
                    pass


def _with_words(module: ast.Module) -> Iterator[tuple[ast.AST, Mapping[str, list[str]]]]:
    """Each node, with the texts that the function around it gives names to."""
    for node in ast.walk(module):
        yield node, {}
        if isinstance(node, ast.FunctionDef):
            known: dict[str, list[str]] = {}
            for one in ast.walk(node):
                if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
                    known[one.targets[0].id] = _texts(one.value, known)
            for one in ast.walk(node):
                yield one, known


def _texts(node: ast.expr, known: Mapping[str, list[str]]) -> list[str]:
    """All that it may come to."""
    match node:
        case ast.IfExp(body=one, orelse=other):
            return _texts(one, known) + _texts(other, known)
        case ast.Name(id=name):
            return known.get(name, [])
        case ast.Call(func=ast.Name(id="phrase" | "said"), args=[text, *_]):
            return [re.sub(r"\{\w+\}", _ELLIPSIS, one) for one in _texts(text, known)]
        case _:
            return [_text(node)]


def _made() -> Iterator[tuple[str, int, str, str]]:
    """What `problem(…)` and `refuse(…)` of the web layer answer, and its table by status."""
    for module in _modules():
        for node in ast.walk(module):
            match node:
                case (
                    ast.Call(func=ast.Name(id="problem"), args=[status, title, code, *rest])
                    | ast.Call(func=ast.Name(id="refuse"), args=[_, status, title, code, *rest])
                ) if isinstance(status, ast.Constant) and _CODE.fullmatch(_text(code)):
                    yield _text(code), _number(status), _text(title), _text(rest[0]) if rest else ""
                case ast.AnnAssign(target=ast.Name(id="_OF_STATUS"), value=ast.Dict() as table):
                    for status, told in zip(table.keys, table.values, strict=True):
                        if isinstance(told, ast.Tuple) and status is not None:
                            title, code, says = (_text(one) for one in told.elts)
                            yield code, _number(status), title, re.sub(r"\{\w+\}", _ELLIPSIS, says)
                case _:
                    pass


def _with_a_part() -> Iterator[tuple[str, int, str, str]]:
    """Codes whose last part is why, or the state that something is in; and a claim, which is refused as what
    nobody may have or as what is not there."""
    yield "claim.refused", *_KINDS["ForbiddenError"], f"it asks for {_ELLIPSIS}; found: {_ELLIPSIS}"
    for why, words in WORDS.items():
        yield f"feedback.{why}", *_KINDS["RefusedError"], f"{words}; so nothing is asked"
    for state in PromotionState:
        yield f"promotion.{state}", *_KINDS["RefusedError"], f"{_ELLIPSIS}: it is {state}"


def _constants(module: ast.Module) -> dict[str, str]:
    return {
        node.targets[0].id: _text(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def _text(node: ast.expr) -> str:
    """The words of a text, `…` where something is put in; empty for what is no text."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(one) if isinstance(one, ast.Constant) else _ELLIPSIS for one in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left) + _text(right)
        case ast.Call(func=ast.Name(id="phrase"), args=[ast.Constant(value=str() as text), *_]):
            return re.sub(r"\{\w+\}", _ELLIPSIS, text)
        case _:
            return ""


def _number(node: ast.expr) -> int:
    value: Any = node.value if isinstance(node, ast.Constant) else 0
    return int(value)


def as_json(problems: dict[str, Problem]) -> str:
    data = {
        code: {"statuses": sorted(one.statuses), "title": one.title, "says": sorted(one.says)}
        for code, one in problems.items()
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def as_page(problems: dict[str, Problem]) -> str:
    lines = [
        "# Problems",
        "",
        "Made from the code by `python -m tools.problem_types`. Every error of the API is a problem detail",
        "(RFC 9457): `type` is `/problems/CODE`, a page that the service shows itself; `code` never changes",
        "its meaning; `detail` says what is so, and what would mend it. `…` stands for what is put in.",
        "",
        "| code | status | says |",
        "|---|---|---|",
    ]
    for code, one in problems.items():
        says = "<br>".join(text.replace("|", "\\|") for text in sorted(one.says))
        statuses = " or ".join(map(str, sorted(one.statuses)))
        lines.append(f"| `{code}` | {statuses} {one.title} | {says} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    problems = found()
    DATA.write_text(as_json(problems), encoding="utf-8")
    PAGE.write_text(as_page(problems), encoding="utf-8")


if __name__ == "__main__":
    main()
