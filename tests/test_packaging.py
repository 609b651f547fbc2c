"""The wheel works where no checkout is: built, installed into an environment of its own, run elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from perks_engine import __version__

ROOT = Path(__file__).resolve().parent.parent


def clean_environment() -> dict[str, str]:
    """This process's environment without what would lead Python, pip or the engine back to the checkout."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "COV_", "COVERAGE_", "PERKS_", "PYTEST_"))
    }


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=180,
    )


def run_well(*command: str | Path, cwd: Path) -> str:
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Installed:
    """An environment that holds the engine's wheel, and a folder far from the checkout."""

    scripts: Path
    elsewhere: Path

    def perks(self, *arguments: str | Path) -> str:
        return run_well(self.scripts / "perks", *arguments, cwd=self.elsewhere)

    def python(self, code: str) -> str:
        return run_well(self.scripts / "python", "-c", code, cwd=self.elsewhere).strip()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    top = tmp_path_factory.mktemp("wheel")
    run_well(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", top / "dist", ROOT, cwd=ROOT
    )
    [wheel] = (top / "dist").glob("*.whl")

    home = top / "environment"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", scripts / "python"]
    run_well(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=top)

    # The libraries are those of this environment, so that nothing is fetched. A folder added by a .pth file
    # has its own .pth files ignored: the editable install in there does not come along.
    site_packages = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site_packages / "libraries.pth").write_text("".join(f"{path}\n" for path in sorted(libraries)))

    elsewhere = top / "elsewhere"
    elsewhere.mkdir()
    return Installed(scripts, elsewhere)


@pytest.fixture(scope="module")
def initialised(installed: Installed) -> Path:
    installed.perks("init", "engine")
    return installed.elsewhere / "engine"


def test_the_package_comes_from_the_wheel(installed: Installed):
    where = Path(installed.python("import perks_engine; print(perks_engine.__file__)"))

    assert where.is_relative_to(installed.scripts.parent)
    assert not where.is_relative_to(ROOT)


def test_the_wheel_carries_all_that_the_checkout_has_beside_its_code(installed: Installed):
    package = Path(installed.python("import perks_engine; print(perks_engine.__file__)")).parent

    def names(folder: Path) -> set[str]:
        files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {path.relative_to(folder).as_posix() for path in files}

    travelled = names(package)
    assert {f"_data/rules/{name}" for name in names(ROOT / "rules")} <= travelled
    assert {f"_data/templates/{name}" for name in names(ROOT / "templates")} <= travelled
    assert names(ROOT / "perks_engine") <= travelled
    assert "py.typed" in travelled
    assert any(name.startswith("storage/migrations/versions/") for name in travelled)


def test_perks_tells_its_version(installed: Installed):
    assert __version__ in installed.perks("--version")


def test_perks_prints_the_schema_of_a_campaign_file(installed: Installed):
    schema = json.loads(installed.perks("schema"))

    Draft202012Validator.check_schema(schema)
    assert "eligibility" in schema["properties"]


def test_perks_init_lays_out_an_engine_of_ones_own(initialised: Path):
    assert (initialised / "perks.db").read_bytes().startswith(b"SQLite format 3\0")
    assert (initialised / "rules" / "catalogue.yaml").is_file()
    assert any((initialised / "rules" / "areas").iterdir())
    assert any((initialised / "templates").rglob("*.j2"))
    assert len(list((initialised / "rules" / "campaigns").glob("*.yaml"))) >= 6


def test_the_sample_campaigns_that_init_copied_have_no_faults(installed: Installed, initialised: Path):
    assert installed.perks("campaign", "lint", initialised / "rules") == "6 files are sound\n"


def test_a_faulty_campaign_is_named_with_its_place(installed: Installed, initialised: Path):
    sample = min((initialised / "rules" / "campaigns").glob("*.yaml"))
    faulty = initialised / "rules" / "campaigns" / "faulty.yaml"
    faulty.write_text(sample.read_text(encoding="utf-8") + "elligibility: {}\n", encoding="utf-8")

    try:
        done = run(installed.scripts / "perks", "campaign", "lint", faulty, cwd=installed.elsewhere)
    finally:
        faulty.unlink()

    told = done.stdout + done.stderr
    line = len(sample.read_text(encoding="utf-8").splitlines()) + 1
    assert done.returncode in (1, 2), told
    assert f"faulty.yaml:{line}:1" in told
    assert "did you mean" in told
    assert "Traceback" not in told
