"""Loads as the ledger tells of them: what came in with one, and what became of it."""

import hashlib
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from graph.quality import QualityReport

State = Literal["running", "stored", "applied", "failed", "interrupted"]


class FileCount(BaseModel):
    """What one file of a load held; a row is read, and then accepted, rejected or suppressed.

    A suppressed row names somebody who was erased; nothing of it is kept.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    table: str
    sha256: str
    size_bytes: int
    rows_read: int
    rows_rejected: int
    rows_suppressed: int = 0


class RecordCount(BaseModel):
    """What became of the records of one kind.

    ``made`` = ``loaded`` + ``duplicate`` (stood in this load before) + ``known`` (stood in the
    record store before). ``duplicated`` records have the duplicates: further copies of them.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    made: int
    loaded: int
    duplicate: int
    known: int
    duplicated: int = 0


class RejectionCount(BaseModel):
    """How many rows of a file were rejected for one reason."""

    model_config = ConfigDict(frozen=True)

    file: str
    field: str | None
    reason: str
    rows: int


class LoadReport(BaseModel):
    """All counts of one load; ``quality`` is there once its records are stored."""

    model_config = ConfigDict(frozen=True)

    files: tuple[FileCount, ...] = ()
    records: tuple[RecordCount, ...] = ()
    rejections: tuple[RejectionCount, ...] = ()
    quality: QualityReport | None = None


class GraphVersion(BaseModel):
    """What a graph has been told: two that are equal were told the same.

    Attributes
    ----------
    loads : str
        Digest of the loads that it has.
    erasure : str
        The last time that somebody was erased from everything; empty: never.
    is_changing : bool
        Whether a load is running, or has not been told to the end.
    """

    model_config = ConfigDict(frozen=True)

    graph: str
    loads: str
    erasure: str
    is_changing: bool

    @property
    def text(self) -> str:
        """The version in one word."""
        parts = (self.graph, self.loads, self.erasure, str(self.is_changing))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


class LoadEntry(BaseModel):
    """One load as the ledger knows it."""

    model_config = ConfigDict(frozen=True)

    load_id: str
    source: str
    state: State
    started_at: datetime
    ended_at: datetime | None
    report: LoadReport
    error: str | None


class Origins(BaseModel):
    """Where all that is stored came from.

    Attributes
    ----------
    sources : frozenset of str
        Sources of all loads, also of those that stored nothing.
    load_ids : frozenset of str
        Loads that have named their files.
    sha256 : frozenset of str
        Checksums of all these files.
    """

    model_config = ConfigDict(frozen=True)

    sources: frozenset[str]
    load_ids: frozenset[str]
    sha256: frozenset[str]
