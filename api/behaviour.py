"""How a subscriber behaves: bandicoot's indicators, by slices that the question chooses."""

import math
from asyncio import gather
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import graphene
import pyarrow as pa
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, context_of
from api.slices import BehaviourGrouping, BehaviourInteraction, PartOfDay, PartOfWeek
from graph.behaviour.arrays import STATISTICS, Statistic
from graph.behaviour.events import Events, GroupBy, Slice, check_time_zone
from graph.behaviour.history import Manifest, read_events, read_usual
from graph.behaviour.indicators import Behaviour as Computed
from graph.behaviour.indicators import Indicators, Spread
from graph.behaviour.network import Likeness, Network
from graph.behaviour.recharges import Recharges, recharges
from graph.database.session import Row
from graph.errors import BadInput
from graph.kernels import pc
from graph.reader import Reader
from graph.subscriber import subscribers

_MOST_CONTACTS = 1_000


class BehaviourSpread(graphene.ObjectType):
    """One number a period, summed up over the periods."""

    mean = graphene.Float(description="Mean over the periods; null: no period has it.")
    std = graphene.Float(
        description="Population standard deviation over the periods, >= 0; null: no period has it."
    )


_MEANINGS = {
    "mean": "Mean.",
    "std": "Population standard deviation; at least 0.",
    "median": "Median.",
    "skewness": "Skewness, 0 where all are equal.",
    "kurtosis": "Kurtosis, 3 for a normal distribution, 0 where all are equal; at least 0.",
    "min": "Least.",
    "max": "Greatest.",
}


class BehaviourDistribution(graphene.ObjectType):
    """Many numbers a period: each statistic of them, summed up over the periods."""

    mean, std, median, skewness, kurtosis, min, max = (
        graphene.Field(graphene.NonNull(BehaviourSpread), description=_MEANINGS[name])
        for name in STATISTICS
    )


class BehaviourLikeness(graphene.ObjectType):
    """How alike a subscriber and their mutual contacts are in one thing."""

    name = graphene.String(required=True, description="Attribute or indicator.")
    value = graphene.Float(
        required=True,
        description="Attribute: share of contacts with the same, 0 to 1. Indicator: mean squared "
        "difference; at least 0.",
    )
    contacts = graphene.Int(
        required=True, description="Mutual contacts of whom it is known; at least 1."
    )


class BehaviourNetwork(graphene.ObjectType):
    """The subscriber among all contacts; a contact is mutual where both addressed each other."""

    mutual_contacts = graphene.Int(required=True, description="Mutual contacts; at least 0.")
    clustering_coefficient_unweighted = graphene.Float(
        required=True,
        description="Share of pairs of mutual contacts that are mutual contacts, 0 to 1.",
    )
    clustering_coefficient_weighted = graphene.Float(
        required=True,
        description="The same, each triangle weighing as the half hours of contact, 0 to 1.",
    )
    assortativity_attributes = graphene.List(
        graphene.NonNull(BehaviourLikeness),
        required=True,
        description="Attributes shared with mutual contacts.",
    )
    assortativity_indicators = graphene.List(
        graphene.NonNull(BehaviourLikeness),
        required=True,
        description="Distance of the weekly indicators, without splits and in the zone of the "
        "analysis, from those of mutual contacts.",
    )

    @staticmethod
    def resolve_mutual_contacts(asked: "_Around", _info: Info) -> int:
        return len(asked.network.mutual_contacts)

    @staticmethod
    def resolve_clustering_coefficient_unweighted(asked: "_Around", _info: Info) -> float:
        return asked.network.clustering_unweighted()

    @staticmethod
    def resolve_clustering_coefficient_weighted(asked: "_Around", _info: Info) -> float:
        return asked.network.clustering_weighted()

    @staticmethod
    async def resolve_assortativity_attributes(asked: "_Around", info: Info) -> list[Likeness]:
        by_key = context_of(info).dataloaders.by_key
        rows = await gather(*(by_key(subscribers, member) for member in asked.members))
        found = zip(asked.members, rows, strict=True)
        return asked.network.attributes({member: row for member, row in found if row})

    @staticmethod
    async def resolve_assortativity_indicators(asked: "_Around", info: Info) -> list[Likeness]:
        folder = context_of(info).settings.behaviour_folder
        _, usual = await run_sync(read_usual, folder, asked.members)
        return asked.network.indicators(usual) if usual else []


def _spread_field(meaning: str, resolver: Callable[..., Any]) -> graphene.Field:
    return graphene.Field(graphene.NonNull(BehaviourSpread), description=meaning, resolver=resolver)


def _distribution_field(meaning: str, resolver: Callable[..., Any]) -> graphene.Field:
    return graphene.Field(
        graphene.NonNull(BehaviourDistribution), description=meaning, resolver=resolver
    )


def _scalar(name: str, meaning: str) -> graphene.Field:
    def resolve(asked: "_Asked", _info: Info) -> Row:
        return _told(asked.indicators.scalar(name) if asked.indicators else None)

    return _spread_field(meaning, resolve)


