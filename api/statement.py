"""Statements: what a party owes and is due, and for what."""

from functools import partial

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, context_of
from api.enums import described
from api.listing import listing
from api.relay import Connection, Edge, Page, edges_of, nodes_of, page, paging, window
from graph.errors import NotFound
from graph.revenue import statement as told


class PostingKind(graphene.Enum):
    """What an entry is."""

    class Meta:
        description = described(
            "What an entry is.",
            {
                "CHARGE": "A month's usage of one price.",
                "REVERSAL": "A record taken back.",
                "CORRECTION": "What a record that was taken back costs instead.",
            },
        )

    CHARGE = "charge"
    REVERSAL = "reversal"
    CORRECTION = "correction"


class PostingSide(graphene.Enum):
    """Whether an entry is about what a party pays or gets."""

    class Meta:
        description = described(
            "Whether an entry is about what a party pays or gets.",
            {"OWED": "What it pays.", "DUE": "What it gets."},
        )

    OWED = "owed"
    DUE = "due"


class Posting(graphene.ObjectType):
    """An entry of a statement."""

    kind = graphene.Field(graphene.NonNull(PostingKind), description="What it is.")
    side = graphene.Field(graphene.NonNull(PostingSide), description="Paying or getting.")
    usage_month = graphene.String(required=True, description="UTC month of the usage: `2026-11`.")
    operation = graphene.String(required=True, description="Operation of the price; `*`: others.")
    payer = graphene.String(required=True, description="The partner that used it.")
    records = graphene.BigInt(required=True, description="Records that it is about; at least 1.")
    units = graphene.BigInt(required=True, description="Their units; at least 0.")
    amount_minor = graphene.BigInt(
        required=True,
        description="In favour of the statement's party, in minor units; negative: it pays.",
    )
    dispute = graphene.ID(description="Key of the dispute that led to it; null for a charge.")

    @staticmethod
    def resolve_dispute(posting: told.Posting, _info: Info) -> str | None:
        return posting.dispute_id


class UsageRecord(graphene.ObjectType):
    """An answer that was charged for."""

    key = graphene.ID(required=True, description="Identifier of the record.")
    at = graphene.DateTime(required=True, description="When it was answered, in UTC.")
    operation = graphene.String(required=True, description="What was called.")
    units = graphene.BigInt(
        required=True, description="Calls, or contacts that were delivered; at least 0."
    )
    amount_minor = graphene.BigInt(
        required=True, description="What it cost, in minor units; at least 0."
    )

    @staticmethod
    def resolve_key(item: told.Item, _info: Info) -> str:
        return item.record_id


class UsageRecordEdge(Edge, graphene.ObjectType):
    """A record in a list of records."""

    node = graphene.Field(graphene.NonNull(UsageRecord), description="The record.")


class UsageRecordConnection(Connection, graphene.ObjectType):
    """Usage records by time."""

    edges = edges_of(UsageRecordEdge)
    nodes = nodes_of(UsageRecord)


class Statement(graphene.ObjectType):
    """What a party owes and is due by what was posted in a month."""

    number = graphene.ID(required=True, description="Number, such as `2026-11-0001`.")
    month = graphene.String(required=True, description="UTC month, such as `2026-11`.")
    party = graphene.String(required=True, description="Who owes and is due.")
    currency = graphene.String(required=True, description="Code of ISO 4217.")
    owed_minor = graphene.BigInt(required=True, description="What it pays, in minor units.")
    due_minor = graphene.BigInt(required=True, description="What it gets, in minor units.")
    balance_minor = graphene.BigInt(
        required=True,
        description="What it gets in the end, in minor units: `dueMinor` less `owedMinor`.",
    )
    issued_at = graphene.DateTime(required=True, description="When, in UTC.")
    postings = graphene.List(
        graphene.NonNull(Posting),
        required=True,
        description="Entries; they add up to `balanceMinor`.",
    )
    records = graphene.Field(
        graphene.NonNull(UsageRecordConnection),
        **paging(),
        description="The records behind the charges; they add up to what these charge.",
    )

    @staticmethod
    async def resolve_postings(statement: told.Statement, info: Info) -> list[told.Posting]:
        return await run_sync(context_of(info).services.book.postings, statement)

    @staticmethod
    async def resolve_records(
        statement: told.Statement, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        context = context_of(info)
        book = context.services.book
        wanted = window("records", context.settings.max_page_size, first, after)
        mark = wanted.mark.key if wanted.mark else ""
        items = await run_sync(book.items, statement, mark, wanted.size + 1)
        rows = [{"rank": 0, "key": item.record_id, "node": item} for item in items]
        return page(wanted, rows, lambda: run_sync(book.count_items, statement))


class StatementEdge(Edge, graphene.ObjectType):
    """A statement in a list of statements."""

    node = graphene.Field(graphene.NonNull(Statement), description="The statement.")


class StatementConnection(Connection, graphene.ObjectType):
    """Statements, the newest first."""

    edges = edges_of(StatementEdge)
    nodes = nodes_of(Statement)


async def statements_of(
    context: RequestContext, party: str | None, first: int | None, after: str | None
) -> Page:
    """Return a page of the statements of a party, or of all."""
    read = partial(context.services.book.statements, party)
    return await listing(context, "statements", read, lambda one: one.number, first, after)


class StatementQuery:
    """Fields of ``Query``."""

    statement = graphene.Field(
        Statement,
        number=graphene.ID(required=True, description="Number of the statement."),
        description="The statement with a number; null where there is none.",
    )
    statements = graphene.Field(
        graphene.NonNull(StatementConnection),
        party=graphene.String(description="Whose; everybody's where absent."),
        **paging(),
        description="Statements, the newest first.",
    )

    @staticmethod
    async def resolve_statement(_root: None, info: Info, number: str) -> told.Statement | None:
        try:
            return await run_sync(context_of(info).services.book.statement, number)
        except NotFound:
            return None

    @staticmethod
    async def resolve_statements(
        _root: None,
        info: Info,
        party: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        return await statements_of(context_of(info), party, first, after)


class StatementMutation:
    """Fields of ``Mutation``."""

    close_month = graphene.Field(
        graphene.NonNull(graphene.List(graphene.NonNull(Statement))),
        month=graphene.String(required=True, description="A UTC month that is over: `2026-11`."),
        description="Rates, divides and states what a month has; once more changes nothing.",
    )

    @staticmethod
    async def resolve_close_month(_root: None, info: Info, month: str) -> list[told.Statement]:
        return await run_sync(context_of(info).services.book.close, month)
