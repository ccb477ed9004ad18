"""Documents that clients name instead of sending them.

Trusted documents stand in a folder, as tools write them when a client is built: texts, or
manifests of Relay's or Apollo's. Beside them, the last documents that clients sent together with
their hash (Apollo's automatic persisted queries) are kept in memory; nobody trusts those.
"""

import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, TypeAdapter
from structlog.typing import FilteringBoundLogger

from api.errors import NOT_IN_LIST, Refused, problem
from graph.errors import SourceError
from graph.settings import Role, Settings

PREFIX = "sha256:"
_TEXTS = {".graphql", ".gql"}
_MANIFEST = ".json"
_KEPT = 256
_LOOKED_AT_EVERY_S = 1.0

Signature = tuple[tuple[str, int, int], ...]


class _Operation(BaseModel):
    id: str
    body: str


class _Apollo(BaseModel):
    """What `generate-persisted-query-manifest` writes."""

    format: Literal["apollo-persisted-query-manifest"]
    operations: list[_Operation]

    def named(self) -> list[tuple[str, str]]:
        return [(operation.id, operation.body) for operation in self.operations]


_MANIFESTS: TypeAdapter[_Apollo | dict[str, str]] = TypeAdapter(_Apollo | dict[str, str])


def hashed(text: str) -> str:
    """Return the SHA-256 of a document's text, by which all clients name it.

    Examples
    --------
    The appendix "Persisted Documents" of GraphQL over HTTP has this:

    >>> hashed("query($id:ID!){user(id:$id){name}}")
    '71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b'
    """
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


class Trusted:
    """What documents a process knows by name.

    Parameters
    ----------
    log
        Told where the folder changed and cannot be read; what was trusted before stays so.
    clock
        Seconds that never go back.

    Raises
    ------
    SourceError
        A file of the folder has no documents, or one that belies its name.
    """

    def __init__(
        self,
        settings: Settings,
        log: FilteringBoundLogger,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = settings.trusted_folder
        self._closed_to = frozenset(settings.trusted_only)
        self._log = log
        self._clock = clock
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._signature = _signature(self._folder)
        self._known = documents(self._folder)
        self._looked_at_s = clock()

    def named(self, name: str) -> str | None:
        """Return the trusted document with an identifier: its hash, or the manifest's own."""
        self._look()
        return self._known.get(name)

    def kept(self, digest: str) -> str | None:
        """Return the document with a hash, trusted or sent by anybody."""
        if digest in self._kept:
            self._kept.move_to_end(digest)
        return self.named(digest) or self._kept.get(digest)

    def keep(self, digest: str, text: str) -> None:
        """Keep a document that was sent with its hash, in place of one long unasked for."""
        self._kept[digest] = text
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def check(self, text: str, role: Role) -> None:
        """Check that a role may run a text that it sends.

        Raises
        ------
        Refused
            The role may run trusted documents only, and this is none.
        """
        if role in self._closed_to and self.named(hashed(text)) is None:
            message = f"the role {role} may run trusted documents only"
            raise Refused(403, [problem(NOT_IN_LIST, message)])

    def is_closed_to(self, role: Role) -> bool:
        """Tell whether a role may run trusted documents only."""
        return role in self._closed_to

    def _look(self) -> None:
        if self._clock() - self._looked_at_s < _LOOKED_AT_EVERY_S:
            return
        self._looked_at_s = self._clock()
        signature = _signature(self._folder)
        if signature == self._signature:
            return
        self._signature = signature
        try:
            self._known = documents(self._folder)
        except SourceError as error:
            self._log.error("trusted documents unchanged", reason=str(error))


def documents(folder: Path) -> dict[str, str]:
    """Return the trusted documents of a folder by their identifiers; each has its hash as one.

    Raises
    ------
    SourceError
        A file has no documents, one belies its hash, or two are known by one identifier.
    """
    known: dict[str, str] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        for name, text in _documents_of(path):
            digest = hashed(text)
            if _is_hash(name) and name.removeprefix(PREFIX) != digest:
                raise SourceError(f"{path.name}: {name} is not the SHA-256 of its document")
            if known.setdefault(name, text) != text:
                raise SourceError(f"{path.name}: {name} is the name of another document, too")
            known |= {digest: text, PREFIX + digest: text}
    return known


def _documents_of(path: Path) -> Iterable[tuple[str, str]]:
    """Return the documents of a file, each with the name that it has there."""
    try:
        if path.suffix in _TEXTS:
            text = path.read_bytes().decode()
            return [(hashed(text), text)]
        if path.suffix == _MANIFEST:
            manifest = _MANIFESTS.validate_json(path.read_bytes())
            return manifest.items() if isinstance(manifest, dict) else manifest.named()
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or 'cannot be read'}") from error
    except ValueError as error:
        raise SourceError(f"{path.name}: is neither UTF-8 nor a manifest of documents") from error
    return ()


def _is_hash(name: str) -> bool:
    return name.startswith(PREFIX) or re.fullmatch("[0-9a-f]{64}", name) is not None


def _signature(folder: Path) -> Signature:
    """Return what changes when a file comes, goes or is written."""
    if not folder.is_dir():
        return ()
    with os.scandir(folder) as files:
        stats = ((file.name, file.stat()) for file in files if file.is_file())
        return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))
