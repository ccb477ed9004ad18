"""Neo4j's jars: pinned in ``jars.lock``, downloaded once, checked before they are used.

``python -m graph.database.jars`` resolves the lock anew; a change of version is made below.
"""

import fcntl
import hashlib
import os
import re
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from graph.errors import RuntimeFault
from graph.settings import Settings

_LOCK = Path(__file__).with_name("jars.lock")
_VERSION = "2026.08.1"
_ROOTS = ("org.neo4j.app:neo4j-server", "org.neo4j:neo4j", "org.neo4j:neo4j-import-tool")
_CONNECTIONS = 8
_TRIES = 4
_TIMEOUT_S = 30


class _DamagedError(Exception):
    """What was downloaded is not what the lock says."""


@dataclass(frozen=True, order=True)
class Jar:
    """One line of ``jars.lock``: Maven coordinates and what the file must be."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    size_bytes: int

    @property
    def file_name(self) -> str:
        """Name of the file, as in a Maven repository."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{classifier}.jar"

    @property
    def path(self) -> str:
        """Path below a Maven repository."""
        return "/".join((*self.group.split("."), self.artifact, self.version, self.file_name))

    def is_present(self, folder: Path) -> bool:
        """Tell whether the folder has a file of the right name and size."""
        try:
            return (folder / self.file_name).stat().st_size == self.size_bytes
        except OSError:
            return False

    def is_intact(self, folder: Path) -> bool:
        """Tell whether the folder has exactly this file."""
        if not self.is_present(folder):
            return False
        with (folder / self.file_name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


def locked_jars() -> list[Jar]:
    """Return every jar of the lock, in the order of the class path."""
    return [_jar(*line.split(":")) for line in _LOCK.read_text().splitlines()]


def _jar(
    group: str, artifact: str, version: str, classifier: str, sha256: str, size_bytes: str
) -> Jar:
    return Jar(group, artifact, version, classifier, sha256, int(size_bytes))


def ensure_jars(
    settings: Settings, progress: Console, jars: Sequence[Jar] | None = None
) -> list[Path]:
    """Return all jars, downloading those that are missing.

    Any number of commands may do this at once, and any of them may be killed: a jar appears under
    its name only when it is whole.

    Parameters
    ----------
    settings : Settings
        Where the jars lie, and where they are downloaded from.
    progress : Console
        Shows a bar if it is a terminal, else one line.
    jars : sequence of Jar, optional
        Others than those of the lock.

    Raises
    ------
    RuntimeFault
        The jars cannot be downloaded or stored; the message says why.
    """
    folder = settings.jars_folder.resolve()
    jars = locked_jars() if jars is None else jars
    if not all(jar.is_present(folder) for jar in jars):
        try:
            _fill(folder, jars, repository_url(settings), progress)
        except OSError as error:
            raise RuntimeFault(
                f"Neo4j's jars cannot be stored in {folder}: {error.strerror}"
            ) from error
    return [folder / jar.file_name for jar in jars]


def repository_url(settings: Settings, maven_settings: Path | None = None) -> str:
    """Return the address of the Maven repository, without a slash at its end.

    It is ``TIEGRAPH_MAVEN_REPOSITORY_URL``, else ``MAVEN_REPO_URL``, else the first mirror of the
    central repository in Maven's own settings file, else that repository itself.
    """
    given = settings.maven_repository_url or os.environ.get("MAVEN_REPO_URL")
    mirror = _mirror(maven_settings or Path.home() / ".m2" / "settings.xml")
    return (given or mirror or _central()).rstrip("/")


def _mirror(maven_settings: Path) -> str | None:
    try:
        # A user's own configuration file: as trusted as the environment.
        root = ElementTree.parse(maven_settings).getroot()  # noqa: S314
    except (OSError, ElementTree.ParseError):
        return None
    for mirror in root.findall("{*}mirrors/{*}mirror"):
        of = (mirror.findtext("{*}mirrorOf") or "").split(",")
        url = (mirror.findtext("{*}url") or "").strip()
        if url and {"*", "central"} & {name.strip() for name in of}:
            return url
    return None


def _central() -> str:
    from jgo.constants import MAVEN_CENTRAL_URL  # here, because it takes a third of a second

    return str(MAVEN_CENTRAL_URL)


def _fill(folder: Path, jars: Sequence[Jar], repository: str, progress: Console) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "mutex").open("a") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)  # who comes second finds the jars that the first got
        for left_over in folder.glob("*.part"):
            left_over.unlink()
        missing = [jar for jar in jars if not jar.is_present(folder)]
        size_bytes = sum(jar.size_bytes for jar in missing)
        if not progress.is_terminal and missing:
            progress.print(
                f"Downloading {len(missing)} jars of Neo4j, {size_bytes / 1e6:.0f} MB, to {folder}",
                soft_wrap=True,
                highlight=False,
                markup=False,
            )
        with _bar(progress) as bar:
            task = bar.add_task("Downloading Neo4j", total=size_bytes)
            _download_all(missing, folder, repository, lambda count: bar.advance(task, count))


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _download_all(
    jars: Iterable[Jar], folder: Path, repository: str, advance: Callable[[int], None]
) -> None:
    # Both the authorities that Python packages carry and the machine's own, which a company adds.
    trust = httpx.create_ssl_context()
    trust.load_default_certs()
    is_over = threading.Event()
    with (
        httpx.Client(verify=trust, timeout=_TIMEOUT_S, follow_redirects=True) as client,
        ThreadPoolExecutor(_CONNECTIONS) as pool,
    ):

        def download(jar: Jar) -> None:
            if not is_over.is_set():
                _download(client, jar, folder, f"{repository}/{jar.path}", advance)

        try:
            for _ in pool.map(download, jars):
                pass
        except (httpx.HTTPError, httpx.InvalidURL, _DamagedError) as error:
            raise RuntimeFault(_why(error, repository)) from error
        finally:
            is_over.set()  # after a failure or Ctrl-C, what is still waiting is let go


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in (408, 425, 429) or error.response.is_server_error
    return isinstance(error, httpx.TransportError | _DamagedError)


