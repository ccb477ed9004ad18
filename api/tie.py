"""Ties between subscribers: contacts, friendships, and what they all add up to."""

from asyncio import gather
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import asdict
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.ahead import asks_for, columns
from api.context import context_of
from api.dataloaders import ReadByKey
from api.enums import described, plain
from api.relay import Connection, Edge, edges_of, nodes_of
from graph.database.projection import Projections
from graph.database.session import Database, Row
from graph.lists import Asked
from graph.place import home, places, work
from graph.projection import Projection
from graph.reader import Reader
from graph.tie.contacts import (
    contact_subscribers,
    contacts_total,
    friend_subscribers,
    friendships_total,
    kept_totals,
)
from graph.tie.relation import Relation, Shared, hints, relations
from graph.totals import ContactsTotal, FriendshipsTotal, Totals

_Pair = tuple[str, str]

_SUBSCRIBER = "api.subscriber.Subscriber"  # by name, because subscribers have ties
_NAMESPACE = "Only within this namespace, by the caller's; all where absent."


class Tie(graphene.ObjectType):
    """All calls and messages from one subscriber to another."""

    events = graphene.Int(required=True, description="Calls and messages, at least 1.")
    calls = graphene.Int(required=True, description="Call attempts, missed ones included; >= 0.")
    missed = graphene.Int(required=True, description="Calls that nobody took; 0 to `calls`.")
    messages = graphene.Int(required=True, description="Text messages; at least 0.")
    duration_s = graphene.BigInt(required=True, description="Talking time in seconds; >= 0.")
    active_days = graphene.Int(
        required=True, description="Days (UTC) with at least one event; at least 1."
    )
    first_at = graphene.DateTime(description="When the first event began, in UTC.")
    last_at = graphene.DateTime(description="When the last event began, in UTC.")


class TieKind(graphene.Enum):
    """What kind of tie a third party states."""

    class Meta:
        description = described(
            "What kind of tie a third party states.",
            {
                "FRIENDSHIP": "They are friends.",
                "FAMILY": "They are of one family.",
                "COLLEAGUE": "They work together.",
            },
        )

    FRIENDSHIP = "friendship"
    FAMILY = "family"
    COLLEAGUE = "colleague"


class TieStrength(graphene.ObjectType):
    """How strong a directed tie is, and of what that is made: docs/social.md."""

    strength = graphene.Float(
        required=True, description="Recency by the weighted mean of the others; above 0 to 1."
    )
    frequency = graphene.Float(
        required=True, description="By calls and messages, 0 to 1; 0.5 with ten."
    )
    duration = graphene.Float(
        required=True, description="By talking time, 0 to 1; 0.5 with ten minutes."
    )
    regularity = graphene.Float(
        required=True, description="By days with an event, 0 to 1; 0.5 with one day a week."
    )
    reciprocity = graphene.Float(
        required=True, description="The fewer events of both directions by the more, 0 to 1."
    )
    recency = graphene.Float(
        required=True,
        description="What the last event still counts, above 0 to 1: half after 60 days, counted "
        "to the last event in the graph.",
    )


class RelationKind(graphene.Enum):
    """What two subscribers may be to each other."""

    class Meta:
        description = described(
            "What two subscribers may be to each other.",
            {
                "HOUSEHOLD": "They live at the same place and talk mostly outside office hours.",
                "COLLEAGUE": "They work at the same place, live at different ones and talk mostly "
                "in office hours, or a third party says so.",
            },
        )

    HOUSEHOLD = "household"
    COLLEAGUE = "colleague"


class RelationHint(graphene.ObjectType):
    """What two subscribers may be to each other, and by what: a hint, no fact."""

    kind = graphene.Field(graphene.NonNull(RelationKind), description="What they may be.")
    place = graphene.Field(
        "api.place.Place", description="The home or workplace that they share, if any."
    )
    share = graphene.Float(
        description="Part of their calls and messages, 0 to 1, outside office hours (household) or "
        "in them (colleague); null before `tiegraph analyse ties`."
    )
    is_stated = graphene.Boolean(required=True, description="Whether a third party says so.")

    @staticmethod
    async def resolve_place(hint: Row, info: Info) -> Row | None:
        h3 = hint["place"]
        found: Row | None = await context_of(info).dataloaders.by_key(places, h3) if h3 else None
        return found


