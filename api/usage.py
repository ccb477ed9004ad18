"""Apps and services, and how much subscribers use them."""

import graphene
from graphql import GraphQLResolveInfo as Info

from api.experience import AppExperience, ServiceExperience
from api.relay import (
    Connection,
    Edge,
    Node,
    edges_of,
    nodes_of,
    paging,
)
from api.resolvers import fields, id_of, key_of, listed_of_subscriber, named, paged, read_for
from graph.database.session import Row
from graph.usage import (
    app_page,
    app_user_counts,
    count_apps,
    count_services,
    service_page,
    service_user_counts,
    used_app_counts,
    used_apps,
    used_service_counts,
    used_services,
)
from graph.usage import apps as read_apps
from graph.usage import services as read_services


class App(AppExperience, graphene.ObjectType):
    """An application, or a site of the web; one that nobody described has its key alone."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(required=True, description="`namespace:identifier` of the app.")
    namespace = graphene.String(description="Whose numbering the identifier belongs to.")
    name = graphene.String(description="What it is called.")
    category = graphene.String(description="What it is for, as the source has it.")
    maker = graphene.String(description="Who makes it.")
    subscribers = graphene.Int(
        required=True, description="How many subscribers used it; at least 0."
    )

    resolve_id = id_of("App", "app_id")
    resolve_key = key_of("app_id")
    resolve_subscribers = read_for(app_user_counts, "app_id", 0)


class AppEdge(Edge, graphene.ObjectType):
    """An app in a list of apps."""

    node = graphene.Field(graphene.NonNull(App), description="The app.")


class AppConnection(Connection, graphene.ObjectType):
    """Apps by key."""

    edges = edges_of(AppEdge)
    nodes = nodes_of(App)


class Service(ServiceExperience, graphene.ObjectType):
    """What sessions are for."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(
        required=True,
        description="voice, messaging, web, video, audio, social, gaming, file_transfer or other.",
    )
    subscribers = graphene.Int(
        required=True, description="How many subscribers used it; at least 0."
    )

    resolve_id = id_of("Service", "service_id")
    resolve_key = key_of("service_id")
    resolve_subscribers = read_for(service_user_counts, "service_id", 0)


class ServiceEdge(Edge, graphene.ObjectType):
    """A service in a list of services."""

    node = graphene.Field(graphene.NonNull(Service), description="The service.")


class ServiceConnection(Connection, graphene.ObjectType):
    """Services by key."""

    edges = edges_of(ServiceEdge)
    nodes = nodes_of(Service)


class Use:
    """What edges between a subscriber and an app or a service carry."""

    sessions = graphene.Int(required=True, description="Data sessions, at least 1.")
    duration_s = graphene.BigInt(
        required=True, description="Their lengths where stated, summed, in seconds; at least 0."
    )
    volume_up_bytes = graphene.BigInt(
        required=True, description="Sent by the subscriber where stated, in bytes; at least 0."
    )
    volume_down_bytes = graphene.BigInt(
        required=True, description="Received where stated, in bytes; at least 0."
    )
    first_at = graphene.DateTime(description="When the first session began, in UTC.")
    last_at = graphene.DateTime(description="When the last session began, in UTC.")

    @staticmethod
    def resolve_sessions(edge: Row, _info: Info) -> int:
        return int(edge["rank"])


class AppUseEdge(Edge, Use, graphene.ObjectType):
    """An app that the subscriber used."""

    node = graphene.Field(graphene.NonNull(App), description="The app.")


class AppUseConnection(Connection, graphene.ObjectType):
    """Apps that the subscriber used, the most sessions first, equals by key."""

    edges = edges_of(AppUseEdge)
    nodes = nodes_of(App)


class ServiceUseEdge(Edge, Use, graphene.ObjectType):
    """A service that the subscriber used."""

    node = graphene.Field(graphene.NonNull(Service), description="The service.")


class ServiceUseConnection(Connection, graphene.ObjectType):
    """Services that the subscriber used, the most sessions first, equals by key."""

    edges = edges_of(ServiceUseEdge)
    nodes = nodes_of(Service)


class Usage(graphene.ObjectType):
    """Data sessions over all time, whatever app and service they name."""

    sessions = graphene.Int(required=True, description="Data sessions; at least 0.")
    duration_s = graphene.BigInt(
        required=True, description="Their lengths where stated, summed, in seconds; at least 0."
    )
    volume_up_bytes = graphene.BigInt(
        required=True, description="Sent by the subscriber where stated, in bytes; at least 0."
    )
    volume_down_bytes = graphene.BigInt(
        required=True, description="Received where stated, in bytes; at least 0."
    )
    first_at = graphene.DateTime(description="When the first one began, in UTC; null: none.")
    last_at = graphene.DateTime(description="When the last one began, in UTC; null: none.")


class UsageFields:
    """The fields ``usage``, ``apps`` and ``services`` of ``Subscriber``."""

    usage = graphene.Field(
        graphene.NonNull(Usage), description="What their data sessions add up to."
    )
    apps = graphene.Field(
        graphene.NonNull(AppUseConnection), **paging(), description="Which apps they used."
    )
    services = graphene.Field(
        graphene.NonNull(ServiceUseConnection), **paging(), description="Which services they used."
    )

    @staticmethod
    def resolve_usage(subscriber: Row, _info: Info) -> Row:
        counts = ("sessions", "volume_up_bytes", "volume_down_bytes")
        return {
            **{name: subscriber.get(name, 0) for name in counts},
            "duration_s": subscriber.get("data_duration_s", 0),
            "first_at": subscriber.get("data_first_at"),
            "last_at": subscriber.get("data_last_at"),
        }

    resolve_apps = listed_of_subscriber("used apps", used_apps, used_app_counts)
    resolve_services = listed_of_subscriber("used services", used_services, used_service_counts)


class AppFilter(graphene.InputObjectType):
    """Which apps are meant."""

    category = graphene.String(description="Of this category, as the source spells it.")


class UsageQuery:
    """Fields of ``Query``."""

    app = graphene.Field(
        App,
        key=graphene.ID(required=True, description="`namespace:identifier` of the app."),
        description="The app with an identifier; null where the graph has none.",
    )
    apps = graphene.Field(
        graphene.NonNull(AppConnection),
        filter=AppFilter(description="Which apps; all where absent."),
        **paging(),
        description="Apps by key.",
    )
    service = graphene.Field(
        Service,
        key=graphene.ID(required=True, description="Key of the service, such as video."),
        description="The service with a key; null where the graph has none.",
    )
    services = graphene.Field(
        graphene.NonNull(ServiceConnection), **paging(), description="Services by key."
    )

    resolve_app = named(read_apps)
    resolve_apps = paged("apps", app_page, count_apps, fields("category"))
    resolve_service = named(read_services)
    resolve_services = paged("services", service_page, count_services)
