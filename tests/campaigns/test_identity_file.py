"""The file of OpenID providers: what cannot be meant is refused, all of it at once, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from perks_engine.campaigns.identity_file import read_providers
from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.domain.providers import ROLES, texts_of
from perks_engine.services.access import Role

GOOD = """\
providers:
  staff:
    title: Staff of the shop
    issuer: https://login.shop.example
    client_id: perks
    holder: email
    roles:
      - {claim: groups, has: compliance, role: compliance, brands: ['*']}
      - {role: influencer, person: email}
"""


def read(tmp_path: Path, text: str) -> list[str]:
    """The problems of a file."""
    file = tmp_path / "identity.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        read_providers(file)
    except FileProblemsError as error:
        return [str(one).partition("identity.yaml:")[2] for one in error.problems]
    return []


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "identity.yaml").write_text(GOOD, encoding="utf-8")
    [provider] = read_providers(tmp_path / "identity.yaml")
    assert (provider.name, provider.issuer) == ("staff", "https://login.shop.example")
    assert provider.algorithms == ("RS256", "ES256")
    rule = provider.rule_for({"groups": ["x", "compliance"]})
    assert rule is not None
    assert rule.brands_of({}) == ("*",)
    assert read_providers(None) == ()


def test_the_roles_of_the_file_are_those_of_the_engine() -> None:
    assert set(ROLES) == {role.value for role in Role}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("https://login", "http://login", "its tokens would travel in the clear"),
        ("holder: email", "holder: preferred_username", "people change it themselves"),
        ("holder: email", "scopes: [email]", "openid is not among them"),
        ("holder: email", "audience: perks", "are no bearer tokens"),
        ("holder: email", "algorithms: [HS256]", "expected one of RS256"),
        ("holder: email", "algorithms: [none]", "expected one of RS256"),
        ("holder: email", "holdr: email", "holder"),
        ("claim: groups, has: compliance, ", "", "everybody at this provider would be compliance"),
        ("has: compliance, ", "", "claim and has go together"),
        ("brands: ['*']", "brands_from: b, brands: [x]", "brands stand here, and a claim with them"),
        (", brands: ['*']", "", "a compliance reaches no brand"),
        ("role: compliance", "role: king", "expected one of influencer"),
        (", person: email", "", "person says who an influencer is"),
        ("person: email", "person: email, service: true", "an influencer has no brands, and is no service"),
        ("client_id: perks", "client: perks", "client_id"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in GOOD
    problems = read(tmp_path, GOOD.replace(old, new, 1))
    assert any(told in one for one in problems), problems
    assert all(one.split(":")[0].isdigit() for one in problems), problems


def test_a_claim_is_found_by_its_name_before_its_dots() -> None:
    claims = {"https://shop.example/roles": ["a"], "realm": {"roles": ["b", 3]}, "n": 7}
    assert texts_of(claims, "https://shop.example/roles") == ("a",)
    assert texts_of(claims, "realm.roles") == ("b",)
    assert texts_of(claims, "realm.roles.deeper") == ()
    assert texts_of(claims, "n") == ()
