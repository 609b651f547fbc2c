"""Messages from Jinja2 templates: an unknown variable is an error, HTML is escaped, code cannot run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from perks_engine.services.ports import Rendered

SUBJECT = "Subject: "


class MessageTemplateError(ValueError):
    """A message template that cannot be rendered; the message names the file and the cause."""


def _is_html(name: str | None) -> bool:
    return bool(name and name.endswith(".html.j2"))


class JinjaRenderer:
    """Renders `templates/messages/NAME.txt.j2` (its first line is `Subject: …`) and `NAME.html.j2`.

    `roots` are folders that hold `messages/`; the first that has a template wins.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(roots)
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader([str(root) for root in roots]),
            undefined=StrictUndefined,
            autoescape=_is_html,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def names(self) -> list[str]:
        files = {file for root in self._roots for file in (root / "messages").glob("*.txt.j2")}
        return sorted({f"templates/messages/{file.name.removesuffix('.txt.j2')}" for file in files})

    def page(self, name: str, values: Mapping[str, Any], form: str = "html") -> str:
        """`templates/reports/NAME.html.j2`, or another `form` of it; raises `MessageTemplateError`."""
        try:
            return self._environment.get_template(f"reports/{name}.{form}.j2").render(values)
        except TemplateError as error:
            raise MessageTemplateError(f"the page {name} cannot be rendered: {error}") from error

    def render(self, template: str, values: Mapping[str, Any]) -> Rendered:
        """Raises `MessageTemplateError`."""
        path = template.removeprefix("templates/")
        try:
            text = self._environment.get_template(f"{path}.txt.j2").render(values)
            html = self._environment.get_template(f"{path}.html.j2").render(values)
        except TemplateError as error:
            raise MessageTemplateError(f"the template {template} cannot be rendered: {error}") from error
        subject, _, body = text.partition("\n")
        if not subject.startswith(SUBJECT):
            raise MessageTemplateError(f"the template {template}.txt.j2 must begin with '{SUBJECT}…'")
        # A line break in a name must not become a header of its own.
        return Rendered(" ".join(subject.removeprefix(SUBJECT).split()), body.lstrip("\n"), html)