@retry(
    retry=retry_if_exception(_is_passing),
    stop=stop_after_attempt(_TRIES),
    wait=wait_random_exponential(multiplier=0.5, max=5),
    reraise=True,
)
def _download(
    client: httpx.Client, jar: Jar, folder: Path, url: str, advance: Callable[[int], None]
) -> None:
    draft = folder / f"{jar.file_name}.part"
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with draft.open("wb") as file, client.stream("GET", url) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                file.write(chunk)
                digest.update(chunk)
                size_bytes += len(chunk)
                advance(len(chunk))
        if digest.hexdigest() != jar.sha256:
            raise _DamagedError(jar.file_name)
        draft.replace(folder / jar.file_name)
    except BaseException:
        advance(-size_bytes)
        draft.unlink(missing_ok=True)
        raise


def _why(error: Exception, repository: str) -> str:
    """Say why a download failed, without the address: that may hold a password."""
    host = httpx.URL(repository).host if not isinstance(error, httpx.InvalidURL) else "?"
    remedy = (
        "connect this machine to the network once, set TIEGRAPH_MAVEN_REPOSITORY_URL to a mirror, "
        "or set TIEGRAPH_JARS_DIR to a folder that has the jars"
    )
    if isinstance(error, _DamagedError):
        return f"{host} gave a wrong file for {error}: it is not the one in jars.lock; {remedy}"
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        return f"{host} answered {status} when asked for Neo4j's jars; {remedy}"
    return f"Neo4j's jars cannot be downloaded from {host} ({type(error).__name__}); {remedy}"


def resolve() -> list[Jar]:
    """Resolve the jars of ``_ROOTS`` and all that they stand on; takes about a minute.

    Jars whose manifest names others come last: Java would move those others forward in the class
    path, and then not know its own archive of classes again (see ``graph.database.archive``).
    """
    from jgo.maven import MavenContext, PythonResolver  # here, because only a maintainer needs it

    with TemporaryDirectory() as cache:
        context = MavenContext(resolver=PythonResolver(), repo_cache=Path(cache), timeout=60)
        # The "!" keeps the versions that the roots themselves would import from being overridden.
        roots = [context.create_dependency(f"{root}:{_VERSION}!") for root in _ROOTS]
        direct, transitive = context.resolver.resolve(roots)
        found = sorted(
            _locked(dependency)
            for dependency in (*direct, *transitive)
            if dependency.scope in (None, "compile", "runtime") and dependency.type == "jar"
        )
        return [jar for _, jar in found]


def _locked(dependency: Any) -> tuple[bool, Jar]:
    file = Path(dependency.artifact.resolve())
    with ZipFile(file) as content:
        names_others = "META-INF/MANIFEST.MF" in content.namelist() and bool(
            re.search(rb"^Class-Path:", content.read("META-INF/MANIFEST.MF"), re.MULTILINE)
        )
    return names_others, Jar(
        dependency.groupId,
        dependency.artifactId,
        dependency.version,
        dependency.classifier or "",
        hashlib.sha256(file.read_bytes()).hexdigest(),
        file.stat().st_size,
    )


if __name__ == "__main__":
    _LOCK.write_text("".join(":".join(map(str, astuple(jar))) + "\n" for jar in resolve()))
