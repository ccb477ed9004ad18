"""Partners by commands, as an operator types them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey
from typer.testing import CliRunner, Result

from api.clients import Clients
from commands.application import app
from graph.metering.meter import Meter
from graph.metering.quota import Quota
from graph.metering.record import Call
from graph.partner.registry import Partners
from graph.settings import Settings


def run(*arguments: str, app_name: str = "partner") -> Result:
    return CliRunner().invoke(app, [app_name, *arguments])


def test_partners_by_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEGRAPH_HOME_DIR", str(tmp_path / "home"))
    settings = Settings()
    secret = run("add", "shop", "--name", "Corner Shop", "--plan", "starter").stdout.strip()
    assert Clients(settings.clients_file).role_of("shop", secret) == "partner"
    keys = OKPKey.generate_key("Ed25519", {"kid": "a"})
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [keys.as_dict(private=False)]}))
    assert run("add", "bank", "--keys", str(file), "--calls-a-day", "7").stdout == ""
    assert run("suspend", "bank").exit_code == 0
    assert run("keys", "shop", str(file)).exit_code == 0
    assert run("approve", "shop", "--agreement", "aggregated").exit_code == 0
    assert [line.split() for line in run("list").stdout.splitlines()] == [
        ["bank", "suspended", "list", "direct", "1", "keys", "bank"],
        ["shop", "active", "starter", "aggregated", "1", "keys", "Corner", "Shop"],
    ]
    assert Partners.of(settings).partner("bank").quota == Quota(day=7, month=100_000)


def test_what_cannot_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEGRAPH_HOME_DIR", str(tmp_path / "home"))
    private = tmp_path / "private.json"
    key = OKPKey.generate_key("Ed25519", {"kid": "a"})
    private.write_text(json.dumps({"keys": [key.as_dict(private=True)]}))
    for wrong in (
        ("add", "shop", "--plan", "none"),
        ("add", "shop", "--keys", str(private)),
        ("add", "S"),
        ("suspend", "nobody"),
    ):
        assert run(*wrong).exit_code == 1
    assert Partners.of(Settings()).all() == []


def test_a_month_by_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Expected, by hand: two calls at 2 are 4, of which 85 % are 3.4 and 15 % 0.6: 3 and 1."""
    monkeypatch.setenv("TIEGRAPH_HOME_DIR", str(tmp_path / "home"))
    meter = Meter.of(Settings())
    meter._now = lambda: datetime(2025, 11, 5, tzinfo=UTC)
    for key in "ab":
        meter.answered([meter.reserve(Call("shop", "x", key)).record_id])
    meter.let_go()
    closed = run("close", "2025-11", app_name="revenue").stdout
    assert [line.split() for line in closed.splitlines()] == [
        ["2025-11-0001", "operator", "0.03", "EUR"],
        ["2025-11-0002", "platform", "0.01", "EUR"],
        ["2025-11-0003", "shop", "-0.04", "EUR"],
    ]
    for name, start in (("shop.csv", b"statement,"), ("shop.pdf", b"%PDF-")):
        assert (
            run("statement", "2025-11-0003", str(tmp_path / name), app_name="revenue").stdout == ""
        )
        assert (tmp_path / name).read_bytes().startswith(start)
    said = run("check", app_name="revenue").stdout
    assert said == "2 records reconcile to the minor unit.\n"
    for wrong in (
        ("close", "2025"),
        ("statement", "9", "a.csv"),
        ("statement", "2025-11-0003", "a"),
    ):
        assert run(*wrong, app_name="revenue").exit_code == 1
