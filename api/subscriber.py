"""Subscribers: the complete user view of one, and lists of those that a filter lets through."""

from collections.abc import Mapping
from typing import Any, cast

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.ahead import below, columns
from api.behaviour import BehaviourField
from api.care import CareFields
from api.churn import ChurnField
from api.community import CommunitiesField
from api.consent import ConsentsField
from api.context import context_of
from api.device import DeviceField
from api.enums import described, plain
from api.experience import SubscriberExperience
from api.habit import HabitsField
from api.influence import InfluenceField
from api.met import MetField
from api.package import PaymentConnection, SubscriptionConnection
from api.place import UsualPlace, VisitConnection
from api.preference import PreferencesField
from api.relay import (
    DEFAULT_PAGE_SIZE,
    Connection,
    Edge,
    Node,
    Page,
    edges_of,
    nodes_of,
    page,
    paging,
    spanning,
    window,
)
from api.resolvers import id_of, itself, key_of, listed, listed_of_subscriber, one_of_subscriber
from api.subscriber_status import SubscriberStatus
from api.tie import (
    ContactConnection,
    FriendConnection,
    TieKind,
    contact_columns,
    friend_columns,
)
from api.usage import UsageFields
from graph.database.session import Row
from graph.errors import BadInput, NotAnalysed
from graph.experience.falls import Fall, falls
from graph.experience.model import DEFAULT_VERSION, model_of
from graph.package import paid, paid_counts, subscribed, subscribed_counts
from graph.page import BOTTOM, END
from graph.place import home as read_home
from graph.place import visited, visited_counts
from graph.place import work as read_work
from graph.subscriber import (
    Direction,
    Filter,
    Order,
    count_subscribers,
    subscriber_behind,
    subscriber_page,
    subscribers,
)
from graph.tie.contacts import contact_counts, friend_counts, subscribers_with_contacts
from graph.tie.contacts import contacts as read_contacts
from graph.tie.contacts import friends as read_friends


class Gender(graphene.Enum):
    """Gender, as the source has it.", {"FEMALE": "Female."""

    class Meta:
        description = described(
            "Gender, as the source has it.", {"FEMALE": "Female.", "MALE": "Male."}
        )

    FEMALE = "female"
    MALE = "male"


class Demographics(graphene.ObjectType):
    """Who the subscriber is, as far as the sources say; null where unknown."""

    gender = graphene.Field(Gender, description="Gender.")
    birth_year = graphene.Int(description="Year of birth, such as 1980.")
    is_senior = graphene.Boolean(description="Whether of age 65 or more.")
    has_partner = graphene.Boolean(description="Whether living with a partner.")
    has_dependents = graphene.Boolean(description="Whether there are others to care for.")


class Traffic(graphene.ObjectType):
    """Calls and messages over all time; `out` is from the subscriber, `in` to it."""

    events = graphene.Int(required=True, description="Calls and messages both ways; at least 0.")
    contacts = graphene.Int(required=True, description="Distinct counterparts; at least 0.")
    calls_out = graphene.Int(required=True, description="Calls made, untaken ones included; >= 0.")
    calls_in = graphene.Int(required=True, description="Calls got, missed ones included; >= 0.")
    missed_out = graphene.Int(
        required=True, description="Calls made that nobody took; 0 to `callsOut`."
    )
    missed_in = graphene.Int(required=True, description="Calls missed; 0 to `callsIn`.")
    duration_out_s = graphene.BigInt(
        required=True, description="Talking time of calls made, in seconds; at least 0."
    )
    duration_in_s = graphene.BigInt(
        required=True, description="Talking time of calls got, in seconds; at least 0."
    )
    messages_out = graphene.Int(required=True, description="Text messages sent; at least 0.")
    messages_in = graphene.Int(required=True, description="Text messages received; at least 0.")
    active_days = graphene.Int(
        required=True, description="Days (UTC) with at least one event; at least 0."
    )
    first_at = graphene.DateTime(description="When the first event began, in UTC; null: none.")
    last_at = graphene.DateTime(description="When the last event began, in UTC; null: none.")
    located_events = graphene.Int(
        required=True, description="Events whose place is known; 0 to `events`."
    )
    unlocated_events = graphene.Int(
        required=True, description="Events whose place is unknown; 0 to `events`."
    )


