"""Partners: who they are, what they agreed to, what they used."""

from collections import Counter
from functools import partial
from typing import Any

import graphene
import orjson
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.assertion import checked_keys
from api.context import context_of
from api.dispute import DisputeConnection, disputes_of
from api.enums import described
from api.listing import listing
from api.relay import Connection, Edge, Page, edges_of, nodes_of, paging
from api.statement import StatementConnection, statements_of
from graph.errors import BadInput
from graph.metering.quota import Quota
from graph.partner import partner as known
from graph.revenue.terms import Terms


class PartnerState(graphene.Enum):
    """Whether a partner is answered."""

    class Meta:
        description = described(
            "Whether a partner is answered.",
            {
                "PENDING": "It waits for approval.",
                "ACTIVE": "It is.",
                "SUSPENDED": "It is not any more.",
            },
        )

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class PartnerUsage(graphene.ObjectType):
    """What a partner used of an operation in a month so far."""

    operation = graphene.String(required=True, description="What was called.")
    records = graphene.BigInt(required=True, description="Answers; at least 1.")
    units = graphene.BigInt(
        required=True, description="Calls, or contacts that were delivered; at least 0."
    )


class Partner(graphene.ObjectType):
    """A third party that asks by an agreement."""

    key = graphene.ID(required=True, description="Identifier: the subject of its tokens.")
    name = graphene.String(required=True, description="What people call it.")
    state = graphene.Field(graphene.NonNull(PartnerState), description="Whether it is answered.")
    plan = graphene.String(required=True, description="Name of the plan that it pays by.")
    agreement = graphene.String(required=True, description="Name of how that is shared.")
    calls_a_day = graphene.Int(description="Most answers of a UTC day; null: any number.")
    calls_a_month = graphene.Int(description="Most answers of a UTC month; null: any number.")
    key_names = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="`kid` of its public keys."
    )
    signed_up_at = graphene.DateTime(required=True, description="When, in UTC.")
    usage = graphene.List(
        graphene.NonNull(PartnerUsage),
        required=True,
        month=graphene.String(required=True, description="UTC month, such as `2026-11`."),
        description="What it used in a month, by operation.",
    )
    statements = graphene.Field(
        graphene.NonNull(StatementConnection),
        **paging(),
        description="What it owes and is due, the newest first.",
    )
    disputes = graphene.Field(
        graphene.NonNull(DisputeConnection),
        **paging(),
        description="What it objects to, the newest first.",
    )

    @staticmethod
    def resolve_key(partner: known.Partner, _info: Info) -> str:
        return partner.partner_id

    @staticmethod
    def resolve_calls_a_day(partner: known.Partner, _info: Info) -> int | None:
        return partner.quota.day

    @staticmethod
    def resolve_calls_a_month(partner: known.Partner, _info: Info) -> int | None:
        return partner.quota.month

    @staticmethod
    def resolve_key_names(partner: known.Partner, _info: Info) -> list[str]:
        return [key["kid"] for key in (partner.keys or {"keys": []})["keys"]]

    @staticmethod
    async def resolve_usage(partner: known.Partner, info: Info, month: str) -> list[dict[str, Any]]:
        meter = context_of(info).services.meter
        records, units = Counter[str](), Counter[str]()
        for record in await run_sync(meter.records, month, partner.partner_id):
            records[record.operation] += 1
            units[record.operation] += record.units
        return [
            {"operation": name, "records": records[name], "units": units[name]}
            for name in sorted(records)
        ]

    @staticmethod
    async def resolve_statements(
        partner: known.Partner, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        return await statements_of(context_of(info), partner.partner_id, first, after)

    @staticmethod
    async def resolve_disputes(
        partner: known.Partner, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        return await disputes_of(context_of(info), partner.partner_id, first, after)


class PartnerEdge(Edge, graphene.ObjectType):
    """A partner in a list of partners."""

    node = graphene.Field(graphene.NonNull(Partner), description="The partner.")


class PartnerConnection(Connection, graphene.ObjectType):
    """Partners by identifier."""

    edges = edges_of(PartnerEdge)
    nodes = nodes_of(Partner)


class PartnerQuery:
    """Fields of ``Query``."""

    partner = graphene.Field(
        Partner,
        key=graphene.ID(required=True, description="Identifier of the partner."),
        description="The partner with an identifier; null where there is none.",
    )
    partners = graphene.Field(
        graphene.NonNull(PartnerConnection), **paging(), description="Partners by identifier."
    )

    @staticmethod
    async def resolve_partner(_root: None, info: Info, key: str) -> known.Partner | None:
        return await run_sync(context_of(info).services.partners.find, key)

    @staticmethod
    async def resolve_partners(
        _root: None, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        context = context_of(info)
        read = context.services.partners.all
        return await listing(context, "partners", read, lambda one: one.partner_id, first, after)


_KEY = graphene.ID(required=True, description="Identifier of the partner.")


class PartnerMutation:
    """Fields of ``Mutation``."""

    approve_partner = graphene.Field(
        graphene.NonNull(Partner),
        key=_KEY,
        plan=graphene.String(description="What it pays by; as it was where absent."),
        agreement=graphene.String(description="How that is shared; as it was where absent."),
        calls_a_day=graphene.Int(description="Most answers of a UTC day; as it was where absent."),
        calls_a_month=graphene.Int(
            description="Most answers of a UTC month; as it was where absent."
        ),
        description="Lets a partner in, or in again, and changes what it agreed to.",
    )
    suspend_partner = graphene.Field(
        graphene.NonNull(Partner), key=_KEY, description="Lets a partner have no more answers."
    )
    replace_own_keys = graphene.Field(
        graphene.NonNull(Partner),
        keys=graphene.String(required=True, description="A JSON Web Key Set of public keys."),
        description="Replaces the public keys of the partner that asks.",
    )

    @staticmethod
    async def resolve_approve_partner(
        _root: None,
        info: Info,
        key: str,
        plan: str | None = None,
        agreement: str | None = None,
        calls_a_day: int | None = None,
        calls_a_month: int | None = None,
    ) -> known.Partner:
        services = context_of(info).services
        terms = Terms.of(services.settings)
        if plan is not None:
            terms.plan(plan)
        if agreement is not None:
            terms.agreement(agreement)
        if min(calls_a_day or 0, calls_a_month or 0) < 0:
            raise BadInput("a quota is at least 0")
        former = (await run_sync(services.partners.partner, key)).quota
        quota = Quota(
            former.day if calls_a_day is None else calls_a_day,
            former.month if calls_a_month is None else calls_a_month,
        )
        return await run_sync(services.partners.approve, key, plan, agreement, quota)

    @staticmethod
    async def resolve_suspend_partner(_root: None, info: Info, key: str) -> known.Partner:
        return await run_sync(context_of(info).services.partners.suspend, key)

    @staticmethod
    async def resolve_replace_own_keys(_root: None, info: Info, keys: str) -> known.Partner:
        context = context_of(info)
        try:
            given = orjson.loads(keys)
        except orjson.JSONDecodeError as error:
            raise BadInput("the keys are not JSON") from error
        change = partial(context.services.partners.set_keys, context.viewer.subject)
        return await run_sync(change, checked_keys(given))
