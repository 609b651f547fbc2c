"""`perks person …`, `perks check` and `perks claim`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from perks_engine.bootstrap import RuleBook, SchemaOutdatedError
from perks_engine.campaigns.people_file import PeopleReader, PersonEntry
from perks_engine.campaigns.person_facts import PersonFacts, dated
from perks_engine.campaigns.problems import FileProblemsError
from perks_engine.campaigns.reader import Reader
from perks_engine.campaigns.yaml_source import Fields, read_yaml_file
from perks_engine.cli import record_commands
from perks_engine.cli.output import DONE, NOT_ELIGIBLE, JsonOption, emit, reasons, say
from perks_engine.cli.person_words import person_lines
from perks_engine.cli.progress import progress
from perks_engine.cli.session import DatabaseOption, connected, opened, refuse_folder, rules_for, told
from perks_engine.cli.times import AtOption, moment_of
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.consent import FALLBACK_LANGUAGE, ConsentAct, Proof
from perks_engine.domain.evidence import Person
from perks_engine.domain.explain import explain
from perks_engine.domain.rules import lowest_age
from perks_engine.domain.verdict import Verdict
from perks_engine.services.errors import NotFoundError
from perks_engine.services.people import Newcomer
from perks_engine.services.records import PersonCard
from perks_engine.services.views import counted, instant_view, reasons_view, tree_view

app = typer.Typer(no_args_is_help=True, help="People on record.")


@app.command("import")
def import_people(
    file: Annotated[
        Path, typer.Argument(help="YAML, JSON, JSON Lines or CSV; each person with proof of consent")
    ],
    campaign: Annotated[
        str | None, typer.Option(help="a campaign they are invited to: nobody below its age comes in")
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring people in with their evidence: all of the file, or nobody."""
    with opened(database, as_json) as engine:
        now = engine.clock()
        rules = engine.rules
        with progress(as_json) as report:
            entries = PeopleReader(rules.catalogue, rules.atlas).read_file(file, now, report)
            youngest = lowest_age(engine.campaigning.latest(campaign)[0].eligibility) if campaign else 0
            newcomers = [newcomer(entry, now) for entry in entries]
            data = engine.people.bring_in(newcomers, report, youngest)
    added = counted(data["added"], "person", "people")
    emit(data, as_json, lambda: say(f"{added} added, {data['updated']} brought up to date"))


def newcomer(entry: PersonEntry, now: datetime) -> Newcomer:
    joined_at = min(consent.given_at for consent in entry.consents)
    return Newcomer(
        name=entry.place,
        card=PersonCard(
            *(entry.person_id, min(joined_at, now), entry.handle, entry.email, entry.name),
            *(entry.language or FALLBACK_LANGUAGE, entry.time_zone),
        ),
        consents=tuple(
            ConsentAct(
                *(entry.person_id, one.purpose, one.channel, True, one.given_at, one.how),
                Proof(text_version=one.text_version, origin=one.origin, confirmed_at=one.confirmed_at),
            )
            for one in entry.consents
        ),
        facts=entry.facts,
        handles=entry.handles,
        unsaid=tuple(
            field
            for field in ("handle", "email", "name", "language", "time_zone")
            if getattr(entry, field) is None
        ),
    )


