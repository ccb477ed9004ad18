"""Communities: groups of subscribers who are closer to each other than to others."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.place import Place
from api.relay import Connection, Edge, Node, Page, edges_of, nodes_of, page, paging, window
from api.resolvers import all_of_subscriber, id_of, key_of, listed, named
from graph.community.reading import communities as read_communities
from graph.community.reading import (
    communities_of,
    community_page,
    count_communities,
    member_counts,
    part_counts,
)
from graph.community.reading import members as read_members
from graph.community.reading import parts as read_parts
from graph.database.session import Row
from graph.page import TOP
from graph.place import places

_SUBSCRIBER = "api.subscriber.Subscriber"  # by name, because subscribers have communities


class CommunityInterest(graphene.ObjectType):
    """What members of a community use."""

    category = graphene.String(required=True, description="Category of apps, such as social.")
    members = graphene.Int(required=True, description="Members who use some; at least 1.")


class CommunityHome(graphene.ObjectType):
    """Where members of a community live."""

    place = graphene.Field(Place, description="The place.")
    members = graphene.Int(required=True, description="Members who live there; at least 1.")

    @staticmethod
    async def resolve_place(home: Row, info: Info) -> Row | None:
        found: Row | None = await context_of(info).dataloaders.by_key(places, home["h3"])
        return found


class CommunityMemberEdge(Edge, graphene.ObjectType):
    """A member of a community."""

    node = graphene.Field(graphene.NonNull(_SUBSCRIBER), description="The member.")


class CommunityMemberConnection(Connection, graphene.ObjectType):
    """Members by their rank in PageRank, those without one last, equals by key."""

    edges = edges_of(CommunityMemberEdge)
    nodes = nodes_of(_SUBSCRIBER)


class Community(graphene.ObjectType):
    """A group of subscribers who are closer to each other than to others."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(
        required=True, description="Stays from one analysis to the next as long as the group does."
    )
    level = graphene.Int(
        required=True, description="1: one of the widest; 2: one of the narrower ones within them."
    )
    size = graphene.Int(required=True, description="Members; at least 1.")
    pairs = graphene.Int(
        required=True, description="Pairs of members who are in contact; at least 0."
    )
    density = graphene.Float(
        required=True,
        description="Share of the pairs of members who are in contact, 0 to 1; 0 of one alone.",
    )
    inner_share = graphene.Float(
        required=True,
        description="Share of the strength of members' ties that stays within, 0 to 1.",
    )
    churn_rate = graphene.Float(
        description="Share that has left of the members whose status is known, 0 to 1; null: of "
        "none it is."
    )
    mean_cei = graphene.Float(
        description="Mean over members of their CEI of the last four scored weeks, 0 to 100; "
        "null: of none it is known."
    )
    interests = graphene.List(
        graphene.NonNull(CommunityInterest),
        required=True,
        description="The categories of apps that most members use, at most five, the most first.",
    )
    homes = graphene.List(
        graphene.NonNull(CommunityHome),
        required=True,
        description="The places where most members live, at most five, the most first.",
    )
    part_of = graphene.Field(
        lambda: Community, description="The wider community that it lies in; null: it is widest."
    )
    parts = graphene.Field(
        lambda: graphene.NonNull(CommunityConnection),
        **paging(),
        description="The narrower communities within it, the largest first.",
    )
    members = graphene.Field(
        graphene.NonNull(CommunityMemberConnection),
        **paging(),
        description="Its members by their rank in PageRank.",
    )
    as_of = graphene.DateTime(required=True, description="When it was found last, in UTC.")

    resolve_id = id_of("Community", "community_id")
    resolve_key = key_of("community_id")
    resolve_parts = listed("parts", read_parts, part_counts, "community_id")
    resolve_members = listed("members", read_members, member_counts, "community_id")

    @staticmethod
    def resolve_churn_rate(community: Row, _info: Info) -> float | None:
        known: int = community["with_status"]
        return int(community["churned"]) / known if known else None

    @staticmethod
    def resolve_interests(community: Row, _info: Info) -> list[Row]:
        lists = (community.get("interests", []), community.get("interested", []))
        return [{"category": name, "members": number} for name, number in zip(*lists, strict=True)]

    @staticmethod
    def resolve_homes(community: Row, _info: Info) -> list[Row]:
        lists = (community.get("homes", []), community.get("at_home", []))
        return [{"h3": name, "members": number} for name, number in zip(*lists, strict=True)]

    @staticmethod
    async def resolve_part_of(community: Row, info: Info) -> Any:
        wide = community.get("part_of")
        return await context_of(info).dataloaders.by_key(read_communities, wide) if wide else None


class CommunityEdge(Edge, graphene.ObjectType):
    """A community in a list of communities."""

    node = graphene.Field(graphene.NonNull(Community), description="The community.")


class CommunityConnection(Connection, graphene.ObjectType):
    """Communities, the largest first, equals by key."""

    edges = edges_of(CommunityEdge)
    nodes = nodes_of(Community)


class CommunitiesField:
    """The field ``communities`` of ``Subscriber``."""

    communities = graphene.List(
        graphene.NonNull(Community),
        required=True,
        description="The communities that they are a member of, the widest first, as of the last "
        "`tiegraph analyse communities`; none before.",
    )

    resolve_communities = all_of_subscriber(communities_of)


class CommunityQuery:
    """Fields of ``Query``."""

    community = graphene.Field(
        Community,
        key=graphene.ID(required=True, description="Key of the community."),
        description="The community with a key; null where the graph has none.",
    )
    communities = graphene.Field(
        graphene.NonNull(CommunityConnection),
        level=graphene.Int(description="Only of this level, 1 or 2; of both where absent."),
        **paging(),
        description="Communities, the largest first, as of the last `tiegraph analyse "
        "communities`; none before.",
    )

    resolve_community = named(read_communities)

    @staticmethod
    async def resolve_communities(
        _root: None,
        info: Info,
        level: int | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        context = context_of(info)
        wanted = window(f"communities {level}", context.settings.max_page_size, first, after)
        mark = wanted.mark or TOP
        rows = await community_page(context.reader, level, mark, wanted.size + 1)
        return page(wanted, rows, lambda: count_communities(context.reader, level))
