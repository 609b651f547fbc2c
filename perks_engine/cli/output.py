"""How commands speak: plain text for people, `--json` for scripts, errors without tracebacks."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

DONE, NOT_ELIGIBLE, WRONG = 0, 1, 2

JsonOption = Annotated[bool, typer.Option("--json", help="print JSON for scripts")]


@contextmanager
def standard_output() -> Generator[None]:
    """Around all that writes to standard output: what cannot be written is noticed here, not by the
    interpreter when it ends. A reader that has had enough, as `head`, changes nothing of the exit code."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_the_rest()
    except OSError as error:
        if error.filename is not None:
            raise
        _discard_the_rest()
        end(f"standard output: {error.strerror}")


def end(message: str) -> NoReturn:
    """Outside of any command: say what is wrong, and end the process."""
    _errors().print(f"perks: {message}")
    sys.exit(WRONG)


def _discard_the_rest() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


class _Terminal(Console):
    def on_broken_pipe(self) -> None:
        _discard_the_rest()


def _terminal() -> Console:
    return _Terminal(highlight=False, soft_wrap=True, markup=False, emoji=False, file=sys.stdout)


def _errors() -> Console:
    return Console(highlight=False, soft_wrap=True, markup=False, emoji=False, stderr=True)


def say(text: str) -> None:
    with standard_output():
        _terminal().print(text)


def emit(data: Any, as_json: bool, show: Callable[[], None]) -> None:
    """The data as JSON, or what `show` prints of it."""
    if as_json:
        _write_json(data, indent=2)
    else:
        show()


def announce(data: Any, as_json: bool, show: Callable[[], None]) -> None:
    """As `emit`, by a command that goes on: its JSON is one line, so that a reader knows where it ends."""
    if as_json:
        _write_json(data)
    else:
        show()


def _write_json(data: Any, indent: int | None = None) -> None:
    with standard_output():
        sys.stdout.write(json.dumps(data, indent=indent, ensure_ascii=False, default=str) + "\n")


@contextmanager
def put_in_place(output: Path) -> Generator[Path]:
    """A file to be written to; when the block ends well it is put in place of `output` whole, so that half of
    it is never taken for all. What a link leads to is replaced, and not the link; what is no file, such as
    `/dev/stdout` or a pipe, is written into."""
    try:
        if _is_written_into(output):
            with TemporaryDirectory() as folder:
                part = Path(folder) / output.name
                yield part
                with part.open("rb") as made, output.open("wb") as into:
                    shutil.copyfileobj(made, into)
            return
        target = output.resolve() if output.is_symlink() else output
        part = target.with_name(target.name + ".part")
        try:
            part.touch()  # says what is wrong with the folder in words that every form of file shares
            yield part
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(output)) from error


def _is_written_into(output: Path) -> bool:
    return output.exists() and not output.is_file() and not output.is_dir()


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: Collection[int] = ()) -> None:
    """Rows below their headers; `numbers` are the columns whose cells stand to the right."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(columns):
        shown.add_column(name, justify="right" if place in numbers else "left")
    for row in rows:
        shown.add_row(*("" if cell is None else str(cell) for cell in row))
    # A terminal that does not say how wide it is must not cut what scripts may read.
    wide = _terminal()
    if not wide.is_terminal:
        wide.width = 200
    with standard_output():
        wide.print(shown)


def reasons(found: Iterable[dict[str, Any]], indent: str = "  ") -> None:
    """Each reason in three lines: what is asked, what was found, what would change it."""
    for reason in found:
        sign = "?" if reason["mark"] == "unknown" else "✗"
        say(f"{indent}{sign} asks for {reason['required']}  [{reason['code']}]")
        if "actual" in reason:
            source = f", from {reason['source']}" if reason.get("source") else ""
            say(f"{indent}  found: {reason['actual']}{source}")
        if "change" in reason:
            say(f"{indent}  change: {reason['change']}")


def fail(
    message: str, as_json: bool = False, code: str = "", problems: Sequence[str] = (), status: int = WRONG
) -> NoReturn:
    """Say what is wrong and stop: with `status` 2 for bad input, 1 for what is not possible now."""
    if as_json:
        _write_json({"error": {"code": code, "message": message, "problems": list(problems)}}, indent=2)
    else:
        errors = _errors()
        errors.print(f"perks: {message}")
        for problem in problems:
            errors.print(problem)
    raise typer.Exit(status)
