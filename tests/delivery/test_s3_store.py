"""Pictures in a bucket, on a server that speaks S3."""

from __future__ import annotations

import secrets
import sys

import pytest

from perks_engine.delivery.s3_store import PictureSettingsError, s3_pictures
from perks_engine.services.picture_records import StoreDownError
from tests.s3_server import Bucket


def test_kept_under_the_prefix_given_back_and_dropped(bucket: Bucket) -> None:
    store, name = bucket.store(), secrets.token_hex(16)
    store.keep(name, b"first")
    store.keep(name, b"again")
    assert list(bucket.objects()) == [f"some/pictures/{name}"]
    assert store.get(name) == b"again"
    store.drop(name)
    store.drop(name)
    assert bucket.objects() == {}
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
