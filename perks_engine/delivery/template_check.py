"""Whether a message template can be rendered, before it has to be: each name in it is one that it is
given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from jinja2 import Environment, TemplateError, TemplateSyntaxError, nodes

from perks_engine.services.letter_shapes import Shape

SUBJECT = "Subject: "
_UNCHECKED = object()


def problems_of(environment: Environment, file: str, shape: Shape) -> list[str]:
    """What is wrong with it, each as `templates/FILE:LINE: …`, the lines in order."""
    place = f"templates/{file}"
    loader = environment.loader
    if loader is None:
        raise ValueError("the environment loads no templates")
    try:
        source, _, _ = loader.get_source(environment, file)
        tree = environment.parse(source, file)
        environment.compile(tree, file)
    except TemplateSyntaxError as error:
        return [f"{place}:{error.lineno}: {error.message}"]
    except TemplateError:
        return [f"{place}: it is missing; a letter goes out as text and as HTML, so write this one, too"]
    found = sorted(set(_unknown(tree, dict(shape), environment)))
    wrong = [f"{place}:{line}: {words}" for line, words in found]
    if file.endswith(".txt.j2") and not source.startswith(SUBJECT):
        wrong.insert(0, f"{place}:1: it must begin with the line '{SUBJECT}…'")
    return wrong


def _unknown(node: nodes.Node, scope: dict[str, Any], environment: Environment) -> Iterator[tuple[int, str]]:
    """Names that nothing gives, with their lines. `scope` grows with what the template itself names."""
    match node:
        case nodes.For():
            yield from _unknown(node.iter, scope, environment)
            held = _held(node.iter, scope)
            inner = scope | dict.fromkeys(_targets(node.target), _UNCHECKED) | {"loop": _UNCHECKED}
            if isinstance(node.target, nodes.Name) and isinstance(held, list):
                inner[node.target.name] = held[0]
            for child in (*node.body, *node.else_, *([node.test] if node.test else [])):
                yield from _unknown(child, inner, environment)
        case nodes.Macro():
            scope[node.name] = _UNCHECKED
            inner = scope | dict.fromkeys((one.name for one in node.args), _UNCHECKED)
            for child in (*node.defaults, *node.body):
                yield from _unknown(child, inner, environment)
        case nodes.Assign():
            yield from _unknown(node.node, scope, environment)
            held = _held(node.node, scope)
            scope.update(dict.fromkeys(_targets(node.target), _UNCHECKED))
            if isinstance(node.target, nodes.Name):
                scope[node.target.name] = held
        case nodes.Name(ctx="load"):
            if node.name not in scope and node.name not in environment.globals:
                yield node.lineno, _words(node.name, scope)
        case nodes.Getattr() | nodes.Getitem(arg=nodes.Const()):
            yield from _unknown(node.node, scope, environment)
            parent = _held(node.node, scope)
            name = _part(node)
            if isinstance(parent, Mapping) and name not in parent:
                yield node.lineno, _words(name, parent)
        case _:
            for child in node.iter_child_nodes():
                yield from _unknown(child, scope, environment)


def _held(node: nodes.Node, scope: Mapping[str, Any]) -> Any:
    """The shape of what an expression gives, as far as it is a name or a part of one."""
    match node:
        case nodes.Name():
            return scope.get(node.name, _UNCHECKED)
        case nodes.Getattr() | nodes.Getitem(arg=nodes.Const()):
            parent = _held(node.node, scope)
            return parent.get(_part(node), _UNCHECKED) if isinstance(parent, Mapping) else _UNCHECKED
        case _:
            return _UNCHECKED


def _part(node: nodes.Getattr | nodes.Getitem) -> str:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return str(node.arg.value) if isinstance(node.arg, nodes.Const) else ""


def _targets(node: nodes.Node) -> list[str]:
    return [node.name] if isinstance(node, nodes.Name) else [one.name for one in node.find_all(nodes.Name)]


def _words(name: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return f"there is no '{name}' to name here, but {', '.join(sorted(known))}{hint}"
