"""Messages from Jinja2 templates: an unknown variable is an error, HTML is escaped, code cannot run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from perks_engine.delivery.folding import folded
from perks_engine.delivery.greeting import Form, Greetings, only_says
from perks_engine.delivery.letter_frame import spoken
from perks_engine.delivery.localising import language_of, localizer
from perks_engine.delivery.template_check import SUBJECT, problems_of
from perks_engine.delivery.translating import translating
from perks_engine.domain.consent import FALLBACK_LANGUAGE
from perks_engine.services.letter_shapes import Shape
from perks_engine.services.ports import Rendered


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
        self._environments: dict[str, ImmutableSandboxedEnvironment] = {}
        self._greetings = Greetings(self._written, cache(self._only_greets))

    def environment(self, language: str = "en") -> ImmutableSandboxedEnvironment:
        """Where `trans` blocks are in that language, with the line breaks in them read as spaces."""
        if language not in self._environments:
            made = ImmutableSandboxedEnvironment(
                loader=FileSystemLoader([str(root) for root in self._roots]),
                undefined=StrictUndefined,
                autoescape=_is_html,
                trim_blocks=True,
                lstrip_blocks=True,
                keep_trailing_newline=True,
                extensions=["jinja2.ext.i18n"],
                auto_reload=False,  # what was checked at the start is what is sent
            )
            made.code_generator_class = translating(localizer(language).gettext)
            made.policies["ext.i18n.trimmed"] = True
            words = localizer(language)
            # Added by the extension, so that no stub knows it.
            install: Any = getattr(made, "install_gettext_callables")  # noqa: B009
            install(words.gettext, words.ngettext, newstyle=True)
            # What was said elsewhere, and is no text of the template's own.
            made.filters["translated"] = words.gettext
            made.filters["localised"] = words.localised
            made.filters["moment"] = words.moment
            made.filters["day"] = words.day
            made.filters["plain_day"] = words.plain_day
            made.filters["number"] = words.number
            made.filters["money"] = words.money
            made.filters["column"] = words.column
            made.filters["held"] = words.held
            made.filters["coded"] = words.coded
            made.filters["language"] = words.language_name
            made.filters["named"] = words.named
            made.filters["recognised"] = words.recognised
            made.filters["folded"] = folded
            made.globals["colon"] = words.colon  # pyright: ignore[reportArgumentType] -- of Jinja's own names
            made.globals["semicolon"] = words.semicolon  # pyright: ignore[reportArgumentType] -- the same
            self._environments[language] = made
        return self._environments[language]

    def names(self) -> list[str]:
        files = {file for root in self._roots for file in (root / "messages").glob("*.txt.j2")}
        return sorted({f"templates/messages/{file.name.removesuffix('.txt.j2')}" for file in files})

    def source(self, template: str) -> str:
        """What stands in both files of a template."""
        path = template.removeprefix("templates/")
        found = ((root / f"{path}.{form}.j2") for form in ("txt", "html") for root in self._roots)
        texts = {file.name: file for file in reversed([one for one in found if one.is_file()])}
        return "\n".join(file.read_text(encoding="utf-8") for file in texts.values())

    def check(self, shapes: Mapping[str, Shape], instruction: Shape, checked: Path | None = None) -> None:
        """Raises `MessageTemplateError` with all that is wrong with any message template, each with its file
        and line. `shapes` says what each can name; those that are not among them are instructions, to be
        named by campaigns. A file that is byte by byte one of the folder `checked` is not looked at again: it
        would take each command a quarter of a second."""
        environment = self.environment()
        wrong: list[str] = []
        for template in self.names():
            path = template.removeprefix("templates/")
            shape = shapes.get(template, instruction)
            for form in ("txt", "html"):
                file = f"{path}.{form}.j2"
                if checked is None or not self._is_one_of(checked, file):
                    wrong += problems_of(environment, file, shape)
        if wrong:
            raise MessageTemplateError("\n".join(wrong))

    def _is_one_of(self, folder: Path, file: str) -> bool:
        ours = next((root / file for root in self._roots if (root / file).is_file()), None)
        theirs = folder / file
        if ours is None or not theirs.is_file():
            return False
        return ours == theirs or ours.read_bytes() == theirs.read_bytes()

    def page(
        self,
        name: str,
        values: Mapping[str, Any],
        form: str = "html",
        language: str = FALLBACK_LANGUAGE,
        folder: str = "reports",
    ) -> str:
        """`templates/reports/NAME.html.j2`, or another `form` of it, or one of `pages`, in the language,
        English where there is no such; raises `MessageTemplateError`."""
        try:
            spoken = language_of(language)
            template = self.environment(spoken).get_template(f"{folder}/{name}.{form}.j2")
            return template.render(values, page_language=spoken)
        except TemplateError as error:
            raise MessageTemplateError(f"the page {name} cannot be rendered: {error}") from error

    def render(self, template: str, values: Mapping[str, Any], language: str = "en") -> Rendered:
        """In the language, English where there is no such; raises `MessageTemplateError`."""
        path = template.removeprefix("templates/")
        words = localizer(language_of(language))
        try:
            text, html = self._greetings.letter(path, words.language, words.localised(values))
        except TemplateError as error:
            raise MessageTemplateError(f"the template {template} cannot be rendered: {error}") from error
        subject, _, body = text.partition("\n")
        if not subject.startswith(SUBJECT):
            raise MessageTemplateError(f"the template {template}.txt.j2 must begin with '{SUBJECT}…'")
        # A line break in a name must not become a header of its own.
        subject = " ".join(subject.removeprefix(SUBJECT).split())
        return Rendered(subject, body.lstrip("\n"), spoken(html, words.language))

    def _written(self, path: str, language: str, values: Mapping[str, Any]) -> Form:
        environment = self.environment(language)
        text = environment.get_template(f"{path}.txt.j2").render(values)
        return text, environment.get_template(f"{path}.html.j2").render(values)

    def _only_greets(self, path: str, language: str) -> bool:
        environment, gettext = self.environment(language), localizer(language).gettext
        return all(only_says(environment, f"{path}.{form}.j2", gettext) for form in ("txt", "html"))
