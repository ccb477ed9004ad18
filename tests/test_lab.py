"""The open lab: generated people, every API as in production, and no way out or in."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from pydantic import ValidationError

from api.assertion import ASSERTION_TYPE, checked_keys
from api.partner_entry import enter
from api.tokens import issue_token, verifier
from commands.lab import furnish, lab_settings
from graph.database.session import Endpoint
from graph.errors import BadInput, NotAuthenticated
from graph.lab import found
from graph.ledger import Ledger
from graph.metering.meter import Meter
from graph.metering.record import month_of
from graph.partner.registry import Partners
from graph.settings import Settings
from loaders.load import load
from loaders.progress import Silence
from tests.api.conftest import CountingDatabase, Service
from tests.api.test_assertion import claims

PEOPLE = 60
_PEOPLE = "{ consentingSubscribers(item: LOCATION, first: 100) { totalCount nodes { key } } }"
_ANALYSED = """{
  appInsight(app: "generated:app.social1") { months { users } }
  consentingSubscribers(item: HABITS, first: 3) { nodes { habits { times { hour } } } } }"""
_LIKED = "{ subscribers(first: 60) { nodes { preferences { score } } } }"


def nowhere() -> Endpoint:
    raise AssertionError("no database is needed")


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("NEO4J_URI", "IDENTITY_KEY_FILE", "TOKEN_ISSUER_URL", "WEBHOOK_URL"):
        monkeypatch.delenv(f"TIEGRAPH_{name}", raising=False)
    (tmp_path / "home").mkdir()
    return Settings(home_dir=tmp_path / "home")


@pytest.fixture
def lab(production: Settings) -> Settings:
    return lab_settings(production)


def test_a_lab_stands_beside_production(production: Settings, lab: Settings) -> None:
    assert lab.home_dir.name == "home-lab"
    assert (lab.is_lab, production.is_lab) == (True, False)
    assert lab_settings(lab).home_dir == lab.home_dir
    assert lab.jars_folder == production.jars_folder


def test_tokens_are_good_on_their_own_side_alone(production: Settings, lab: Settings) -> None:
    """Also with the same key, as if somebody had copied it."""
    for ours, theirs in ((production, lab), (lab, production)):
        token = issue_token(ours, "partner", "sandbox")
        assert verifier(ours)(token).subject == "sandbox"
        with pytest.raises(NotAuthenticated):
            verifier(theirs)(token)
    other = lab.model_copy(update={"home_dir": lab.home_dir.with_name("copied")})
    (other.home_dir / "keys").mkdir(parents=True)
    copied = (lab.keys_folder / "token.key").read_bytes()
    (other.keys_folder / "token.key").write_bytes(copied)
    assert not other.is_lab
    with pytest.raises(NotAuthenticated):
        verifier(other)(issue_token(lab, "partner", "sandbox"))
    with pytest.raises(NotAuthenticated):
        verifier(lab)(issue_token(other, "partner", "sandbox"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEO4J_URI", "bolt://production:7687"),
        ("IDENTITY_KEY_FILE", "/etc/identity.key"),
        ("TOKEN_ISSUER_URL", "https://id.example/realm"),
        ("WEBHOOK_URL", "https://desk.example/tickets"),
    ],
)
def test_nothing_leads_out_of_a_lab(
    lab: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"TIEGRAPH_{name}", value)
    with pytest.raises(ValidationError, match="the home folder is a lab"):
        Settings(home_dir=lab.home_dir)


def test_nothing_real_comes_into_a_lab(lab: Settings, tmp_path: Path) -> None:
    mapping = tmp_path / "generated.yaml"
    mapping.touch()
    for source in ("copenhagen", str(mapping)):
        with pytest.raises(BadInput, match="nothing but the source generated"):
            load(source, [], lab, nowhere, Silence())


def test_what_is_no_lab_does_not_become_one(production: Settings) -> None:
    (production.home_dir / "ledger.sqlite").touch()
    with pytest.raises(BadInput, match="no lab and not empty"):
        found(production)
    assert not production.is_lab


def test_an_assertion_for_the_lab_is_not_for_production(
    production: Settings, lab: Settings, runner_service: Any
) -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "a"})
    public = {"keys": [key.as_dict(private=False)]}
    for settings in (production, lab):
        enter(settings, "shop", "Shop", checked_keys(public))
        Partners.of(settings).approve("shop")
    for number, (settings, audience, status) in enumerate(
        (
            (production, "tiegraph", 200),
            (production, "tiegraph-lab", 401),
            (lab, "tiegraph", 401),
            (lab, "tiegraph-lab", 200),
        )
    ):
        given = claims(aud=audience, jti=str(number))
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": jwt.encode({"alg": "Ed25519"}, given, key, algorithms=["Ed25519"]),
        }
        answer = runner_service(settings).request("POST", "/oauth/token", data=form)
        assert answer.status_code == status, (settings.home_dir.name, audience)


def test_who_signs_up_in_a_lab_is_let_in_at_once(lab: Settings, runner_service: Any) -> None:
    given = {"id": "cinema", "name": "Cinema"}
    answer = runner_service(lab).request("POST", "/partners", json=given)
    assert (answer.status_code, answer.json()["state"]) == (201, "active")
    assert Partners.of(lab).partner("cinema").plan == "lab"


@pytest.fixture
def runner_service() -> Iterator[Any]:
    """Return what serves a home folder without a network, on a database that is not there."""
    with served_on(Endpoint("bolt://127.0.0.1:9", "neo4j", "none")) as served:
        yield served


@contextmanager
def served_on(endpoint: Endpoint) -> Iterator[Callable[[Settings], Service]]:
    databases = []
    with asyncio.Runner() as runner:

        def served(settings: Settings) -> Service:
            databases.append(CountingDatabase(lambda: endpoint, settings))
            return Service(settings, databases[-1], Ledger(settings.ledger_file), runner)

        yield served
        for database in databases:
            runner.run(database.close())


@pytest.mark.database
def test_a_lab_answers_as_production_does(lab: Settings, empty_graph: Endpoint) -> None:
    """Three of four people consent; a token by the secret, an answer, and one record of it."""
    secret = furnish(lab, lambda: empty_graph, PEOPLE, 3, 3)
    assert furnish(lab, lambda: empty_graph, PEOPLE, 3, 3) is None, "once more changes nothing"
    form = {
        "grant_type": "client_credentials",
        "client_id": "sandbox",
        "client_secret": secret,
        "scope": "tiegraph:partner dpv:Marketing",
    }
    with served_on(empty_graph) as served:
        service = served(lab)
        token = service.request("POST", "/oauth/token", data=form).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        body = {"query": _PEOPLE}
        answer = service.request("POST", "/graphql", json=body, headers=headers).json()
        body = {"query": _ANALYSED}
        analysed = service.request("POST", "/graphql", json=body, headers=headers).json()
        liked = service.data(_LIKED, role="analyst")["subscribers"]["nodes"]
    assert "errors" not in analysed, analysed
    (month, *_) = analysed["data"]["appInsight"]["months"]
    assert month["users"] >= 16
    assert all(one["habits"]["times"] for one in analysed["data"]["consentingSubscribers"]["nodes"])
    assert any(one["preferences"] for one in liked)
    people = answer["data"]["consentingSubscribers"]
    assert people["totalCount"] == len(people["nodes"]) == PEOPLE * 3 // 4
    records = Meter.of(lab).records(month_of(datetime.now(UTC)))
    assert {one.partner for one in records} == {"sandbox"}
    assert sorted(one.operation for one in records) == ["graphql", "graphql/consentingSubscribers"]
