"""Models of device, and who was seen with them."""

import graphene

from api.experience import DeviceExperience
from api.relay import (
    Connection,
    Edge,
    Node,
    edges_of,
    nodes_of,
    paging,
)
from api.resolvers import fields, id_of, key_of, listed_of_subscriber, named, paged, read_for
from graph.device import (
    count_devices,
    device_page,
    owned,
    owned_counts,
    owner_counts,
)
from graph.device import devices as read_devices


class Device(DeviceExperience, graphene.ObjectType):
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

    resolve_id = id_of("Device", "tac")
    resolve_key = key_of("tac")
    resolve_subscribers = read_for(owner_counts, "tac", 0)


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

    resolve_devices = listed_of_subscriber("owned", owned, owned_counts)


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

    resolve_device = named(read_devices)
    resolve_devices = paged("devices", device_page, count_devices, fields("maker", "kind"))
