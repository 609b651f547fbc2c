"""Names folded for comparison."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "'": None, "’": None, "ʻ": None}
)
_INITIAL = re.compile(r"(?<=\b\w)\.(?=\w\b)")
_WORDS = re.compile(r"\w+")
_SHORT = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}


def folded(text: str) -> str:
    """Without accents, case and punctuation, words one space apart: `Saint-Étienne` is `st etienne`.

    `Saint`, `Fort` and `Mount` before a name become what most people write. Letters that Unicode does not
    take apart (ł, ø) get their plain neighbours; other scripts stay as they are.
    """
    plain = text.casefold().translate(_LETTERS)
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    if "." in plain:
        plain = _INITIAL.sub("", plain)
    words: list[str] = _WORDS.findall(plain)
    return " ".join([*(_SHORT.get(word, word) for word in words[:-1]), *words[-1:]])
