"""Which problems a subscriber met, as a problem tells whom it affected."""

import graphene
from graphql import GraphQLResolveInfo as Info

from api.problem import AffectedState, Problem
from api.relay import Connection, Edge, edges_of, nodes_of, paging, spanning
from api.resolvers import listed_of_subscriber
from graph.database.session import Row
from graph.problem.store import met, met_counts


class MetEdge(Edge, graphene.ObjectType):
    """A problem that affected a subscriber."""

    node = graphene.Field(graphene.NonNull(Problem), description="The problem.")
    samples = graphene.Int(
        required=True, description="The subscriber's samples that it struck; at least 1."
    )
    fall = graphene.Float(
        required=True, description="Mean fall of these, in points of the score; 0 to 100."
    )
    state = graphene.Field(
        graphene.NonNull(AffectedState), description="Whether the subscriber is as before."
    )

    @staticmethod
    def resolve_fall(edge: Row, _info: Info) -> float:
        return float(edge["lost"] / edge["samples"])


class MetConnection(Connection, graphene.ObjectType):
    """Problems that affected a subscriber, the latest opened first, equals by key."""

    edges = edges_of(MetEdge)
    nodes = nodes_of(Problem)


class MetField:
    """The field ``problems`` of ``Subscriber``."""

    problems = graphene.Field(
        graphene.NonNull(MetConnection),
        **spanning("problems that opened"),
        **paging(),
        description="Which problems they lost by, of those that remember it: of more than 1000 "
        "affected a problem knows those who lost most.",
    )

    resolve_problems = listed_of_subscriber("problems of one", met, met_counts, "since", "until")