class ContactRelation(graphene.ObjectType):
    """What two who are in contact are to each other."""

    outgoing = graphene.Field(TieStrength, description="Of the tie to the counterpart.")
    incoming = graphene.Field(TieStrength, description="Of the tie from the counterpart.")
    overlap = graphene.Float(
        required=True,
        description="Part of all contacts of either, each other left out, that both have; 0 to 1.",
    )
    hints = graphene.List(
        graphene.NonNull(RelationHint),
        required=True,
        description="What they may be to each other; none where nothing hints at it.",
    )

    @staticmethod
    async def resolve_hints(found: Row, info: Info) -> list[Row]:
        one, other = found["pair"]
        both = await gather(*(_shared(info, ask, one, other) for ask in (home, work)))
        timed: Projection | None = await _ties(info, _timed, "all")
        told = hints(Shared(*both), found["kinds"], timed, one, other)
        return [asdict(hint) for hint in told]


async def _shared(info: Info, ask: Callable[[str], Asked], one: str, other: str) -> str | None:
    """Return where two both live, or both work."""
    listed = context_of(info).dataloaders.listed
    first, second = await gather(listed(ask(one)), listed(ask(other)))
    found = {str(usual["node"]["h3"]) for usual in (*first, *second)}
    return found.pop() if first and second and len(found) == 1 else None


def _ties(info: Info, read: ReadByKey, key: Hashable) -> Awaitable[Any]:
    """Return what is read for a key of the ties as arrays, which many edges share."""
    context, services = context_of(info), context_of(info).services
    return context.dataloaders.by_key(
        read, key, projections=services.projections, database=services.database
    )


async def _relations(
    _reader: Reader, pairs: Sequence[_Pair], *, projections: Projections, database: Database
) -> dict[_Pair, Relation]:
    """Return what pairs are to each other; one that has come this very moment is left out."""
    return await run_sync(relations, await projections.now(database), pairs)


async def _timed(
    _reader: Reader, keys: Sequence[str], *, projections: Projections, database: Database
) -> dict[str, Projection | None]:
    return dict.fromkeys(keys, await projections.timed(database))


class ContactEdge(Edge, graphene.ObjectType):
    """A counterpart and the ties with them."""

    node = graphene.Field(graphene.NonNull(_SUBSCRIBER), description="The counterpart.")
    outgoing = graphene.Field(Tie, description="To the counterpart; null where there was nothing.")
    incoming = graphene.Field(Tie, description="From the counterpart; null likewise.")
    events = graphene.Int(
        required=True, description="Calls and messages in both directions, at least 1."
    )
    is_friend = graphene.Boolean(
        required=True, description="Whether a third party states that they know each other."
    )
    relation = graphene.Field(
        ContactRelation,
        description="How strong their ties are, and what they may be to each other; null: one of "
        "them has come this very moment.",
    )

    @staticmethod
    async def resolve_relation(edge: Row, info: Info) -> Row | None:
        pair = edge["parent"], edge["key"]
        found: Relation | None = await _ties(info, _relations, pair)
        return vars(found) | {"pair": pair, "kinds": edge["kinds"]} if found else None

    @staticmethod
    def resolve_is_friend(edge: Row, _info: Info) -> bool:
        return bool(edge["kinds"])

    @staticmethod
    def resolve_events(edge: Row, _info: Info) -> int:
        return int(edge["rank"])


class ContactConnection(Connection, graphene.ObjectType):
    """Counterparts, the most calls and messages first, equals by key."""

    edges = edges_of(ContactEdge)
    nodes = nodes_of(_SUBSCRIBER)


def contact_columns(info: Info) -> dict[str, Hashable]:
    """Return what ``contacts`` of ``graph.tie.contacts`` must read for an answer."""
    return {
        "node_columns": columns(info, ("edges", "node"), ("nodes",)),
        "tie_columns": columns(info, ("edges", "outgoing"), ("edges", "incoming")),
        "with_knows": asks_for(info, ("edges",), {"isFriend", "relation"}),
    }


def friend_columns(info: Info) -> dict[str, Hashable]:
    """Return what ``friends`` of ``graph.tie.contacts`` must read for an answer."""
    return {"node_columns": columns(info, ("edges", "node"), ("nodes",))}


class FriendEdge(Edge, graphene.ObjectType):
    """Somebody whom a third party states to be known."""

    node = graphene.Field(graphene.NonNull(_SUBSCRIBER), description="The friend.")
    sources = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Namespaces of the sources that state it; at least one.",
    )
    kinds = graphene.List(
        graphene.NonNull(TieKind),
        required=True,
        description="The kinds of the ties between them, each once; at least one.",
    )


