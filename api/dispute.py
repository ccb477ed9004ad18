"""Disputes: what partners object to, and how that is settled."""

from functools import partial

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, context_of
from api.enums import described
from api.listing import listing
from api.relay import Connection, Edge, Page, edges_of, nodes_of, paging
from graph.revenue import statement as told


class DisputeState(graphene.Enum):
    """How far a dispute has come."""

    class Meta:
        description = described(
            "How far a dispute has come.",
            {
                "OPEN": "Nobody has settled it yet.",
                "ACCEPTED": "The record was taken back, wholly or in part.",
                "REFUSED": "The charge stands.",
            },
        )

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Dispute(graphene.ObjectType):
    """A partner's objection to a record that it was charged for."""

    key = graphene.ID(required=True, description="Identifier of the dispute.")
    record = graphene.ID(required=True, description="Key of the record.")
    partner = graphene.String(required=True, description="Whose record it is.")
    reason = graphene.String(required=True, description="What is wrong with it.")
    opened_at = graphene.DateTime(required=True, description="When it was opened, in UTC.")
    state = graphene.Field(graphene.NonNull(DisputeState), description="How far it has come.")
    settled_at = graphene.DateTime(description="When it was settled, in UTC; null: not yet.")
    note = graphene.String(description="Why it was settled so; null: not yet.")
    corrected_minor = graphene.BigInt(
        description="What the record costs instead, in minor units; null unless accepted."
    )

    @staticmethod
    def resolve_key(dispute: told.Dispute, _info: Info) -> str:
        return dispute.dispute_id

    @staticmethod
    def resolve_record(dispute: told.Dispute, _info: Info) -> str:
        return dispute.record_id


class DisputeEdge(Edge, graphene.ObjectType):
    """A dispute in a list of disputes."""

    node = graphene.Field(graphene.NonNull(Dispute), description="The dispute.")


class DisputeConnection(Connection, graphene.ObjectType):
    """Disputes, the newest first."""

    edges = edges_of(DisputeEdge)
    nodes = nodes_of(Dispute)


async def disputes_of(
    context: RequestContext, partner: str | None, first: int | None, after: str | None
) -> Page:
    """Return a page of the disputes of a partner, or of all."""
    read = partial(context.services.disputes.all, partner)
    return await listing(context, "disputes", read, lambda one: one.dispute_id, first, after)


class DisputeQuery:
    """Fields of ``Query``."""

    disputes = graphene.Field(
        graphene.NonNull(DisputeConnection),
        partner=graphene.String(description="Whose; everybody's where absent."),
        **paging(),
        description="Disputes, the newest first.",
    )

    @staticmethod
    async def resolve_disputes(
        _root: None,
        info: Info,
        partner: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        return await disputes_of(context_of(info), partner, first, after)


_KEY = graphene.ID(required=True, description="Key of the dispute.")
_NOTE = graphene.String(required=True, description="Why, in up to 2000 characters.")


class DisputeMutation:
    """Fields of ``Mutation``."""

    open_dispute = graphene.Field(
        graphene.NonNull(Dispute),
        record=graphene.ID(required=True, description="Key of a record of a statement."),
        reason=graphene.String(
            required=True,
            description="What is wrong, in up to 2000 characters; name no subscriber.",
        ),
        description="Objects to a record that was charged for; partners to their own.",
    )
    accept_dispute = graphene.Field(
        graphene.NonNull(Dispute),
        key=_KEY,
        note=_NOTE,
        corrected_minor=graphene.Int(
            default_value=0,
            description="What the record costs instead; from 0 to less than it cost.",
        ),
        description="Takes a disputed record back, and charges less for it, or nothing.",
    )
    refuse_dispute = graphene.Field(
        graphene.NonNull(Dispute), key=_KEY, note=_NOTE, description="Lets a charge stand."
    )

    @staticmethod
    async def resolve_open_dispute(
        _root: None, info: Info, record: str, reason: str
    ) -> told.Dispute:
        context = context_of(info)
        viewer = context.viewer
        whose = viewer.subject if viewer.role == "partner" else None
        objected = partial(
            context.services.disputes.open, record, reason, viewer.subject, partner=whose
        )
        return await run_sync(objected)

    @staticmethod
    async def resolve_accept_dispute(
        _root: None, info: Info, key: str, note: str, corrected_minor: int
    ) -> told.Dispute:
        context = context_of(info)
        accept, by = context.services.disputes.accept, context.viewer.subject
        return await run_sync(accept, key, note, by, corrected_minor)

    @staticmethod
    async def resolve_refuse_dispute(_root: None, info: Info, key: str, note: str) -> told.Dispute:
        context = context_of(info)
        return await run_sync(context.services.disputes.refuse, key, note, context.viewer.subject)
