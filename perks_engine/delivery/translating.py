"""Templates whose words are translated when they are compiled, once, and not each time they are rendered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame


def translating(gettext: Callable[[str], str]) -> type[CodeGenerator]:
    """A code generator by which `_("a text", name=value)` is the text as `gettext` has it, its values put in.
    Each language has an environment of its own. What is not a plain text is left to the extension."""

    class Translating(CodeGenerator):
        def visit_Call(  # noqa: N802 -- Jinja's own name
            self, node: nodes.Call, frame: Frame, forward_caller: bool = False
        ) -> None:
            match node:
                case nodes.Call(
                    node=nodes.Name(name="_"),
                    args=[nodes.Const(value=str() as text)],
                    dyn_args=None,
                    dyn_kwargs=None,
                ):
                    self.visit(_put_in(gettext(text), node), frame)
                case _:
                    super().visit_Call(node, frame, forward_caller=forward_caller)

    return Translating


def _put_in(text: str, call: nodes.Call) -> nodes.Expr:
    """The text, which is safe as it stands, with the values of the call, which are escaped."""
    pairs: list[Any] = [nodes.Pair(nodes.Const(one.key), one.value) for one in call.kwargs]
    if not pairs:
        return nodes.MarkSafeIfAutoescape(nodes.Const(text % {}))
    return nodes.Mod(nodes.MarkSafeIfAutoescape(nodes.Const(text)), nodes.Dict(pairs))
