"""Problems: what fell, whose fault it is, who mends it and whether it is mended."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.dataloaders import ReadByKey
from api.enums import described, plain
from api.relay import (
    Connection,
    Edge,
    Node,
    edges_of,
    nodes_of,
    paging,
    typed,
)
from api.resolvers import id_of, key_of, listed, named, paged, read_for
from graph.database.session import Row
from graph.device import devices
from graph.page import TOP
from graph.place import cells, places, sites
from graph.problem.delimit import KpiFall
from graph.problem.states import WATCHED, Action
from graph.problem.store import (
    Wanted,
    act,
    count_problems,
    kpis_of,
    problem_page,
    struck_counts,
)
from graph.problem.store import history as read_history
from graph.problem.store import problems as read_problems
from graph.problem.store import struck as read_struck
from graph.span import span
from graph.subscriber import subscribers
from graph.usage import apps, services

_ENTITIES: Mapping[str, tuple[str, ReadByKey]] = {
    "cell": ("Cell", cells),
    "site": ("Site", sites),
    "place": ("Place", places),
    "device": ("Device", devices),
    "app": ("App", apps),
    "service": ("Service", services),
    "subscriber": ("Subscriber", subscribers),
}
_SUBSCRIBER = "api.subscriber.Subscriber"  # by name, because it knows of everything


class ProblemState(graphene.Enum):
    """How far a problem has come."""

    class Meta:
        description = described(
            "How far a problem has come.",
            {
                "OPEN": "Nobody has looked at it yet.",
                "ACKNOWLEDGED": "Somebody has seen it.",
                "IN_PROGRESS": "Somebody works on it.",
                "RESOLVED": "Somebody says it is mended.",
                "VERIFYING": "The fall has stopped; whether the score has recovered is not shown.",
                "CLOSED": "The score has recovered.",
                "DISMISSED": "It is nobody's business.",
            },
        )

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    VERIFYING = "verifying"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class ProblemDomain(graphene.Enum):
    """Which part of the operator's world is at fault."""

    class Meta:
        description = described(
            "Which part of the operator's world is at fault.",
            {
                "DEVICE": "A model of device.",
                "RADIO": "The radio of cells.",
                "TRANSPORT": "The line behind a site.",
                "CORE": "The core network.",
                "SERVICE_PROVIDER": "Whoever runs the app or service.",
            },
        )

    DEVICE = "device"
    RADIO = "radio"
    TRANSPORT = "transport"
    CORE = "core"
    SERVICE_PROVIDER = "service_provider"


class ProblemKind(graphene.Enum):
    """What fell."""

    class Meta:
        description = described(
            "What fell.",
            {
                "CELL": "A cell.",
                "SITE": "A site as a whole.",
                "PLACE": "A place as a whole.",
                "DEVICE": "A model of device.",
                "APP": "An app.",
                "SERVICE": "A service with all its apps.",
                "NETWORK": "Everything.",
                "SUBSCRIBER": "One subscriber alone.",
            },
        )

    CELL = "cell"
    SITE = "site"
    PLACE = "place"
    DEVICE = "device"
    APP = "app"
    SERVICE = "service"
    NETWORK = "network"
    SUBSCRIBER = "subscriber"


class ProblemSeverity(graphene.Enum):
    """How bad it is."""

    class Meta:
        description = described(
            "How bad it is.",
            {
                "MINOR": "Less than 8 points; due within 72 hours.",
                "MAJOR": "8 points and more; due within 24 hours.",
                "CRITICAL": "20 points and more, or a whole service; due within 4 hours.",
            },
        )

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class AffectedState(graphene.Enum):
    """Whether somebody whom a problem affected is as before."""

    class Meta:
        description = described(
            "Whether somebody whom a problem affected is as before, by their own score.",
            {
                "RECOVERED": "It is shown to be what it was.",
                "FALLEN": "It is shown to be less than it was.",
                "UNDECIDED": "There are too few samples to tell.",
                "AWAITED": "There has been no sample since the problem's last bad day.",
            },
        )

    RECOVERED = "recovered"
    FALLEN = "fallen"
    UNDECIDED = "undecided"
    AWAITED = "awaited"


class AffectedEdge(Edge, graphene.ObjectType):
    """A subscriber whom a problem affected."""

    node = graphene.Field(graphene.NonNull(_SUBSCRIBER), description="The subscriber.")
    samples = graphene.Int(
        required=True, description="Their samples that the problem struck; at least 1."
    )
    fall = graphene.Float(
        required=True, description="Mean fall of these, in points of the score; 0 to 100."
    )
    state = graphene.Field(
        graphene.NonNull(AffectedState), description="Whether they are as before."
    )

    @staticmethod
    def resolve_fall(edge: Row, _info: Info) -> float:
        return float(edge["lost"] / edge["samples"])


class AffectedConnection(Connection, graphene.ObjectType):
    """Affected subscribers, those who lost most first, equals by key."""

    edges = edges_of(AffectedEdge)
    nodes = nodes_of(_SUBSCRIBER)


