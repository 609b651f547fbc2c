"""The rule of `rules_question` in the engine's own words, and its two executions' surroundings."""

from __future__ import annotations

from benchmarks import rules_question as asked
from perks_engine.audiences.columns import Usual
from perks_engine.domain.evidence import REGISTER
from perks_engine.domain.geography import Circle
from perks_engine.domain.rules import About, Accept, AgeIn, AllOf, LocatedIn, NumberIn, WordsMatch
from perks_engine.places.atlas import RulesAtlas
from perks_engine.places.gazetteer import Gazetteer

RULE = AllOf(
    (
        WordsMatch(About("opted_in", "an opt-in to", accept=Accept((REGISTER,))), (asked.PURPOSE,)),
        AgeIn(About("born_on", "age"), low=asked.YOUNGEST),
        NumberIn(
            About("score", "score", accept=Accept(("reach",), asked.SCORE_AGE)), asked.LOWEST, asked.HIGHEST
        ),
        LocatedIn(
            About("location", "location", accept=Accept(("device",), asked.LOCATION_AGE)),
            Circle(asked.LAT, asked.LON, asked.RADIUS_M, "40 km around New York City"),
        ),
        WordsMatch(About("topics", "topics"), asked.TOPICS),
        NumberIn(
            About("followers", "followers", "instagram", accept=Accept((), asked.FOLLOWERS_AGE)),
            low=asked.FOLLOWERS,
        ),
    )
)
VOCABULARY = {
    "born_on": Usual(("profile",), "profile"),
    "location": Usual(("device",), "device"),
    "score": Usual((), "profile"),
    "topics": Usual((), "profile"),
    "followers": Usual((), "profile"),
}
ATLAS = RulesAtlas((), Gazetteer())
