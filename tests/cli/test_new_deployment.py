"""`perks init`, `migrate`, `schema` and the top of the command: how an engine is begun."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from jsonschema import Draft202012Validator

from perks_engine import __version__
from perks_engine.cli.main import app
from perks_engine.storage.schema_state import newest
from tests.cli.command_line import Desk, plain
from tests.engine_room import PHONE

ROOT = Path(__file__).resolve().parents[2]


def commands(node: object, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Every command with its words and its options, out of the tree that `perks` is."""
    inner: dict[str, object] | None = getattr(node, "commands", None)
    if inner is None:
        parameters: list[object] = getattr(node, "params", [])
        yield names, {option for one in parameters for option in getattr(one, "opts", [])}
        return
    for name, child in inner.items():
        yield from commands(child, (*names, name))


EVERY = [(names, options) for names, options in commands(typer.main.get_command(app))]


@pytest.mark.parametrize(("names", "options"), EVERY, ids=[" ".join(names) for names, _ in EVERY])
def test_every_command_tells_what_it_is_for(desk: Desk, names: tuple[str, ...], options: set[str]) -> None:
    told = desk.well(*names, "--help")
    assert f"Usage: perks {' '.join(names)}" in told.out
    assert "--json" in options, f"perks {' '.join(names)} has no --json"


def test_perks_alone_shows_its_commands(desk: Desk) -> None:
    told = desk.perks()
    assert told.code == 2
    assert "campaign" in told.out + told.err
    assert desk.well("--version").out == f"perks {__version__}\n"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("campain", "list"), "Did you mean 'campaign'?"),
        (("campaign", "lnt", "x.yaml"), "Did you mean 'lint'?"),
        (("claim", "phone", "ana", "--ky", "k"), "--key"),
        (("claim", "phone", "ana"), "Missing option '--key'"),
        (("campaign", "lint"), "Missing argument"),
    ],
)
def test_a_mistyped_command_is_told_which_was_meant(desk: Desk, words: tuple[str, ...], hint: str) -> None:
    told = desk.perks(*words)
    assert (told.code, told.out) == (2, "")
    assert hint in plain(told.err)


def test_init_lays_out_rules_templates_and_an_empty_database(desk: Desk) -> None:
    told = desk.well("init", "shop")
    first, second, third = told.lines
    assert first == f"shop is ready: rules/, templates/, perks.db, keys/; the campaign {PHONE} opens today"
    assert second.startswith("what you export can be verified with the public key of its log: perks.example/")
    assert "cd shop && perks campaign lint rules" in third
    assert desk.well("campaign", "lint", "shop/rules").lines == ["6 files are sound"]
    assert desk.json("campaign", "list", "--database", "shop/perks.db") == {"campaigns": []}


def test_editors_find_the_schema_of_the_campaigns_that_init_laid_out(desk: Desk) -> None:
    desk.well("init", "shop")
    campaigns = desk.folder / "shop" / "rules" / "campaigns"
    for file in campaigns.glob("*.yaml"):
        first = file.read_text(encoding="utf-8").partition("\n")[0]
        schema = json.loads((campaigns / first.partition("$schema=")[2]).read_text(encoding="utf-8"))
        assert "eligibility" in schema["properties"], file.name


def test_the_readme_can_be_followed_word_by_word(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line of "From file to list" from `perks init` on, as it stands there, with the claim put in."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## From file to list")[2]
    listed = [line.partition("#")[0].strip() for line in text.split("```")[1].splitlines()]
    assert listed[1].startswith("pip install .")
    assert listed[2] == "perks init shop && cd shop"
    desk.well("init", "shop")
    monkeypatch.chdir(desk.folder / "shop")
    del desk.environment["PERKS_DATABASE_URL"]
    claim, told = "", desk.well("--version")
    for line in filter(None, listed[3:]):
        _, *words = line.replace("clm_…", claim).split()
        if words == ["serve"]:
            continue
        told = desk.perks(*words)
        assert told.code == (1 if words[0] == "check" else 0), f"{line}\n{told.out}{told.err}"
        if words[0] == "claim":
            claim = told.out.partition("granted: ")[2].partition(",")[0]
    assert told.out.startswith("perks.tok_")
    listed = Path("list.csv").read_text(encoding="utf-8").splitlines()
    assert [row["person"] for row in csv.DictReader(listed)] == ["ana"]