class ProblemKpi(graphene.ObjectType):
    """What one KPI of the samples has to do with the fall."""

    name = graphene.String(required=True, description="Name of the KPI.")
    worth = graphene.Float(required=True, description="What it was worth on average; 0 to 1.")
    expected_worth = graphene.Float(
        required=True, description="What it is worth where nothing is wrong; 0 to 1."
    )
    fall = graphene.Float(required=True, description="By how much it fell; -1 to 1.")
    points = graphene.Float(
        required=True, description="What a mean sample lost by it, in points of the score."
    )


class ProblemEvent(graphene.ObjectType):
    """What happened to a problem, when and by whom."""

    at = graphene.DateTime(required=True, description="When, in UTC.")
    by = graphene.String(required=True, description="Who: a token's subject, or `tiegraph`.")
    action = graphene.String(
        required=True,
        description="What was done: open, acknowledge, assign, comment, resolve, dismiss, verify, "
        "close or reopen.",
    )
    from_state = graphene.Field(ProblemState, description="State before; null: there was none.")
    to_state = graphene.Field(graphene.NonNull(ProblemState), description="State after.")
    note = graphene.String(description="A comment, the assignee, or the reason.")


class Problem(graphene.ObjectType):
    """What ails an entity, from the fall that opened it until its score has recovered."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(required=True, description="Identifier of the problem.")
    state = graphene.Field(graphene.NonNull(ProblemState), description="How far it has come.")
    domain = graphene.Field(graphene.NonNull(ProblemDomain), description="Who is at fault.")
    is_supported = graphene.Boolean(
        required=True, description="Whether the KPIs that fell speak for that domain."
    )
    department = graphene.String(required=True, description="Department that owns it.")
    severity = graphene.Field(graphene.NonNull(ProblemSeverity), description="How bad it is.")
    kind = graphene.Field(graphene.NonNull(ProblemKind), description="What fell.")
    target = graphene.String(required=True, description="Key of what fell; `all`: the network.")
    affects = graphene.Field(
        Node, description="What fell; null for the network, or where the graph has no such node."
    )
    opened_at = graphene.DateTime(
        required=True, description="When it was opened, or opened again, in UTC."
    )
    due_at = graphene.DateTime(required=True, description="When it is to be resolved by, in UTC.")
    is_overdue = graphene.Boolean(
        required=True, description="Whether that has passed and nobody has resolved it."
    )
    began_on = graphene.Date(required=True, description="First day of the fall, UTC.")
    last_seen_on = graphene.Date(required=True, description="Last day of the fall so far, UTC.")
    fall = graphene.Float(
        required=True, description="Mean fall on its worst day, in points of the score; 0 to 100."
    )
    samples = graphene.Int(required=True, description="Samples of that day; at least 1.")
    chance = graphene.Float(
        required=True,
        description="How likely any entity of those looked at falls so by chance; 0 to 1.",
    )
    is_by_hours = graphene.Boolean(
        required=True, description="Whether it is a matter of some hours of the day."
    )
    first_hour = graphene.Int(
        required=True, description="First hour of the day in which it falls, UTC; 0 to 23."
    )
    last_hour = graphene.Int(
        required=True, description="Hour of the day before which it stops, UTC; 1 to 24."
    )
    kpis = graphene.List(
        graphene.NonNull(ProblemKpi), required=True, description="The KPIs, the deepest fall first."
    )
    assignee = graphene.String(description="Who works on it; null: nobody yet.")
    verified_at = graphene.DateTime(
        description="When the score was shown to have recovered, in UTC; null: it was not."
    )
    affected_count = graphene.Int(
        required=True,
        description="How many subscribers lost by it, on the day with most of them; at least 0.",
    )
    recovered_count = graphene.Int(
        required=True,
        description="How many `affectedSubscribers` are shown to be as before, each by all their "
        "own samples since its last bad day; at least 0.",
    )
    awaited_count = graphene.Int(
        required=True,
        description="How many `affectedSubscribers` have had no sample since its last bad day; "
        "at least 0.",
    )
    affected_subscribers = graphene.Field(
        graphene.NonNull(AffectedConnection),
        **paging(),
        description="Who lost by it: of more than 1000 those who lost most.",
    )
    reopened = graphene.Int(required=True, description="How often it was opened again.")
    revision = graphene.Int(required=True, description="Grows with every change; at least 1.")
    history = graphene.List(
        graphene.NonNull(ProblemEvent), required=True, description="What happened to it, in order."
    )

    resolve_id = id_of("Problem", "problem_id")
    resolve_key = key_of("problem_id")
    resolve_history = read_for(read_history, "problem_id", ())
    resolve_affected_subscribers = listed("affected", read_struck, struck_counts, "problem_id")

    @staticmethod
    def resolve_affected_count(problem: Row, _info: Info) -> int:
        return int(problem.get("struck") or 0)  # an earlier version kept no count

    @staticmethod
    def resolve_recovered_count(problem: Row, _info: Info) -> int:
        return int(problem.get("recovered") or 0)

    @staticmethod
    def resolve_awaited_count(problem: Row, _info: Info) -> int:
        return int(problem.get("awaited") or 0)

    @staticmethod
    async def resolve_affects(problem: Row, info: Info) -> Row | None:
        node_type, read = _ENTITIES.get(problem["kind"], ("", None))
        if read is None:
            return None
        row = await context_of(info).dataloaders.by_key(read, problem["target"])
        return typed(row, node_type) if row else None

    @staticmethod
    def resolve_is_overdue(problem: Row, _info: Info) -> bool:
        is_late = bool(problem["due_at"] < datetime.now(UTC))
        return is_late and problem["state"] in WATCHED[:3]

    @staticmethod
    def resolve_kpis(problem: Row, _info: Info) -> tuple[KpiFall, ...]:
        return kpis_of(problem)


class ProblemEdge(Edge, graphene.ObjectType):
    """A problem in a list of problems."""

    node = graphene.Field(graphene.NonNull(Problem), description="The problem.")


class ProblemConnection(Connection, graphene.ObjectType):
    """Problems, the latest opened first."""

    edges = edges_of(ProblemEdge)
    nodes = nodes_of(Problem)


class ProblemFilter(graphene.InputObjectType):
    """Which problems are meant: those that meet every condition given."""

    states = graphene.List(graphene.NonNull(ProblemState), description="In one of these states.")
    domain = graphene.Field(ProblemDomain, description="Of this domain.")
    severity = graphene.Field(ProblemSeverity, description="So bad.")
    kind = graphene.Field(ProblemKind, description="Of this kind of entity.")
    target = graphene.String(description="Of the entity with this key.")
    department = graphene.String(description="Owned by this department.")
    assignee = graphene.String(description="Worked on by them.")
    since = graphene.DateTime(description="Opened from this instant on.")
    until = graphene.DateTime(description="Opened before this instant.")


def wanted_of(filter: Mapping[str, Any]) -> tuple[Wanted]:
    """Return which problems a `ProblemFilter` means, as arguments for readers."""
    states = filter.get("states")
    others = {
        name: plain(value)
        for name, value in filter.items()
        if name not in ("states", "since", "until")
    }
    wanted = Wanted([plain(state) for state in states] if states is not None else None, **others)
    since, until = span(filter.get("since"), filter.get("until")).values()
    return (replace(wanted, since=since, until=until),)


class ProblemQuery:
    """Fields of ``Query``."""

    problem = graphene.Field(
        Problem,
        key=graphene.ID(required=True, description="Identifier of the problem."),
        description="The problem with a key; null where there is none.",
    )
    problems = graphene.Field(
        graphene.NonNull(ProblemConnection),
        filter=ProblemFilter(description="Which problems; all where absent."),
        **paging(),
        description="Problems, the latest opened first.",
    )

    resolve_problem = named(read_problems)
    resolve_problems = paged("problems", problem_page, count_problems, wanted_of, TOP)


def _doing(action: Action, note: str | None = None) -> Callable[..., Awaitable[Row]]:
    """Return what does something about a problem, told a note by an argument."""

    async def resolve(
        _root: None, info: Info, key: str, revision: int | None = None, **given: str
    ) -> Row:
        context = context_of(info)
        text = given.get(note) if note else None
        return await act(
            context.services.database, key, action, context.viewer.subject, text, revision
        )

    return resolve


def _done(description: str, **arguments: Any) -> graphene.Field:
    return graphene.Field(
        graphene.NonNull(Problem),
        key=graphene.ID(required=True, description="Identifier of the problem."),
        **arguments,
        revision=graphene.Int(
            description="The problem's `revision` as it was seen: refused if it has changed since."
        ),
        description=description,
    )


_REASON = graphene.String(description="Why, in up to 2000 characters.")


class ProblemMutation:
    """Fields of ``Mutation``."""

    acknowledge_problem = _done("Says that an open problem has been seen.")
    assign_problem = _done(
        "Gives a problem to somebody, who works on it from now on.",
        assignee=graphene.String(required=True, description="Who; not a subscriber."),
    )
    comment_problem = _done(
        "Adds to a problem's history.",
        text=graphene.String(required=True, description="What, in up to 2000 characters."),
    )
    resolve_problem = _done(
        "Says that a problem is mended: only its score closes it.", reason=_REASON
    )
    dismiss_problem = _done("Says that a problem is nobody's business.", reason=_REASON)

    resolve_acknowledge_problem = _doing("acknowledge")
    resolve_assign_problem = _doing("assign", "assignee")
    resolve_comment_problem = _doing("comment", "text")
    resolve_resolve_problem = _doing("resolve", "reason")
    resolve_dismiss_problem = _doing("dismiss", "reason")
