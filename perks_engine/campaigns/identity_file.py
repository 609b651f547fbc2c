"""The file of OpenID providers, which PERKS_IDENTITY names."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.campaigns.reader import FAILED, Reader
from perks_engine.campaigns.shapes import (
    WORD,
    Boolean,
    Choice,
    Field,
    ListOf,
    MapOf,
    Record,
    Text,
)
from perks_engine.campaigns.yaml_source import Fields, Node, read_yaml_file
from perks_engine.domain.providers import ALGORITHMS, CHANGEABLE, INFLUENCER, ROLES, Provider, RoleRule

_CLAIM = Text("the name of a claim", longest=200)
_TEXTS = ListOf(Text("a text", longest=120), longest=100)
_RULE = Record(
    (
        Field("claim", _CLAIM, "the claim that is looked at; left out: the rule fits everybody"),
        Field("has", Text("a value", longest=200), "what stands in it, alone or among others"),
        Field("role", Choice(ROLES), "the role they have then", required=True),
        Field("brands", _TEXTS, "the brands they reach; `*` for all", default=()),
        Field("brands_from", _CLAIM, "the claim with the brands they reach, in place of `brands`"),
        Field("person", _CLAIM, "for influencers: the claim that says who it is; email, or one with the id"),
        Field("service", Boolean(), "true for what is no human", default=False),
    ),
    build=RoleRule,
)
_PROVIDER = Record(
    (
        Field("title", Text("a title", longest=80), "what the sign-in page calls it", required=True),
        Field(
            "issuer", Text("an HTTPS address", r"https?://\S+"), "its issuer, to the letter", required=True
        ),
        Field("client_id", Text("an id", longest=200), "as what this engine is known there", required=True),
        Field("secret_file", Text("a path"), "the file with the client's secret; a public client has none"),
        Field("scopes", _TEXTS, "what is asked for", default=("openid", "email", "profile")),
        Field(
            "algorithms", ListOf(Choice(ALGORITHMS)), "that may sign its tokens", default=("RS256", "ES256")
        ),
        Field("holder", _CLAIM, "the claim that names a human of staff", default="sub"),
        Field("userinfo", Boolean(), "true where claims have to be asked for", default=False),
        Field(
            "audience", Text("an audience", longest=200), "of access tokens that are taken for bearer tokens"
        ),
        Field("roles", ListOf(_RULE), "who has which role; the first that fits", required=True),
    )
)
_FILE = Record((Field("providers", MapOf(WORD, _PROVIDER), "the providers by name", required=True),))


def read_providers(path: Path | None) -> tuple[Provider, ...]:
    """The providers of the file, none without one. Raises `FileProblemsError`."""
    if path is None:
        return ()
    node, reader = read_yaml_file(path), Reader(str(path))
    data = _FILE.read(node, "", reader)
    found: list[Provider] = []
    if data is not FAILED:
        for name, values in data["providers"].items():
            for where, wrong, expected in _faults(values):
                reader.fault(_place(node, name), f"providers.{name}.{where}", wrong, expected)
            found.append(Provider(name=name, **values))
    if reader.problems:
        raise FileProblemsError(reader.problems)
    return tuple(found)


def _faults(values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What contradicts itself: where, what is wrong, what was expected."""
    faults: list[tuple[str, str, str]] = []
    address = urlsplit(values["issuer"])
    if address.scheme != "https" and not _is_this_machine(address.hostname or ""):
        faults.append(("issuer", "its tokens would travel in the clear", "https://…"))
    if "openid" not in values["scopes"]:
        faults.append(("scopes", "openid is not among them", "openid, …"))
    if values["holder"] in CHANGEABLE:
        wrong = f"{values['holder']} is not unique, or people change it themselves"
        faults.append(("holder", wrong, "sub, email, or another claim that nobody else can come to have"))
    if values["audience"] is not None and values["audience"] == values["client_id"]:
        wrong = "ID tokens are made out to the client, and are no bearer tokens"
        faults.append(("audience", wrong, "an audience of its own"))
    for place, rule in enumerate(values["roles"]):
        faults += [(f"roles[{place}]", *fault) for fault in _rule_faults(rule)]
    return faults


def _rule_faults(rule: RoleRule) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    is_influencer = rule.role == INFLUENCER
    if (rule.claim is None) != (rule.has is None):
        faults.append(("claim and has go together", "both, or neither"))
    if rule.claim is None and not is_influencer:
        faults.append((f"everybody at this provider would be {rule.role}", "claim and has"))
    if is_influencer != (rule.person is not None):
        faults.append(("person says who an influencer is, and nobody else", "person for influencers alone"))
    if is_influencer and (rule.brands or rule.brands_from or rule.service):
        faults.append(("an influencer has no brands, and is no service", "role and person"))
    has_brands = bool(rule.brands or rule.brands_from)
    if not is_influencer and rule.role != "operator" and not has_brands:
        faults.append((f"a {rule.role} reaches no brand", "brands, or brands_from"))
    if rule.brands and rule.brands_from:
        faults.append(("brands stand here, and a claim with them", "one of the two"))
    return faults


def _place(node: Node, name: str) -> Node:
    listed = node.get("providers") if isinstance(node, Fields) else None
    if not isinstance(listed, Fields):
        return node
    return next((key for key, _ in listed.fields if key.text == name), node)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
