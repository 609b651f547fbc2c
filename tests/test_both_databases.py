"""What is tested on both databases, and what on SQLite alone, with the reason why that is enough.

A test that asks for `room`, or for a fixture over it, runs on SQLite and on PostgreSQL. A file in which none
does has to stand here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
BOTH = frozenset({"database_url", "postgres", "migrated_postgres"})
SQLITE = frozenset({"migrated_sqlite"})
WHY = {
    "browser": "how pages look and behave in a browser; what they show is a service's, tested on both",
    "cli": "the words of commands; what they do is a service's, tested on both. A campaign goes all its way "
    "by commands on both (test_campaigns_in_a_database.py)",
    "delivery/test_letters_in_languages.py": "what letters say, which no database has a part in",
    "exports/test_altered_documents.py": "documents altered in many ways, read without a database",
    "exports/test_proof_files.py": "files held against a log by the offline command, without a database",
    "exports/test_statement_files.py": "the same of statements",
    "faults/test_a_full_disk.py": "the disk of SQLite; PostgreSQL's is its server's",
    "services/test_audit_memory.py": "the memory of a walk that asks both for the same pages",
    "services/test_previewing_limits.py": "turns of a process, which no database has a part in",
    "services/test_words_for_readers.py": "words alone",
    "web/test_access.py": "who may call what, which is one table; by night all of it is walked on PostgreSQL",
    "web/test_attacks.py": "files that are refused before anything is kept of them",
    "web/test_no_english.py": "the words of pages and letters",
    "web/test_page_forms.py": "what forms of pages refuse before a service is asked",
    "web/test_pages.py": "headers, languages and forms of pages",
    "web/test_problem_types.py": "the pages of problems, which stand in a file",
    "web/test_python_client.py": "the client against the schema; tests through it run on both",
    "web/test_rates.py": "counts that are kept in the process or in Redis",
    "web/test_request_log.py": "lines of the log; story/test_logs_name_nobody.py reads them on both",
    "web/test_schema_examples.py": "examples of the schema, once recorded",
}


def test_what_runs_on_sqlite_alone_has_its_reason() -> None:
    alone = set[str]()
    for file in sorted(TESTS.rglob("test_*.py")):
        asked = {name for one in _asked_by_tests(file) for name in _closure(file, one)}
        if asked & SQLITE and not asked & BOTH:
            alone.add(file.relative_to(TESTS).as_posix())
    without = {file for file in alone if file not in WHY and file.partition("/")[0] not in WHY}
    assert not without, f"run them on both databases (fixture room), or say here why not: {sorted(without)}"
    known = {reason for reason in WHY for file in alone if file == reason or file.startswith(f"{reason}/")}
    assert known == set(WHY), f"these run on both by now: {sorted(set(WHY) - known)}"


Fixtures = dict[str, list[set[str]]]


@cache
def _fixtures(file: Path) -> Fixtures:
    """By the name of a fixture that the file defines, what it asks for."""
    found: Fixtures = defaultdict(list)
    for one in _functions(file):
        if any("fixture" in ast.unparse(mark) for mark in one.decorator_list):
            on_both = any("'postgresql'" in ast.unparse(mark) for mark in one.decorator_list)
            found[one.name].append(_wanted(one) | (BOTH if on_both else set()))
    return found


@cache
def _anywhere() -> Fixtures:
    """Those of files that others import from, and of each conftest."""
    found: Fixtures = defaultdict(list)
    for file in TESTS.rglob("*.py"):
        if not file.name.startswith("test_"):
            for name, wanted in _fixtures(file).items():
                found[name] += wanted
    return found


def _closure(file: Path, name: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """A fixture, and all that it asks for in turn; of the file itself, or of the nearest that has one."""
    yield name
    if name in seen:
        return
    nearest = [_fixtures(file), *(_fixtures(one) for one in _conftests(file)), _anywhere()]
    found = next((fixtures[name] for fixtures in nearest if name in fixtures), [])
    for wanted in set[str]().union(*found):
        yield from _closure(file, wanted, seen | {name})


def _conftests(file: Path) -> Iterator[Path]:
    for folder in file.parents:
        if (folder / "conftest.py").exists() and folder.is_relative_to(TESTS):
            yield folder / "conftest.py"


def _asked_by_tests(file: Path) -> set[str]:
    return {
        name for one in _functions(file) if one.name.startswith("test_") for name in _wanted(one)
    } | _asked_by_marks(file)


def _asked_by_marks(file: Path) -> set[str]:
    """`pytest.mark.usefixtures("…")`, wherever it stands."""
    calls = (one for one in ast.walk(_tree(file)) if isinstance(one, ast.Call))
    return {
        argument.value
        for call in calls
        if ast.unparse(call.func).endswith("usefixtures")
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def _wanted(function: ast.FunctionDef) -> set[str]:
    """Its parameters, and what it asks for by name (`request.getfixturevalue("…")`)."""
    named = {one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    texts = {one.value for one in ast.walk(function) if isinstance(one, ast.Constant)}
    return named | {one for one in texts if isinstance(one, str) and one in BOTH | SQLITE}


def _functions(file: Path) -> Iterator[ast.FunctionDef]:
    return (one for one in ast.walk(_tree(file)) if isinstance(one, ast.FunctionDef))


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))
