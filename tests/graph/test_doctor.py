"""The doctor: every ailment is caused for real, and named in plain words."""

import asyncio
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from neo4j import GraphDatabase
from pydantic import AnyUrl, SecretStr

from cypher import statement
from graph.consent.book import ConsentBook
from graph.consent.terms import Terms
from graph.database.home import DatabaseHome
from graph.database.jars import locked_jars
from graph.database.schema import prepare, versions
from graph.database.server import locate, start, status, stop
from graph.database.session import Endpoint, opened
from graph.doctor import Finding, examine, version_finding
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.settings import Settings

WRITE_MARK = statement("database/write_mark")
DROP_INDEX = statement("database/drop_index")
IN_THE_HOME = ["home", "disk", "identity key", "ledger", "records", "consents"]


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(settings)}


def ailing(settings: Settings) -> list[str]:
    """Return what is wrong; whatever is wrong has a remedy."""
    bad = [finding for finding in examine(settings) if not finding.is_ok]
    assert all(finding.remedy for finding in bad)
    return [finding.check for finding in bad]


@pytest.fixture
def settings(tmp_path: Path, settings_of: Callable[..., Settings]) -> Settings:
    return settings_of(home_dir=tmp_path / "home")


def test_a_home_that_was_never_used_is_well_and_stays_untouched(settings: Settings) -> None:
    findings = found(settings)
    assert list(findings) == [*IN_THE_HOME, "Java", "memory", "jars", "server"]
    assert ailing(settings) == []
    assert findings["Java"].explanation.startswith('openjdk version "21.')
    assert findings["jars"].explanation.startswith("all 225 jars in ")
    assert findings["server"].explanation == "not running; a command that needs it starts it"
    assert not settings.home_dir.exists()


def test_a_home_that_others_may_enter(settings: Settings) -> None:
    settings.home_dir.mkdir(mode=0o755)
    finding = found(settings)["home"]
    assert not finding.is_ok
    assert finding.remedy == f"run `chmod 700 {settings.home_dir}`"
    settings.home_dir.chmod(0o700)
    assert ailing(settings) == []


def test_a_home_that_cannot_be(tmp_path: Path, settings_of: Callable[..., Settings]) -> None:
    (tmp_path / "file").touch()
    assert "home" in ailing(settings_of(home_dir=tmp_path / "file"))


def test_a_book_of_consents_that_was_rewritten(settings: Settings) -> None:
    settings.home_dir.mkdir(mode=0o700)
    now = datetime.now(UTC)
    terms = Terms(
        "asha", "cinema", "dpv:Marketing", frozenset({"apps"}), now, now + timedelta(1), "a form"
    )
    ConsentBook(settings.consents_file).give(terms, "self")
    assert " has 1 entries up to " in found(settings)["consents"].explanation
    with sqlite3.connect(settings.consents_file) as book:
        book.execute("DROP TRIGGER entries_stay")
        book.execute("UPDATE entry SET act = 'revoke'")
    assert ailing(settings) == ["consents"]
    assert found(settings)["consents"].explanation.endswith("damaged: entry 1 was changed")


def test_more_memory_than_there_is(settings: Settings) -> None:
    greedy = settings.model_copy(update={"heap_mb": 100_000_000})
    assert ailing(greedy) == ["memory"]
    assert found(greedy)["memory"].explanation.startswith("the database may take 100000512 MiB")


def test_jars_that_are_missing_or_damaged(settings: Settings, tmp_path: Path) -> None:
    """Damaged without a change of size, which only the checksum shows."""
    elsewhere = settings.model_copy(update={"jars_dir": tmp_path / "jars"})
    finding = found(elsewhere)["jars"]
    assert finding.is_ok
    assert finding.explanation == (
        "225 of 225 jars are missing; the next start downloads them (158 MB)"
    )
    jar = min(locked_jars(), key=lambda jar: jar.size_bytes)
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / jar.file_name).write_bytes(b"x" * jar.size_bytes)
    finding = found(elsewhere)["jars"]
    assert not finding.is_ok
    assert jar.file_name in finding.explanation


@pytest.mark.parametrize("content", [b"", b"short"])
def test_an_identity_key_that_is_none(settings: Settings, content: bytes) -> None:
    settings.keys_folder.mkdir(mode=0o700, parents=True)
    settings.home_dir.chmod(0o700)
    (settings.keys_folder / "identity.key").write_bytes(content)
    assert ailing(settings) == ["identity key"]
    assert found(settings)["identity key"].explanation.endswith(
        f"is of no use: the identity key has {len(content)} bytes instead of 32"
    )


