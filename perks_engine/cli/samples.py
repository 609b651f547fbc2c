"""The samples that travel with the engine, made fit for today: what `perks init` and `demo` begin with."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from perks_engine.bootstrap import packaged
from perks_engine.cli.session import rules_for

PHONE = "phone-launch-nyc"
SCHEMA = "campaign.schema.json"
OPEN_DAYS = 14


def lay_out(folder: Path, now: datetime) -> None:
    """`rules/` and `templates/` in the folder; its campaign files name a schema that lies beside them,
    and the campaign of the phone opens today."""
    for name in ("rules", "templates"):
        shutil.copytree(packaged(name), folder / name)
    rules = folder / "rules"
    schema = rules_for(rules / "catalogue.yaml").reader.schema()
    (rules / SCHEMA).write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")
    for file in (rules / "campaigns").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        text = re.sub(r"\$schema=\S+", f"$schema=../{SCHEMA}", text, count=1)
        file.write_text(open_today(text, now) if file.stem == PHONE else text, encoding="utf-8")


def open_today(campaign: str, now: datetime) -> str:
    """The text of a campaign file, with a window that begins with the day of `now` and lasts `OPEN_DAYS`."""
    opens = now.astimezone(UTC).replace(hour=0, minute=0)
    closes = opens + timedelta(days=OPEN_DAYS)
    window = f"window: {{opens: {opens:%Y-%m-%dT%H:%M}Z, closes: {closes:%Y-%m-%dT%H:%M}Z}}"
    return re.sub(r"(?m)^window: .*$", window, campaign, count=1)
