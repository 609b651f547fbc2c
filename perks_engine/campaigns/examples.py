"""Runs the examples of a campaign file: people and the verdict that they must get."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.campaigns.campaign_file import CampaignFile
from perks_engine.campaigns.person_facts import dated
from perks_engine.domain.campaign import Example
from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Atlas
from perks_engine.domain.reasons import Reason, deciding_codes


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """`fault` says what came out otherwise than the file says, or is empty."""

    example: Example
    reason: Reason
    fault: str

    @property
    def passed(self) -> bool:
        return not self.fault


def run_examples(file: CampaignFile, atlas: Atlas) -> list[ExampleResult]:
    return [_run(example, file, atlas) for example in file.examples]


def _run(example: Example, file: CampaignFile, atlas: Atlas) -> ExampleResult:
    now = example.at or file.campaign.window.opens_at
    person = Person(example.name, dated(example.evidence, now))
    reason = explain(file.campaign.eligibility, person, now, atlas)
    codes = deciding_codes(reason)
    fault = ""
    if reason.verdict is not example.verdict:
        fault = f"expected {example.verdict}, came out {reason.verdict} because of {', '.join(sorted(codes))}"
    elif example.because is not None and example.because not in codes:
        fault = f"expected {example.because} to decide, but it was {', '.join(sorted(codes))}"
    return ExampleResult(example, reason, fault)
