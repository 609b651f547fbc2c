"""Write the Python client of the API, from the schema that the service publishes: `make client`.

The models are made by datamodel-code-generator, the methods here: one for each operation, by its name. What
stands around them, `transport.py`, is written by hand. A test holds the client to the schema.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from perks_engine.web.app import all_routes
from perks_engine.web.described import described

HERE = Path(__file__).parent.parent
PACKAGE = HERE / "clients" / "python" / "perks_client"
MODELS, METHODS, VERSION = "models.py", "api.py", "version.py"
_CODEGEN = (
    *("--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"),
    *("--target-python-version", "3.11", "--use-standard-collections", "--use-union-operator"),
    *("--enum-field-as-literal", "all", "--collapse-root-models", "--strict-nullable"),
    *("--use-schema-description", "--use-field-description"),
    *("--formatters", "builtin", "--disable-timestamp"),
)
_HINTS = frozenset({"title", "example", "examples", "pattern", "contentMediaType"})
_LIMITS = re.compile(r"(min|max|exclusiveM\w+)[A-Z]\w+|minimum|maximum")
_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_WIDTH = 106
_MODELS_HEAD = '''"""What requests and answers hold.

Made by `make client`; do not edit.
"""

'''
_HEAD = '''"""The methods of the client, one for each operation of the API.

