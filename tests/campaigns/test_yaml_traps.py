"""What YAML lets through, or lets blow up, is refused with its place before any meaning is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from perks_engine.bootstrap import RuleBook
from perks_engine.campaigns.yaml_source import MAX_BYTES
from tests.campaigns.reading import CAMPAIGN, Faults, changed, faults_of

BOMB = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 10)
)


def test_the_small_campaign_is_well(faults: Faults) -> None:
    assert faults(CAMPAIGN) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "perk:\n",
            "perk: [\n",
            "box.yaml:6:7: is not YAML: while parsing a flow sequence expected ',' or ']', but got ':'",
            id="a bracket left open",
        ),
        pytest.param(
            "  kind: item",
            "\tkind: item",
            "box.yaml:5:1: is not YAML: while scanning for the next token "
            "found character '\\t' that cannot start any token",
            id="a tab",
        ),
        pytest.param(
            "title: A box in spring",
            "title: Spring: a box",
            "box.yaml:3:14: is not YAML: mapping values are not allowed here",
            id="a colon in a text",
        ),
        pytest.param(
            "  quantity: 10\n",
            "  quantity: 10\n  quantity: 1000\n",
            "box.yaml:9:3: the key 'quantity' stands here twice; expected each key once",
            id="a key twice",
        ),
        pytest.param(
            "brand: sample-brand",
            "? [sample, brand]\n: 1",
            "box.yaml:2:3: a list as a key; expected a word as a key",
            id="a list as a key",
        ),
        pytest.param(
            "title: A box in spring",
            "title: !!python/object/apply:os.system [id]",
            "box.yaml:3:8: has the tag tag:yaml.org,2002:python/object/apply:os.system; "
            "expected plain YAML without tags",
            id="a tag that runs code",
        ),
        pytest.param(
            "quantity: 10",
            "quantity: !!int '10'",
            "box.yaml:8:13: has the tag tag:yaml.org,2002:int; expected plain YAML without tags",
            id="a harmless tag",
        ),
        pytest.param(
            "brand: sample-brand",
            "brand: *brand",
            "box.yaml:2:8: *brand refers to no finished &brand; expected an earlier anchor",
            id="an alias of nothing",
        ),
        pytest.param(
            "perk:\n",
            "perk: &perk\n  again: *perk\n",
            "box.yaml:5:10: *perk refers to no finished &perk; expected an earlier anchor",
            id="an alias of what holds it",
        ),
        pytest.param(
            "brand: sample-brand\n",
            "brand: sample-brand\n---\n",
            "box.yaml:3:1: a second document begins here; expected one document in a file",
            id="two documents",
        ),
        pytest.param(
            "  all:\n",
            "  all:\n    - " + "[" * 200 + "]" * 200 + "\n",
            "box.yaml:16:104: is nested more than 100 deep; expected a flatter file",
            id="brackets without end",
        ),
    ],
)
def test_what_yaml_would_let_through(faults: Faults, old: str, new: str, message: str) -> None:
    assert faults(changed(old, new)) == [message]


def test_a_merge_key_is_a_key_that_nobody_knows(faults: Faults) -> None:
    text = changed("perk:\n", "perk:\n  <<: {quantity: 99}\n")
    assert faults(text) == ["box.yaml:5:3: perk: unknown key '<<'; expected one of hot, parts"]


def test_an_alias_stands_for_what_it_names(faults: Faults) -> None:
    text = changed("perks", "&purpose perks").replace("promotion: {allowed: false}\n", "")
    assert faults(text) == []
    assert faults(changed("received_item", "*purpose", text)) == [
        (
            "box.yaml:16:17: disclosure.connection: found 'perks'; "
            "expected one of received_item, received_service, attended_event, early_access, prize, payment"
        )
    ]


def test_an_alias_bomb_stops_at_its_fuse(faults: Faults) -> None:
    assert len(BOMB) < 700
    assert faults(BOMB) == [
        "box.yaml:5:25: holds more than 50,000 values, aliases counted; expected a smaller file"
    ]


def test_aliases_cannot_nest_deeper_than_the_stack(faults: Faults) -> None:
    """Each line is shallow, but stands for the line before it, wrapped in 90 lists more."""
    layers = ["  l0: &l0 {device: [40.7, -73.9], radius: 30 m}"] + [
        f"  l{layer}: &l{layer} {'[' * 90}*l{layer - 1}{']' * 90}" for layer in range(1, 21)
    ]
    text = f"{CAMPAIGN}layers:\n" + "\n".join(layers)
    text += "\nexamples: [{name: deep, verdict: unknown, person: {location: *l20}}]\n"
    found = faults(text)
    assert found[0].startswith("box.yaml:22:1: unknown key 'layers'; expected one of ")
    assert found[1].startswith("box.yaml:43:14: examples[0].person.location[0]: found a list; expected ")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "box.yaml:1:1: is empty; expected a mapping", id="empty"),
        pytest.param(b"# only a comment\n", "box.yaml:1:1: is empty; expected a mapping", id="a comment"),
        pytest.param(
            b"- campaign: spring-box\n",
            "box.yaml:1:1: found a list; expected a mapping with campaign, brand, title, perk, window, "
            "eligibility, disclosure",
            id="a list",
        ),
        pytest.param(
            "campaign: spring-box\ntitle: Un été".encode("latin-1"),
            "box.yaml:2:11: byte 0xe9 is not UTF-8; expected a file saved as UTF-8",
            id="Latin-1",
        ),
        pytest.param(
            "title: Un été, ".encode() + "un été".encode("latin-1"),
            "box.yaml:1:19: byte 0xe9 is not UTF-8; expected a file saved as UTF-8",
            id="half Latin-1, the column counted in letters",
        ),
        pytest.param(
            b"\xef\xbb\xbf" + "title: Un été".encode("latin-1"),
            "box.yaml:1:11: byte 0xe9 is not UTF-8; expected a file saved as UTF-8",
            id="Latin-1 after a byte order mark",
        ),
        pytest.param(
            CAMPAIGN.encode("utf-16"),
            "box.yaml:1:1: byte 0xff is not UTF-8; expected a file saved as UTF-8",
            id="UTF-16",
        ),
    ],
)
def test_a_file_that_is_no_campaign_at_all(faults: Faults, data: bytes, message: str) -> None:
    assert faults(data) == [message]


@pytest.mark.parametrize(
    ("old", "new", "place", "code"),
    [
        pytest.param("A box in spring", "A box\0", "3:13", "0000", id="NUL"),
        pytest.param("A box in spring", "A b\aox in spring", "3:11", "0007", id="bell"),
        pytest.param("promotion", "# été\r\n\x0bpromotion", "22:1", "000B", id="vertical tab after CR LF"),
        pytest.param("spring-box", "spring-box\x7f", "1:21", "007F", id="delete"),
        pytest.param("A box in spring", "Ein été\x9b", "3:15", "009B", id="C1, the column in letters"),
        pytest.param("A box in spring", "A box \uffff", "3:14", "FFFF", id="no character at all"),
    ],
)
def test_an_invisible_character(faults: Faults, old: str, new: str, place: str, code: str) -> None:
    assert faults(changed(old, new)) == [
        (
            f"box.yaml:{place}: the invisible character U+{code} stands here; "
            "expected letters, signs, spaces and line ends"
        )
    ]


def test_a_byte_order_mark_does_no_harm(faults: Faults) -> None:
    assert faults(CAMPAIGN.encode("utf-8-sig")) == []


def test_a_file_over_the_limit_is_not_even_parsed(book: RuleBook, faults: Faults, tmp_path: Path) -> None:
    text = "[" * (MAX_BYTES + 1)
    assert faults(text) == ["box.yaml: is 524,289 bytes long; expected at most 524,288 bytes"]

    file = tmp_path / "large.yaml"
    file.write_text(text)
    assert faults_of(lambda: book.reader.read_file(file)) == [
        f"{file}: is 524,289 bytes long; expected at most 524,288 bytes"
    ]
    fits = CAMPAIGN + "#" * (MAX_BYTES - len(CAMPAIGN))
    assert faults(fits) == []


def test_a_file_that_is_not_there(book: RuleBook, tmp_path: Path) -> None:
    file = tmp_path / "nowhere.yaml"
    assert faults_of(lambda: book.reader.read_file(file)) == [
        f"{file}: cannot be read: No such file or directory; expected a readable file"
    ]
