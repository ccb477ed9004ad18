"""Loads: what came in and what became of it, from the ledger."""

from functools import partial
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.enums import described
from api.quality import LoadQuality
from api.relay import Connection, Edge, Page, edges_of, nodes_of, page, paging, spanning, window
from graph.load import LoadEntry, LoadReport


class LoadState(graphene.Enum):
    """How far a load has come."""

    class Meta:
        description = described(
            "How far a load has come.",
            {
                "RUNNING": "Its process is at work.",
                "STORED": "The record store has its records, the graph not yet.",
                "APPLIED": "The graph has its records.",
                "FAILED": "It ended early; `error` says why.",
                "INTERRUPTED": "Its process was killed; the next load completes it.",
            },
        )

    RUNNING = "running"
    STORED = "stored"
    APPLIED = "applied"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class LoadFile(graphene.ObjectType):
    """What one file of a load held."""

    file = graphene.String(required=True, description="Name of the file.")
    table = graphene.String(required=True, description="What the source calls its rows.")
    sha256 = graphene.String(required=True, description="Checksum: 64 hexadecimal digits.")
    size_bytes = graphene.BigInt(required=True, description="Size in bytes; at least 0.")
    rows_read = graphene.BigInt(required=True, description="Rows in it; at least 0.")
    rows_rejected = graphene.BigInt(
        required=True, description="Rows in quarantine; 0 to `rowsRead`."
    )
    rows_suppressed = graphene.BigInt(
        required=True, description="Rows left out, naming somebody erased; 0 to `rowsRead`."
    )


class LoadRecords(graphene.ObjectType):
    """What became of the records of one kind: made = loaded + duplicate + known."""

    kind = graphene.String(required=True, description="Kind of record, such as calls.")
    made = graphene.BigInt(required=True, description="Records made from rows; at least 0.")
    loaded = graphene.BigInt(required=True, description="Records that were new; at least 0.")
    duplicate = graphene.BigInt(
        required=True, description="Records that stood in this load before; at least 0."
    )
    known = graphene.BigInt(
        required=True, description="Records that stood in the record store before; at least 0."
    )


class LoadRejection(graphene.ObjectType):
    """How many rows of a file were rejected for one reason."""

    file = graphene.String(required=True, description="Name of the file.")
    field = graphene.String(description="Column at fault; null: the row as a whole.")
    reason = graphene.String(required=True, description="What was wrong.")
    rows = graphene.BigInt(required=True, description="How many rows; at least 1.")


class Load(graphene.ObjectType):
    """One run of `tiegraph load`."""

    load_id = graphene.ID(required=True, description="Identifier that sorts by time.")
    source = graphene.String(required=True, description="Name of the source's mapping.")
    state = graphene.Field(graphene.NonNull(LoadState), description="How far it has come.")
    started_at = graphene.DateTime(required=True, description="When it began, in UTC.")
    ended_at = graphene.DateTime(description="When it ended, in UTC; null: not yet.")
    rows_read = graphene.BigInt(required=True, description="Rows of all files; at least 0.")
    rows_rejected = graphene.BigInt(
        required=True, description="Rows in quarantine; 0 to `rowsRead`."
    )
    rows_suppressed = graphene.BigInt(
        required=True, description="Rows left out, naming somebody erased; 0 to `rowsRead`."
    )
    records_loaded = graphene.BigInt(required=True, description="New records; at least 0.")
    records_duplicate = graphene.BigInt(
        required=True, description="Records that stood in this load before; at least 0."
    )
    records_known = graphene.BigInt(
        required=True, description="Records that stood in the record store before; at least 0."
    )
    files = graphene.List(graphene.NonNull(LoadFile), required=True, description="Counts by file.")
    records = graphene.List(
        graphene.NonNull(LoadRecords), required=True, description="Counts by kind of record."
    )
    rejections = graphene.List(
        graphene.NonNull(LoadRejection),
        required=True,
        description="Counts of rejected rows by file, column and reason.",
    )
    quality = graphene.Field(
        LoadQuality, description="What its records are like; null: it stored none."
    )
    error = graphene.String(description="Why it failed; null: it did not.")

    @staticmethod
    def resolve_rows_read(load: LoadEntry, _info: Info) -> int:
        return sum(file.rows_read for file in load.report.files)

    @staticmethod
    def resolve_rows_rejected(load: LoadEntry, _info: Info) -> int:
        return sum(file.rows_rejected for file in load.report.files)

    @staticmethod
    def resolve_rows_suppressed(load: LoadEntry, _info: Info) -> int:
        return sum(file.rows_suppressed for file in load.report.files)

    @staticmethod
    def resolve_records_loaded(load: LoadEntry, _info: Info) -> int:
        return sum(record.loaded for record in load.report.records)

    @staticmethod
    def resolve_records_duplicate(load: LoadEntry, _info: Info) -> int:
        return sum(record.duplicate for record in load.report.records)

    @staticmethod
    def resolve_records_known(load: LoadEntry, _info: Info) -> int:
        return sum(record.known for record in load.report.records)

    @staticmethod
    def resolve_files(load: LoadEntry, _info: Info) -> object:
        return load.report.files

    @staticmethod
    def resolve_records(load: LoadEntry, _info: Info) -> object:
        return load.report.records

    @staticmethod
    def resolve_rejections(load: LoadEntry, _info: Info) -> object:
        return load.report.rejections

    @staticmethod
    def resolve_quality(load: LoadEntry, _info: Info) -> LoadReport | None:
        return load.report if load.report.quality else None


class LoadEdge(Edge, graphene.ObjectType):
    """A load in a list of loads."""

    node = graphene.Field(graphene.NonNull(Load), description="The load.")


class LoadConnection(Connection, graphene.ObjectType):
    """Loads, the newest first."""

    edges = edges_of(LoadEdge)
    nodes = nodes_of(Load)


class LoadQuery:
    """Fields of ``Query``."""

    loads = graphene.Field(
        graphene.NonNull(LoadConnection),
        **spanning("loads that began"),
        **paging(),
        description="Loads, the newest first.",
    )

    @staticmethod
    async def resolve_loads(
        _root: None, info: Info, first: int | None = None, after: str | None = None, **within: Any
    ) -> Page:
        context = context_of(info)
        ledger = context.services.ledger
        wanted = window("loads", context.settings.max_page_size, first, after)
        before = wanted.mark.key if wanted.mark else None
        # SQLite blocks its thread, and may wait for a load that is writing.
        entries = await run_sync(
            partial(ledger.entries, limit=wanted.size + 1, before=before, **within)
        )
        rows = [{"rank": 0, "key": entry.load_id, "node": entry} for entry in entries]
        return page(wanted, rows, lambda: run_sync(partial(ledger.count, **within)))
