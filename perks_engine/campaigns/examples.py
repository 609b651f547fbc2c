"""Runs the examples of a campaign file: people and the verdict that they must get."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.campaigns.campaign_file import CampaignFile
from perks_engine.campaigns.person_facts import dated
from perks_engine.domain.campaign import Example
from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Atlas
from perks_engine.domain.phrase import Phrase, phrase, word
from perks_engine.domain.reasons import Reason, deciding_codes


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """`fault` says what came out otherwise than the file says, or is None."""

    example: Example
    reason: Reason
    fault: Phrase | None

    @property
    def passed(self) -> bool:
        return self.fault is None


def run_examples(file: CampaignFile, atlas: Atlas) -> list[ExampleResult]:
    return [_run(example, file, atlas) for example in file.examples]


def _run(example: Example, file: CampaignFile, atlas: Atlas) -> ExampleResult:
    now = example.at or file.campaign.window.opens_at
    person = Person(example.name, dated(example.evidence, now))
    reason = explain(file.campaign.eligibility, person, now, atlas)
    codes = deciding_codes(reason)
    fault, found = None, ", ".join(sorted(codes))
    if reason.verdict is not example.verdict:
        fault = phrase(
            "expected {verdict}, came out {found} because of {codes}",
            verdict=word(example.verdict),
            found=word(reason.verdict),
            codes=found,
        )
    elif example.because is not None and example.because not in codes:
        fault = phrase("expected {code} to decide, but it was {codes}", code=example.because, codes=found)
    return ExampleResult(example, reason, fault)
