"""Erasure: asked for on a subscriber's behalf, and what became of it."""

from datetime import datetime

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.listing import listing
from api.relay import Connection, Edge, Page, edges_of, nodes_of, paging
from graph.errors import NotFound
from graph.rights import requests
from graph.subscriber import subscribers


class ErasureRequest(graphene.ObjectType):
    """A request to erase somebody from graph, record store and whatever else has them."""

    key = graphene.ID(required=True, description="Identifier of the request.")
    subject = graphene.ID(description="Pseudonym of who is to be erased; null: they are.")
    requested_at = graphene.DateTime(required=True, description="When it was made, in UTC.")
    requested_by = graphene.String(required=True, description="Who wrote it down.")
    due_at = graphene.DateTime(
        required=True, description="By when it has to be done, in UTC: 30 days later."
    )
    evidence = graphene.String(
        description="How it was asked for, and where that can be looked up; null: it is done."
    )
    erased_at = graphene.DateTime(description="When it was done, in UTC; null: not yet.")
    erasure = graphene.ID(description="The proof's identifier in the ledger; null: not yet.")

    @staticmethod
    def resolve_due_at(request: requests.ErasureRequest, _info: Info) -> datetime:
        return request.due_at


class ErasureRequestEdge(Edge, graphene.ObjectType):
    """A request in a list of requests."""

    node = graphene.Field(graphene.NonNull(ErasureRequest), description="The request.")


class ErasureRequestConnection(Connection, graphene.ObjectType):
    """Requests for erasure, the newest first."""

    edges = edges_of(ErasureRequestEdge)
    nodes = nodes_of(ErasureRequest)


class ErasureQuery:
    """Fields of ``Query``."""

    erasure_requests = graphene.Field(
        graphene.NonNull(ErasureRequestConnection),
        **paging(),
        description="Who asked to be erased, the newest first, those who were erased included.",
    )

    @staticmethod
    async def resolve_erasure_requests(
        _root: None, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        context = context_of(info)
        read = context.services.erasures.all
        return await listing(context, "erasures", read, lambda one: one.key, first, after)


class ErasureMutation:
    """Fields of ``Mutation``."""

    request_erasure = graphene.Field(
        graphene.NonNull(ErasureRequest),
        subscriber=graphene.ID(required=True, description="Pseudonym of who is to be erased."),
        evidence=graphene.String(
            required=True,
            description="How it was asked for, and where that can be looked up: up to 2000 "
            "characters.",
        ),
        description="Asks for somebody's erasure, and revokes at once whatever they consented to. "
        "`tiegraph records erase --requested` does the rest.",
    )

    @staticmethod
    async def resolve_request_erasure(
        _root: None, info: Info, subscriber: str, evidence: str
    ) -> requests.ErasureRequest:
        context = context_of(info)
        if await context.dataloaders.by_key(subscribers, subscriber) is None:
            raise NotFound("there is no such subscriber")
        services, by = context.services, context.viewer.subject
        request = await run_sync(services.erasures.add, subscriber, evidence, by)
        await run_sync(services.consents.revoke_all, subscriber, by)
        return request
