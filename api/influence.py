"""Who matters to whom: measures of a subscriber's place in the network, and who leads in them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.enums import described, plain
from api.relay import Connection, Edge, Page, edges_of, nodes_of, page, paging, window
from api.subscriber_status import SubscriberStatus
from graph.database.session import Row
from graph.influence.reading import Wanted, count_influencers
from graph.influence.reading import influencers as read_influencers
from graph.page import BOTTOM

_SUBSCRIBER = "api.subscriber.Subscriber"  # by name, because subscribers have influence


class StructuralRole(graphene.Enum):
    """What part somebody plays among those around them."""

    class Meta:
        description = described(
            "What part somebody plays among those around them; the first that fits, in this order.",
            {
                "OUTLIER": "Has fewer than two contacts.",
                "HUB": "Has far more contacts within their community than is usual there.",
                "BROKER": "Others reach each other over them: among the 5 % with the greatest "
                "betweenness, with contacts who are little in contact with each other.",
                "BRIDGE": "Has contacts all over communities.",
                "MEMBER": "None of these: within their community.",
            },
        )

    OUTLIER = "outlier"
    HUB = "hub"
    BROKER = "broker"
    BRIDGE = "bridge"
    MEMBER = "member"


class InfluenceMeasure(graphene.Enum):
    """What influence is measured by."""

    class Meta:
        description = described(
            "What influence is measured by.",
            {
                "PAGERANK": "Who is called by those who are called; by strength of ties.",
                "BETWEENNESS": "On how many of the shortest ways between others they stand.",
                "K_SHELL": "How deep in the network they are; equals by PageRank.",
            },
        )

    PAGERANK = "pagerank"
    BETWEENNESS = "betweenness"
    K_SHELL = "k_shell"


class RoleEvidence(graphene.ObjectType):
    """By what a role is told."""

    contacts = graphene.Int(
        required=True, description="Others they have a tie with in either direction; at least 0."
    )
    within_z = graphene.Float(
        required=True,
        description="Standard deviations by which their number of contacts within their community "
        "is above its mean; a hub has 2.5 or more.",
    )
    participation = graphene.Float(
        required=True,
        description="1 less the sum of squared shares of their contacts by community, 0 to below "
        "1; a bridge has 0.5 or more.",
    )
    constraint = graphene.Float(
        description="Burt's constraint: how far their contacts are in contact with each other, 0 "
        "to about 1.1; a broker has 0.5 or less; null without contacts."
    )
    clustering = graphene.Float(
        required=True,
        description="Share of pairs of their contacts who are in contact, 0 to 1; 0 with under "
        "two contacts.",
    )


class Influence(graphene.ObjectType):
    """A subscriber's place in the network of all ties."""

    pagerank = graphene.Float(
        required=True, description="PageRank by strength of ties; above 0, all sum to 1."
    )
    rank = graphene.Int(required=True, description="Rank in PageRank; 1 is the greatest.")
    percentile = graphene.Float(
        required=True,
        description="Share of the others with a smaller PageRank, 0 to 100.",
    )
    k_shell = graphene.Int(
        required=True, description="The k-shell that they are in; at least 0, 0 without contacts."
    )
    weighted_k_shell = graphene.Int(
        required=True,
        description="The k-shell by contacts and strength of ties alike, where a mean tie weighs "
        "1; at least 0.",
    )
    betweenness = graphene.Float(
        required=True,
        description="Share of the ordered pairs of others whose shortest ways lead over them, 0 "
        "to 1.",
    )
    betweenness_error = graphene.Float(
        required=True,
        description="By how much any subscriber's betweenness may be wrong, except with a chance "
        "of 5 %; 0: it is exact.",
    )
    betweenness_rank = graphene.Int(
        required=True, description="Rank in betweenness; 1 is the greatest."
    )
    role = graphene.Field(
        graphene.NonNull(StructuralRole), description="What part they play among those around."
    )
    evidence = graphene.Field(
        graphene.NonNull(RoleEvidence), description="By what the role is told."
    )
    as_of = graphene.DateTime(required=True, description="When it was measured, in UTC.")

    @staticmethod
    def resolve_rank(subscriber: Row, _info: Info) -> int:
        return int(subscriber["pagerank_rank"])

    @staticmethod
    def resolve_percentile(subscriber: Row, _info: Info) -> float:
        return float(subscriber["pagerank_percentile"])

    @staticmethod
    def resolve_evidence(subscriber: Row, _info: Info) -> Row:
        return subscriber | {"contacts": subscriber["network_contacts"]}

    @staticmethod
    def resolve_as_of(subscriber: Row, _info: Info) -> Any:
        return subscriber["influence_as_of"]


class InfluenceField:
    """The field ``influence`` of ``Subscriber``."""

    influence = graphene.Field(
        Influence,
        description="Their place in the network, as of the last `tiegraph analyse influence`; null "
        "where they were not in it yet.",
    )

    @staticmethod
    def resolve_influence(subscriber: Row, _info: Info) -> Row | None:
        return subscriber if "influence_as_of" in subscriber else None


class InfluencerEdge(Edge, graphene.ObjectType):
    """A subscriber in a list by influence."""

    node = graphene.Field(graphene.NonNull(_SUBSCRIBER), description="The subscriber.")
    rank = graphene.Int(
        required=True,
        description="Rank among all subscribers in what the list is by; 1 is the greatest.",
    )


class InfluencerConnection(Connection, graphene.ObjectType):
    """Subscribers by influence, the greatest first, equals by key."""

    edges = edges_of(InfluencerEdge)
    nodes = nodes_of(_SUBSCRIBER)


class InfluencerFilter(graphene.InputObjectType):
    """Which subscribers are meant: those that meet every condition given."""

    role = StructuralRole(description="Who play this part.")
    status = SubscriberStatus(description="Who have this status.")
    namespace = graphene.String(description="Whose identity belongs to this numbering.")
    community = graphene.ID(description="Who are members of the community with this key.")


class InfluenceQuery:
    """Fields of ``Query``."""

    influencers = graphene.Field(
        graphene.NonNull(InfluencerConnection),
        by=InfluenceMeasure(
            default_value=InfluenceMeasure.PAGERANK, description="What influence is measured by."
        ),
        filter=InfluencerFilter(description="Which subscribers; all where absent."),
        **paging(),
        description="Subscribers by influence, as of the last `tiegraph analyse influence`; none "
        "before.",
    )

    @staticmethod
    async def resolve_influencers(
        _root: None,
        info: Info,
        by: Any,
        filter: Mapping[str, Any] | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        context, measure = context_of(info), plain(by)
        wanted = window(f"influencers by {measure}", context.settings.max_page_size, first, after)
        meant = Wanted(**{name: plain(value) for name, value in (filter or {}).items()})
        mark = wanted.mark or BOTTOM
        rows = await read_influencers(context.reader, measure, meant, mark, wanted.size + 1)
        return page(wanted, rows, partial(count_influencers, context.reader, meant))
