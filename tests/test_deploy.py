"""What an operator deploys names only what is there: settings, metrics and their labels, commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from perks_engine.bootstrap.database_metrics import database_text
from perks_engine.bootstrap.metrics import Metrics
from perks_engine.cli.main import COMMANDS
from perks_engine.services.measuring import GuardDistance, Measured, Numbers, Queue
from perks_engine.settings import Settings
from tools import settings_page

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yaml"
DASHBOARD = DEPLOY / "grafana" / "perks.json"
OF_PROMETHEUS = {"up"}


def metrics() -> set[str]:
    """The names of all series that there can be."""
    empty = Queue(1, None, 0)
    measured = Measured(
        datetime.now(UTC),
        Numbers((("a", 1),), empty, empty, empty, 1),
        (GuardDistance("a", "grants", 0, 1.0),),
        seals=True,
    )
    text = (Metrics().text() + database_text(measured)).decode()
    found: set[str] = set()
    for name, kind in re.findall(r"(?m)^# TYPE (\S+) (\S+)$", text):
        found |= {f"{name}_bucket", f"{name}_count", f"{name}_sum"} if kind == "histogram" else {name}
    return {one for one in found if one.startswith("perks_") and not one.endswith("_created")}


def expressions() -> Iterator[tuple[str, str]]:
    """Each by where it stands."""
    for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield f"alert {rule['alert']}", rule["expr"]
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            yield f"panel {panel['title']}", target["expr"]


def test_alerts_and_the_dashboard_ask_for_series_that_there_are() -> None:
    known, asked = metrics(), set[str]()
    for place, expression in expressions():
        promql_parser.parse(expression)  # raises what is wrong with it
        named = set(re.findall(r"\b(perks_\w+|up)\b", expression))
        assert named, place
        assert named <= known | OF_PROMETHEUS, place
        asked |= named
    for series in known:
        base = re.sub(r"_(bucket|count|sum)$", "", series)
        assert any(one.startswith(base) for one in asked) or base == "perks_chore_seconds", (
            f"nobody looks at {series}"
        )


def test_every_series_is_documented() -> None:
    told = (
        (ROOT / "docs" / "operations.md")
        .read_text(encoding="utf-8")
        .replace("…_limit", "perks_database_connections_limit")
    )
    for series in metrics():
        assert re.sub(r"_(bucket|count|sum)$", "", series) in told


def files() -> list[Path]:
    return [one for one in DEPLOY.rglob("*") if one.is_file()] + [ROOT / "docs" / "operations.md"]


@pytest.mark.parametrize("file", files(), ids=lambda one: one.name)
def test_every_setting_that_is_named_is_one(file: Path) -> None:
    named = set(re.findall(r"\bPERKS_([A-Z][A-Z0-9_]*[A-Z0-9])\b", file.read_text(encoding="utf-8")))
    assert {one.lower() for one in named} <= set(Settings.model_fields)


def test_every_setting_stands_in_the_page_of_settings() -> None:
    """After a change: `python -m tools.settings_page`."""
    assert settings_page.FILE.read_text(encoding="utf-8") == settings_page.text()


def test_containers_are_nobodys_root_and_write_nowhere_else() -> None:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))[
        "services"
    ]
    ours = {name: one for name, one in services.items() if one["image"] == "perks-engine"}
    assert set(ours) == {"migrate", "engine", "scheduler"}
    for one in ours.values():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert one["command"][0] in COMMANDS
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^USER (.*)$", dockerfile) == ["10001:10001"]
    assert "HEALTHCHECK" in dockerfile


def test_what_the_image_is_built_from_is_let_in() -> None:
    """`.dockerignore` keeps everything out but what stands in it."""
    let_in = set(re.findall(r"(?m)^!(.*)$", (ROOT / ".dockerignore").read_text(encoding="utf-8")))
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = {"perks_engine", "rules", "templates", "requirements", "pyproject.toml", "README.md", "LICENSE"}
    assert let_in == wanted
    for name in ('readme = "README.md"', '"rules" = ', '"templates" = ', 'license-files = ["LICENSE"]'):
        assert name in declared


@pytest.mark.parametrize("name", ["perks", "perks-worker"])
def test_units_run_commands_that_there_are_and_are_hardened(name: str) -> None:
    text = (DEPLOY / "systemd" / f"{name}.service").read_text(encoding="utf-8")
    for command in re.findall(r"(?m)^ExecStart(?:Pre)?=/opt/perks/bin/perks (\w+)", text):
        assert command in COMMANDS
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "DynamicUser=yes", "CapabilityBoundingSet="):
        assert line in text.splitlines()