def _distribution(name: str, meaning: str) -> graphene.Field:
    def resolve(asked: "_Asked", _info: Info) -> Row:
        if asked.indicators is None:
            return dict.fromkeys(STATISTICS, _told(None))
        return _told_all(partial(asked.indicators.distribution, name))

    return _distribution_field(meaning, resolve)


class BehaviourRecharges(graphene.ObjectType):
    """Payments of the kind `top_up`, in the currency that is used most."""

    currency = graphene.String(required=True, description="ISO 4217 code, such as EUR.")
    number_of_recharges = _spread_field(
        "Recharges; at least 1.", lambda asked, _info: _told(asked.number())
    )
    amount_recharges_minor = _distribution_field(
        "Amounts in the currency's minor unit, such as cents; at least 0.",
        lambda asked, _info: _told_all(asked.amount_minor),
    )
    interevent_time_recharges_s = _distribution_field(
        "Times from one recharge to the next, in seconds; at least 0.",
        lambda asked, _info: _told_all(asked.interevent_time_s),
    )
    percent_pareto_recharges = _spread_field(
        "Share of recharges that make 80 % of the amount, 0 to 1.",
        lambda asked, _info: _told(asked.percent_pareto()),
    )
    average_balance_recharges_minor = graphene.Float(
        description="Mean balance over all time in the currency's minor unit, such as cents, if "
        "each amount is used up evenly until the next recharge; null: fewer than two recharges.",
        resolver=lambda asked, _info: asked.average_balance_minor(),
    )


class Behaviour(graphene.ObjectType):
    """What a subscriber's calls, messages and places tell; shares are from 0 to 1."""

    as_of = graphene.DateTime(required=True, description="When it was computed, in UTC.")
    is_current = graphene.Boolean(
        required=True, description="False where a load has begun since: run the analysis again."
    )
    time_zone = graphene.String(
        required=True, description="Where days, weeks and nights begin: IANA's name of the zone."
    )
    periods = graphene.Int(required=True, description="Periods with events; at least 0.")
    active_days = _scalar("active_days", "Days with an event; at least 1.")
    number_of_contacts = _scalar("number_of_contacts", "Distinct counterparts; at least 1.")
    number_of_interactions = _scalar("number_of_interactions", "Events; at least 1.")
    number_of_interactions_in = _scalar(
        "number_of_interactions_in", "Events that others began; at least 0."
    )
    number_of_interactions_out = _scalar(
        "number_of_interactions_out", "Events that the subscriber began; at least 0."
    )
    call_duration_s = _distribution(
        "call_duration_s", "Talking times of answered calls, in seconds; at least 0."
    )
    interevent_time_s = _distribution(
        "interevent_time_s", "Times from one event to the next, in seconds; at least 0."
    )
    percent_nocturnal = _scalar("percent_nocturnal", "Share of events at night.")
    percent_initiated_interactions = _scalar(
        "percent_initiated_interactions", "Share of events that the subscriber began."
    )
    percent_initiated_conversations = _scalar(
        "percent_initiated_conversations",
        "Share of text conversations that the subscriber began, 0 without any. One ends with a "
        "call or after an hour.",
    )
    response_rate_text = _scalar(
        "response_rate_text", "Share of conversations begun by others with a text in return."
    )
    response_delay_text_s = _distribution(
        "response_delay_text_s", "Times from a text to its reply, in seconds; above 0."
    )
    entropy_of_contacts = _scalar(
        "entropy_of_contacts", "Entropy of events over counterparts in nats; at least 0."
    )
    balance_of_contacts = _distribution(
        "balance_of_contacts",
        "For each counterpart, events that the subscriber began there as a share of all events.",
    )
    interactions_per_contact = _distribution(
        "interactions_per_contact", "Events with each counterpart; at least 1."
    )
    percent_pareto_interactions = _scalar(
        "percent_pareto_interactions", "Share of counterparts that make 80 % of the events."
    )
    percent_pareto_durations = _scalar(
        "percent_pareto_durations", "Share of called ones that make 80 % of the talking time."
    )
    number_of_antennas = _scalar(
        "number_of_antennas",
        "Distinct cells, one for each half hour with events, as in all indicators of places; "
        "these count calls and texts whatever the interaction. At least 1.",
    )
    entropy_of_antennas = _scalar(
        "entropy_of_antennas", "Entropy of half hours over cells in nats; at least 0."
    )
    percent_at_home = _scalar(
        "percent_at_home",
        "Share of half hours at home, the cell of most nights; null: no night is located.",
    )
    radius_of_gyration_km = _scalar(
        "radius_of_gyration_km", "Root mean square distance from the mean position in km."
    )
    frequent_antennas = _scalar("frequent_antennas", "Cells that make 80 % of the half hours.")
    churn_rate = _spread_field(
        "1 - cosine between the cells of consecutive weeks, whatever the slice: a change of "
        "places, not of the operator.",
        lambda asked, _info: _told(asked.computed.churn_rate() if asked.indicators else None),
    )
    recharges = graphene.Field(
        BehaviourRecharges, description="What they top up; null: nothing that has a time."
    )
    network = graphene.Field(
        graphene.NonNull(BehaviourNetwork),
        description="The subscriber among their contacts, over all time and whatever the slice; "
        f"refused beyond {_MOST_CONTACTS:,} contacts.",
    )

    @staticmethod
    async def resolve_is_current(asked: "_Asked", info: Info) -> bool:
        newest = await run_sync(context_of(info).services.ledger.newest)
        return asked.load_id == newest

    @staticmethod
    async def resolve_recharges(asked: "_Asked", info: Info) -> Recharges | None:
        dataloaders = context_of(info).dataloaders
        rows = await dataloaders.by_key(recharges, asked.subscriber_id)
        if not rows:
            return None
        return Recharges(rows, asked.time_zone, asked.group_by, asked.wanted)

    @staticmethod
    async def resolve_network(asked: "_Asked", info: Info) -> "_Around":
        folder = context_of(info).settings.behaviour_folder
        contacts = asked.computed.events.contact_ids.to_pylist()
        if len(contacts) > _MOST_CONTACTS:
            raise BadInput(f"the network is told of at most {_MOST_CONTACTS:,} contacts")
        members = [asked.subscriber_id, *contacts]
        _, table = await run_sync(read_events, folder, members)
        events = await run_sync(Events.of, table)
        network = Network(asked.subscriber_id, events, asked.time_zone)
        return _Around(network, [asked.subscriber_id, *network.mutual_contacts])


