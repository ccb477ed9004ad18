"""Downloading Neo4j's jars: from a server of our own that errs in all the usual ways."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from time import sleep

import pytest
from rich.console import Console
from tenacity import wait_none

from graph.database import jars as jars_module
from graph.database.jars import Jar, ensure_jars, locked_jars, repository_url
from graph.errors import RuntimeFault
from graph.settings import Settings

CONTENTS = {"kernel": b"k" * 200_000, "bolt": b"b" * 70_000, "io": b"", "cypher": b"c" * 10}


class Repository(ThreadingHTTPServer):
    """A Maven repository on the loopback interface.

    Attributes
    ----------
    asked : list of str
        The path of every request.
    failures : dict
        Status to answer to the next requests for an artifact.
    pause_s : float
        How long each answer takes to begin.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.folder = folder
        self.asked: list[str] = []
        self.failures: dict[str, list[int]] = {}
        self.pause_s = 0.0

    @property
    def url(self) -> str:
        return f"http://user:hidden@127.0.0.1:{self.server_port}/maven2/"


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Repository)
        self.server.asked.append(self.path)
        sleep(self.server.pause_s)
        artifact = self.path.split("/")[-3]
        failures = self.server.failures.get(artifact, [])
        if failures:
            self.send_error(failures.pop(0))
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """Serve four small jars, which stand in the lock instead of Neo4j's."""
    lock = []
    for artifact, content in CONTENTS.items():
        jar = Jar("org.example", artifact, "1.0", "", sha256(content).hexdigest(), len(content))
        file = tmp_path / "repository" / "maven2" / jar.path
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        lock.append(jar)
    monkeypatch.setattr(jars_module, "locked_jars", lambda: lock)
    monkeypatch.setattr(jars_module._download.retry, "wait", wait_none())
    with Repository(tmp_path / "repository") as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(
    tmp_path: Path, repository: Repository, settings_of: Callable[..., Settings]
) -> Settings:
    """Return settings with an empty jars folder and the small repository."""
    return settings_of(
        home_dir=tmp_path / "home", jars_dir=None, maven_repository_url=repository.url
    )


def ensured(settings: Settings) -> tuple[dict[str, bytes], str]:
    """Return the jars by name, and what was said meanwhile."""
    said = StringIO()
    paths = ensure_jars(settings, Console(file=said, width=200))
    return {path.name: path.read_bytes() for path in paths}, said.getvalue()


ALL = {f"{artifact}-1.0.jar": content for artifact, content in CONTENTS.items()}


def test_the_lock_names_one_release() -> None:
    """Maven itself resolves the same 225 jars from the three roots."""
    jars = locked_jars()
    assert len(jars) == len({jar.file_name for jar in jars}) == 225
    versions = {jar.version for jar in jars if jar.group == "org.neo4j"}
    assert "2026.08.1" in versions
    (server,) = (jar for jar in jars if jar.artifact == "neo4j-server")
    assert server.path == ("org/neo4j/app/neo4j-server/2026.08.1/neo4j-server-2026.08.1.jar")
    (native,) = (jar for jar in jars if jar.classifier == "linux-x86_64")
    assert native.file_name.endswith("-linux-x86_64.jar")


def test_jars_are_downloaded_once(settings: Settings, repository: Repository) -> None:
    found, said = ensured(settings)
    assert found == ALL
    assert said == (
        f"Downloading 4 jars of Neo4j, 0 MB, to {settings.home_dir.resolve() / 'jars'}\n"
    )
    assert len(repository.asked) == 4
    assert ensured(settings) == (ALL, "")
    assert len(repository.asked) == 4


def test_only_what_is_missing_or_cut_is_downloaded(
    settings: Settings, repository: Repository
) -> None:
    ensured(settings)
    (settings.jars_folder / "bolt-1.0.jar").unlink()
    (settings.jars_folder / "kernel-1.0.jar").write_bytes(b"k")
    (settings.jars_folder / "cypher-1.0.jar.part").write_bytes(b"left by a kill")
    repository.asked.clear()
    assert ensured(settings)[0] == ALL
    assert sorted(path.split("/")[-3] for path in repository.asked) == ["bolt", "kernel"]
    assert sorted(path.name for path in settings.jars_folder.glob("*.part")) == []


def test_a_passing_failure_is_tried_again(settings: Settings, repository: Repository) -> None:
    repository.failures = {"kernel": [503, 429], "bolt": [500, 502, 504]}
    assert ensured(settings)[0] == ALL
    assert len(repository.asked) == 4 + 2 + 3


