"""Campaigns: who is called and who is not, by chance, and what that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import graphene
import numpy as np
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.relay import Connection, Edge, Page, edges_of, nodes_of, page, paging, spanning, window
from graph.database.session import Row
from graph.errors import BadInput, NotFound
from graph.page import BOTTOM, END
from graph.retention.campaigns import MOST_MEMBERS, Campaign, Campaigns, Member
from graph.retention.uplift import maximum_profit_uplift, qini, uplift
from graph.subscriber import subscribers

_SUBSCRIBER = "api.subscriber.Subscriber"  # by name, as churn has it
_MOST_POINTS = 50


class CampaignUplift(graphene.ObjectType):
    """How much more often those who were to be called stay than those who were not."""

    called = graphene.Float(required=True, description="Part of those called that stayed, 0 to 1.")
    control = graphene.Float(
        required=True, description="Part of the control group that stayed, 0 to 1."
    )
    uplift = graphene.Float(required=True, description="Their difference, -1 to 1.")
    low = graphene.Float(required=True, description="Where its 95 % interval begins.")
    high = graphene.Float(required=True, description="Where its 95 % interval ends.")


class QiniPoint(graphene.ObjectType):
    """What calling the most promising alone would have changed."""

    subscribers = graphene.Int(required=True, description="How many of the most promising.")
    more = graphene.Float(
        required=True, description="How many more of them stay than would have without a call."
    )


class CampaignQini(graphene.ObjectType):
    """Whether calling was of more use with those who seemed more promising."""

    coefficient = graphene.Float(
        required=True,
        description="Area between the curve and a straight line, by the number of subscribers "
        "squared: 0 where their order told nothing, below 0 where it misled.",
    )
    points = graphene.List(
        graphene.NonNull(QiniPoint), required=True, description="The curve, at most 51 points."
    )


class CampaignProfit(graphene.ObjectType):
    """The most that calling the most promising earns: the maximum profit of uplift (MPU)."""

    profit = graphene.Float(
        required=True, description="By subscriber, in the unit of the value; 0: call nobody."
    )
    share = graphene.Float(
        required=True, description="The part, 0 to 1, of the most promising to be called."
    )


class CampaignMemberEdge(Edge, graphene.ObjectType):
    """A subscriber in a campaign."""

    node = graphene.Field(
        _SUBSCRIBER, description="The subscriber; null: not in the graph any more."
    )
    rank = graphene.Int(required=True, description="How promising they seemed; 1 is the most.")
    is_called = graphene.Boolean(
        required=True, description="Whether to be called; false: of the control group."
    )
    stayed = graphene.Boolean(description="Whether they stayed; null: not recorded yet.")
    recorded_at = graphene.DateTime(description="When that was recorded, in UTC.")


class CampaignMemberConnection(Connection, graphene.ObjectType):
    """The subscribers in a campaign, the most promising first."""

    edges = edges_of(CampaignMemberEdge)
    nodes = graphene.List(_SUBSCRIBER, required=True, description="The entries' nodes alone.")


class CampaignType(graphene.ObjectType):
    """A retention campaign."""

    class Meta:
        name = "Campaign"

    key = graphene.ID(required=True, description="Key of the campaign.")
    name = graphene.String(required=True, description="What it was named.")
    started_at = graphene.DateTime(required=True, description="When it was started, in UTC.")
    started_by = graphene.String(required=True, description="Who started it: a token's subject.")
    control_share = graphene.Float(
        required=True, description="Part of the members that was to be not called, 0 to 1."
    )
    size = graphene.Int(required=True, description="Subscribers in it; at least 2.")
    called = graphene.Int(required=True, description="Those of them to be called; at least 1.")
    known = graphene.Int(required=True, description="Those whose outcome was recorded.")
    uplift = graphene.Field(
        CampaignUplift,
        description="What the calls changed; null as long as nothing is known of one group.",
    )
    qini = graphene.Field(CampaignQini, description="Whether their order was right; null likewise.")
    profit = graphene.Field(
        CampaignProfit,
        value=graphene.Float(required=True, description="What one who stays is worth."),
        incentive=graphene.Float(
            default_value=0.0, description="What those who are called and stay are given."
        ),
        contact=graphene.Float(default_value=0.0, description="What a call costs."),
        description="How many of the most promising to call; null likewise.",
    )
    members = graphene.Field(
        graphene.NonNull(CampaignMemberConnection), **paging(), description="Its subscribers."
    )

    @staticmethod
    async def resolve_uplift(campaign: Row, info: Info) -> Row | None:
        if not (known := await _groups(campaign, info)):
            return None
        return asdict(uplift(known.is_called, known.stayed))

    @staticmethod
    async def resolve_qini(campaign: Row, info: Info) -> Row | None:
        if not (known := await _groups(campaign, info)):
            return None
        found = qini(known.scores, known.is_called, known.stayed)
        at = np.unique(np.linspace(0, len(found.counts) - 1, _MOST_POINTS + 1).astype(int))
        points = [
            {"subscribers": int(found.counts[each]), "more": float(found.more[each])} for each in at
        ]
        return {"coefficient": found.coefficient, "points": points}

    @staticmethod
    async def resolve_profit(
        campaign: Row, info: Info, value: float, incentive: float, contact: float
    ) -> Row | None:
        if not (known := await _groups(campaign, info)):
            return None
        found = maximum_profit_uplift(
            known.scores,
            known.is_called,
            known.stayed,
            value=value,
            incentive=incentive,
            contact=contact,
        )
        return asdict(found)

    @staticmethod
    async def resolve_members(
        campaign: Row, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        context = context_of(info)
        wanted = window("campaign members", context.settings.max_page_size, first, after)
        place = max(0, (wanted.mark or BOTTOM).rank)
        read = context.services.campaigns.members
        rows = await run_sync(read, campaign["key"], place, wanted.size + 1)
        nodes = await subscribers(context.reader, [row.subscriber_id for row in rows])

        async def count() -> int:
            return int(campaign["size"])

        return page(wanted, [_member(row, nodes) for row in rows], count)


class CampaignEdge(Edge, graphene.ObjectType):
    """A campaign in a list."""

    node = graphene.Field(graphene.NonNull(CampaignType), description="The campaign.")


class CampaignConnection(Connection, graphene.ObjectType):
    """Campaigns, the latest started first."""

    edges = edges_of(CampaignEdge)
    nodes = nodes_of(CampaignType)


class CampaignOutcome(graphene.InputObjectType):
    """What became of somebody in a campaign."""

    key = graphene.ID(required=True, description="Key of the subscriber.")
    stayed = graphene.Boolean(required=True, description="Whether they stayed.")


class CampaignQuery:
    """Fields of ``Query``."""

    campaign = graphene.Field(
        CampaignType,
        key=graphene.ID(required=True, description="Key of the campaign."),
        description="The campaign with a key; null where there is none.",
    )
    campaigns = graphene.Field(
        graphene.NonNull(CampaignConnection),
        **spanning("campaigns that started"),
        **paging(),
        description="Retention campaigns, the latest started first.",
    )

    @staticmethod
    async def resolve_campaign(_root: None, info: Info, key: str) -> Row | None:
        found = await run_sync(_campaigns(info).campaign, key)
        return _told(found) if found else None

    @staticmethod
    async def resolve_campaigns(
        _root: None, info: Info, first: int | None = None, after: str | None = None, **within: Any
    ) -> Page:
        campaigns, context = _campaigns(info), context_of(info)
        wanted = window("campaigns", context.settings.max_page_size, first, after)
        before = (wanted.mark or END).key
        found = await run_sync(partial(campaigns.page, before, wanted.size + 1, **within))
        rows = [{"rank": 0, "key": one.place, "node": _told(one)} for one in found]

        async def count() -> int:
            return await run_sync(partial(campaigns.count, **within))

        return page(wanted, rows, count)


class CampaignMutation:
    """Fields of ``Mutation``."""

    start_campaign = graphene.Field(
        graphene.NonNull(CampaignType),
        name=graphene.String(required=True, description="At most 200 characters."),
        keys=graphene.List(
            graphene.NonNull(graphene.ID),
            required=True,
            description="Subscribers, the most promising first, such as `retentionTargets` has "
            "them; 2 to 100,000.",
        ),
        control_share=graphene.Float(
            default_value=0.2,
            description="Part of them, above 0 and below 1, that is drawn by chance and not "
            "called; at least one is, and at least one is not.",
        ),
        description="Starts a campaign: draws who is called and who is the control group.",
    )
    record_outcomes = graphene.Field(
        graphene.NonNull(CampaignType),
        campaign=graphene.ID(required=True, description="Key of the campaign."),
        outcomes=graphene.List(
            graphene.NonNull(CampaignOutcome),
            required=True,
            description="What became of some of its subscribers; a later word replaces a former.",
        ),
        description="Records who of a campaign stayed, of both groups.",
    )

    @staticmethod
    async def resolve_start_campaign(
        _root: None, info: Info, name: str, keys: Sequence[str], control_share: float
    ) -> Row:
        context = context_of(info)
        if len(keys) > MOST_MEMBERS:
            raise BadInput(f"a campaign has at most {MOST_MEMBERS:,} subscribers")
        found = await subscribers(context.reader, keys)
        for number, key in enumerate(keys, 1):
            if key not in found:
                raise NotFound(f"subscriber {number} of {len(keys)} named is not in the graph")
        by = context.viewer.subject
        started = await run_sync(_campaigns(info).start, name, keys, control_share, by)
        return _told(started)

    @staticmethod
    async def resolve_record_outcomes(
        _root: None, info: Info, campaign: str, outcomes: Sequence[Mapping[str, Any]]
    ) -> Row:
        stayed = {each["key"]: each["stayed"] for each in outcomes}
        if len(stayed) < len(outcomes):
            raise BadInput("a subscriber is named twice")
        by = context_of(info).viewer.subject
        return _told(await run_sync(_campaigns(info).record, campaign, stayed, by))


def _campaigns(info: Info) -> Campaigns:
    return context_of(info).services.campaigns


async def _groups(campaign: Row, info: Info) -> Any:
    """Return the outcomes that are known; None as long as nothing is of one of the groups."""
    known = await run_sync(_campaigns(info).outcomes, campaign["key"])
    return known if known.is_called.any() and not known.is_called.all() else None


def _told(campaign: Campaign) -> Row:
    return asdict(campaign) | {"size": campaign.members}


def _member(member: Member, nodes: Mapping[str, Row]) -> Row:
    node = nodes.get(member.subscriber_id)
    return asdict(member) | {"key": member.subscriber_id, "node": node}