def test_init_in_json_names_what_it_made(desk: Desk) -> None:
    made = desk.json("init", "shop", "--log-name", "shop.example/log")
    assert made.pop("log_key").startswith("shop.example/log+")
    assert made == {"folder": "shop", "database": str(Path("shop/perks.db")), "schema": newest()}


def test_init_overwrites_nothing(desk: Desk) -> None:
    desk.well("init", "shop")
    mine = desk.folder / "shop" / "rules" / "catalogue.yaml"
    mine.write_text("# mine\n", encoding="utf-8")
    again = desk.perks("init", "shop")
    assert (again.code, again.out) == (2, "")
    assert again.err == "perks: shop holds rules, templates, keys, perks.db already; name a new folder\n"
    assert mine.read_text(encoding="utf-8") == "# mine\n"
    assert desk.perks("init", "shop", "--json").data["error"]["code"] == "init.taken"


@pytest.mark.parametrize(
    ("folder", "fault"),
    [
        ("taken", "taken is a file"),
        (str(Path("taken/shop")), f"{Path('taken/shop')} cannot be made: Not a directory"),
    ],
)
def test_init_where_a_file_stands_names_it(desk: Desk, folder: str, fault: str) -> None:
    desk.file("taken", "a file, not a folder")
    told = desk.perks("init", folder)
    assert (told.code, told.out) == (2, "")
    assert told.err == f"perks: {fault}; name a new or empty folder\n"
    assert desk.perks("init", folder, "--json").data["error"]["code"] == "init.taken"


def test_migrate_makes_a_database_usable_and_can_run_again(desk: Desk) -> None:
    assert desk.perks("campaign", "list", "--database", "new.db").code == 2
    first = desk.well("migrate", "--database", "new.db")
    assert first.lines == [f"the database is at schema {newest()}"]
    assert desk.json("migrate", "--database", "new.db") == {"schema": newest()}
    assert desk.well("campaign", "list", "--database", "new.db").code == 0


def test_the_schema_is_one_that_editors_can_use(desk: Desk) -> None:
    schema = desk.well("schema").data
    Draft202012Validator.check_schema(schema)
    assert {"campaign", "perk", "window", "eligibility"} <= set(schema["properties"])


def test_the_schema_knows_the_attributes_of_ones_own_catalogue(desk: Desk) -> None:
    desk.well("init", "shop")
    with (desk.folder / "shop" / "rules" / "catalogue.yaml").open("a", encoding="utf-8") as catalogue:
        catalogue.write(
            "  shoe_size: {type: number, title: shoe size, minimum: 10, maximum: 60, sources: [profile]}\n"
        )
    assert "shoe_size" in desk.well("schema", "--rules", "shop/rules").out
    assert "shoe_size" not in desk.well("schema").out


def test_a_rules_folder_that_is_not_there_is_named(desk: Desk) -> None:
    told = desk.perks("schema", "--rules", "nowhere")
    assert (told.code, told.out) == (2, "")
    assert "nowhere" in plain(told.err)


@pytest.mark.parametrize("command", [("campaign", "list"), ("campaign", "lint", "shop/rules"), ("schema",)])
def test_a_configured_rules_folder_that_is_not_there_is_an_error(
    desk: Desk, command: tuple[str, ...]
) -> None:
    """Also where the file at hand lies below rules of its own: the setting is wrong either way."""
    desk.well("init", "shop")
    desk.environment["PERKS_RULES"] = "rulez"
    told = desk.perks(*command)
    assert (told.code, told.out) == (2, "")
    assert (
        told.err
        == "perks: PERKS_RULES: there is no folder rulez; name one that is there, or leave it unset\n"
    )
    assert desk.perks(*command, "--json").data["error"]["code"] == "settings"
    desk.environment["PERKS_RULES"] = "shop/rules"
    assert desk.well("campaign", "list").code == 0
