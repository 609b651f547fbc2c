"""From a template and its data to a PDF that can be kept and read out."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

STANDARDS = ("ua-1", "a-3a")
"""Tagged for who hears it (ISO 14289-1, PDF/UA-1), and complete for who keeps it, with what is attached
(ISO 19005-3, PDF/A-3a)."""


LONGEST = 22
"""Signs at which no line breaks that fit into a column."""
_RUN = re.compile(rf"[^\s/?-]{{{LONGEST}}}(?=\S)")


def breaking(text: str) -> str:
    """The same, with places at which a long word, such as a tracking number, may break."""
    return _RUN.sub("\\g<0>\N{ZERO WIDTH SPACE}", text)


def typeset(folder: Path, template: Path, data: Mapping[str, Any], file: Path, at: datetime) -> None:
    """Write `file`. The template finds the data beside it in `folder`, as `data.json`, and whatever else lies
    there; the document bears the instant `at`, so that the same data give the same bytes."""
    shutil.copyfile(template, folder / template.name)
    (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    typst.compile(
        str(folder / template.name),
        output=str(file),
        format="pdf",
        root=str(folder),
        ignore_system_fonts=True,
        timestamp=int(at.timestamp()),
        pdf_standards=list(STANDARDS),
    )
