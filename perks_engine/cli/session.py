"""What every command needs: the engine over the named database, and errors turned into exit codes."""

from __future__ import annotations

import getpass
import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from perks_engine.bootstrap import (
    Application,
    MigrationBusyError,
    RuleBook,
    RulesMissingError,
    SchemaOutdatedError,
    read_settings,
    rule_book,
)
from perks_engine.bootstrap.tracing import TracingSettingsError
from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.cli.acting import written
from perks_engine.cli.output import NOT_ELIGIBLE, WRONG, fail
from perks_engine.delivery.backup_file import BackupFileError
from perks_engine.delivery.localising import language_of
from perks_engine.delivery.s3_store import PictureSettingsError
from perks_engine.delivery.smtp import MailSettingsError
from perks_engine.delivery.templates import MessageTemplateError
from perks_engine.delivery.tombstone_file import TombstoneFileError
from perks_engine.domain.consent import FALLBACK_LANGUAGE
from perks_engine.places.areas import AreaFileError
from perks_engine.places.gazetteer_build import GazetteerError
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError, ServiceError
from perks_engine.services.ports import DatabaseRefusedError
from perks_engine.services.views import counted

DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", help="database URL or SQLite file; else PERKS_DATABASE_URL, else perks.db"),
]
ByOption = Annotated[
    str | None,
    typer.Option("--by", help="who does this; else PERKS_USER, else the name you are logged in with"),
]


def database_url(given: str | None) -> str | None:
    """A URL as it is; anything else is the path of a SQLite file."""
    if given is None or "://" in given:
        return given
    return f"sqlite:///{Path(given).absolute()}"


class DatabaseUnusableError(Exception):
    """The database that was named cannot be worked with; the message says which one, and why."""


@contextmanager
def opened(database: str | None, as_json: bool = False, check_schema: bool = True) -> Generator[Application]:
    """The engine over the database, for the length of one command. One that begins where no database of this
    schema may be yet has no log to stand in."""
    with told(as_json), connected(database, check_schema) as engine, _written(engine, check_schema):
        yield engine


def _written(engine: Application, has_schema: bool) -> AbstractContextManager[None]:
    return written(engine, operator) if has_schema else nullcontext()


@contextmanager
def connected(database: str | None, check_schema: bool = True) -> Generator[Application]:
    """As `opened`, for who handles errors; raises `DatabaseUnusableError` and `SchemaOutdatedError`."""
    settings = read_settings(database_url(database))
    try:
        engine = Application(settings)
    except ValueError as error:  # of the URL: nothing else is looked at yet
        raise DatabaseUnusableError(_first_line(error)) from error
    try:
        if check_schema:
            engine.require_schema()
        yield engine
    except SQLAlchemyError as error:
        raise DatabaseUnusableError(_ailment(engine.engine.url, error)) from error
    finally:
        engine.close()


def _ailment(url: URL, error: SQLAlchemyError) -> str:
    """Which database it is, without its password, what is wrong with it, and what would mend that."""
    is_file = url.get_backend_name() == "sqlite"
    place = (url.database or "") if is_file else url.render_as_string(hide_password=True)
    cause = _first_line((error.orig if isinstance(error, DBAPIError) else None) or error)
    if cause == "unable to open database file":
        is_folder = Path(place).is_dir()
        cause += (
            "; it is a folder, name a file in it"
            if is_folder
            else "; its folder has to be there, and both have to be open to you"
        )
    return f"the database {place} does not work: {cause}"


@contextmanager
def told(as_json: bool = False) -> Generator[None]:
    """Turns what can go wrong into a message and an exit code; nobody sees a traceback."""
    try:
        yield
    except FileProblemsError as error:
        count = counted(len(error.problems), "problem")
        fail(count, as_json, "file.problems", [str(problem) for problem in error.problems], WRONG)
    except InvalidInputError as error:
        fail(_as_typed(error), as_json, error.code, error.problems)
    except ServiceError as error:
        status = NOT_ELIGIBLE if isinstance(error, RefusedError) else WRONG
        fail(_as_typed(error), as_json, error.code, status=status)
    except DatabaseRefusedError as error:
        cause = "somebody else wrote the same at this moment, so nothing was done; try again"
        fail(f"{cause} ({error})", as_json, "database.busy", status=NOT_ELIGIBLE)
    except MigrationBusyError as error:
        fail(str(error), as_json, "database.busy", status=NOT_ELIGIBLE)
    except SchemaOutdatedError as error:
        fail(str(error), as_json, "database.schema")
    except DatabaseUnusableError as error:
        fail(str(error), as_json, "database")
    except (BackupFileError, TombstoneFileError) as error:
        fail(str(error), as_json, "file")
    except (RulesMissingError, MailSettingsError, PictureSettingsError, TracingSettingsError) as error:
        fail(str(error), as_json, "settings")
    except (AreaFileError, GazetteerError, MessageTemplateError) as error:
        fail(str(error), as_json, "rules.file")
    except ValidationError as error:
        lines = [
            f"PERKS_{str(one['loc'][0]).upper()}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
        ]
        fail("the settings cannot be used", as_json, "settings", lines)
    except ValueError as error:
        fail(_first_line(error), as_json, "input")
    except OSError as error:
        fail(f"{error.filename or 'a file'}: {error.strerror or error}", as_json, "file")


_OPTION = {"idempotency.key": "--key", "idempotency.conflict": "--key"}
_HELP = {"brand.unknown": "perks campaign list", "campaign.unknown": "perks campaign list"}


def _as_typed(error: ServiceError) -> str:
    """The message in terms of this command line: the option it speaks of, and the command that helps."""
    before = f"{_OPTION[error.code]}: " if error.code in _OPTION else ""
    after = f"; run: {_HELP[error.code]}" if error.code in _HELP else ""
    return f"{before}{error.message}{after}"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def rules_for(file: Path | None = None) -> RuleBook:
    return rule_book(read_settings(None), file)


class RulesAtHand:
    """The rules that files belong to; those of one folder are read once, however many files lie in it.

    With an engine, what its geocoder answers is kept in its database.
    """

    def __init__(self, engine: Application | None = None) -> None:
        self._engine = engine
        self._settings = read_settings(None)
        self._by_folder: dict[Path, RuleBook] = {}

    def of(self, file: Path) -> RuleBook:
        book = self._engine.rules_of(file) if self._engine else rule_book(self._settings, file)
        return self._by_folder.setdefault(book.rules_root, book)


def refuse_folder(text: str, wanted: str, as_json: bool) -> None:
    """Where a name that is not on record is that of a folder: say so, and what was wanted."""
    if Path(text).is_dir():
        fail(f"{text} is a folder, and nothing on record; name {wanted}", as_json, "file.folder")


def who(by: str | None) -> str:
    """Who is acting on this command line."""
    name = (by or os.environ.get("PERKS_USER") or "").strip()
    if name:
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def compliance(by: str | None = None) -> Actor:
    """Whoever settles disputes or makes statements here does so as compliance staff, under their name."""
    return Actor(who(by), Role.COMPLIANCE, (ALL_BRANDS,), holder=who(by))


def operator(by: str | None = None) -> Actor:
    """Whoever can run commands on the engine's own machine is its operator."""
    return Actor(who(by), Role.OPERATOR, (ALL_BRANDS,), holder=who(by))


def reader_language(engine: Application, person: str) -> str:
    """In which of our languages the person reads, English for who is not on record any more."""
    try:
        return language_of(engine.people.language_of(person))
    except NotFoundError:
        return FALLBACK_LANGUAGE
