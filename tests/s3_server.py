"""A bucket for tests, on a server that speaks S3."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from perks_engine.delivery.s3_store import S3Pictures, s3_pictures

NAME = "perks"
_REGION = "us-east-1"
KEYS = {
    "AWS_ACCESS_KEY_ID": "for tests",
    "AWS_SECRET_ACCESS_KEY": "for tests",
    "AWS_DEFAULT_REGION": _REGION,
}
"""What the environment has to say."""


@dataclass
class Bucket:
    server: ThreadedMotoServer
    endpoint: str
    url: str = f"s3://{NAME}/some/pictures"

    def store(self) -> S3Pictures:
        return s3_pictures(self.url, self.endpoint, _REGION)

    def objects(self) -> dict[str, bytes]:
        """All there are, by key."""
        listed = self._client.list_objects_v2(Bucket=NAME).get("Contents", [])
        keys = [one["Key"] for one in listed]
        return {key: self._client.get_object(Bucket=NAME, Key=key)["Body"].read() for key in keys}

    def put(self, key: str, data: bytes) -> None:
        self._client.put_object(Bucket=NAME, Key=key, Body=data)

    def drop(self, key: str) -> None:
        self._client.delete_object(Bucket=NAME, Key=key)

    @contextmanager
    def away(self) -> Generator[None]:
        """Nobody answers at its address for as long as the block lasts; what is in it stays."""
        host, port = self.server.get_host_and_port()
        self.server.stop()
        try:
            yield
        finally:
            self.server = ThreadedMotoServer(ip_address=host, port=port, verbose=False)
            self.server.start()

    @property
    def _client(self) -> Any:
        return boto3.client("s3", endpoint_url=self.endpoint)


@contextmanager
def bucket_at_work() -> Generator[Bucket]:
    """On a free port of this machine, for as long as the block lasts; `KEYS` have to be set."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = Bucket(server, f"http://{host}:{port}")
    try:
        boto3.client("s3", endpoint_url=made.endpoint).create_bucket(Bucket=NAME)
        yield made
    finally:
        for key in made.objects():
            made.drop(key)
        made.server.stop()
