"""The schema, composed of its domains."""

import graphene
from graphql import GraphQLResolveInfo as Info
from graphql import lexicographic_sort_schema, print_schema

from api.audience import AudienceMutation, AudienceQuery
from api.campaign import CampaignMutation, CampaignQuery
from api.care import Survey, Touchpoint
from api.cell import CellQuery, Site
from api.churn import ChurnQuery
from api.community import CommunityQuery
from api.consent import ConsentMutation
from api.consented import ConsentedQuery
from api.context import context_of
from api.crowd import CrowdQuery
from api.dataloaders import ReadByKey
from api.defaults import default_for_null
from api.device import DeviceQuery
from api.dispute import DisputeMutation, DisputeQuery
from api.erasure import ErasureMutation, ErasureQuery
from api.experience import ExperienceQuery
from api.experience_model import ExperienceModelQuery
from api.influence import InfluenceQuery
from api.insight import InsightQuery
from api.load import LoadQuery
from api.location import LocationQuery
from api.package import PackageQuery, Payment
from api.partner import PartnerMutation, PartnerQuery
from api.place import PlaceQuery
from api.problem import ProblemMutation, ProblemQuery
from api.relay import Node, split_node_id, typed
from api.retention import RetentionQuery
from api.statement import StatementMutation, StatementQuery
from api.subscriber import SubscriberQuery
from api.subscription import Subscription
from api.tie import TieQuery
from api.usage import UsageQuery
from api.viewer import ViewerQuery
from graph.care import surveys, touchpoints
from graph.community.reading import communities
from graph.database.session import Row
from graph.device import devices
from graph.package import packages, payments
from graph.place import cells, places, sites
from graph.problem.store import problems
from graph.subscriber import subscribers
from graph.usage import apps, services

_NODES: dict[str, ReadByKey] = {
    "App": apps,
    "Cell": cells,
    "Community": communities,
    "Device": devices,
    "Package": packages,
    "Payment": payments,
    "Place": places,
    "Problem": problems,
    "Site": sites,
    "Service": services,
    "Subscriber": subscribers,
    "Survey": surveys,
    "Touchpoint": touchpoints,
}


class Query(
    ViewerQuery,
    LoadQuery,
    DeviceQuery,
    UsageQuery,
    PackageQuery,
    PlaceQuery,
    CellQuery,
    ExperienceQuery,
    ExperienceModelQuery,
    ProblemQuery,
    PartnerQuery,
    StatementQuery,
    DisputeQuery,
    ErasureQuery,
    InsightQuery,
    TieQuery,
    InfluenceQuery,
    ChurnQuery,
    RetentionQuery,
    CampaignQuery,
    CommunityQuery,
    SubscriberQuery,
    ConsentedQuery,
    LocationQuery,
    CrowdQuery,
    AudienceQuery,
    graphene.ObjectType,
):
    """Everything that can be asked."""

    node = graphene.Field(
        Node,
        id=graphene.ID(required=True, description="What the field `id` of a node said."),
        description="The node with a global identifier; null where there is none.",
    )

    @staticmethod
    async def resolve_node(
        _root: None,
        info: Info,
        id: str,
    ) -> Row | None:
        node_type, key = split_node_id(id)
        read = _NODES.get(node_type)
        row = await context_of(info).dataloaders.by_key(read, key) if read else None
        return typed(row, node_type) if row else None


class Mutation(
    ProblemMutation,
    ConsentMutation,
    PartnerMutation,
    StatementMutation,
    DisputeMutation,
    ErasureMutation,
    CampaignMutation,
    AudienceMutation,
    graphene.ObjectType,
):
    """Everything that can be changed."""


SCHEMA = graphene.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Payment, Survey, Touchpoint, Site],
).graphql_schema
default_for_null(SCHEMA)
SCHEMA.description = "The graph of a telecom operator's subscribers."


def printed() -> str:
    """Return the schema as text, as ``schema.graphql`` holds it for review.

    Types come by name, so that a new field elsewhere moves nothing.
    """
    return print_schema(lexicographic_sort_schema(SCHEMA)) + "\n"
