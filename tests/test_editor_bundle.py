"""The editor that the pages load was made from the sources beside it; nobody needs Node to see that."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "editor"
STATIC = ROOT / "perks_engine" / "web" / "static"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def told(name: str) -> str:
    notice = (STATIC / "editor.licences.txt").read_text("utf-8")
    found = re.search(rf"^sha256 of {name} ([0-9a-f]{{64}})$", notice, re.MULTILINE)
    assert found, name
    return found[1]


def test_the_editor_was_built_from_the_sources_that_are_here():
    sources = [SOURCES / name for name in ("build.mjs", "package-lock.json", "package.json")]
    sources += (SOURCES / "src").iterdir()
    names = sorted(path.relative_to(SOURCES).as_posix() for path in sources)
    listed = "".join(f"{sha256((SOURCES / name).read_bytes())}  {name}\n" for name in names)

    assert told("its sources") == sha256(listed.encode()), (
        "editor/ has changed: run `make editor`, and commit"
    )
    assert told("editor.js") == sha256((STATIC / "editor.js").read_bytes()), "run `make editor`, and commit"


def test_each_package_in_it_is_locked_by_a_hash_and_named_with_its_licence():
    lock = json.loads((SOURCES / "package-lock.json").read_text("utf-8"))["packages"]
    declared = json.loads((SOURCES / "package.json").read_text("utf-8"))["devDependencies"]
    licences = (STATIC / "editor.licences.txt").read_text("utf-8")
    locked = {path.removeprefix("node_modules/"): package for path, package in lock.items() if path}

    assert all(re.match("sha512-", package["integrity"]) for package in locked.values())
    assert not any("resolved" in package for package in locked.values()), "a lock names no host"
    for name, version in declared.items():
        assert locked[name]["version"] == version
        if name != "esbuild":
            assert f"{name} {version}" in licences
    assert licences.count("Permission is hereby granted, free of charge") >= 1