@pytest.mark.parametrize(
    ("failures", "complaint"),
    [
        ({"bolt": [404]}, "127.0.0.1 answered 404 when asked for Neo4j's jars"),
        ({"bolt": [503] * 4}, "127.0.0.1 answered 503 when asked for Neo4j's jars"),
    ],
)
def test_a_lasting_failure_is_told(
    settings: Settings,
    repository: Repository,
    failures: dict[str, list[int]],
    complaint: str,
) -> None:
    repository.failures = failures
    with pytest.raises(RuntimeFault) as caught:
        ensured(settings)
    assert str(caught.value).startswith(complaint)
    assert "hidden" not in str(caught.value)
    assert not (settings.jars_folder / "bolt-1.0.jar").exists()
    assert ensured(settings)[0] == ALL, "the next command goes on where this one ended"


def test_a_wrong_file_never_becomes_a_jar(settings: Settings, repository: Repository) -> None:
    """Of the right length, but not the one that the lock means."""
    (file,) = repository.folder.rglob("bolt-1.0.jar")
    file.write_bytes(b"x" * len(CONTENTS["bolt"]))
    with pytest.raises(RuntimeFault, match=r"gave a wrong file for bolt-1\.0\.jar"):
        ensured(settings)
    assert not (settings.jars_folder / "bolt-1.0.jar").exists()
    assert sorted(path.name for path in settings.jars_folder.glob("*.part")) == []


def test_without_a_network(settings: Settings, repository: Repository) -> None:
    nobody = settings.model_copy(update={"maven_repository_url": "http://127.0.0.1:9/maven2"})
    with pytest.raises(RuntimeFault, match=r"cannot be downloaded from 127\.0\.0\.1") as caught:
        ensured(nobody)
    assert "TIEGRAPH_JARS_DIR" in str(caught.value)
    ensured(settings)
    assert ensured(nobody) == (ALL, ""), "what is there needs no network"


def test_a_folder_that_cannot_be(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wrong = settings.model_copy(update={"jars_dir": tmp_path / "file" / "jars"})
    with pytest.raises(RuntimeFault, match=r"cannot be stored in .*: Not a directory"):
        ensured(wrong)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_two_commands_at_once_and_one_killed(settings: Settings, repository: Repository) -> None:
    """The one that is killed leaves the other to finish; nothing is downloaded twice."""
    repository.pause_s = 0.5
    context = multiprocessing.get_context("fork")  # so that they see the small lock, too
    first = context.Process(target=ensured, args=(settings,))
    first.start()
    while not repository.asked:
        sleep(0.01)
    first.kill()
    first.join()
    sleep(0.2)  # requests that it had sent already
    repository.asked.clear()
    two = [context.Process(target=ensured, args=(settings,)) for _ in range(2)]
    for process in two:
        process.start()
    for process in two:
        process.join()
    assert [process.exitcode for process in two] == [0, 0]
    assert len(repository.asked) == 4
    assert ensured(settings) == (ALL, "")


MIRRORS = """<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0">
  <mirrors>
    <mirror><mirrorOf>snapshots</mirrorOf><url>https://not.this.example/</url></mirror>
    <mirror><mirrorOf>releases, central</mirrorOf><url> https://mirror.example/maven/ </url>
    </mirror>
    <mirror><mirrorOf>*</mirrorOf><url>https://too.late.example/</url></mirror>
  </mirrors>
</settings>"""


def test_where_jars_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings_of: Callable[..., Settings]
) -> None:
    """The user's word, then the environment's, then Maven's own, then the public repository."""
    from jgo.constants import MAVEN_CENTRAL_URL  # here, because it takes a third of a second

    monkeypatch.delenv("MAVEN_REPO_URL", raising=False)
    file = tmp_path / "settings.xml"
    plain = settings_of(home_dir=tmp_path)
    said = plain.model_copy(update={"maven_repository_url": "https://said.example/maven/"})
    assert repository_url(plain, file) == MAVEN_CENTRAL_URL.rstrip("/")
    file.write_text("<settings><mirrors/></settings>")
    assert repository_url(plain, file) == MAVEN_CENTRAL_URL.rstrip("/")
    file.write_text("<settings>")
    assert repository_url(plain, file) == MAVEN_CENTRAL_URL.rstrip("/")
    file.write_text(MIRRORS)
    assert repository_url(plain, file) == "https://mirror.example/maven"
    monkeypatch.setenv("MAVEN_REPO_URL", "https://environment.example/maven")
    assert repository_url(plain, file) == "https://environment.example/maven"
    assert repository_url(said, file) == "https://said.example/maven"
