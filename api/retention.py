"""Whom to keep within a budget, so that the least is lost."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import graphene
import numpy as np
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, context_of
from api.relay import Connection, Edge, Page, edges_of, nodes_of, page, paging, window
from graph.consent.book import ConsentBook
from graph.database.session import Row
from graph.errors import BadInput, NotFound
from graph.influence.maximisation.cascade import Estimate
from graph.influence.maximisation.reverse import Flags
from graph.page import BOTTOM
from graph.place import places
from graph.retention.choice import Choice, Spending, choose
from graph.retention.outlook import Assumptions, Outlook
from graph.retention.people import living_in
from graph.subscriber import subscribers

_SUBSCRIBER = "api.subscriber.Subscriber"  # by name, as churn has it
_MOST_COSTS = 10_000
_MOST_TAKEN = 10
# Consent to be contacted is given to the operator as to a partner of this name.
_OPERATOR, _PURPOSE, _ITEM = "operator", "dpv:DirectMarketing", "contact"


class RetentionEstimate(graphene.ObjectType):
    """A mean over worlds drawn at random, with the 95 % interval of the true one."""

    value = graphene.Float(required=True, description="The mean.")
    low = graphene.Float(required=True, description="Where the interval begins.")
    high = graphene.Float(required=True, description="Where the interval ends.")


class RetentionTaken(graphene.ObjectType):
    """A contact whom somebody who leaves would take along."""

    subscriber = graphene.Field(_SUBSCRIBER, description="The contact.")
    probability = graphene.Float(
        required=True, description="Probability that the contact follows, 0 to 1."
    )
    loss = graphene.Float(
        required=True,
        description="Expected loss with the contact, and beyond, through this tie and not "
        "otherwise; in the unit of the values.",
    )

    @staticmethod
    async def resolve_subscriber(taken: Row, info: Info) -> Row | None:
        found: Row | None = await context_of(info).dataloaders.by_key(subscribers, taken["key"])
        return found


class RetentionReason(graphene.ObjectType):
    """Why keeping somebody averts a loss."""

    leaves = graphene.Float(
        required=True,
        description="Probability that they leave, of their own accord or with others, 0 to 1.",
    )
    own_loss = graphene.Float(
        required=True, description="Expected loss with themselves: that by their value."
    )
    taken_loss = graphene.Float(
        required=True, description="Expected loss with all whom they would take along."
    )
    taken = graphene.List(
        graphene.NonNull(RetentionTaken),
        required=True,
        description="Contacts whom they would take along, the largest loss first, at most ten.",
    )


class RetentionTargetEdge(Edge, graphene.ObjectType):
    """A subscriber to keep."""

    node = graphene.Field(graphene.NonNull(_SUBSCRIBER), description="The subscriber.")
    rank = graphene.Int(required=True, description="Place in the list, from 1.")
    cost = graphene.Float(required=True, description="What keeping them costs; above 0.")
    risk = graphene.Float(
        required=True, description="Probability that they leave of their own accord, 0 to 1."
    )
    value = graphene.Float(
        required=True, description="What they are charged a month, in minor units; at least 0."
    )
    averts = graphene.Float(
        required=True, description="Expected loss that keeping them alone averts; at least 0."
    )
    reason = graphene.Field(graphene.NonNull(RetentionReason), description="What that is made of.")


class RetentionTargetConnection(Connection, graphene.ObjectType):
    """Subscribers to keep, the most averted for its cost first."""

    edges = edges_of(RetentionTargetEdge)
    nodes = nodes_of(_SUBSCRIBER)


class RetentionTargets(graphene.ObjectType):
    """Whom to keep within a budget, and what that is worth."""

    currency = graphene.String(
        description="Of values; null: nobody's charge is known, so that each subscriber counts 1."
    )
    horizon_days = graphene.Int(
        required=True, description="Within how many days somebody leaves; the churn model's."
    )
    model = graphene.String(required=True, description="Version of the churn model.")
    contagion = graphene.Float(
        required=True,
        description="Cumulative hazard of leaving, 0 to 10, that one bears when all contacts left.",
    )
    is_contagion_measured = graphene.Boolean(
        required=True, description="Whether that was measured; false: it is taken for granted."
    )
    eligible = graphene.Int(
        required=True, description="Subscribers who could leave and may be chosen; at least 0."
    )
    spent = graphene.Float(
        required=True, description="What keeping all targets costs; 0 to the budget."
    )
    at_stake = graphene.Field(
        graphene.NonNull(RetentionEstimate), description="Expected loss if nobody is kept."
    )
    averted = graphene.Field(
        graphene.NonNull(RetentionEstimate),
        description="Expected loss that keeping all targets averts.",
    )
    most = graphene.Float(
        required=True,
        description="More than any choice within the budget averts, with probability 0.99.",
    )
    certificate = graphene.Float(
        required=True,
        description="The part, 0 to 1, of the most that can be averted which the targets avert at "
        "least, with probability 0.99, in this model.",
    )
    targets = graphene.Field(
        graphene.NonNull(RetentionTargetConnection), **paging(), description="The targets."
    )

    @staticmethod
    async def resolve_targets(
        answer: Row, info: Info, first: int | None = None, after: str | None = None
    ) -> Page:
        context, choice = context_of(info), answer["choice"]
        wanted = window("retention targets", context.settings.max_page_size, first, after)
        rows = await run_sync(_rows, choice, (wanted.mark or BOTTOM).rank, wanted.size + 1)
        found = await subscribers(context.reader, [row["key"] for row in rows])
        told = [row | {"node": found[row["key"]]} for row in rows if row["key"] in found]

        async def count() -> int:
            return len(choice.targets.chosen)

        return page(wanted, told, count)


class RetentionCost(graphene.InputObjectType):
    """What keeping one subscriber costs."""

    key = graphene.ID(required=True, description="Key of the subscriber.")
    cost = graphene.Float(required=True, description="Above 0.")


class RetentionFilter(graphene.InputObjectType):
    """Who may be chosen: those who meet every condition given."""

    segments = graphene.List(
        graphene.NonNull(graphene.String), description="Who are of one of these segments."
    )
    place = graphene.ID(description="Who live in the place with this H3 index.")
    consents_to_contact = graphene.Boolean(
        description="True: who consented to be contacted by `operator` for `dpv:DirectMarketing`."
    )
    keys = graphene.List(
        graphene.NonNull(graphene.ID), description="Who have one of these keys, at most 10,000."
    )


class RetentionQuery:
    """Fields of ``Query``."""

    retention_targets = graphene.Field(
        graphene.NonNull(RetentionTargets),
        budget=graphene.Float(
            required=True,
            description="What may be spent in all, at least 0, in the unit of the costs; with the "
            "usual cost of 1, how many to keep.",
        ),
        cost=graphene.Float(default_value=1.0, description="What keeping each costs; above 0."),
        cost_of_value=graphene.Float(
            default_value=0.0,
            description="What it costs besides, as a part of each one's value; at least 0.",
        ),
        costs=graphene.List(
            graphene.NonNull(RetentionCost),
            description="What keeping these costs instead; at most 10,000.",
        ),
        filter=RetentionFilter(description="Who may be chosen; all who could leave where absent."),
        contagion=graphene.Float(
            description="Cumulative hazard of leaving, 0 to 10, that one bears when all contacts "
            "left; as measured where absent, or 0.5 where it was not."
        ),
        success=graphene.Float(
            default_value=1.0,
            description="Probability, 0 to 1, that somebody who is asked to stay does.",
        ),
        currency=graphene.String(
            description="In which charges count; needed where they are in several."
        ),
        description="Whom to keep within a budget, so that the least is lost with those who leave "
        "and with whom they would take along; needs `tiegraph analyse churn`.",
    )

    @staticmethod
    async def resolve_retention_targets(
        _root: None,
        info: Info,
        budget: float,
        cost: float,
        cost_of_value: float,
        success: float,
        costs: Sequence[Mapping[str, Any]] | None = None,
        filter: Mapping[str, Any] | None = None,
        contagion: float | None = None,
        currency: str | None = None,
    ) -> Row:
        context = context_of(info)
        others = {each["key"]: each["cost"] for each in costs or ()}
        _few(len(others), "costs")
        spending = Spending(budget, cost, cost_of_value, others)
        assumed = Assumptions(contagion, success, currency)
        outlook = await context.services.outlooks.now(context.services.database, assumed)
        may = await _allowed(context, outlook, filter or {})
        return _told(await run_sync(choose, outlook, spending, may))


def _few(number: int, what: str) -> None:
    if number > _MOST_COSTS:
        raise BadInput(f"name at most {_MOST_COSTS:,} {what}, not {number:,}")


async def _allowed(context: RequestContext, outlook: Outlook, filter: Mapping[str, Any]) -> Flags:
    """Return who meets every condition."""
    ties = outlook.ties
    may = np.ones(len(ties), np.bool_)
    if (segments := filter.get("segments")) is not None:
        may &= outlook.people.of_segments(frozenset(segments))
    if (keys := filter.get("keys")) is not None:
        _few(len(keys), "keys")
        may &= np.isin(np.arange(len(ties)), ties.positions(keys))
    if (h3 := filter.get("place")) is not None:
        if not await places(context.reader, [h3]):
            raise NotFound("the place is not in the graph")
        may &= await living_in(context.reader, ties, h3)
    if filter.get("consents_to_contact"):
        may &= await run_sync(_consented, outlook, context.services.consents)
    return may


def _consented(outlook: Outlook, book: ConsentBook) -> Flags:
    opened = list(book.subjects(_OPERATOR, _PURPOSE, _ITEM, datetime.now(UTC)))
    return np.isin(outlook.ties.keys, np.array(opened, np.str_))


def _told(choice: Choice) -> Row:
    outlook, targets = choice.outlook, choice.targets
    return {
        "choice": choice,
        "currency": outlook.people.currency,
        "horizon_days": outlook.report.horizon_days,
        "model": outlook.report.version,
        "contagion": outlook.contagion,
        "is_contagion_measured": outlook.is_measured,
        "eligible": choice.eligible,
        "spent": choice.spent,
        "at_stake": _estimate(targets.at_stake),
        "averted": _estimate(targets.averted),
        "most": targets.most,
        "certificate": targets.ratio,
    }


def _estimate(found: Estimate) -> Row:
    low = max(0.0, found.mean - found.half_width)
    return {"value": found.mean, "low": low, "high": found.mean + found.half_width}


def _rows(choice: Choice, after: int, limit: int) -> list[Row]:
    """Return the targets that come after a rank."""
    begin = max(0, after)
    chosen = choice.targets.chosen[begin : begin + limit].tolist()
    return [_row(choice, position, begin + at + 1) for at, position in enumerate(chosen)]


def _row(choice: Choice, position: int, rank: int) -> Row:
    outlook = choice.outlook
    reason = outlook.reckoning.reason(position)
    taken_loss = sum(each.loss for each in reason.taken)
    keys = outlook.ties.keys
    return {
        "key": str(keys[position]),
        "rank": rank,
        "cost": float(choice.cost[position]),
        "risk": float(outlook.people.risk[position]),
        "value": float(outlook.people.value[position]),
        "averts": reason.own_loss + taken_loss,
        "reason": {
            "leaves": reason.leaves,
            "own_loss": reason.own_loss,
            "taken_loss": taken_loss,
            "taken": [
                {"key": str(keys[each.contact]), "probability": each.probability, "loss": each.loss}
                for each in reason.taken[:_MOST_TAKEN]
            ],
        },
    }