class Subscriber(
    BehaviourField,
    SubscriberExperience,
    DeviceField,
    UsageFields,
    CareFields,
    MetField,
    InfluenceField,
    CommunitiesField,
    ChurnField,
    ConsentsField,
    PreferencesField,
    HabitsField,
    graphene.ObjectType,
):
    """Somebody who uses the network, known by a pseudonym."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(
        required=True,
        description="Pseudonym: 32 hexadecimal digits, which lead to no number without the key.",
    )
    namespace = graphene.String(
        description="Whose numbering the identity belongs to: the name of a source."
    )
    status = graphene.Field(SubscriberStatus, description="Whether they stay; null: unknown.")
    joined_on = graphene.Date(description="First day of the contract; null: unknown.")
    tenure_months = graphene.Int(description="Months since joining, 0 to 1500; null: unknown.")
    segment = graphene.String(description="The operator's own segment; null: unknown.")
    plan = graphene.String(description="The tariff plan; null: unknown.")
    demographics = graphene.Field(graphene.NonNull(Demographics), description="Who they are.")
    traffic = graphene.Field(graphene.NonNull(Traffic), description="What they did in all.")
    contacts = graphene.Field(
        graphene.NonNull(ContactConnection),
        **paging(),
        description="With whom they call and write, the most first, with both directed ties.",
    )
    friends = graphene.Field(
        graphene.NonNull(FriendConnection),
        kind=TieKind(description="Only by ties of this kind; by any where absent."),
        **paging(),
        description="Whom they know by a third party's statement, never themselves.",
    )
    places = graphene.Field(
        graphene.NonNull(VisitConnection),
        **paging(),
        description="Where their records were, the most first.",
    )
    home = graphene.Field(UsualPlace, description="Where they spend most nights; null: unknown.")
    work = graphene.Field(
        UsualPlace, description="Where they spend most working days, if not at home; null: unknown."
    )
    packages = graphene.Field(
        graphene.NonNull(SubscriptionConnection), **paging(), description="What they have."
    )
    payments = graphene.Field(
        graphene.NonNull(PaymentConnection),
        **spanning("what was paid"),
        **paging(),
        description="What they paid; undated payments last, and in no time.",
    )

    resolve_id = id_of("Subscriber", "subscriber_id")
    resolve_key = key_of("subscriber_id")

    resolve_demographics = itself
    resolve_traffic = itself
    resolve_contacts = listed(
        "contacts", read_contacts, contact_counts, "subscriber_id", ahead=contact_columns
    )
    resolve_friends = listed_of_subscriber(
        "friends", read_friends, friend_counts, "kind", ahead=friend_columns
    )
    resolve_places = listed_of_subscriber("visited", visited, visited_counts)
    resolve_home = one_of_subscriber(read_home)
    resolve_work = one_of_subscriber(read_work)
    resolve_packages = listed_of_subscriber("subscribed", subscribed, subscribed_counts)
    resolve_payments = listed_of_subscriber("paid", paid, paid_counts, "since", "until")


class SubscriberEdge(Edge, graphene.ObjectType):
    """A subscriber in a list of subscribers."""

    node = graphene.Field(graphene.NonNull(Subscriber), description="The subscriber.")


class SubscriberConnection(Connection, graphene.ObjectType):
    """Subscribers in the order that was asked for."""

    edges = edges_of(SubscriberEdge)
    nodes = nodes_of(Subscriber)


class ExperienceFall(graphene.ObjectType):
    """How much a subscriber's experience fell."""

    subscriber = graphene.Field(graphene.NonNull(Subscriber), description="Whose.")
    before = graphene.Float(
        required=True, description="CEI of the four weeks before the last one, 0 to 100."
    )
    now = graphene.Float(required=True, description="CEI of the last scored week, 0 to `before`.")
    drop = graphene.Float(required=True, description="Points that it fell by, above `margin`.")
    margin = graphene.Float(
        required=True,
        description="Half the width, in points, of an interval around `drop` that holds the true "
        "one 19 times of 20; above 0.",
    )
    rank = graphene.Float(
        required=True, description="`drop` times `value` times `influence`; at least 0."
    )
    value = graphene.Float(
        required=True,
        description="What the subscriber is charged a month for packages or, where that is not "
        "known, paid in the 30 days until the end of the last scored week, by the mean of all who "
        "fell, in each currency; 1 where neither is known.",
    )
    influence = graphene.Float(
        required=True,
        description="PageRank of `tiegraph analyse influence` by the mean of all who fell; where "
        "one has none, likewise the number of contacts.",
    )


class SubscriberFilter(graphene.InputObjectType):
    """Which subscribers are meant: those that meet every condition given."""

    namespace = graphene.String(description="Whose identity belongs to this numbering.")
    status = SubscriberStatus(description="Who have this status.")
    gender = Gender(description="Who have this gender.")
    has_calls = graphene.Boolean(
        description="With (or without) a call in either direction, missed ones included."
    )
    has_messages = graphene.Boolean(
        description="With (or without) a text message in either direction."
    )
    has_contacts = graphene.Boolean(description="With (or without) a counterpart.")
    has_friends = graphene.Boolean(
        description="With (or without) a friendship; one to oneself counts."
    )
    place = graphene.ID(
        description="Who were at this place or below it: an H3 index of resolution 5 to 9."
    )
    app = graphene.ID(description="Who used the app with this key.")
    service = graphene.ID(description="Who used the service with this key, such as video.")
    device = graphene.ID(description="Who were seen with the model of device with this key.")


class SubscriberOrderField(graphene.Enum):
    """What subscribers are ordered by; equals by key, in the same direction."""

    class Meta:
        description = described(
            "What subscribers are ordered by; equals by key, in the same direction.",
            {
                "KEY": "Pseudonym.",
                "CONTACTS": "Number of distinct counterparts.",
                "EVENTS": "Number of calls and messages in both directions.",
            },
        )

    KEY = "key"
    CONTACTS = "contacts"
    EVENTS = "events"


