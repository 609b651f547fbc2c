"""`perks init`, `migrate`, `serve`, `worker` and `schema`."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import closing, nullcontext
from logging.config import dictConfig
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.bootstrap import utc_now
from perks_engine.bootstrap.logs import log_settings
from perks_engine.cli.log_commands import DEFAULT_NAME
from perks_engine.cli.output import DONE, JsonOption, announce, emit, fail, say, standard_output
from perks_engine.cli.samples import PHONE, lay_out
from perks_engine.cli.serving import listen, run_server, shared_counts, url_of
from perks_engine.cli.session import DatabaseOption, database_url, opened, rules_for, told
from perks_engine.cli.worker_metrics import metrics_shown
from perks_engine.delivery.log_files import add_key
from perks_engine.jobs import start_scheduler


def init(
    folder: Annotated[Path, typer.Argument(help="a new or empty folder")] = Path("perks"),
    log_name: Annotated[
        str, typer.Option(help="the name of your log, such as shop.example/log")
    ] = DEFAULT_NAME,
    as_json: JsonOption = False,
) -> None:
    """A new deployment: sample campaigns and message templates to edit, an empty database, and a key that
    signs the log."""
    with told(as_json):
        _make_folder(folder, as_json)
        taken = [name for name in ("rules", "templates", "keys", "perks.db") if (folder / name).exists()]
        if taken:
            fail(f"{folder} holds {', '.join(taken)} already; name a new folder", as_json, "init.taken")
        lay_out(folder, utc_now())
        with opened(str(folder / "perks.db"), as_json, check_schema=False) as engine:
            revision = engine.migrate()
        keys = add_key(folder / "keys" / "log.key", log_name)
    data = {
        "folder": str(folder),
        "database": str(folder / "perks.db"),
        "schema": revision,
        "log_key": str(keys.verifiers[0]),
    }

    def show() -> None:
        say(f"{folder} is ready: rules/, templates/, perks.db, keys/; the campaign {PHONE} opens today")
        say(f"what you export can be verified with the public key of its log: {data['log_key']}")
        say(f"next: cd {folder} && perks campaign lint rules && perks campaign test rules")

    emit(data, as_json, show)


def _make_folder(folder: Path, as_json: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        is_file = folder.exists()
        fault = f"{folder} is a file" if is_file else f"{folder} cannot be made: {error.strerror}"
        fail(f"{fault}; name a new or empty folder", as_json, "init.taken")


def migrate(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Bring the database to the newest schema; safe to run again."""
    with opened(database, as_json, check_schema=False) as engine:
        revision = engine.migrate()
    emit({"schema": revision}, as_json, lambda: say(f"the database is at schema {revision}"))


def serve(
    host: Annotated[str, typer.Option(help="the address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="the port; 0 takes a free one")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="server processes")] = 1,
    with_worker: Annotated[bool, typer.Option(help="also do what `perks worker` does")] = True,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the HTTP API, and do what the clock asks for.

    With --json, one line says where it listens.
    """
    if database is not None:
        os.environ["PERKS_DATABASE_URL"] = database_url(database) or ""
    together = shared_counts() if workers > 1 else nullcontext()
    with (
        together,
        opened(database, as_json) as engine,
        closing(listen(host, port, as_json)) as listener,
    ):
        settings = engine.settings
        dictConfig(log_settings(settings.log_level, settings.log_format))
        url = url_of(listener)
        _ = engine.providers  # a file that cannot be used is told before anybody signs in
        scheduler = start_scheduler(engine) if with_worker else None
        try:
            data = {"url": url, "workers": workers, "with_worker": with_worker}
            announce(data, as_json, lambda: say(f"listening on {url}; stop with Ctrl-C"))
            logs = (settings.log_level, settings.log_format)
            run_server(listener, workers, *logs, only_json=as_json, drain_s=settings.drain_s)
        finally:
            if scheduler is not None:
                scheduler.shutdown()


def worker(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Expire reservations, open and close campaigns, seal the log, send links to statements; several of these
    share the work safely.

    With --json, one line says that it works.
    """
    with opened(database, as_json) as engine, metrics_shown(engine) as metrics:
        dictConfig(log_settings(engine.settings.log_level, engine.settings.log_format))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: sys.exit(DONE))
        scheduler = start_scheduler(engine)
        try:
            data: dict[str, Any] = {"working": True, "chores": list(engine.chores.all())}
            if metrics:
                data["metrics"] = metrics
            shown = f"; metrics at {metrics}" if metrics else ""
            announce(data, as_json, lambda: say(f"working{shown}; stop with Ctrl-C"))
            # In steps: a signal that comes just before a wait begins is noticed only when that is over.
            while True:
                time.sleep(1)
        finally:
            scheduler.shutdown()


def schema(
    rules: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="a rules folder whose catalogue is included"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The JSON Schema of a campaign file, for editors; JSON with and without --json."""
    with told(as_json):
        book = rules_for(rules / "catalogue.yaml" if rules else None)
        with standard_output():
            sys.stdout.write(json.dumps(book.reader.schema(), indent=2) + "\n")
