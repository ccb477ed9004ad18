"""Packages that subscribers take, and what they paid."""

import graphene

from api.relay import (
    Connection,
    Edge,
    Node,
    edges_of,
    nodes_of,
    paging,
)
from api.resolvers import id_of, key_of, named, paged, read_for
from graph.package import count_packages, package_page, subscriber_counts
from graph.package import packages as read_packages

_CURRENCY = "Currency of the amount, ISO 4217, such as USD."


class Package(graphene.ObjectType):
    """Something that the operator sells for a monthly charge.

    One that nobody described has its key alone.
    """

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(required=True, description="`namespace:identifier` of the package.")
    namespace = graphene.String(description="Whose numbering the identifier belongs to.")
    name = graphene.String(description="What the operator calls it.")
    kind = graphene.String(description="What it is, such as voice, internet or contract.")
    price_minor = graphene.BigInt(
        description="Price a month in the currency's minor unit, such as cents; at least 0."
    )
    currency = graphene.String(description="Currency of the price, ISO 4217, such as USD.")
    allowance_bytes = graphene.BigInt(
        description="Data a month in bytes, at least 0; null: unknown or without limit."
    )
    allowance_s = graphene.Int(description="Calls a month in seconds, at least 0; null likewise.")
    allowance_messages = graphene.Int(
        description="Text messages a month, at least 0; null likewise."
    )
    subscribers = graphene.Int(
        required=True, description="How many subscribers take it; at least 0."
    )

    resolve_id = id_of("Package", "package_id")
    resolve_key = key_of("package_id")
    resolve_subscribers = read_for(subscriber_counts, "package_id", 0)


class PackageEdge(Edge, graphene.ObjectType):
    """A package in a list of packages."""

    node = graphene.Field(graphene.NonNull(Package), description="The package.")


class PackageConnection(Connection, graphene.ObjectType):
    """Packages by key."""

    edges = edges_of(PackageEdge)
    nodes = nodes_of(Package)


class SubscriptionEdge(Edge, graphene.ObjectType):
    """A package that the subscriber takes, and on which terms."""

    node = graphene.Field(graphene.NonNull(Package), description="The package.")
    since = graphene.Date(description="First day; null where unknown.")
    until = graphene.Date(
        description="First day without it; null while it goes on or where unknown."
    )
    monthly_charge_minor = graphene.BigInt(
        description="Charge a month in the currency's minor unit, such as cents; at least 0."
    )
    currency = graphene.String(description=_CURRENCY)


class SubscriptionConnection(Connection, graphene.ObjectType):
    """Packages that the subscriber takes, by key."""

    edges = edges_of(SubscriptionEdge)
    nodes = nodes_of(Package)


class Payment(graphene.ObjectType):
    """Something that a subscriber paid."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(required=True, description="Identifier of the payment.")
    amount_minor = graphene.BigInt(
        description="Amount in the currency's minor unit, such as cents; negative: refunded."
    )
    currency = graphene.String(description=_CURRENCY)
    paid_at = graphene.DateTime(description="When, in UTC; null where unknown.")
    channel = graphene.String(description="How, such as credit card, as the source has it.")
    kind = graphene.String(description="What for, such as charges or top-up.")

    resolve_id = id_of("Payment", "payment_id")
    resolve_key = key_of("payment_id")


class PaymentEdge(Edge, graphene.ObjectType):
    """A payment in a list of payments."""

    node = graphene.Field(graphene.NonNull(Payment), description="The payment.")


class PaymentConnection(Connection, graphene.ObjectType):
    """Payments, the latest first, undated ones last, equals by key."""

    edges = edges_of(PaymentEdge)
    nodes = nodes_of(Payment)


class PackageQuery:
    """Fields of ``Query``."""

    package = graphene.Field(
        Package,
        key=graphene.ID(required=True, description="`namespace:identifier` of the package."),
        description="The package with an identifier; null where the graph has none.",
    )
    packages = graphene.Field(
        graphene.NonNull(PackageConnection), **paging(), description="Packages by key."
    )

    resolve_package = named(read_packages)
    resolve_packages = paged("packages", package_page, count_packages)
