"""Write down what an operator can set, from `perks_engine/settings.py`: `python -m tools.settings_page`.
A test holds the page to it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from perks_engine.settings import Settings

FILE = Path(__file__).parent.parent / "docs" / "settings.md"
_HEAD = """# Settings

Made by `python -m tools.settings_page`. Each is a variable of the environment of `perks serve`, `perks
worker` and the other commands; `deploy/perks.env.example` has those that a deployment begins with. A value
that cannot be meant stops every command, and so does a name that is a setting's but for a slip. What is
written as JSON stands in single quotes in a shell and in an environment file:
`PERKS_CORS_ORIGINS='["https://shop.example"]'`.

Beside them `PERKS_USER` names who acts at the command line, where `--by` does not.
"""
_TOPICS: Mapping[str, str] = {
    "The database": "database_url pool_size pool_wait_s database_connect_s database_answer_s min_free_bytes",
    "Migrations of PostgreSQL": "migrate_lock_s migrate_statement_s migrate_tries",
    "Rules, letters and places": """rules templates cache geocoder geocoder_options geocoder_interval_s
        geocoder_keep_days""",
    "The log and links": "log_key log_heads log_webhook link_key",
    "Files and pictures": """files max_file_bytes pictures s3_endpoint s3_region max_picture_bytes
        max_picture_pixels spool exports_at_once""",
    "Mail": """public_url smtp_url mail_from postal_address quiet_hours mail_zone most_letters
        most_letters_days""",
    "Feedback and disclosure": """feedback_after_days feedback_until_days disclosure_reminder_days
        disclosure_escalation_days disclosure_fix_hours""",
    "Webhooks and carriers": """webhook_networks authorities webhook_keep_days easypost_secret
        shippo_secret""",
    "Taxes": "tax_zone tax_thresholds",
    "Erasure, and how long things are kept": """erasure_key erasures keep_disclosure_days keep_tax_days
        keep_consent_days keep_refused_days keep_address_days keep_answer_days keep_request_days""",
    "Signing in": "identity sign_in_minutes session_hours",
    "Requests": "rate_per_token rate_per_address rate_store cors_origins max_body_bytes max_body_s drain_s",
    "Logs, metrics and traces": "log_level log_format metrics_token metrics_listen otlp_endpoint",
}


def text() -> str:
    return "\n".join((_HEAD, *_tables()))


def _tables() -> Iterator[str]:
    left = dict(Settings.model_fields)
    for topic, names in _TOPICS.items():
        yield f"## {topic}\n| setting | what it is | left out |\n|---|---|---|"
        for name in names.split():
            yield _row(name, left.pop(name))
        yield ""
    if left:
        raise LookupError(f"give these a topic in tools/settings_page.py: {', '.join(left)}")


def _row(name: str, field: FieldInfo) -> str:
    words = (field.description or "").replace("|", "\\|")
    for example in field.examples or ():
        words += f", such as `{example}`"
    return f"| `PERKS_{name.upper()}` | {words} | {_shown(field.get_default())} |"


def _shown(default: Any) -> str:
    if default in (None, "", (), {}):
        return ""
    if isinstance(default, tuple):
        return f"`{json.dumps(default)}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")
