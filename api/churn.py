"""Churn: who may leave next and why, and how leaving would spread along ties."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import graphene
import numpy as np
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, context_of
from api.enums import described, plain
from api.resolvers import one_of_subscriber
from graph.churn.features import FEATURES, told
from graph.churn.propagation import Propagation, Spreading, largest, propagate
from graph.churn.reading import exposure as read_exposure
from graph.churn.report import ChurnReport, read_report
from graph.database.session import Row
from graph.errors import BadInput
from graph.projection import Projection
from graph.subscriber import subscribers

_SUBSCRIBER = "api.subscriber.Subscriber"  # by name, because subscribers have churn
_MOST_SEEDS = 1_000
_MOST_STEPS = 10


class ChurnRange(graphene.ObjectType):
    """A number and the interval that holds the true one 19 times of 20."""

    value = graphene.Float(required=True, description="The number.")
    low = graphene.Float(required=True, description="Where the interval begins.")
    high = graphene.Float(required=True, description="Where the interval ends.")


class ChurnEvaluation(graphene.ObjectType):
    """How well scores told who would leave, on a time that they were not learned from."""

    subscribers = graphene.Int(required=True, description="Subscribers who could leave.")
    leavers = graphene.Int(required=True, description="How many of them left.")
    auc = graphene.Field(
        graphene.NonNull(ChurnRange),
        description="Probability that who left had a higher score than who stayed, 0 to 1.",
    )
    lift = graphene.Field(
        graphene.NonNull(ChurnRange),
        description="How many times as many of the tenth with the highest scores left as of all.",
    )
    empc = graphene.Field(
        graphene.NonNull(ChurnRange),
        description="Expected maximum profit of a campaign, a subscriber, with its usual costs.",
    )


class ContagionRange(graphene.ObjectType):
    """A number and the interval that holds the true one 99 times of 100."""

    value = graphene.Float(required=True, description="The number.")
    low = graphene.Float(required=True, description="Where the interval begins.")
    high = graphene.Float(required=True, description="Where the interval ends.")


class ChurnContagion(graphene.ObjectType):
    """How much people leave because others did, and not that alike people know each other."""

    strength = graphene.Field(
        graphene.NonNull(ContagionRange),
        description="Cumulative hazard of leaving that one bears when all contacts left; 0: none.",
    )
    leavers = graphene.Int(required=True, description="How many left; at least 0.")
    because_of_others = graphene.Field(
        graphene.NonNull(ContagionRange),
        description="How many of them left because contacts had.",
    )
    clustering = graphene.Float(
        required=True,
        description="How much fresher than by chance the leaving of contacts was to those who "
        "left, in sum.",
    )
    share = graphene.Field(
        ContagionRange,
        description="What part of that is contagion; the rest is likeness and shared "
        "circumstances. Null: there is nothing to explain.",
    )
    lasts_days = graphene.Float(
        required=True, description="For how many days a leaving is talked about; above 0."
    )


class ChurnModel(graphene.ObjectType):
    """What `tiegraph analyse churn` learned last, and how well it did."""

    version = graphene.String(required=True, description="Version of the model.")
    as_of = graphene.DateTime(required=True, description="When it was learned, in UTC.")
    definition = graphene.String(
        required=True,
        description="How churn was known: by the `status` that the operator states, or by "
        "`silence` for as long as the horizon.",
    )
    horizon_days = graphene.Int(required=True, description="Within how many days somebody leaves.")
    judged_from = graphene.Date(
        required=True, description="First day of the horizon that it was judged on."
    )
    scored_from = graphene.Date(
        required=True, description="First day of the horizon that the risks are about."
    )
    with_network = graphene.Field(
        graphene.NonNull(ChurnEvaluation), description="The model with all features."
    )
    without_network = graphene.Field(
        graphene.NonNull(ChurnEvaluation),
        description="The same model without the features of the network.",
    )
    by_silence = graphene.Field(
        graphene.NonNull(ChurnEvaluation),
        description="Scored by how long somebody has been silent, and by nothing else.",
    )
    by_vote = graphene.Field(
        ChurnEvaluation,
        description="The weighted vote of contacts, wvRN: the share of ties with those who left. "
        "Null: not judged yet.",
    )
    by_links = graphene.Field(
        ChurnEvaluation,
        description="Link-based classification, nLB: learned from ties with those who left and "
        "with those who did not. Null: not judged yet.",
    )
    gain = graphene.Field(
        graphene.NonNull(ChurnRange),
        description="By how much the area under the ROC curve is greater with the network.",
    )
    contagion = graphene.Field(
        ChurnContagion,
        description="How much of the clustering of churn is contagion; null where churn is known "
        "by silence alone, or too few left after a contact had.",
    )


class ChurnReason(graphene.ObjectType):
    """What one feature adds to the risk of a subscriber."""

    feature = graphene.String(required=True, description="Name of the feature.")
    group = graphene.String(required=True, description="What it is about, such as `network`.")
    title = graphene.String(required=True, description="What it is.")
    unit = graphene.String(required=True, description="Unit of its value; empty: a plain number.")
    value = graphene.Float(description="The subscriber's value; null: not known, or a text.")
    text = graphene.String(description="The subscriber's value where it is a text.")
    part = graphene.Float(
        required=True,
        description="What it adds to the log-odds of leaving; below 0: it speaks for staying.",
    )


class LeftContact(graphene.ObjectType):
    """A contact who left."""

    key = graphene.ID(required=True, description="Key of the contact: a pseudonym.")
    events = graphene.Int(required=True, description="Calls and messages with them; at least 1.")


class ChurnExposure(graphene.ObjectType):
    """Contacts who left, as the operator states it."""

    contacts = graphene.Int(required=True, description="All contacts; at least 0.")
    left = graphene.Int(required=True, description="How many of them left; at least 0.")
    named = graphene.List(
        graphene.NonNull(LeftContact),
        required=True,
        description="Those of them with most calls and messages, at most ten.",
    )


class Churn(graphene.ObjectType):
    """The risk that a subscriber leaves, taken apart."""

    risk = graphene.Float(
        required=True, description="Probability of leaving within the model's horizon, 0 to 1."
    )
    rank = graphene.Int(required=True, description="Rank by risk; 1 is the greatest.")
    base = graphene.Float(
        description="Log-odds of leaving of somebody usual in every respect; with the parts of all "
        "reasons it sums to the log-odds of the risk. Null where the model has been replaced."
    )
    reasons = graphene.List(
        graphene.NonNull(ChurnReason),
        required=True,
        description="What every feature adds, that which adds or takes most first.",
    )
    exposure = graphene.Field(
        graphene.NonNull(ChurnExposure), description="Contacts who left, by name."
    )
    model = graphene.String(required=True, description="Version of the model.")
    as_of = graphene.DateTime(required=True, description="When it was learned, in UTC.")

    resolve_exposure = one_of_subscriber(read_exposure)

    @staticmethod
    async def resolve_base(subscriber: Row, info: Info) -> float | None:
        report = await _report_of(subscriber, context_of(info))
        return report.base if report else None

    @staticmethod
    async def resolve_reasons(subscriber: Row, info: Info) -> list[Row]:
        report = await _report_of(subscriber, context_of(info))
        words = report.words if report else {}
        values, parts = subscriber["churn_values"], subscriber["churn_parts"]
        reasons = [
            {
                "feature": feature.name,
                "group": feature.group,
                "title": feature.title,
                "unit": feature.unit,
                "text": told(feature, value, words),
                "value": None if math.isnan(value) or feature.name in words else value,
                "part": part,
            }
            for feature, value, part in zip(FEATURES, values, parts, strict=True)
        ]
        return sorted(reasons, key=lambda reason: -abs(reason["part"]))

    @staticmethod
    def resolve_risk(subscriber: Row, _info: Info) -> float:
        return float(subscriber["churn_risk"])

    @staticmethod
    def resolve_rank(subscriber: Row, _info: Info) -> int:
        return int(subscriber["churn_rank"])

    @staticmethod
    def resolve_model(subscriber: Row, _info: Info) -> str:
        return str(subscriber["churn_model"])

    @staticmethod
    def resolve_as_of(subscriber: Row, _info: Info) -> Any:
        return subscriber["churn_as_of"]


class ChurnField:
    """The field ``churn`` of ``Subscriber``."""

    churn = graphene.Field(
        Churn,
        description="Their risk of leaving, as of the last `tiegraph analyse churn`; null for "
        "whoever left, is not known to the operator, or came later.",
    )

    @staticmethod
    def resolve_churn(subscriber: Row, _info: Info) -> Row | None:
        return subscriber if "churn_risk" in subscriber else None


class ChurnTransfer(graphene.Enum):
    """To whom energy is passed on."""

    class Meta:
        description = described(
            "To whom energy is passed on.",
            {
                "PROPORTIONAL": "To each contact by the share of the tie in all of the giver's.",
                "EVEN": "To all contacts alike.",
                "RECEIVER": "To each by the share of the tie in all of the receiver's; energy may "
                "grow or shrink.",
            },
        )

    PROPORTIONAL = "proportional"
    EVEN = "even"
    RECEIVER = "receiver"


class _Energy:
    """What is told of somebody and of energy."""

    subscriber = graphene.Field(_SUBSCRIBER, description="The subscriber.")
    energy = graphene.Float(
        required=True, description="Energy, at least 0; every seed has 1 at first."
    )

    @staticmethod
    async def resolve_subscriber(one: Row, info: Info) -> Row | None:
        found: Row | None = await context_of(info).dataloaders.by_key(subscribers, one["key"])
        return found


class ChurnEnergy(_Energy, graphene.ObjectType):
    """Somebody and the energy that is told of them."""


class ChurnReach(_Energy, graphene.ObjectType):
    """Somebody whom energy reached in a step."""

    givers = graphene.List(
        graphene.NonNull(ChurnEnergy),
        required=True,
        description="From whom most of it came, and how much from each; at most three.",
    )


class ChurnStep(graphene.ObjectType):
    """One step of spreading."""

    step = graphene.Int(required=True, description="Number of the step, from 1.")
    energy = graphene.Float(required=True, description="Energy that arrived in it in all.")
    reached = graphene.List(
        graphene.NonNull(ChurnReach),
        required=True,
        description="Whom most of it reached, the most first.",
    )


class ChurnReached(_Energy, graphene.ObjectType):
    """Somebody with energy at the end."""

    path = graphene.List(
        graphene.NonNull(ChurnEnergy),
        required=True,
        description="The way on which most of it came, from a seed on, with what arrived at each.",
    )


class ChurnPropagation(graphene.ObjectType):
    """How leaving would spread from some who leave."""

    seeds = graphene.Int(required=True, description="Subscribers who leave.")
    subscribers = graphene.Int(
        required=True, description="Others whom any energy has reached at the end."
    )
    steps = graphene.List(
        graphene.NonNull(ChurnStep),
        required=True,
        description="The first steps, at most ten.",
    )
    reached = graphene.List(
        graphene.NonNull(ChurnReached),
        required=True,
        description="Others with most energy at the end, the most first, equals by key.",
    )


class ChurnQuery:
    """Fields of ``Query``."""

    churn_model = graphene.Field(
        ChurnModel,
        description="What was learned last about who leaves; null before `tiegraph analyse churn`.",
    )
    churn_propagation = graphene.Field(
        graphene.NonNull(ChurnPropagation),
        seeds=graphene.List(
            graphene.NonNull(graphene.ID),
            required=True,
            description="Keys of the subscribers who leave, 1 to 1,000.",
        ),
        spreading_factor=graphene.Float(
            default_value=0.5, description="Share of the energy that is passed on, 0 to 1."
        ),
        transfer=ChurnTransfer(
            default_value=ChurnTransfer.PROPORTIONAL, description="To whom it is passed on."
        ),
        decay=graphene.Float(
            default_value=1.0, description="Share of it that arrives, above 0 to 1."
        ),
        hops=graphene.Int(
            description="After how many steps it ends, 0 to 1,000; when hardly anything is passed "
            "on any more, where absent."
        ),
        since=graphene.Date(description="Only ties of this day (UTC) and later ones count."),
        until=graphene.Date(description="Only ties of days before this one count."),
        first=graphene.Int(
            default_value=20, description="How many to tell at the end and in each step, 1 to 100."
        ),
        description="How leaving would spread along ties, by strength, from some who leave.",
    )

    @staticmethod
    async def resolve_churn_model(_root: None, info: Info) -> Row | None:
        report = await run_sync(read_report, context_of(info).settings.churn_report_file)
        return report.model_dump() if report else None

    @staticmethod
    async def resolve_churn_propagation(
        _root: None,
        info: Info,
        seeds: Sequence[str],
        spreading_factor: float,
        transfer: Any,
        decay: float,
        first: int,
        hops: int | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> Row:
        if not 1 <= len(seeds) <= _MOST_SEEDS:
            raise BadInput(f"name 1 to {_MOST_SEEDS:,} seeds, not {len(seeds):,}")
        if not 1 <= first <= context_of(info).settings.max_page_size:
            most = context_of(info).settings.max_page_size
            raise BadInput(f"first must be between 1 and {most}")
        how = Spreading(spreading_factor, plain(transfer), decay, hops)
        services = context_of(info).services
        ties = await services.projections.between(services.database, since, until)
        return await run_sync(_spread, ties, seeds, how, first)


async def _report_of(subscriber: Row, context: RequestContext) -> ChurnReport | None:
    """Return the report of the model that scored a subscriber, unless another came since."""
    report = await run_sync(read_report, context.settings.churn_report_file)
    return report if report and report.version == subscriber["churn_model"] else None


def _spread(ties: Projection, seeds: Sequence[str], how: Spreading, first: int) -> Row:
    positions = np.unique(ties.positions(seeds))
    energy = np.zeros(len(ties))
    energy[positions] = 1.0
    spread = propagate(ties.contacts, energy, how)
    others = spread.energy.copy()
    others[positions] = 0.0
    return {
        "seeds": len(positions),
        "subscribers": int(np.count_nonzero(others > 0)),
        "steps": [
            _step(ties, spread, step, first) for step in range(1, min(_MOST_STEPS, how.steps) + 1)
        ],
        "reached": [
            _told(ties, at, float(others[at])) | {"path": _path(ties, spread, at)}
            for at in largest(others, first).tolist()
        ],
    }


def _step(ties: Projection, spread: Propagation, step: int, first: int) -> Row:
    reached = [
        _told(ties, each.position, each.energy)
        | {"givers": [_told(ties, *giver) for giver in each.givers]}
        for each in spread.reached(step, first)
    ]
    return {"step": step, "energy": float(spread.arrivals(step).sum()), "reached": reached}


def _path(ties: Projection, spread: Propagation, position: int) -> list[Row]:
    return [_told(ties, *each) for each in spread.path(position)]


def _told(ties: Projection, position: int, energy: float) -> Row:
    return {"key": str(ties.keys[position]), "energy": float(energy)}
