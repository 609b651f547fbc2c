"""A database that is missing, old, unreachable or misspelt: one line that names the cause, exit 2."""

from __future__ import annotations

import pytest

from tests.cli.command_line import Desk

OVER_A_DATABASE = [
    ("campaign", "list"),
    ("campaign", "open", "phone"),
    ("check", "phone", "ana"),
    ("claim", "phone", "ana", "--key", "k"),
    ("person", "show", "ana"),
    ("person", "import", "people.csv"),
    ("fulfillment", "record", "moves.csv"),
    ("disclosures", "export", "--brand", "b"),
    ("token", "list"),
    ("messages",),
]


@pytest.mark.parametrize("command", OVER_A_DATABASE, ids=" ".join)
def test_a_database_that_is_not_migrated(desk: Desk, command: tuple[str, ...]) -> None:
    desk.file("empty.db", "")
    told = desk.perks(*command, "--database", "empty.db")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("perks: the database is at schema none, this engine needs ")
    assert "run: perks migrate" in told.err
    error = desk.perks(*command, "--database", "empty.db", "--json").data["error"]
    assert error["code"] == "database.schema"


def test_a_misspelt_database_file_is_not_made(desk: Desk) -> None:
    told = desk.perks("campaign", "list", "--database", "perkz.db")
    assert (told.code, told.out) == (2, "")
    assert "perks migrate" in told.err
    assert not (desk.folder / "perkz.db").exists()


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("postgresql+psycopg://nobody:sekret@127.0.0.1:1/none", "Connection refused"),
        (
            "postgresql+psycopg://nobody:sekret@127.0.0.1:1/none",
            "postgresql+psycopg://nobody:***@127.0.0.1:1/",
        ),
        ("mysql://nobody:sekret@localhost/none", "use sqlite:/// or postgresql+psycopg://"),
        ("sqlite://", "name a file: sqlite:///perks.db"),
        ("://", "sqlite:///"),
        ("postgresql+psycopg://nobody:sekret@localhost:port/none", "postgresql+psycopg://"),
        ("postgresql+psycopg2://nobody:sekret@127.0.0.1:1/none", "postgresql+psycopg://"),
        (
            "none/perks.db",
            "none/perks.db does not work: unable to open database file; its folder has to be there",
        ),
        (
            "folder",
            "folder does not work: unable to open database file; it is a folder, name a file in it",
        ),
        ("words.txt", "words.txt does not work: file is not a database"),
    ],
)
def test_a_database_that_cannot_be_opened(desk: Desk, url: str, cause: str) -> None:
    (desk.folder / "folder").mkdir()
    desk.file("words.txt", "these are words, and no database of any kind\n" * 20)
    told = desk.perks("migrate", "--database", url)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("perks: ")
    assert cause in told.err
    assert len(told.err.splitlines()) == 1
    assert "sekret" not in told.err
    error = desk.perks("migrate", "--database", url, "--json").data["error"]
    assert error["code"] == "database"


def test_the_option_goes_before_the_environment(desk: Desk) -> None:
    desk.environment["PERKS_DATABASE_URL"] = "mysql://localhost/none"
    assert desk.perks("campaign", "list").code == 2
    assert desk.well("campaign", "list", "--database", desk.database).code == 0
    assert desk.well("campaign", "list", "--database", f"sqlite:///{desk.database}").code == 0


def test_a_setting_that_cannot_be_used_is_named(desk: Desk) -> None:
    desk.environment["PERKS_POOL_SIZE"] = "many"
    told = desk.perks("campaign", "list")
    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines()[0] == "perks: the settings cannot be used"
    assert told.err.splitlines()[1].startswith("PERKS_POOL_SIZE: Input should be a valid integer")
    assert desk.perks("campaign", "list", "--json").data["error"]["code"] == "settings"

    desk.environment |= {"PERKS_POOL_SIZE": "8", "PERKS_CORS_ORIGINS": "https://shop.example"}
    assert desk.perks("campaign", "list").err == (
        'perks: PERKS_CORS_ORIGINS cannot be read; expected JSON, such as ["https://shop.example"]\n'
    )


def test_a_setting_that_is_misspelt_does_not_count_for_nothing(desk: Desk) -> None:
    # What others put there may stand: a container's host, whoever acts, the tests.
    desk.environment |= {
        "PERKS_PORT": "tcp://10.0.0.1:80",
        "PERKS_SERVICE_HOST": "10.0.0.1",
        "PERKS_USER": "mara",
    }
    assert desk.well("campaign", "list").code == 0
    desk.environment["PERKS_ERASURE"] = "/var/lib/perks/outside/erasures.jsonl"
    told = desk.perks("campaign", "list")
    assert (told.code, told.out) == (2, "")
    assert told.err == "perks: there is no setting PERKS_ERASURE; did you mean PERKS_ERASURES?\n"
