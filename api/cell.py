"""Cells of the radio network, their sites, and what ground they cover."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info
from graphql import ValueNode, value_from_ast_untyped

from api.context import context_of
from api.experience import CellExperience
from api.place import Place
from api.relay import (
    Connection,
    Edge,
    Node,
    Page,
    edges_of,
    nodes_of,
    page,
    paging,
    window,
)
from api.resolvers import id_of, key_of, listed, named, paged, read_for
from graph.area import Area
from graph.database.session import Row
from graph.errors import BadInput
from graph.page import BOTTOM
from graph.place import (
    cell_page,
    cells,
    cells_of_sites,
    cells_within,
    count_cells,
    covered,
    covered_counts,
    sites_of_cells,
)
from graph.place import cells as read_cells
from graph.reader import Reader

_LAT = "Latitude in degrees (WGS 84), -90 to 90."
_LON = "Longitude in degrees (WGS 84), -180 to 180."


class CoverageEdge(Edge, graphene.ObjectType):
    """A place that a cell covers."""

    node = graphene.Field(graphene.NonNull(Place), description="The place.")
    share = graphene.Float(
        required=True, description="The place's part of the cell, above 0 up to 1; they add to 1."
    )


class CoverageConnection(Connection, graphene.ObjectType):
    """Places that a cell covers, by H3 index."""

    edges = edges_of(CoverageEdge)
    nodes = nodes_of(Place)


class Cell(CellExperience, graphene.ObjectType):
    """A cell of the radio network, as its last version says."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(required=True, description="`namespace:identifier` of the cell.")
    namespace = graphene.String(description="Whose numbering the identifier belongs to.")
    lat_deg = graphene.Float(description=_LAT)
    lon_deg = graphene.Float(description=_LON)
    azimuth_deg = graphene.Float(
        description="Where it points, in degrees clockwise from north, 0 to 360; null: unknown."
    )
    beam_deg = graphene.Float(
        description="How wide it radiates, in degrees, 1 to 360; null: unknown."
    )
    range_m = graphene.Float(
        description="How far it reaches, in metres, 0 to 200000; null: unknown."
    )
    technology = graphene.String(description="`2G`, `3G`, `4G` or `5G`; null: unknown.")
    coverage = graphene.String(
        description="The shape that the source says its ground has: `sector`, `circle`, "
        "`voronoi` or `point`; null: what the numbers tell."
    )
    valid_from = graphene.DateTime(description="First instant in service, in UTC; null: unknown.")
    valid_to = graphene.DateTime(
        description="First instant no longer in service, in UTC; null: none known."
    )
    site = graphene.Field(lambda: Site, description="Its mast, roof or room; null: unknown.")
    places = graphene.Field(
        graphene.NonNull(CoverageConnection), **paging(), description="What the cell covers."
    )

    resolve_id = id_of("Cell", "cell_id")
    resolve_key = key_of("cell_id")
    resolve_site = read_for(sites_of_cells, "cell_id")
    resolve_places = listed("covered", covered, covered_counts, "cell_id")


class Site(graphene.ObjectType):
    """A mast, roof or room with cells."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(required=True, description="`namespace:identifier` of the site.")
    namespace = graphene.String(description="Whose numbering the identifier belongs to.")
    name = graphene.String(description="What it is called; null: unknown.")
    lat_deg = graphene.Float(description=_LAT)
    lon_deg = graphene.Float(description=_LON)
    cells = graphene.List(
        graphene.NonNull(Cell), required=True, description="Its cells, by identifier."
    )

    resolve_id = id_of("Site", "site_id")
    resolve_key = key_of("site_id")
    resolve_cells = read_for(cells_of_sites, "site_id", ())


class CellEdge(Edge, graphene.ObjectType):
    """A cell in a list of cells."""

    node = graphene.Field(graphene.NonNull(Cell), description="The cell.")


class CellConnection(Connection, graphene.ObjectType):
    """Cells by identifier."""

    edges = edges_of(CellEdge)
    nodes = nodes_of(Cell)


class CoveringEdge(Edge, graphene.ObjectType):
    """A cell that covers a place."""

    node = graphene.Field(graphene.NonNull(Cell), description="The cell.")
    share = graphene.Float(
        required=True,
        description="The part of the cell that lies in the place, above 0 up to 1; of a cell told "
        "by larger places, as if it lay evenly in each.",
    )


class CoveringConnection(Connection, graphene.ObjectType):
    """Cells that cover a place, by identifier."""

    edges = edges_of(CoveringEdge)
    nodes = nodes_of(Cell)


class GeoJSON(graphene.Scalar):
    """A `Polygon` or `MultiPolygon` of RFC 7946, as a JSON object: longitude before latitude."""

    @staticmethod
    def parse_value(value: Any) -> Any:
        return value

    @staticmethod
    def parse_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> Any:
        return value_from_ast_untyped(node, dict(variables or {}))


class Box(graphene.InputObjectType):
    """What lies between two parallels and, going east, two meridians."""

    south = graphene.Float(required=True, description="Least latitude in degrees, -90 to 90.")
    west = graphene.Float(required=True, description="Where it begins, in degrees, -180 to 180.")
    north = graphene.Float(required=True, description="Greatest latitude in degrees, -90 to 90.")
    east = graphene.Float(
        required=True,
        description="Where it ends, in degrees, -180 to 180; less than `west` across the "
        "antimeridian.",
    )


class AreaInput(graphene.InputObjectType):
    """An area, by exactly one of its fields; its border belongs to it."""

    polygon = GeoJSON(
        description="A GeoJSON `Polygon` or `MultiPolygon` of up to 20,000 positions. A side of "
        "more than 180 degrees of longitude goes the short way, across the antimeridian."
    )
    box = Box(description="A box.")


_all_cells = paged("cells", cell_page, count_cells)


class CellQuery:
    """Fields of ``Query``."""

    cell = graphene.Field(
        Cell,
        key=graphene.ID(required=True, description="`namespace:identifier` of the cell."),
        description="The cell with an identifier; null where the graph has none.",
    )
    cells = graphene.Field(
        graphene.NonNull(CellConnection),
        within=AreaInput(description="Only those that stand there; all where absent."),
        **paging(),
        description="Cells by identifier.",
    )

    resolve_cell = named(read_cells)

    @staticmethod
    async def resolve_cells(
        _root: None,
        info: Info,
        within: Mapping[str, Any] | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        if within is None:
            return await _all_cells(None, info, first=first, after=after)
        context = context_of(info)
        wanted = window("cells", context.settings.max_page_size, first, after)
        keys = await cells_within(context.reader, _area(within))
        start = bisect_right(keys, (wanted.mark or BOTTOM).key)
        rows = await _rows(context.reader, keys[start : start + wanted.size + 1])

        async def count() -> int:
            return len(keys)

        return page(wanted, rows, count)


def _area(within: Mapping[str, Any]) -> Area:
    given = {name: value for name, value in within.items() if value is not None}
    if len(given) != 1:
        raise BadInput("give exactly one of polygon and box")
    return Area.of_box(given["box"]) if "box" in given else Area.of_geojson(given["polygon"])


async def _rows(reader: Reader, keys: list[str]) -> list[Row]:
    found = await cells(reader, keys)
    return [{"rank": 0, "key": key, "node": found[key]} for key in keys if key in found]