@dataclass(frozen=True)
class _Around:
    """A network, and the subscriber with the mutual contacts."""

    network: Network
    members: list[str]


@dataclass(frozen=True)
class _Asked:
    """One subscriber's slice; ``indicators`` is None where they have no events at all."""

    subscriber_id: str
    computed: Computed
    indicators: Indicators | None
    group_by: GroupBy
    wanted: Slice
    time_zone: str
    as_of: Any
    load_id: str | None
    periods: int


class BehaviourField:
    """The field ``behaviour`` of ``Subscriber``."""

    behaviour = graphene.Field(
        Behaviour,
        group_by=BehaviourGrouping(
            required=True,
            default_value=BehaviourGrouping.WEEK,
            description="What indicators are made for, to be summed up after.",
        ),
        part_of_week=PartOfWeek(
            required=True, default_value=PartOfWeek.ALL, description="Which days count."
        ),
        part_of_day=PartOfDay(
            required=True, default_value=PartOfDay.ALL, description="Which times of day count."
        ),
        interaction=BehaviourInteraction(
            required=True,
            default_value=BehaviourInteraction.BOTH,
            description="Which events count.",
        ),
        time_zone=graphene.String(
            description="IANA's name of the zone in which days, weeks and nights begin; absent: "
            "that of the analysis."
        ),
        description="How they behave, from all their calls and messages at the time of the last "
        "`tiegraph analyse behaviour`; an error says so where there was none.",
    )

    @staticmethod
    async def resolve_behaviour(
        subscriber: Row, info: Info, time_zone: str | None = None, **choice: Any
    ) -> _Asked:
        context = context_of(info)
        if time_zone is not None:
            check_time_zone(time_zone)
        plain = {name: getattr(value, "value", value) for name, value in choice.items()}
        group_by = plain.pop("group_by")
        return await _asked(
            context, str(subscriber["subscriber_id"]), group_by, Slice(**plain), time_zone
        )


async def _asked(
    context: RequestContext,
    subscriber_id: str,
    group_by: GroupBy,
    wanted: Slice,
    time_zone: str | None,
) -> _Asked:
    folder = context.settings.behaviour_folder
    manifest, table = await context.dataloaders.stored(lived, subscriber_id, folder=folder)
    zone = time_zone or manifest.time_zone
    computed = Computed(Events.of(table), zone)
    indicators = computed.of(group_by, wanted) if len(table) else None
    return _Asked(
        subscriber_id,
        computed,
        indicators,
        group_by,
        wanted,
        zone,
        manifest.as_of,
        manifest.load_id,
        int(indicators.periods[0]) if indicators else 0,
    )


async def lived(
    _reader: Reader, keys: Sequence[str], *, folder: Path
) -> dict[str, tuple[Manifest, pa.Table]]:
    """Return the stored events of some subscribers, which habits and behaviour both tell of."""

    def read() -> dict[str, tuple[Manifest, pa.Table]]:
        manifest, table = read_events(folder, keys)
        whose = table["subscriber_id"]
        return {key: (manifest, table.filter(pc.equal(whose, key))) for key in keys}

    return await run_sync(read)


def _told(found: Spread | None) -> Row:
    """Return the only subscriber's numbers."""
    if found is None:
        return {"mean": None, "std": None}
    return {"mean": _number(found.mean[0]), "std": _number(found.std[0])}


def _told_all(statistic: Callable[[Statistic], Spread]) -> Row:
    return {name: _told(statistic(name)) for name in STATISTICS}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
