"""Places of the raster: who was there, who lives and works there, and which cells cover them."""

import graphene
from graphql import GraphQLResolveInfo as Info

from api.experience import PlaceExperience
from api.relay import (
    Connection,
    Edge,
    Node,
    edges_of,
    nodes_of,
    paging,
)
from api.resolvers import fields, id_of, listed, named, paged, read_for
from graph.database.session import Row
from graph.place import children as read_children
from graph.place import (
    count_places,
    covering,
    covering_counts,
    parents,
    place_page,
    visitor_counts,
)
from graph.place import places as read_places
from graph.place import visitors as read_visitors

_SUBSCRIBER = "api.subscriber.Subscriber"  # by name, because subscribers have places
_CELLS = "api.cell.CoveringConnection"  # by name, because cells have places
_LAT = "Latitude of the centre in degrees (WGS 84), -90 to 90."
_LON = "Longitude of the centre in degrees (WGS 84), -180 to 180."


class Stay:
    """What edges between a subscriber and a place carry."""

    events = graphene.Int(required=True, description="Records of all kinds there, at least 1.")
    visits = graphene.Int(
        required=True, description="Runs of consecutive records there, 1 to `events`."
    )
    dwell_s = graphene.BigInt(
        required=True,
        description="First to last record of each visit, summed, in seconds; at least 0.",
    )
    first_at = graphene.DateTime(description="Time of the first record there, in UTC.")
    last_at = graphene.DateTime(description="Time of the last record there, in UTC.")

    @staticmethod
    def resolve_events(edge: Row, _info: Info) -> int:
        return int(edge["rank"])


class VisitorEdge(Edge, Stay, graphene.ObjectType):
    """A subscriber who was at the place, or below it in the raster."""

    node = graphene.Field(graphene.NonNull(_SUBSCRIBER), description="The visitor.")


class VisitorConnection(Connection, graphene.ObjectType):
    """Visitors, the most records first, equals by key."""

    edges = edges_of(VisitorEdge)
    nodes = nodes_of(_SUBSCRIBER)


class Place(PlaceExperience, graphene.ObjectType):
    """A hexagon of the H3 raster."""

    class Meta:
        interfaces = (Node,)

    h3 = graphene.ID(required=True, description="H3 index: 15 hexadecimal digits.")
    resolution = graphene.Int(
        required=True, description="H3 resolution: 9 (about 0.1 km²) up to 5 (about 250 km²)."
    )
    lat_deg = graphene.Float(description=_LAT)
    lon_deg = graphene.Float(description=_LON)
    parent = graphene.Field(lambda: Place, description="The place above; null for the coarsest.")
    children = graphene.List(
        graphene.NonNull(lambda: Place),
        required=True,
        description="The places right below that are in the graph, by H3 index; at most 7.",
    )
    visitors = graphene.Field(
        graphene.NonNull(VisitorConnection),
        **paging(),
        description="Who was there, or below it in the raster.",
    )
    subscribers = graphene.Int(
        required=True, description="How many subscribers were there or below it; at least 0."
    )
    covered_by = graphene.Field(
        graphene.NonNull(_CELLS), **paging(), description="The cells whose ground it is part of."
    )

    resolve_id = id_of("Place", "h3")
    resolve_parent = read_for(parents, "h3")
    resolve_children = read_for(read_children, "h3", ())
    resolve_visitors = listed("visitors", read_visitors, visitor_counts, "h3")
    resolve_covered_by = listed("covering", covering, covering_counts, "h3")
    resolve_subscribers = read_for(visitor_counts, "h3", 0)


class PlaceEdge(Edge, graphene.ObjectType):
    """A place in a list of places."""

    node = graphene.Field(graphene.NonNull(Place), description="The place.")


class PlaceConnection(Connection, graphene.ObjectType):
    """Places by H3 index."""

    edges = edges_of(PlaceEdge)
    nodes = nodes_of(Place)


class VisitEdge(Edge, Stay, graphene.ObjectType):
    """A place where the subscriber was."""

    node = graphene.Field(graphene.NonNull(Place), description="The place, of the finest size.")


class VisitConnection(Connection, graphene.ObjectType):
    """Places where the subscriber was, the most records first, equals by H3 index."""

    edges = edges_of(VisitEdge)
    nodes = nodes_of(Place)


class UsualPlace(graphene.ObjectType):
    """Where a subscriber usually is, with the evidence; see docs/places.md for the rules."""

    place = graphene.Field(graphene.NonNull(Place), description="The place, of the finest size.")
    days = graphene.Int(
        required=True,
        description="Nights (of a home) or weekdays (of a workplace) with a record there; at "
        "least 1.",
    )
    active_days = graphene.Int(
        required=True, description="Such nights or days with a record anywhere; at least 3."
    )
    share = graphene.Float(required=True, description="`days` of `activeDays`, 0.3 to 1.")
    records = graphene.Int(
        required=True, description="Records there at those times; at least `days`."
    )
    candidates = graphene.Int(
        required=True,
        description="Places with a record at those times, of a workplace without the home; at "
        "least 1.",
    )

    @staticmethod
    def resolve_place(usual: Row, _info: Info) -> Row:
        node: Row = usual["node"]
        return node


class PlaceFilter(graphene.InputObjectType):
    """Which places are meant."""

    resolution = graphene.Int(description="Only of this H3 resolution, 5 to 9.")


class PlaceQuery:
    """Fields of ``Query``."""

    place = graphene.Field(
        Place,
        h3=graphene.ID(required=True, description="H3 index: 15 hexadecimal digits."),
        description="The place with an H3 index; null where the graph has none.",
    )
    places = graphene.Field(
        graphene.NonNull(PlaceConnection),
        filter=PlaceFilter(description="Which places; all where absent."),
        **paging(),
        description="Places by H3 index.",
    )

    resolve_place = named(read_places, "h3")
    resolve_places = paged("places", place_page, count_places, fields("resolution"))
