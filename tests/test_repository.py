"""What holds for every file under version control."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Spelled in parts, so that this file does not find itself.
REGISTRY_HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "conda" + ".anaconda.org",
)
MACHINE_PATHS = re.compile(r"(?<![\w.:/-])/(?:work|root|Users|home/\w+|opt/" + "py" + r"pi)/")
SCHEMA_LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")
NAMED = r"[a-z0-9-]+(\[[a-z0-9-]+(, [a-z0-9-]+)*\])?"
"""A requirement as the lock names it, with the extras that are asked for."""
LONGEST_MODULE = 400
LONGEST_README = 200


def tracked(*patterns: str) -> list[Path]:
    """The files that git keeps and that are there, also where another user owns the checkout."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def lines_of(path: Path) -> list[str]:
    """The lines of a text file; a picture or another binary has none."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked()
        for number, line in enumerate(lines_of(path), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_the_host_of_a_package_registry():
    hosts = re.compile("|".join(re.escape(host) for host in REGISTRY_HOSTS), re.IGNORECASE)

    assert places(hosts) == []


def test_no_file_names_a_path_of_somebodys_machine():
    assert places(MACHINE_PATHS) == []


def test_every_locked_requirement_has_a_version_and_a_hash():
    locked = tracked("requirements/*.txt")
    assert {path.stem for path in locked} == {"build", "dev", "runtime"}

    for path in locked:
        text = re.sub(r"^\s*#.*\n?", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for requirement in text.replace("\\\n", " ").splitlines():
            if requirement.strip():
                assert re.match(rf"{NAMED}==\S+ .*--hash=sha256:[0-9a-f]{{64}}", requirement), requirement


def test_development_installs_what_the_runtime_does_at_the_same_versions():
    def pins(name: str) -> set[str]:
        lines = lines_of(ROOT / "requirements" / name)
        return {line.split(" ;")[0].rstrip("\\ ") for line in lines if re.match(rf"{NAMED}==", line)}

    assert pins("runtime.txt") | pins("build.txt") <= pins("dev.txt")


def test_an_extra_that_is_asked_for_stands_in_the_lock():
    """In its hash mode pip looks for `name[extra]`, and takes a newer one where only `name` is pinned."""
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    asked = re.findall(r'^ *"([a-z0-9-]+)\[([a-z, ]+)\]', declared, re.MULTILINE)
    locked = "\n".join(lines_of(ROOT / "requirements" / "dev.txt")).replace(" ", "")

    assert asked
    for name, extras in asked:
        assert f"{name}[{extras.replace(' ', '')}]==" in locked


def test_every_campaign_file_names_the_schema_in_its_first_line():
    campaigns = tracked("rules/campaigns/*.yaml", "rules/campaigns/*.yml")
    assert campaigns, "rules/campaigns holds no campaign"

    for path in campaigns:
        named = SCHEMA_LINE.fullmatch(lines_of(path)[0])
        assert named, f"{path.name}: the first line does not name the schema"
        assert (path.parent / named[1]).is_file(), f"{path.name}: {named[1]} leads nowhere"


def test_a_test_that_the_docs_name_is_there():
    missing: set[str] = set()
    for page in tracked("docs/*.md"):
        for file, test in re.findall(
            r"(tests/[\w/]+(?:\.py)?)(?:::(\w+))?", page.read_text(encoding="utf-8")
        ):
            found = ROOT / file
            if not found.exists() or (test and f"def {test}(" not in found.read_text(encoding="utf-8")):
                missing.add(f"{page.name}: {file} {test}")

    assert missing == set()


def test_a_module_fits_in_a_head():
    lengths = {str(path.relative_to(ROOT)): len(lines_of(path)) for path in tracked("perks_engine/*.py")}

    assert {name: length for name, length in lengths.items() if length >= LONGEST_MODULE} == {}


def test_the_readme_can_be_read_in_one_sitting():
    assert [path for path in tracked("README.md") if len(lines_of(path)) >= LONGEST_README] == []
