"""Settings from the environment, each `PERKS_…`. Only `bootstrap` reads them."""

from __future__ import annotations

import ssl
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from limits import parse
from pydantic import Field, HttpUrl, IPvAnyNetwork, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from perks_engine.domain.quiet_hours import quiet_hours


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="PERKS_", extra="ignore")

    database_url: Annotated[str, Field(description="SQLite file or postgresql+psycopg:// URL")] = (
        "sqlite:///perks.db"
    )
    rules: Annotated[Path | None, Field(description="the folder of campaigns, catalogue and areas")] = None
    templates: Annotated[Path | None, Field(description="the folder of message templates")] = None
    cache: Annotated[Path | None, Field(description="where the gazetteer is kept; else the user's cache")] = (
        None
    )
    geocoder: Annotated[str, Field(description="a geopy geocoder for unknown places, such as nominatim")] = ""
    geocoder_options: Annotated[
        dict[str, str | int | bool],
        Field(description="its options as JSON", examples=['{"user_agent": "our perks"}']),
    ] = {}
    geocoder_interval_s: Annotated[
        float, Field(ge=0, le=60, description="seconds between two requests of all processes together")
    ] = 1.0
    geocoder_keep_days: Annotated[
        float, Field(gt=0, le=3_650, description="how long an answer is kept in the database")
    ] = 30.0
    log_key: Annotated[Path | None, Field(description="the file of keys that sign the log's heads")] = None
    log_heads: Annotated[
        Path | None, Field(description="a file outside of the database to which each signed head is added")
    ] = None
    files: Annotated[
        Path, Field(description="the folder of files that people give with disputes; nothing serves it")
    ] = Path("files")
    max_file_bytes: Annotated[int, Field(ge=1_024, description="the largest of these files")] = 5_242_880
    pictures: Annotated[
        str,
        Field(description="where pictures are: a folder or s3://bucket/prefix; else `pictures` in the files"),
    ] = ""
    s3_endpoint: Annotated[str, Field(description="of a store that speaks S3 and is not AWS's own")] = ""
    s3_region: Annotated[str, Field(description="the region of the bucket")] = "us-east-1"
    max_picture_bytes: Annotated[int, Field(ge=1_024, description="the largest picture as it comes")] = (
        10_485_760
    )
    max_picture_pixels: Annotated[
        int, Field(ge=1_000_000, le=200_000_000, description="the most pixels of a picture")
    ] = 30_000_000
    feedback_after_days: Annotated[
        float, Field(ge=0, le=3_650, description="days after receipt when recipients are asked how it was")
    ] = 10
    feedback_until_days: Annotated[
        float,
        Field(
            gt=0, le=3_650, validate_default=True, description="days after receipt when it is too late to ask"
        ),
    ] = 90
    public_url: Annotated[
        str, Field(description="where this engine is reached from outside; links in letters begin with it")
    ] = "http://127.0.0.1:8000"
    smtp_url: Annotated[
        str, Field(description="the mail server, such as smtp+starttls://user:password@mail.example:587")
    ] = ""
    mail_from: Annotated[str, Field(description="who letters are from: Our Perks <perks@shop.example>")] = ""
    postal_address: Annotated[
        str, Field(description="where the sender of letters is by post, its lines apart by |")
    ] = ""
    quiet_hours: Annotated[
        str, Field(description="local time in which only answers are sent to people, such as 21:00-08:00")
    ] = "21:00-08:00"
    mail_zone: Annotated[
        str, Field(description="the time zone of people of whom neither zone nor country is known")
    ] = "America/New_York"
    most_letters: Annotated[
        int, Field(ge=1, le=100, description="letters to one person beside answers, in most_letters_days")
    ] = 3
    most_letters_days: Annotated[float, Field(gt=0, le=365, description="over how many days they count")] = 7
    link_key: Annotated[
        Path | None,
        Field(description="the file of keys that seal links in letters; else those of the log"),
    ] = None
    log_webhook: Annotated[
        HttpUrl | None, Field(description="an address to which each signed head is posted")
    ] = None
    webhook_networks: Annotated[
        tuple[IPvAnyNetwork, ...],
        Field(
            description="private networks that webhooks of brands may reach, and without TLS, as JSON",
            examples=['["10.1.0.0/16"]'],
        ),
    ] = ()
    authorities: Annotated[
        Path | None,
        Field(
            description="a PEM file of authorities that webhooks' certificates may be of, beside the world's"
        ),
    ] = None
    webhook_keep_days: Annotated[
        float, Field(gt=0, le=3_650, description="how long events are kept after they were dealt with")
    ] = 90.0
    tax_zone: Annotated[str, Field(description="in which zone a calendar year begins")] = "America/New_York"
    tax_thresholds: Annotated[
        Path | None, Field(description="a file of reporting thresholds; else those that travel along")
    ] = None
    exports_at_once: Annotated[
        int, Field(ge=1, le=100, description="disclosure lists that one process makes at the same time")
    ] = 2
    spool: Annotated[Path | None, Field(description="where files lie while they are made; else /tmp")] = None
    disclosure_reminder_days: Annotated[
        tuple[float, ...],
        Field(
            description="days after receipt of each reminder to who has shown no post, as JSON",
            examples=["[1, 7, 14]"],
        ),
    ] = (1, 7, 14)
    disclosure_escalation_days: Annotated[
        float,
        Field(
            gt=0,
            le=3_650,
            validate_default=True,
            description="days after receipt when the brand is told of who has not",
        ),
    ] = 21
    erasure_key: Annotated[
        Path | None,
        Field(description="a file with a secret that hashes of erased people need beside the database"),
    ] = None
    erasures: Annotated[
        Path | None,
        Field(description="a file outside of the database that tells a restored backup whom to erase again"),
    ] = None
    keep_disclosure_days: Annotated[
        int, Field(ge=1, le=36_500, description="what shows a receipt and its disclosure, after it")
    ] = 1_827
    keep_tax_days: Annotated[
        int, Field(ge=1, le=36_500, description="what tax asks for, after a receipt")
    ] = 1_461
    keep_consent_days: Annotated[
        int, Field(ge=1, le=36_500, description="proof of a consent of who was erased, after its end")
    ] = 1_096
    keep_refused_days: Annotated[int, Field(ge=1, le=36_500, description="refused claims")] = 365
    keep_address_days: Annotated[
        int, Field(ge=1, le=36_500, description="a postal address after a delivery, and what carriers wrote")
    ] = 90
    keep_answer_days: Annotated[
        int, Field(ge=1, le=36_500, description="answers to requests that may be sent again")
    ] = 30
    keep_request_days: Annotated[
        int, Field(ge=1, le=36_500, description="the log of requests about one's own data")
    ] = 731
    disclosure_fix_hours: Annotated[
        float,
        Field(gt=0, le=8_760, description="hours to mend a post that does not disclose clearly"),
    ] = 48
    easypost_secret: Annotated[str, Field(description="what EasyPost signs its webhooks with")] = ""
    shippo_secret: Annotated[str, Field(description="what Shippo signs its webhooks with")] = ""
    identity: Annotated[
        Path | None, Field(description="the file of OpenID providers, and who has which role by them")
    ] = None
    sign_in_minutes: Annotated[
        float, Field(ge=1, le=60, description="for how long a link to sign in works")
    ] = 15
    session_hours: Annotated[
        float, Field(gt=0, le=720, description="for how long a browser is signed in")
    ] = 12
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="the least that is logged")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "text"],
        Field(description="how log lines are written; `auto`: text at a terminal, JSON elsewhere"),
    ] = "auto"
    metrics_token: Annotated[
        str, Field(description="what Prometheus sends as its bearer token; while it is empty nobody may read")
    ] = ""
    metrics_listen: Annotated[
        str, Field(description="where `perks worker` shows its metrics, such as 127.0.0.1:9464")
    ] = ""
    otlp_endpoint: Annotated[
        HttpUrl | None,
        Field(description="where traces go by OTLP over HTTP, such as http://127.0.0.1:4318"),
    ] = None
    rate_per_token: Annotated[
        str, Field(description="requests of one token or session, such as 600/minute, or off")
    ] = "600/minute"  # noqa: S105 -- no password
    rate_per_address: Annotated[
        str,
        Field(description="requests of one address without a credential that opens something, or off"),
    ] = "300/minute"
    rate_store: Annotated[
        str, Field(description="where requests are counted: memory:// for each process, or redis://host:6379")
    ] = "memory://"
    cors_origins: Annotated[
        tuple[str, ...],
        Field(
            description="pages of other origins that may ask from a browser, as JSON",
            examples=['["https://shop.example"]'],
        ),
    ] = ()
    max_body_s: Annotated[
        float, Field(gt=0, le=3_600, description="seconds that the body of a request may take to arrive")
    ] = 30
    min_free_bytes: Annotated[
        int, Field(ge=0, description="with less room on the disk of the database it is not ready")
    ] = 67_108_864
    pool_size: Annotated[int, Field(ge=1, le=100, description="database connections of one process")] = 8
    pool_wait_s: Annotated[
        float,
        Field(gt=0, le=300, description="how long who needs one of them waits before it is told 503"),
    ] = 10.0
    database_connect_s: Annotated[
        float, Field(ge=2, le=60, description="how long PostgreSQL may take over a new connection")
    ] = 5.0
    database_answer_s: Annotated[
        float, Field(gt=0, le=86_400, description="how long one statement of PostgreSQL may take")
    ] = 60.0
    drain_s: Annotated[
        int,
        Field(ge=0, le=3_600, description="how long a server that is stopped goes on with what it has begun"),
    ] = 30
    migrate_lock_s: Annotated[
        float, Field(gt=0, le=600, description="how long a migration of PostgreSQL waits for a lock")
    ] = 2.0
    migrate_statement_s: Annotated[
        float, Field(gt=0, le=86_400, description="how long one statement of it may take")
    ] = 600.0
    migrate_tries: Annotated[
        int, Field(ge=1, le=100, description="how often it tries, where others hold on to what it needs")
    ] = 5
    max_body_bytes: Annotated[int, Field(ge=1_024, description="the largest request body")] = 1_048_576

    @property
    def carrier_secrets(self) -> dict[str, str]:
        """By the name of their webhook."""
        return {"easypost": self.easypost_secret, "shippo": self.shippo_secret}

    @field_validator("disclosure_escalation_days")
    @classmethod
    def _is_ever_later(cls, told: float, others: ValidationInfo) -> float:
        days = (0.0, *others.data.get("disclosure_reminder_days", ()), told)
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError(
                "the days have to grow from reminder to reminder to this one, such as [1, 7, 14] and 21; "
                f"they are {list(days[1:-1])} and {told}"
            )
        return told

    @field_validator("rate_per_token", "rate_per_address")
    @classmethod
    def _is_a_rate(cls, words: str) -> str:
        try:
            _ = words == "off" or parse(words)
        except ValueError as error:
            raise ValueError(f"{words!r} is no rate; write such as 600/minute, 10/second, or off") from error
        return words

    @field_validator("rate_store")
    @classmethod
    def _is_a_store(cls, url: str) -> str:
        is_redis = url.startswith(("redis://", "rediss://"))
        if url != "memory://" and not is_redis:
            raise ValueError(f"{url!r} is no store of rates; write memory://, or redis://host:6379")
        if is_redis and find_spec("redis") is None:
            raise ValueError("it needs the extra: pip install 'perks_engine[redis]'")
        return url

    @field_validator("authorities")
    @classmethod
    def _are_authorities(cls, file: Path | None) -> Path | None:
        if file is not None:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
            except OSError as error:
                raise ValueError(
                    f"{file} holds no certificates that can be read ({error.strerror or error}); it has to "
                    "be PEM, each between BEGIN CERTIFICATE and END CERTIFICATE"
                ) from error
        return file

    @field_validator("quiet_hours")
    @classmethod
    def _are_hours(cls, words: str) -> str:
        quiet_hours(words)
        return words

    @field_validator("feedback_until_days")
    @classmethod
    def _is_after_the_first(cls, until: float, others: ValidationInfo) -> float:
        after = others.data.get("feedback_after_days", 0)
        if until <= after:
            raise ValueError(f"has to be more than PERKS_FEEDBACK_AFTER_DAYS ({after}); it is {until}")
        return until

    @field_validator("tax_zone", "mail_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"there is no zone {name!r}; name one such as America/New_York or UTC"
            ) from error
        return name
