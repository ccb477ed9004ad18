"""Tokens: ours, whole, for us, and in time."""

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from api.tokens import issue_token, verifier
from graph.errors import BadInput, NotAuthenticated
from graph.settings import Role, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home_dir=tmp_path, token_ttl_s=60)


def forged(settings: Settings, **changes: Any) -> str:
    """Return a token signed with the real key, with claims of the forger's choice."""
    issue_token(settings, "care", "anna")  # makes the key
    key = OKPKey.import_key(json.loads((settings.keys_folder / "token.key").read_text()))
    now_s = int(time.time())
    claims = {
        "iss": "tiegraph",
        "aud": "tiegraph/graphql",
        "sub": "anna",
        "scope": "tiegraph:care",
        "iat": now_s,
        "nbf": now_s,
        "exp": now_s + 60,
    }
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"])


def test_a_token_says_who_asks(settings: Settings) -> None:
    before_s = int(time.time())
    viewer = verifier(settings)(issue_token(settings, "care", "anna"))
    assert (viewer.role, viewer.subject) == ("care", "anna")
    assert viewer.expires_at
    assert 0 <= (viewer.expires_at - datetime.fromtimestamp(before_s, UTC)).total_seconds() - 60 < 5


def test_the_key_is_readable_by_its_owner_only(settings: Settings) -> None:
    issue_token(settings, "care", "anna")
    assert (settings.keys_folder / "token.key").stat().st_mode & 0o777 == 0o600


def test_the_forger_of_these_tests_is_able(settings: Settings) -> None:
    """Without changes its tokens are good; so what refuses the others is the change."""
    assert verifier(settings)(forged(settings)).role == "care"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1_700_000_000},
        {"nbf": 4_000_000_000},
        {"aud": "somebody else"},
        {"iss": "somebody else"},
        {"scope": "tiegraph:emperor"},
        {"scope": "care"},
        {"scope": "tiegraph:care tiegraph:admin"},
        {"scope": ""},
        {"scope": 7},
        {"scope": None},
        {"sub": None},
        {"exp": None},
        {"aud": None},
        {"iss": None},
        {"exp": "tomorrow"},
    ],
    ids=str,
)
def test_wrong_claims_are_refused(settings: Settings, changes: dict[str, Any]) -> None:
    with pytest.raises(NotAuthenticated):
        verifier(settings)(forged(settings, **changes))


def test_a_partner_says_what_for(settings: Settings) -> None:
    token = issue_token(settings, "partner", "cinema", "dpv:Marketing")
    assert verifier(settings)(token).purpose == "dpv:Marketing"
    assert verifier(settings)(issue_token(settings, "partner", "cinema")).purpose is None
    assert verifier(settings)(forged(settings, scope="tiegraph:care dpv:Marketing")).purpose is None
    for scope in ("dpv:Marketing dpv:AcademicResearch", "dpv:WorldDomination"):
        with pytest.raises(NotAuthenticated, match="one purpose"):
            verifier(settings)(forged(settings, scope=f"tiegraph:partner {scope}"))
    refused: list[tuple[Role, str]] = [
        ("care", "dpv:Marketing"),
        ("partner", "dpv:WorldDomination"),
    ]
    for role, purpose in refused:
        with pytest.raises(BadInput, match="purpose"):
            issue_token(settings, role, "cinema", purpose)


def test_a_token_of_another_type_is_refused(settings: Settings) -> None:
    """Such as one that tells a client who somebody is, or that they left (RFC 9068, 2.1)."""
    _, body, _ = forged(settings).split(".")
    key = OKPKey.import_key(json.loads((settings.keys_folder / "token.key").read_text()))
    claims = json.loads(urlsafe_b64decode(body + "=="))
    for kind, is_good in (("logout+jwt", False), ("id", False), ("AT+JWT", True)):
        text = jwt.encode({"alg": "Ed25519", "typ": kind}, claims, key, algorithms=["Ed25519"])
        if is_good:
            assert verifier(settings)(text).role == "care"
        else:
            with pytest.raises(NotAuthenticated):
                verifier(settings)(text)


def test_none_is_made_beside_another_issuer(settings: Settings) -> None:
    update = {"token_issuer_url": "https://id.example"}
    with pytest.raises(BadInput, match="TIEGRAPH_TOKEN_ISSUER_URL"):
        issue_token(settings.model_copy(update=update), "care", "anna")


def test_an_altered_token_is_refused(settings: Settings) -> None:
    head, body, signature = issue_token(settings, "care", "anna").split(".")
    _, other_body, _ = issue_token(settings, "admin", "anna").split(".")
    for text in (f"{head}.{other_body}.{signature}", f"{head}.{body}.", f"{head}.{body}", "", "é"):
        with pytest.raises(NotAuthenticated):
            verifier(settings)(text)


def test_the_token_does_not_choose_the_algorithm(settings: Settings) -> None:
    """Neither none, nor HMAC with our public key, which everybody may know, as the secret."""
    body = forged(settings).split(".")[1]
    key = OKPKey.import_key(json.loads((settings.keys_folder / "token.key").read_text()))
    for algorithm, secret in (("HS256", key.as_pem(private=False)), ("none", None)):
        head = encoded(json.dumps({"typ": "JWT", "alg": algorithm}).encode())
        message = f"{head}.{body}"
        signature = hmac.digest(secret, message.encode(), "sha256") if secret else b""
        with pytest.raises(NotAuthenticated):
            verifier(settings)(f"{message}.{encoded(signature)}")


def encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def test_the_token_of_another_home_is_refused(settings: Settings, tmp_path: Path) -> None:
    other = Settings(home_dir=tmp_path / "other")
    with pytest.raises(NotAuthenticated):
        verifier(settings)(issue_token(other, "care", "anna"))


def test_a_token_that_was_good_ends_when_it_says(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found good before is not looked at again, but for its end."""
    token = issue_token(settings, "care", "tester")
    viewer = verifier(settings)(token)
    assert verifier(settings)(token) is viewer
    late = (viewer.expires_at or datetime.now(UTC)) + timedelta(seconds=6)
    monkeypatch.setattr("api.tokens.datetime", Mock(wraps=datetime, now=lambda _zone: late))
    monkeypatch.setattr("time.time", late.timestamp)
    with pytest.raises(NotAuthenticated):
        verifier(settings)(token)