@app.command("show")
def show_person(
    person: Annotated[str, typer.Argument(help="the person's id")],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """All that is held about one person."""
    with opened(database, as_json) as engine:
        data = engine.people.show(person)

    def show() -> None:
        for line in person_lines(data):
            say(line)

    emit(data, as_json, show)


app.command("record")(record_commands.record)
app.command("correct")(record_commands.correct)
app.command("erase")(record_commands.erase)
app.command("hold")(record_commands.hold)
app.command("lift")(record_commands.lift)
app.command("holds")(record_commands.holds)
app.command("requests")(record_commands.requests)
app.command("retention")(record_commands.retention)
app.command("processing")(record_commands.processing)


def check(
    campaign: Annotated[
        str, typer.Argument(help="a campaign file, or the name of a campaign in the database")
    ],
    person: Annotated[str, typer.Argument(help="a person's id, or a YAML or JSON file that describes one")],
    at: AtOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """The verdict of a campaign's rule on one person, and its reasons. Exit 0 eligible, 1 not."""
    with told(as_json):
        moment = moment_of(at, "--at", as_json)
        campaign_path, person_path = _as_file(campaign), _as_file(person)
        if campaign_path is not None and person_path is not None:
            rules = rules_for(campaign_path)
            version = rules.reader.read_file(campaign_path)
            someone = _described(person_path, rules, version.campaign.brand, moment or _now())
            data = _judged(version.campaign, version.version, someone, moment or _now(), rules)
        else:
            try:
                data = _with_database(campaign, person, moment, database)
            except (NotFoundError, SchemaOutdatedError) as error:
                # Without a database nothing is on record; else the one that was not found is named.
                code = error.code if isinstance(error, NotFoundError) else None
                if code in ("campaign.unknown", None):
                    refuse_folder(campaign, "a campaign file in it", as_json)
                if code in ("person.unknown", None):
                    refuse_folder(person, "a file in it that describes one person", as_json)
                raise
    _tell(data, as_json)


def _now() -> datetime:
    return datetime.now().astimezone()


def _with_database(
    campaign: str, person: str, moment: datetime | None, database: str | None
) -> dict[str, Any]:
    with connected(database) as engine:
        now = moment or engine.clock()
        campaign_path, person_path = _as_file(campaign), _as_file(person)
        if campaign_path is not None:
            rules = engine.rules_of(campaign_path)
            file = rules.reader.read_file(campaign_path)
            version, name = file.campaign, file.version
        else:
            rules = engine.rules
            version, name = engine.campaigning.latest(campaign)
        if person_path is not None:
            someone = _described(person_path, rules, version.brand, now)
        else:
            someone = engine.people.as_known(person, now)
        reason = explain(version.eligibility, someone, now, engine.atlas)
        data = _verdict(version, name, someone, reason, now)
        if person_path is None and data["verdict"] == Verdict.ELIGIBLE:
            with engine.store.read() as tx:
                units = tx.lists.units_of(someone.person_id)
                known = partial(engine.versions.get, tx=tx)
                data |= engine.tax_notices.about(units, version, now, known)
        return data


def _judged(
    campaign: Campaign, version: str, person: Person, now: datetime, rules: RuleBook
) -> dict[str, Any]:
    return _verdict(campaign, version, person, explain(campaign.eligibility, person, now, rules.atlas), now)


def _verdict(campaign: Campaign, version: str, person: Person, reason: Any, now: datetime) -> dict[str, Any]:
    return {
        "campaign": campaign.name,
        "version": version,
        "person": person.person_id,
        "verdict": reason.verdict.value,
        "reasons": reasons_view(reason),
        "tree": tree_view(reason),
        "decided_at": instant_view(now),
    }


def _tell(data: dict[str, Any], as_json: bool) -> None:
    def show() -> None:
        if data["verdict"] == "unknown":
            say(f"it is not known whether {data['person']} is eligible for {data['campaign']}")
        else:
            say(f"{data['person']} is {data['verdict']} for {data['campaign']}")
        reasons(data["reasons"])
        _say_notice(data)

    emit(data, as_json, show)
    raise typer.Exit(DONE if data["verdict"] == "eligible" else NOT_ELIGIBLE)


def _described(path: Path, rules: RuleBook, brand: str, now: datetime) -> Person:
    """The person that a file describes; raises `FileProblemsError`."""
    node = read_yaml_file(path)
    inner = node.get("person") if isinstance(node, Fields) else None
    reader = Reader(str(path))
    shape = PersonFacts(rules.catalogue, rules.atlas, brand, others=("id", "name", "handle", "email", "at"))
    facts = shape.read(inner if isinstance(inner, Fields) else node, "", reader)
    if reader.problems:
        raise FileProblemsError(reader.problems)
    return Person(path.stem, dated(facts, now))


def _as_file(text: str) -> Path | None:
    path = Path(text)
    return path if path.suffix.lower() in (".yaml", ".yml", ".json") or path.is_file() else None


def claim(
    campaign: Annotated[str, typer.Argument(help="the campaign's name")],
    person: Annotated[str, typer.Argument(help="the person's id")],
    key: Annotated[str, typer.Option(help="the idempotency key: the same key gives the same answer again")],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Claim a perk for a person, as a service would. Exit 0 granted, 1 refused."""
    with opened(database, as_json) as engine:
        answer = dict(engine.claiming.claim(person, campaign, key))
    granted = answer["outcome"] == "granted"

    def show() -> None:
        if granted:
            say(f"granted: {answer['claim']}, reserved until {answer['reserved_until']}")
            _say_notice(answer)
        else:
            say(f"refused ({_why_refused(answer)}): {answer['claim']}")
            reasons(answer["reasons"])

    emit(answer, as_json, show)
    raise typer.Exit(DONE if granted else NOT_ELIGIBLE)


def _say_notice(data: dict[str, Any]) -> None:
    if "tax_notice" in data:
        say(f"tax: {data['tax_notice']['text']}")


def _why_refused(answer: dict[str, Any]) -> str:
    """The verdict; for somebody who is eligible what stands in the way besides: `limit reached`."""
    if answer["verdict"] == "eligible":
        codes: list[str] = [reason["code"] for reason in answer["reasons"]]
        return ", ".join(code.replace(".", " ").replace("_", " ") for code in codes)
    if answer["verdict"] == "unknown":
        return "not known whether eligible"
    return answer["verdict"]
