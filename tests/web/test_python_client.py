"""The Python client: as the schema says, and a package of its own that needs no engine beside it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

import perks_client
from perks_client import models
from perks_client.version import __version__ as client_version
from perks_engine import __version__
from perks_engine.services.access import Role
from perks_engine.web.app import all_routes
from perks_engine.web.described import described
from tests.engine_room import Room
from tools.api_client import PACKAGE, files


def test_the_client_is_made_from_the_schema() -> None:
    """After a change of the API: `make client`."""
    for name, text in files(described(all_routes().routes)).items():
        assert (PACKAGE / name).read_text(encoding="utf-8") == text, f"run `make client` for {name}"
    assert client_version == __version__


def test_each_operation_has_a_method() -> None:
    schema = described(all_routes().routes)
    names = [one["operationId"] for ways in schema["paths"].values() for one in ways.values()]
    assert len(names) == len(set(names)) > 100
    assert [name for name in names if not callable(getattr(perks_client.Client, name, None))] == []


def test_it_is_a_package_of_its_own(tmp_path: Path) -> None:
    built = ("-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(PACKAGE.parent))
    subprocess.run([sys.executable, *built], check=True, capture_output=True)
    [wheel] = tmp_path.glob("perks_client-*.whl")
    code = "import perks_client, sys; print(perks_client.__file__); sys.exit('perks_engine' in sys.modules)"
    asked = [sys.executable, "-c", code]
    where = subprocess.run(asked, check=True, capture_output=True, env={"PYTHONPATH": str(wheel)}, text=True)
    assert str(wheel) in where.stdout
    assert "perks_client/py.typed" in zipfile.ZipFile(wheel).namelist()


def test_what_is_refused_is_an_error_that_says_why(sqlite_room: Room, sqlite_base: str) -> None:
    sqlite_room.campaign()
    with perks_client.Client(sqlite_base) as nobody, pytest.raises(perks_client.ProblemError) as caught:
        nobody.list_perks()
    assert (caught.value.code, caught.value.problem.status) == ("access.token", 401)
    assert str(caught.value).startswith("401 access.token: send a token")
    token = sqlite_room.token(Role.INFLUENCER, sqlite_room.person("ana"))
    with perks_client.Client(sqlite_base, token) as ana:
        with pytest.raises(perks_client.ProblemError) as caught:
            ana.show_perk("no such campaign?")
        assert caught.value.code == "campaign.unknown"
        body = models.ClaimRequest(campaign="phone-launch-nyc")
        granted = ana.claim_perk(body, idempotency_key="one")
        assert ana.claim_perk(body, idempotency_key="one") == granted
        with pytest.raises(perks_client.ProblemError) as caught:
            ana.claim_perk(body)
        assert (caught.value.code, caught.value.retry_after_s) == ("claim.refused", None)


def test_another_service_is_no_engine() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(502, text="<html>Bad Gateway</html>")

    http = httpx.Client(base_url="https://perks.example", transport=httpx.MockTransport(answer))
    with perks_client.Client("", "t", http) as client, pytest.raises(perks_client.UnreadableError) as caught:
        client.list_perks()
    assert str(caught.value) == "GET https://perks.example/v1/perks answered 502"