class OrderDirection(graphene.Enum):
    """Which end comes first."""

    class Meta:
        description = described(
            "Which end comes first.",
            {"ASC": "The smallest first.", "DESC": "The greatest first."},
        )

    ASC = "ascending"
    DESC = "descending"


class SubscriberOrder(graphene.InputObjectType):
    """In which order subscribers come."""

    field = SubscriberOrderField(required=True, description="What they are ordered by.")
    direction = OrderDirection(
        default_value=OrderDirection.ASC, description="Which end comes first."
    )


_REVERSE: dict[Direction, Direction] = {"ascending": "descending", "descending": "ascending"}


class SubscriberQuery:
    """Fields of ``Query``."""

    subscriber = graphene.Field(
        Subscriber,
        key=graphene.ID(description="Pseudonym."),
        identity=graphene.String(
            description="Raw number, such as an MSISDN; made a pseudonym on the server, never "
            "kept. By POST only; send it as a variable."
        ),
        namespace=graphene.String(
            description="Whose numbering the identity belongs to; needed where several know it."
        ),
        description="One subscriber, by exactly one of key and identity; null where unknown.",
    )
    subscribers = graphene.Field(
        graphene.NonNull(SubscriberConnection),
        filter=SubscriberFilter(description="Which subscribers; all where absent."),
        order_by=SubscriberOrder(description="In which order; by key where absent."),
        **paging(is_two_way=True),
        description="Subscribers that a filter lets through.",
    )

    proactive_care = graphene.List(
        graphene.NonNull(ExperienceFall),
        required=True,
        first=graphene.Int(
            required=True,
            default_value=DEFAULT_PAGE_SIZE,
            description="How many at most, 1 to `TIEGRAPH_MAX_PAGE_SIZE`.",
        ),
        model=graphene.String(
            required=True,
            default_value=DEFAULT_VERSION,
            description="Version of the model: one of `experienceModels`.",
        ),
        description="Whose experience of the last scored week is below that of the four weeks "
        "before by more than the margin, who have not left and have not asked for help since that "
        "week began; the greatest drop times value times influence first. None before "
        "`tiegraph analyse experience`.",
    )

    @staticmethod
    async def resolve_proactive_care(_root: None, info: Info, first: int, model: str) -> list[Fall]:
        context = context_of(info)
        size = window("proactive care", context.settings.max_page_size, first).size
        settings = context.settings
        meant = await run_sync(model_of, model, settings.models_folder)
        try:
            return await falls(context.reader, settings.experience_folder, meant, size)
        except NotAnalysed:
            return []

    @staticmethod
    async def resolve_subscriber(
        _root: None,
        info: Info,
        key: str | None = None,
        identity: str | None = None,
        namespace: str | None = None,
    ) -> Row | None:
        context = context_of(info)
        if (key is None) == (identity is None):
            raise BadInput("give exactly one of key and identity")
        if identity is not None:
            pseudonyms = context.services.key
            return await subscriber_behind(context.reader, pseudonyms, identity, namespace)
        if namespace is not None:
            raise BadInput("namespace belongs to identity, not to key")
        return await _by_key(info, cast(str, key))

    @staticmethod
    async def resolve_subscribers(
        _root: None,
        info: Info,
        filter: Mapping[str, Any] | None = None,
        order_by: Mapping[str, Any] | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Page:
        context = context_of(info)
        order, direction = _order(order_by)
        wanted = window(
            f"subscribers by {order} {direction}",
            context.settings.max_page_size,
            first,
            after,
            last,
            before,
        )
        if wanted.is_backward:
            direction = _REVERSE[direction]
        mark = wanted.mark or (BOTTOM if direction == "ascending" else END)
        who = Filter(**{name: plain(value) for name, value in (filter or {}).items()})
        rows = await subscriber_page(context.reader, who, order, direction, mark, wanted.size + 1)
        return page(wanted, rows, lambda: count_subscribers(context.reader, who))


async def _by_key(info: Info, key: str) -> Row | None:
    """Return a subscriber: where contacts are asked for, too, with them by one statement."""
    context = context_of(info)
    found: Row | None
    ahead = below(info, "contacts")
    try:
        wanted = window("contacts", context.settings.max_page_size, **ahead[1]) if ahead else None
    except BadInput:
        wanted = None  # the field says so itself
    if ahead is None or wanted is None:
        found = await context.dataloaders.by_key(subscribers, key)
    else:
        found = await context.dataloaders.with_page(
            subscribers_with_contacts,
            read_contacts,
            key,
            columns(info, ()),
            wanted,
            contact_columns(ahead[0]),
        )
    return found


def _order(order_by: Mapping[str, Any] | None) -> tuple[Order, Direction]:
    if order_by is None:
        return "key", "ascending"
    direction = order_by["direction"] or OrderDirection.ASC  # a null means the default
    return plain(order_by["field"]), plain(direction)
