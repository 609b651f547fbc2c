"""Letters that differ in nothing but whom they greet: the second one is kept, and from then on only the
name is put in, in a twentieth of the time. What only one person is ever sent, such as a link, is not kept.

That is so where a template says `name` and does nothing else with it. One that asks whether there is a name,
or writes it otherwise, is rendered for each reader.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import Environment, nodes
from markupsafe import escape

NAME = "name"
_PLACE = "\ufdd0name\ufdd1"
"""Where it goes; of signs that stand in no text (Unicode calls them noncharacters)."""
_MOST = 2_000
"""So many letters are kept at most, of some three kilobytes each."""
_MOST_SEEN = 20_000

Form = tuple[str, str]
"""A letter as text and as HTML."""


class Greetings:
    """`written` makes a letter from the path of its template, a language and values that are text already;
    `only_greets` tells whether that template in that language only says it."""

    def __init__(
        self,
        written: Callable[[str, str, Mapping[str, Any]], Form],
        only_greets: Callable[[str, str], bool],
    ) -> None:
        self._written = written
        self._only_greets = only_greets
        self._kept: dict[tuple[str, str, bytes], Form] = {}
        self._seen: set[int] = set()  # hashes of what was asked for once

    def letter(self, path: str, language: str, values: Mapping[str, Any]) -> Form:
        name = values.get(NAME)
        if type(name) is not str or not self._only_greets(path, language):
            return self._written(path, language, values)
        others = {**values, NAME: _PLACE}
        try:
            key = path, language, marshal.dumps(others, 2)
        except ValueError:  # something that is no plain data, and is not known to stay as it is
            return self._written(path, language, values)
        kept = self._kept.get(key)
        if kept is None:
            if not self._was_seen(hash(key)):
                return self._written(path, language, values)
            if len(self._kept) >= _MOST:
                self._kept.clear()
            kept = self._kept[key] = self._written(path, language, others)
        text, html = kept
        return text.replace(_PLACE, name), html.replace(_PLACE, str(escape(name)))

    def _was_seen(self, mark: int) -> bool:
        if mark in self._seen:
            return True
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(mark)
        return False


def only_says(environment: Environment, file: str, gettext: Callable[[str], str], name: str = NAME) -> bool:
    """Whether the template says what is called so, alone or in a sentence, and does nothing else with it."""
    loader = environment.loader
    if loader is None:
        return False
    tree = environment.parse(loader.get_source(environment, file)[0], file)
    named = [one for one in tree.find_all(nodes.Name) if one.name == name]
    said = [one for output in _outputs(tree.body) for one in _said(output, name, gettext)]
    return len(named) == len(said) and not any(tree.find_all(_ELSEWHERE))


_ELSEWHERE = (nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)
"""Where a name may be put to use that this template does not show."""


def _outputs(body: Iterable[nodes.Node]) -> Iterator[nodes.Output]:
    """What is written as it stands, and not into a macro, a filter or a variable."""
    for one in body:
        match one:
            case nodes.Output():
                yield one
            case nodes.If():
                yield from _outputs((*one.body, *one.elif_, *one.else_))
            case nodes.For():
                yield from _outputs((*one.body, *one.else_))
            case _:
                pass


def _said(output: nodes.Output, name: str, gettext: Callable[[str], str]) -> Iterator[nodes.Node]:
    for one in output.nodes:
        match one:
            case nodes.Name(name=said) if said == name:
                yield one
            case nodes.Call(
                node=nodes.Name(name="_"),
                args=[nodes.Const(value=str() as text)],
                dyn_args=None,
                dyn_kwargs=None,
            ):
                words = gettext(text)
                for pair in one.kwargs:
                    is_plain = words.count(f"%({pair.key})") == words.count(f"%({pair.key})s")
                    if isinstance(pair.value, nodes.Name) and pair.value.name == name and is_plain:
                        yield pair.value
            case _:
                pass