class FriendConnection(Connection, graphene.ObjectType):
    """Friends by key, never the subscriber itself."""

    edges = edges_of(FriendEdge)
    nodes = nodes_of(_SUBSCRIBER)


class Channel(graphene.Enum):
    """A way to be in contact."""

    class Meta:
        description = described(
            "A way to be in contact.",
            {
                "CALL": "At least one call attempt, missed ones included.",
                "MESSAGE": "At least one text message.",
                "ANY": "Either.",
            },
        )

    CALL = "call"
    MESSAGE = "message"
    ANY = "any"


class ContactsAggregate(graphene.ObjectType):
    """What all ties of a channel add up to; all their events count."""

    directed_pairs = graphene.Int(
        required=True, description="Ordered pairs of whom the first called or wrote; >= 0."
    )
    mutual_pairs = graphene.Int(
        required=True, description="Those whose reverse is there too; 0 to `directedPairs`."
    )
    reciprocity = graphene.Float(
        required=True,
        description="`mutualPairs` by `directedPairs`, from 0 to 1; 0 where there are no pairs.",
    )
    subscribers = graphene.Int(
        required=True, description="Subscribers with such a tie in either direction; >= 0."
    )
    events = graphene.BigInt(required=True, description="Calls and messages; at least 0.")
    calls = graphene.BigInt(required=True, description="Call attempts; at least 0.")
    missed = graphene.BigInt(required=True, description="Missed calls; 0 to `calls`.")
    messages = graphene.BigInt(required=True, description="Text messages; at least 0.")
    duration_s = graphene.BigInt(required=True, description="Talking time in seconds; >= 0.")

    @staticmethod
    def resolve_reciprocity(parent: Row, _info: Info) -> float:
        pairs: int = parent["directed_pairs"]
        return int(parent["mutual_pairs"]) / pairs if pairs else 0.0

    @staticmethod
    async def resolve_subscribers(parent: Row, info: Info) -> int:
        if "subscribers" in parent:
            return int(parent["subscribers"])
        reader = context_of(info).reader
        return await contact_subscribers(reader, parent["channel"], parent["namespace"])


class FriendshipsAggregate(graphene.ObjectType):
    """What all ties that third parties state add up to."""

    pairs = graphene.Int(
        required=True, description="Pairs that know each other, `toOneself` included; >= 0."
    )
    to_oneself = graphene.Int(
        required=True,
        description="Pairs of one subscriber and itself, as some sources have them; 0 to `pairs`.",
    )
    subscribers = graphene.Int(
        required=True, description="Subscribers in at least one such tie; at least 0."
    )

    @staticmethod
    async def resolve_subscribers(parent: Row, info: Info) -> int:
        if "subscribers" in parent:
            return int(parent["subscribers"])
        reader = context_of(info).reader
        return await friend_subscribers(reader, parent["namespace"], parent["kind"])


class TieQuery:
    """Fields of ``Query``."""

    contacts_aggregate = graphene.Field(
        graphene.NonNull(ContactsAggregate),
        channel=Channel(
            default_value=Channel.ANY, description="Which ties count; any where absent."
        ),
        namespace=graphene.String(description=_NAMESPACE),
        description="What all ties of a channel add up to.",
    )
    friendships_aggregate = graphene.Field(
        graphene.NonNull(FriendshipsAggregate),
        kind=TieKind(description="Only ties of this kind; all where absent."),
        namespace=graphene.String(description=_NAMESPACE),
        description="What all ties that third parties state add up to.",
    )

    @staticmethod
    async def resolve_contacts_aggregate(
        _root: None, info: Info, channel: Any, namespace: str | None = None
    ) -> Row:
        name = plain(channel)
        if kept := await _kept(info, namespace):
            found: ContactsTotal = getattr(kept.contacts, name)
            return found.model_dump()
        total = await contacts_total(context_of(info).reader, name, namespace)
        return total | {"channel": name, "namespace": namespace}

    @staticmethod
    async def resolve_friendships_aggregate(
        _root: None, info: Info, kind: Any = None, namespace: str | None = None
    ) -> Row:
        name = plain(kind)
        if kept := await _kept(info, namespace):
            found: FriendshipsTotal = getattr(kept.friendships, name or "any")
            return found.model_dump()
        total = await friendships_total(context_of(info).reader, namespace, name)
        return total | {"namespace": namespace, "kind": name}


async def _kept(info: Info, namespace: str | None) -> Totals | None:
    """Return the totals that the last load left, where they answer the question."""
    if namespace is not None:
        return None
    context = context_of(info)
    return await kept_totals(context.reader, context.services.ledger)
