"""What the rows for the graph are: nodes and relationships, table by table.

A statement under ``cypher/load`` writes the rows of a table into a graph that may hold them;
an importer of an empty graph knows them from here. Both must say the same: a test compares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from loaders.transforms.care import SURVEY, TOUCHPOINT
from loaders.transforms.device import DEVICE
from loaders.transforms.package import PACKAGE
from loaders.transforms.place import CELL
from loaders.transforms.subscriber import ATTRIBUTES, COUNTS
from loaders.transforms.usage import APP, USE


@dataclass(frozen=True)
class Node:
    """Every row is one node; only one table has the nodes of a label.

    Attributes
    ----------
    key : str
        The property that names the node, unique among its label, and the column with it.
    properties : tuple of str
        The other properties, and the columns with them; a null one is absent from the node.
    """

    label: str
    key: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class End:
    """Where a relationship starts or ends: a node of this label, whose key is in this column."""

    label: str
    column: str


@dataclass(frozen=True)
class Relationship:
    """Every row is one relationship, unless the column of one of its ends is null.

    Attributes
    ----------
    start, end : End
        Two nodes that other rows have, of this table or of one before it.
    properties : tuple of str
        The properties, and the columns with them; a null one is absent from the relationship.
    """

    type: str
    start: End
    end: End
    properties: tuple[str, ...] = ()


Shape = Node | Relationship

_SUBSCRIBER = End("Subscriber", "subscriber_id")
_USUAL = ("days", "active_days", "share", "records", "candidates")

SHAPES: Mapping[str, tuple[Shape, ...]] = {
    "subscribers": (
        Node(
            "Subscriber",
            "subscriber_id",
            (
                "namespace",
                *ATTRIBUTES,
                *COUNTS,
                "unlocated_events",
                "first_at",
                "last_at",
                "data_first_at",
                "data_last_at",
            ),
        ),
    ),
    "contacts": (
        Relationship(
            "CONTACTED",
            End("Subscriber", "caller_id"),
            End("Subscriber", "callee_id"),
            (
                "events",
                "calls",
                "missed",
                "messages",
                "duration_s",
                "active_days",
                "first_at",
                "last_at",
            ),
        ),
    ),
    "friendships": (
        Relationship("KNOWS", _SUBSCRIBER, End("Subscriber", "other_id"), ("kind", "source")),
    ),
    "places": (
        Node("Place", "h3", ("resolution", "lat_deg", "lon_deg")),
        Relationship("IN", End("Place", "h3"), End("Place", "parent")),
    ),
    "sites": (Node("Site", "site_id", ("namespace", "name", "lat_deg", "lon_deg")),),
    "cells": (
        Node("Cell", "cell_id", ("namespace", *CELL)),
        Relationship("AT", End("Cell", "cell_id"), End("Site", "site_id")),
    ),
    "covers": (Relationship("COVERS", End("Cell", "cell_id"), End("Place", "h3"), ("share",)),),
    "visits": (
        Relationship(
            "VISITED",
            _SUBSCRIBER,
            End("Place", "h3"),
            ("events", "visits", "dwell_s", "first_at", "last_at"),
        ),
    ),
    "homes": (Relationship("HOME", _SUBSCRIBER, End("Place", "h3"), _USUAL),),
    "works": (Relationship("WORK", _SUBSCRIBER, End("Place", "h3"), _USUAL),),
    "packages": (Node("Package", "package_id", ("namespace", *PACKAGE)),),
    "subscriptions": (
        Relationship(
            "SUBSCRIBES_TO",
            _SUBSCRIBER,
            End("Package", "package_id"),
            ("since", "until", "monthly_charge_minor", "currency"),
        ),
    ),
    "payments": (
        Node("Payment", "payment_id", ("amount_minor", "currency", "paid_at", "channel", "kind")),
        Relationship("PAID", _SUBSCRIBER, End("Payment", "payment_id")),
    ),
    "devices": (Node("Device", "tac", ("namespace", *DEVICE)),),
    "ownerships": (Relationship("OWNS", _SUBSCRIBER, End("Device", "tac"), ("since", "until")),),
    "apps": (Node("App", "app_id", ("namespace", *APP)),),
    "app_uses": (Relationship("USED", _SUBSCRIBER, End("App", "app_id"), USE),),
    "services": (Node("Service", "service_id"),),
    "service_uses": (Relationship("USED_SERVICE", _SUBSCRIBER, End("Service", "service_id"), USE),),
    "touchpoints": (
        Node("Touchpoint", "touchpoint_id", TOUCHPOINT),
        Relationship("HAD", _SUBSCRIBER, End("Touchpoint", "touchpoint_id")),
    ),
    "surveys": (
        Node("Survey", "survey_id", SURVEY),
        Relationship("ANSWERED", _SUBSCRIBER, End("Survey", "survey_id")),
        Relationship("ABOUT", End("Survey", "survey_id"), End("Service", "service_id")),
        Relationship("ABOUT", End("Survey", "survey_id"), End("App", "app_id")),
    ),
}

# The property that names the nodes of a label.
KEYS: Mapping[str, str] = {
    shape.label: shape.key
    for shapes in SHAPES.values()
    for shape in shapes
    if isinstance(shape, Node)
}