Made by `make client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import quote

import httpx

from perks_client import models
from perks_client.transport import Tagged, Transport, new_key


class Client(Transport):
    """The API of one engine, as one bearer of a token (or nobody) sees it. Each method raises `ProblemError`
    where the engine refuses, and `UnreadableError` where something else answers."""
'''


def files(schema: Mapping[str, Any]) -> dict[str, str]:
    """Name and text of each file that is made."""
    with TemporaryDirectory() as folder:
        given, made = Path(folder) / "schema.json", Path(folder) / MODELS
        methods = Path(folder) / METHODS
        given.write_text(json.dumps({**schema, "paths": {}, **_bare(schema)}), encoding="utf-8")
        _run("datamodel_code_generator", "--input", str(given), "--output", str(made), *_CODEGEN)
        text = made.read_text(encoding="utf-8")
        made.write_text(_MODELS_HEAD + re.sub(r"(?m)^#.*\n", "", text).lstrip(), encoding="utf-8")
        methods.write_text("\n".join((_HEAD, *_methods(schema))), encoding="utf-8")
        for way in (("check", "--fix-only", "--quiet"), ("format", "--quiet")):
            _run("ruff", *way, "--config", str(HERE / "pyproject.toml"), str(made), str(methods))
        version = f'"""That of the schema."""\n\n__version__ = "{schema["info"]["version"]}"\n'
        return {VERSION: version, **{file.name: file.read_text(encoding="utf-8") for file in (made, methods)}}


def _run(module: str, *given: str) -> None:
    subprocess.run([sys.executable, "-m", module, *given], check=True, cwd=HERE)  # noqa: S603


def _bare(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas alone, without limits: the engine holds requests to them, and says so in words."""
    return {"components": {"schemas": _without(schema["components"]["schemas"], is_schema=False)}}


def _without(part: Any, is_schema: bool = True) -> Any:
    if isinstance(part, list):
        return [_without(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _without(one, not (is_schema and name == "properties"))
        for name, one in part.items()
        if not is_schema or not (name in _HINTS or _LIMITS.fullmatch(name))
    }


@dataclass(frozen=True, slots=True)
class Argument:
    name: str
    kind: str
    sent_as: str
    where: str
    is_required: bool
    says: str


def _methods(schema: Mapping[str, Any]) -> Iterator[str]:
    for path, ways in schema["paths"].items():
        for method, operation in ways.items():
            yield textwrap.indent("\n".join(_method(schema, method.upper(), path, operation)), "    ") + "\n"


def _method(schema: Mapping[str, Any], method: str, path: str, told: Mapping[str, Any]) -> Iterator[str]:
    named = [_argument(schema, one) for one in told.get("parameters", ())]
    placed = [one for one in named if one.where == "path"]
    given, passed = _body(told)
    optional = [one for one in named if one.where != "path"]
    kind, wanted = _answer(told)
    signature = ["self", *(f"{one.name}: {one.kind}" for one in placed), *given]
    if optional:
        signature.append("*")
        for one in sorted(optional, key=lambda one: not one.is_required or one.sent_as == "Idempotency-Key"):
            needed = one.is_required and one.sent_as != "Idempotency-Key"
            signature.append(f"{one.name}: {one.kind}" + ("" if needed else " | None = None"))
    yield f"def {told['operationId']}({', '.join(signature)}) -> {kind}:"
    yield textwrap.indent(_words(method, path, told, named), "    ")
    asked = [f'"{method}"', _address(path, placed)]
    for where, name in (("query", "query"), ("header", "headers")):
        those = [one for one in optional if one.where == where]
        if those:
            asked.append(f"{name}={{{', '.join(f'{one.sent_as!r}: {_value(one)}' for one in those)}}}")
    asked += passed
    called = f"self._raw({', '.join(asked)})"
    if kind in ("httpx.Response", "None"):
        yield f"    {'return ' if kind != 'None' else ''}{called}"
        return
    yield f"    answer = {called}"
    if kind.startswith("Tagged"):
        yield f'    return Tagged(self._read({wanted}, answer), answer.headers["ETag"])'
    else:
        yield f"    return self._read({wanted}, answer)"


def _argument(schema: Mapping[str, Any], told: Mapping[str, Any]) -> Argument:
    kind = _kind(schema, told["schema"])
    name = re.sub(r"\W", "_", told["name"]).lower()
    name = {"format": "format_", "open": "open_"}.get(name, name)
    is_required = bool(told.get("required"))
    kind = kind.removesuffix(" | None")
    return Argument(name, kind, told["name"], told["in"], is_required, told.get("description", ""))


def _kind(schema: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """The type of a parameter."""
    if "$ref" in told:
        return _kind(schema, schema["components"]["schemas"][told["$ref"].rpartition("/")[2]])
    if "enum" in told or "const" in told:
        return f"Literal[{', '.join(json.dumps(one) for one in told.get('enum', [told.get('const')]))}]"
    if "anyOf" in told:
        kinds = [_kind(schema, one) for one in told["anyOf"] if one.get("type") != "null"]
        return " | ".join(dict.fromkeys(kinds))
    if told.get("type") == "array":
        return f"list[{_kind(schema, told['items'])}]"
    if told.get("format") == "date-time":
        return "datetime"
    return _SCALARS[told["type"]]


def _body(told: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Arguments of a request's body, and how they are passed on."""
    content = told.get("requestBody", {}).get("content", {})
    if not content:
        return [], []
    needed = "" if told["requestBody"].get("required") else " | None = None"
    if model := _model(content.get(_JSON, {}).get("schema", {})):
        return [f"body: {model}{needed}"], ["body=body"]
    if set(content) == {_FORM}:
        return ["form: Mapping[str, str]"], ["form=form"]
    media = _JSON if _JSON in content else next(iter(content))
    given = [f"content: bytes{needed}", f'content_type: str = "{media}"']
    return given, ["content=content", "content_type=content_type"]


def _answer(told: Mapping[str, Any]) -> tuple[str, str]:
    """The type that a method returns, and the one that it reads: an answer that has several forms, or none
    that the schema describes, is handed on as it came."""
    done = [one for status, one in told["responses"].items() if status < "400"]
    content = done[0].get("content", {})
    if not content:
        return ("None", "") if "204" in told["responses"] else ("httpx.Response", "")
    model = _model(content.get(_JSON, {}).get("schema", {}))
    if not model:
        return "httpx.Response", ""
    return (f"Tagged[{model}]" if "ETag" in done[0].get("headers", {}) else model), model


def _model(told: Mapping[str, Any]) -> str:
    if "$ref" in told:
        return f"models.{told['$ref'].rpartition('/')[2]}"
    if "anyOf" in told:
        return " | ".join(_model(one) for one in told["anyOf"] if one.get("type") != "null")
    return "dict[str, str]" if told.get("additionalProperties") == {"type": "string"} else ""


def _address(path: str, placed: list[Argument]) -> str:
    for one in placed:
        path = path.replace(f"{{{one.sent_as}}}", f"{{quote(str({one.name}), safe='')}}")
    return f'{"f" if placed else ""}"{path}"'


def _value(one: Argument) -> str:
    return f"{one.name} or new_key()" if one.sent_as == "Idempotency-Key" else one.name


def _words(method: str, path: str, told: Mapping[str, Any], named: list[Argument]) -> str:
    says = " ".join(told.get("description", f"{told['summary']}.").split())
    lines = textwrap.wrap(f'"""{says}', _WIDTH - 8)
    lines += ["", f"`{method} {path}`"]
    explained = [f"{one.name}: {' '.join(one.says.split())}" for one in named if one.says]
    if explained:
        lines.append("")
        for one in explained:
            lines += textwrap.wrap(one, _WIDTH - 8, subsequent_indent="    ")
    return "\n".join((*lines, '"""'))


def main() -> int:
    for name, text in files(described(all_routes().routes)).items():
        (PACKAGE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
