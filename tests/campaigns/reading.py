"""A small campaign file to be spoiled in one place, and what its reader then says."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from perks_engine.campaigns.problems import FileProblemsError

# Messages name lines of this text: `perk:` is line 4, the first condition line 16.
CAMPAIGN = """\
campaign: spring-box
brand: sample-brand
title: A box in spring
perk:
  kind: item
  name: Spring box
  fair_market_value: 20.00 USD
  quantity: 10
  per_person: 1
  reservation: 48h
window:
  opens: 2027-03-01T09:00Z
  closes: 2027-03-31T18:00Z
eligibility:
  all:
    - opted_in: perks
    - location: {inside: areas/nyc_boroughs, accept: [device]}
disclosure:
  connection: received_item
  instruct: templates/messages/disclosure_gift
promotion: {allowed: false}
"""

Faults = Callable[[str | bytes], list[str]]
"""The messages about a campaign file, in order; none where it is well."""


def changed(old: str, new: str, text: str = CAMPAIGN) -> str:
    """`text` with one piece of it replaced."""
    assert text.count(old) == 1, f"'{old}' stands {text.count(old)} times in:\n{text}"
    return text.replace(old, new)


def ruled(rule: str) -> str:
    """The campaign with this rule instead of its own; the rule begins in line 15, column 3."""
    head, _, rest = CAMPAIGN.partition("eligibility:\n")
    tail = rest[rest.index("disclosure:") :]
    return f"{head}eligibility:\n{textwrap.indent(textwrap.dedent(rule).strip(), '  ')}\n{tail}"


def with_example(person: str) -> str:
    """The campaign with one example of that person, which stands in line 24, column 13."""
    return f"{CAMPAIGN}examples:\n  - name: somebody\n    person: {person}\n    verdict: unknown\n"


def faults_of(read: Callable[[], object]) -> list[str]:
    """What reading complains of."""
    try:
        read()
    except FileProblemsError as error:
        return [str(problem) for problem in error.problems]
    return []
