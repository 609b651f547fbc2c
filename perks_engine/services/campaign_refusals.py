"""Why a step with a campaign is not taken."""

from __future__ import annotations

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.phrase import phrase, said, word
from perks_engine.services.errors import InvalidInputError, NotFoundError, RefusedError


def unknown(name: str) -> NotFoundError:
    return NotFoundError("campaign.unknown", phrase("there is no campaign '{name}'", name=name))


def name_taken(name: str, brand: str) -> RefusedError:
    return RefusedError(
        "campaign.name_taken",
        phrase("the campaign {name} belongs to {brand}; choose another name", name=name, brand=brand),
    )


def closed_for_good(name: str) -> RefusedError:
    return RefusedError(
        "campaign.state",
        phrase("the campaign {name} was closed for good; load the file under another name", name=name),
    )


def live_and_paused(name: str) -> RefusedError:
    return RefusedError(
        "campaign.state",
        phrase(
            "the campaign {name} is paused, and this is its live version; resume it, and say why", name=name
        ),
    )


def over(closed_at: str) -> RefusedError:
    return RefusedError(
        "campaign.closed", phrase("its window ended on {closed_at}; load a later one", closed_at=closed_at)
    )


def too_few_free(free: int, fewer: int) -> RefusedError:
    one = said("{number} unit is free, so {fewer} cannot be withdrawn; raise perk.quantity")
    many = said("{number} units are free, so {fewer} cannot be withdrawn; raise perk.quantity")
    return RefusedError("campaign.quantity", phrase(one if free == 1 else many, number=free, fewer=fewer))


def not_taken_back(name: str, minutes: int) -> RefusedError:
    return RefusedError(
        "campaign.not_taken_back",
        phrase(
            "only who paused {name} can take that back, and only for {minutes} minutes; let it go on, and "
            "say why",
            name=name,
            minutes=minutes,
        ),
    )


def in_another_state(name: str, state: CampaignState, possible: tuple[CampaignState, ...]) -> RefusedError:
    words = said("the campaign {name} is {state}; this needs it to be {wanted}")
    wanted = word(possible[0])
    for one in possible[1:]:
        wanted = phrase("{words} or {last}", words=wanted, last=word(one))
    return RefusedError("campaign.state", phrase(words, name=name, state=word(state), wanted=wanted))


def without_why(name: str, by: str) -> InvalidInputError:
    words = said("say why: it stands in the history of {name}, under the name of {by}")
    return InvalidInputError("campaign.why", phrase(words, name=name, by=by))


def changed_meanwhile(name: str) -> RefusedError:
    return RefusedError(
        "campaign.state",
        phrase(
            "the state of {name} was changed by somebody else at this moment; look at it again", name=name
        ),
    )