def test_a_ledger_that_is_damaged(settings: Settings) -> None:
    """From its middle on, where only reading all of it comes."""
    settings.home_dir.mkdir(mode=0o700)
    ledger = Ledger(settings.ledger_file)
    for _ in range(100):
        ledger.begin("copenhagen")
    assert found(settings)["ledger"].explanation.endswith("knows of 100 loads")
    size_bytes = settings.ledger_file.stat().st_size
    with settings.ledger_file.open("r+b") as file:
        file.seek(size_bytes // 2)
        file.write(b"x" * (size_bytes // 2))
    assert ailing(settings) == ["ledger"]
    settings.ledger_file.write_bytes(b"this is no database")
    assert ailing(settings) == ["ledger"]


def test_records_that_are_damaged_or_missing(settings: Settings) -> None:
    settings.home_dir.mkdir(mode=0o700)
    table = settings.records_folder / "calls"
    table.mkdir(parents=True)
    write_deltalake(table, pa.table({"duration_s": pa.array(range(100_000))}))
    write_deltalake(table, pa.table({"duration_s": pa.array(range(7))}), mode="append")
    assert found(settings)["records"].explanation == "1 tables can be read in full"
    part = max(table.glob("*.parquet"), key=lambda path: path.stat().st_size)
    content = part.read_bytes()
    middle = len(content) // 2
    part.write_bytes(content[:middle] + bytes(1_000) + content[middle + 1_000 :])
    assert ailing(settings) == ["records"]
    assert found(settings)["records"].explanation == f"{part} is damaged"
    part.unlink()
    assert found(settings)["records"].explanation == f"{part} is missing"
    part.write_bytes(content)
    assert ailing(settings) == []
    log = table / "_delta_log" / f"{0:020}.json"
    text = log.read_bytes()
    log.write_bytes(b"{")
    assert ailing(settings) == ["records"]
    assert found(settings)["records"].explanation.startswith(f"the log of {table} is damaged")
    log.unlink()
    assert ailing(settings) == ["records"]
    log.write_bytes(text)
    for log in (table / "_delta_log").glob("*"):
        log.unlink()
    assert ailing(settings) == ["records"]


@pytest.mark.parametrize("text", ["70000", "-1", "", "seven"])
def test_a_port_that_is_none(settings: Settings, text: str) -> None:
    home = DatabaseHome.of(settings)
    home.make()
    home.port.write_text(text)
    assert ailing(settings) == ["server"]
    assert found(settings)["server"].explanation == f"{home.port} holds no port"


def test_a_port_that_is_taken(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = settings.model_copy(update={"bolt_port": port})
        assert ailing(taken) == ["server"]
        explanation = found(taken)["server"].explanation
    assert explanation.startswith(f"port {port} is taken by ")
    assert f"(process {os.getpid()})" in explanation


@pytest.mark.parametrize(
    ("version", "is_ok"),
    [
        ("4.4.40", False),
        ("5.9.0", False),
        ("5.22.0", False),
        ("5.23.0", True),
        ("5.26.1", True),
        ("2025.01.0", True),
        ("2026.08.1", True),
    ],
)
def test_a_version_that_is_too_old(version: str, is_ok: bool) -> None:
    """Neo4j 5.23 was the first with ``CALL (variable) { }``."""
    assert version_finding(version).is_ok is is_ok


@pytest.mark.database
def test_a_server_of_somebody_else(
    graph_server: Endpoint, tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    """Reached as any other Neo4j: by address, user and password."""
    external = settings_of(
        home_dir=tmp_path / "home",
        neo4j_uri=AnyUrl(graph_server.uri),
        neo4j_password=SecretStr(graph_server.password),
    )
    findings = found(external)
    assert list(findings) == [*IN_THE_HOME, "database", "graph"]
    assert findings["database"] == Finding(
        "database", True, "Neo4j 2026.08.1 answers, and takes our password"
    )

    def ailment(**changed: object) -> str:
        finding = found(external.model_copy(update=changed))["database"]
        assert not finding.is_ok
        assert "TIEGRAPH_NEO4J_PASSWORD" in (finding.remedy or "")
        return finding.explanation

    assert ailment(neo4j_password=SecretStr("wrong")) == (
        "the database refuses our user name or password"
    )
    assert ailment(neo4j_database="nowhere") == (
        "the server has no database of the name that is set"
    )
    assert ailment(neo4j_uri=AnyUrl("bolt://127.0.0.1:9")) == "the database cannot be reached"
    assert ailment(neo4j_password=None) == (
        "TIEGRAPH_NEO4J_URI is set, but TIEGRAPH_NEO4J_PASSWORD is not"
    )


@pytest.mark.database
def test_a_graph_that_is_not_ours(
    empty_graph: Endpoint, tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    external = settings_of(
        home_dir=tmp_path,
        neo4j_uri=AnyUrl(empty_graph.uri),
        neo4j_password=SecretStr(empty_graph.password),
    )

    async def mark(version: int, key: IdentityKey) -> None:
        async with opened(lambda: empty_graph, external) as database:
            await database.write(
                WRITE_MARK, schema_version=version, key_fingerprint=key.fingerprint()
            )

    async def schema() -> None:
        async with opened(lambda: empty_graph, external) as database:
            await prepare(database, IdentityKey(bytes(32)))

    latest = versions()[-1][0]
    asyncio.run(schema())
    asyncio.run(mark(latest, IdentityKey(bytes(32))))
    assert found(external)["graph"].explanation == (
        "its pseudonyms were made with an identity key that is not here"
    )
    assert not (tmp_path / "keys").exists(), "looking makes no key"
    asyncio.run(mark(latest, IdentityKey.of(external)))
    assert found(external)["graph"] == Finding(
        "graph", True, f"schema {latest}, made with our identity key"
    )
    (external.keys_folder / "identity.key").write_bytes(b"2" * 32)
    assert found(external)["graph"].explanation == (
        "its pseudonyms were made with another identity key than ours"
    )
    asyncio.run(mark(latest + 1, IdentityKey.of(external)))
    assert found(external)["graph"].explanation == (
        f"it has schema {latest + 1}, we know up to {latest}"
    )


@pytest.mark.database
def test_a_graph_whose_schema_lost_an_index(
    empty_graph: Endpoint, tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    external = settings_of(
        home_dir=tmp_path,
        neo4j_uri=AnyUrl(empty_graph.uri),
        neo4j_password=SecretStr(empty_graph.password),
    )

    async def spoil() -> None:
        async with opened(lambda: empty_graph, external) as database:
            await prepare(database, IdentityKey.of(external))

    asyncio.run(spoil())
    auth = (empty_graph.user, empty_graph.password)
    with GraphDatabase.driver(empty_graph.uri, auth=auth) as driver:
        driver.execute_query(DROP_INDEX.text, name="place_resolution")
    assert ailing(external) == ["graph"]
    assert found(external)["graph"].explanation == (
        "the schema lacks, or has not finished, place_resolution"
    )


@pytest.fixture
def lasting(
    tmp_path_factory: pytest.TempPathFactory, settings_of: Callable[..., Settings]
) -> Iterator[Settings]:
    """Give a home of its own with a server that runs."""
    settings = settings_of(home_dir=tmp_path_factory.mktemp("doctor"))
    start(settings)
    yield settings
    stop(settings)


@pytest.mark.database
def test_the_life_of_an_embedded_server(lasting: Settings) -> None:
    state = status(lasting)
    assert state
    assert found(lasting)["server"] == Finding(
        "server", True, f"process {state.process_id} answers at {state.uri}"
    )
    assert ailing(lasting) == []
    assert found(lasting)["graph"].explanation == "empty: nothing was loaded yet"

    home = DatabaseHome.of(lasting)
    home.write_state(state.model_copy(update={"is_kept": False}))
    assert ailing(lasting) == ["server"], "left over by a command that was killed"

    os.kill(state.process_id, signal.SIGSTOP)
    assert ailing(lasting) == ["server", "database"]
    assert "is frozen" in found(lasting)["server"].explanation
    os.kill(state.process_id, signal.SIGCONT)

    home.write_state(state)
    password = lasting.keys_folder / "neo4j.password"
    right = password.read_bytes()
    password.write_bytes(b"wrong")
    assert ailing(lasting) == ["database"]
    assert locate(lasting).password == "wrong"
    password.write_bytes(right)

    os.kill(state.process_id, signal.SIGKILL)
    while state.process():
        time.sleep(0.02)
    assert found(lasting)["server"].explanation == (
        "not running: it died; the next command starts it again"
    )
    password.unlink()
    assert ailing(lasting) == ["server"]
    password.write_bytes(right)
