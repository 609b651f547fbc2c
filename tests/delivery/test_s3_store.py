"""Pictures in a bucket, on a server that speaks S3."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest
from moto.server import ThreadedMotoServer

from perks_engine.delivery.s3_store import PictureSettingsError, S3Pictures, s3_pictures
from perks_engine.services.picture_records import StoreDownError


@dataclass(frozen=True)
class Bucket:
    endpoint: str
    url: str = "s3://perks/some/pictures"

    def store(self) -> S3Pictures:
        return s3_pictures(self.url, self.endpoint, "us-east-1")

    def keys(self) -> list[str]:
        listed = boto3.client("s3", endpoint_url=self.endpoint).list_objects_v2(Bucket="perks")
        return [one["Key"] for one in listed.get("Contents", [])]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for tests")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        made = Bucket(f"http://{host}:{port}")
        boto3.client("s3", endpoint_url=made.endpoint).create_bucket(Bucket="perks")
        yield made
    finally:
        server.stop()


def test_kept_under_the_prefix_given_back_and_dropped(bucket: Bucket) -> None:
    store, name = bucket.store(), secrets.token_hex(16)
    store.keep(name, b"first")
    store.keep(name, b"again")
    assert bucket.keys() == [f"some/pictures/{name}"]
    assert store.get(name) == b"again"
    store.drop(name)
    store.drop(name)
    assert bucket.keys() == []
    for gone in (name, "../secret"):
        with pytest.raises(LookupError):
            store.get(gone)
    store.drop("../secret")


def test_a_store_that_is_away_or_a_bucket_that_is_not_there_is_told(bucket: Bucket) -> None:
    name = secrets.token_hex(16)
    other = s3_pictures("s3://no-such-bucket", bucket.endpoint, "us-east-1")
    for away in (s3_pictures("s3://perks", "http://127.0.0.1:1", "us-east-1"), other):
        with pytest.raises(StoreDownError):
            away.keep(name, b"x")


@pytest.mark.parametrize(
    ("url", "endpoint", "words"),
    [
        ("https://perks", "", "expected such as s3://bucket/pictures"),
        ("s3://", "", "expected such as s3://bucket/pictures"),
        ("s3://perks", "storage.example:9000", "PERKS_S3_ENDPOINT: .* expected such as https://"),
    ],
)
def test_settings_that_name_no_bucket_are_refused(url: str, endpoint: str, words: str) -> None:
    with pytest.raises(PictureSettingsError, match=words):
        s3_pictures(url, endpoint, "us-east-1")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(PictureSettingsError, match=r"pip install 'perks-engine\[s3\]'"):
        s3_pictures("s3://perks", "", "us-east-1")
