"""Characters that no reader sees and that not every database keeps: an escape can put them into a text.

A file that holds one as it is was refused before; here are those that `"\\0"` or `"\\ud800"` stand for.
"""

from __future__ import annotations

import re

_CONTROLS = "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f"
_INVISIBLE = re.compile(f"[{_CONTROLS}\ud800-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")

SOMETHING_TO_READ = f"^[^{_CONTROLS}]*[^{_CONTROLS}\\s][^{_CONTROLS}]*$"
"""A pattern of JSON Schema: text in which something can be read, and no control but tabs and line ends.
Half a character cannot stand in the text that a schema is asked about."""


def invisible(text: str) -> str:
    """`U+0000`: the first control (tabs and line ends apart) or half character in the text, or nothing."""
    found = _INVISIBLE.search(text)
    return f"U+{ord(found.group()):04X}" if found else ""


def whole_characters(text: str) -> str:
    """The text with each pair of halves (`\\ud83d\\ude00` in JSON) as the one character it stands for."""
    if _HALF.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
