"""Why a disclosure fails to be clear and conspicuous (16 CFR 255.0(f)): difficult to miss, and in the same
mode as what it is about. The words say what is wrong, to whom it concerns, and what mends it."""

from __future__ import annotations

from enum import StrEnum

from perks_engine.domain.phrase import Phrase, phrase


class Failure(StrEnum):
    ABSENT = "absent"
    BIO_ONLY = "bio_only"
    AFTER_MORE = "after_more"
    HASHTAG_PILE = "hashtag_pile"
    AMBIGUOUS_TERMS = "ambiguous_terms"
    PLATFORM_TOOL_ALONE = "platform_tool_alone"
    OTHER_MODE = "other_mode"
    EASY_TO_MISS = "easy_to_miss"
    ANOTHER_LANGUAGE = "another_language"
    OTHER = "other"


WORDS: dict[Failure, tuple[Phrase, Phrase]] = {
    Failure.ABSENT: (
        phrase("the post does not say it"),
        phrase("say in the post that you got it free from the brand"),
    ),
    Failure.BIO_ONLY: (
        phrase("it stands in the profile only"),
        phrase("say it in the post itself, for few read profiles"),
    ),
    Failure.AFTER_MORE: (
        phrase('it comes after "more"'),
        phrase("say it before anybody has to click"),
    ),
    Failure.HASHTAG_PILE: (
        phrase("it is one of a pile of hashtags"),
        phrase("say it first, apart from other hashtags"),
    ),
    Failure.AMBIGUOUS_TERMS: (
        phrase('words such as "sp", "collab" or "thanks" do not say it'),
        phrase('use plain words, such as "ad", or "free from" and the name of the brand'),
    ),
    Failure.PLATFORM_TOOL_ALONE: (
        phrase("the platform's own label is all there is"),
        phrase("say it in your own words as well"),
    ),
    Failure.OTHER_MODE: (
        phrase("it is not seen where the product is seen, or not heard where it is heard"),
        phrase("in a video say it and show it; a caption alone is not enough"),
    ),
    Failure.EASY_TO_MISS: (
        phrase("it is too small, too pale, too short or at the wrong place"),
        phrase("make it large, in a contrast that stands out, and long enough to be read"),
    ),
    Failure.ANOTHER_LANGUAGE: (
        phrase("it is in another language than the post"),
        phrase("say it in the language of the post"),
    ),
    Failure.OTHER: (phrase("for the reason that is noted"), phrase("see the note")),
}
"""What is wrong, and what mends it."""
