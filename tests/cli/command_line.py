"""The command line in a test: commands run in this process, and the files that a user would hand them."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from perks_engine.bootstrap import Application
from perks_engine.cli.main import app
from perks_engine.services.records import PreviewRecord
from perks_engine.settings import Settings
from perks_engine.storage.engine import make_engine
from perks_engine.storage.unit_of_work import SqlStore
from tests.engine_room import BROOKLYN, PHONE, sample

PEOPLE_HEADER = (
    "id,handle,born_on,score.reach,topics,location.device.lat,location.device.lon,location.device.radius_m,"
    "consent_purposes,consent_given_at,consent_how"
)
JOINED = "2020-05-01T00:00Z"
HERE = "1990-04-01,71,technology,40.6782,-73.9442,30"
FAR = "1990-04-01,71,technology,33.5186,-86.8104,30"


def moment(**span: float) -> str:
    """Now and a span, as files write it."""
    return (datetime.now(UTC) + timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(text: str) -> str:
    """Without colours, boxes and the line breaks that a narrow terminal makes."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m|[╭╮╰╯│─]", " ", text).split())


@dataclass(frozen=True)
class Told:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output as JSON; it fails where anything else stands there."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def see_a_preview(database: Path, version: str) -> None:
    """What a preview shows is tested where previews are."""
    engine = make_engine(f"sqlite:///{database}")
    with SqlStore(engine).write() as tx:
        tx.campaigns.add_preview(PreviewRecord(version, "mara", datetime.now(UTC), {"people": 0}))
    engine.dispose()


@dataclass
class Desk:
    """Somebody at a terminal, in a folder of their own with a migrated database in it."""

    folder: Path
    database: Path
    environment: dict[str, str]
    runner: CliRunner = field(default_factory=CliRunner)

    def perks(self, *arguments: str | Path) -> Told:
        result = self.runner.invoke(
            app, [str(part) for part in arguments], prog_name="perks", env=self.environment
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception  # a traceback is what no user may see
        return Told(result.exit_code, result.stdout, result.stderr)

    @contextmanager
    def engine(self) -> Generator[Application]:
        """The engine that these commands work on, for what no command does."""
        files = Path(self.environment.get("PERKS_FILES", "files"))
        made = Application(Settings(database_url=self.environment["PERKS_DATABASE_URL"], files=files))
        yield made
        made.close()

    def well(self, *arguments: str | Path) -> Told:
        """A command that has to succeed."""
        told = self.perks(*arguments)
        assert told.code == 0, f"{arguments}\n{told.out}\n{told.err}"
        return told

    def json(self, *arguments: str | Path) -> Any:
        return self.well(*arguments, "--json").data

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return Path(name)

    def campaign_file(self, name: str = PHONE, **changes: str) -> Path:
        """The sample campaign of the phone, with a window around today."""
        window = f"{{opens: {moment(days=-1)}, closes: {moment(days=14)}}}"
        changes = {"campaign": name, "window": window, **changes}
        return self.file(f"{name}.yaml", sample(**changes))

    def open_campaign(self, name: str = PHONE, **changes: str) -> None:
        """From the file to an open campaign."""
        self.previewed(self.campaign_file(name, **changes))
        self.well("campaign", "approve", name, "--by", "noor")
        self.well("campaign", "open", name, "--by", "mara")

    def previewed(self, file: Path) -> str:
        """Loaded, whether or not its examples pass, and it is on record that mara has seen a preview: to make
        one takes two seconds. Returns the version."""
        told = self.perks("campaign", "load", file, "--by", "mara", "--json")
        [loaded] = told.data["loaded"]
        see_a_preview(self.database, loaded["version"])
        return str(loaded["version"])

    def person(self, person_id: str, facts: str = HERE) -> str:
        """Somebody on record, who fits the phone campaign unless `facts` say otherwise."""
        row = f"{person_id},{person_id}.handle,{facts},perks,{JOINED},test form"
        self.well("person", "import", self.file("people.csv", f"{PEOPLE_HEADER}\n{row}\n"))
        return person_id

    def granted(self, person_id: str) -> str:
        """Somebody on record claims the open phone campaign; returns the claim."""
        return str(self.json("claim", PHONE, person_id, "--key", f"key of {person_id}")["claim"])

    def records(self, *rows: str) -> Path:
        """A warehouse's file."""
        return self.file("moves.csv", "\n".join(["claim,move,occurred_at,reference", *rows, ""]))

    def knows(self, person_id: str) -> bool:
        told = self.perks("person", "show", person_id)
        assert told.code == 0 or told.err == f"perks: nobody is on record as {person_id}\n"
        return told.code == 0


BROOKLYN_PERSON = (
    "person: {opted_in: [perks], born_on: 1990-04-01, score: {reach: 71}, topics: [technology], "
    f"location: {BROOKLYN}}}\n"
)
