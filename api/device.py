"""Models of device, and who was seen with them."""

from collections.abc import Mapping
from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.relay import (
    Connection,
    Edge,
    Node,
    Page,
    edges_of,
    node_id,
    nodes_of,
    page,
    paging,
    window,
)
from graph.database.session import Row
from graph.device import (
    count_devices,
    device_page,
    devices,
    owned,
    owned_counts,
    owner_counts,
)
from graph.page import BOTTOM


class Device(graphene.ObjectType):
    """A model of device; one that nobody described has its key alone."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(
        required=True,
        description="`namespace:` and the type allocation code (3GPP TS 23.003), or what names "
        "the model.",
    )
    namespace = graphene.String(description="Whose numbering the key belongs to.")
    maker = graphene.String(description="Who makes it.")
    model = graphene.String(description="What it is called.")
    operating_system = graphene.String(description="Its operating system, with the version.")
    kind = graphene.String(description="What it is, such as smartphone, tablet or modem.")
    subscribers = graphene.Int(
        required=True, description="How many subscribers were seen with it; at least 0."
    )

    @staticmethod
    def resolve_id(device: Row, _info: Info) -> str:
        return node_id("Device", device["tac"])

    @staticmethod
    def resolve_key(device: Row, _info: Info) -> str:
        return str(device["tac"])

    @staticmethod
    async def resolve_subscribers(device: Row, info: Info) -> int:
        return await context_of(info).dataloaders.by_key(owner_counts, device["tac"]) or 0


class DeviceEdge(Edge, graphene.ObjectType):
    """A model in a list of models."""

    node = graphene.Field(graphene.NonNull(Device), description="The model.")


class DeviceConnection(Connection, graphene.ObjectType):
    """Models of device by key."""

    edges = edges_of(DeviceEdge)
    nodes = nodes_of(Device)


class OwnershipEdge(Edge, graphene.ObjectType):
    """A model that the subscriber was seen with: stated, or named by a session."""

    node = graphene.Field(graphene.NonNull(Device), description="The model.")
    since = graphene.DateTime(description="When first seen, in UTC; null where unknown.")
    until = graphene.DateTime(description="When last seen, in UTC; null where unknown.")


class OwnershipConnection(Connection, graphene.ObjectType):
    """Models that the subscriber was seen with, by key."""

    edges = edges_of(OwnershipEdge)
    nodes = nodes_of(Device)


class DeviceField:
    """The field ``devices`` of ``Subscriber``."""

    devices = graphene.Field(
        graphene.NonNull(OwnershipConnection),
        **paging(),
        description="Which models of device they were seen with.",
    )

    @staticmethod
    async def resolve_devices(
        subscriber: Row, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        return await context_of(info).dataloaders.page(
            "owned", owned, owned_counts, subscriber["subscriber_id"], first, after
        )


class DeviceFilter(graphene.InputObjectType):
    """Which models are meant: those that meet every condition given."""

    maker = graphene.String(description="Of this maker, as the source spells it.")
    kind = graphene.String(description="Of this kind, such as smartphone.")


class DeviceQuery:
    """Fields of ``Query``."""

    device = graphene.Field(
        Device,
        key=graphene.ID(required=True, description="Key of the model."),
        description="The model of device with a key; null where the graph has none.",
    )
    devices = graphene.Field(
        graphene.NonNull(DeviceConnection),
        filter=DeviceFilter(description="Which models; all where absent."),
        **paging(),
        description="Models of device by key.",
    )

    @staticmethod
    async def resolve_device(_root: None, info: Info, key: str) -> Row | None:
        found: Row | None = await context_of(info).dataloaders.by_key(devices, key)
        return found

    @staticmethod
    async def resolve_devices(
        _root: None,
        info: Info,
        filter: Mapping[str, Any] | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Page:
        context, meant = context_of(info), filter or {}
        maker, kind = meant.get("maker"), meant.get("kind")
        wanted = window("devices", context.settings.max_page_size, first, after)
        mark = wanted.mark or BOTTOM
        rows = await device_page(context.reader, maker, kind, mark, wanted.size + 1)
        return page(wanted, rows, lambda: count_devices(context.reader, maker, kind))
