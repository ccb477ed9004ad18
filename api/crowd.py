"""How many subscribers there are, in groups; partners are told nothing of few."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, context_of
from api.enums import described, plain
from api.relay import DEFAULT_PAGE_SIZE, window
from api.subscriber import Gender, SubscriberFilter
from api.subscriber_status import SubscriberStatus
from graph.crowd.noise import Noise
from graph.crowd.reading import PROPERTIES, Group, Property, groups, members
from graph.database.session import Row
from graph.errors import BadInput
from graph.raster import COARSEST_RESOLUTION, FINEST_RESOLUTION
from graph.reader import Reader
from graph.subscriber import Filter

_USUAL_RESOLUTION = 7
_ITEM = "audience"  # of consents
_LEAST_EPSILON, _MOST_EPSILON = 0.01, 10.0


class Density(graphene.Enum):
    """Whether a count is told."""

    class Meta:
        description = described(
            "Whether a count is told.",
            {
                "KNOWN": "It is.",
                "LOW_DENSITY": "It is of fewer than 16, or something of fewer than 16 would follow "
                "from it and from what was told before.",
            },
        )

    KNOWN = "known"
    LOW_DENSITY = "low_density"


class SubscriberProperty(graphene.Enum):
    """What subscribers of a group have in common."""

    class Meta:
        description = described(
            "What subscribers of a group have in common.",
            {
                "STATUS": "Whether they stay.",
                "SEGMENT": "The operator's own segment.",
                "PLAN": "The tariff plan.",
                "GENDER": "Gender.",
                "AREA": "The place in which they live, of one size.",
            },
        )

    STATUS = "status"
    SEGMENT = "segment"
    PLAN = "plan"
    GENDER = "gender"
    AREA = "area"


class SubscriberMeans(graphene.ObjectType):
    """Means over those of whom it is known; null where it is of nobody."""

    contacts = graphene.Float(description="Distinct counterparts; at least 0.")
    events = graphene.Float(description="Calls and messages both ways; at least 0.")
    sessions = graphene.Float(description="Data sessions; at least 0.")
    volume_down_bytes = graphene.Float(description="Received in data sessions, in bytes; >= 0.")
    tenure_months = graphene.Float(description="Months since joining; 0 to 1500.")
    birth_year = graphene.Float(description="Year of birth, such as 1980.5.")
    churn_risk = graphene.Float(description="Risk of leaving, from 0 to 1.")


class SubscriberGroup(graphene.ObjectType):
    """Subscribers who have all in common that they are grouped by."""

    status = graphene.Field(SubscriberStatus, description="Null: unknown, or not grouped by.")
    segment = graphene.String(description="Null: unknown, or not grouped by.")
    plan = graphene.String(description="Null: unknown, or not grouped by.")
    gender = graphene.Field(Gender, description="Null: unknown, or not grouped by.")
    area = graphene.ID(description="H3 index of the home's area. Null: unknown, or not grouped by.")
    subscribers = graphene.Int(required=True, description="How many; at least 1.")
    means = graphene.Field(SubscriberMeans, description="Means of theirs.")


@dataclass(frozen=True)
class Exact:
    """What those are told who may see every subscriber."""

    reader: Reader
    who: Filter
    by: tuple[Property, ...]
    resolution: int

    async def all(self) -> Row:
        """Return everybody as one group."""
        rows = await groups(self.reader, self.who, (), self.resolution, 1)
        return rows[0] if rows else {"subscribers": 0, "means": {}}

    async def largest(self, limit: int) -> list[Row]:
        """Return the largest groups."""
        return await groups(self.reader, self.who, self.by, self.resolution, limit)


@dataclass(frozen=True)
class Released:
    """What is told to partners; a group of which nothing is told has ``None``.

    Attributes
    ----------
    margin : int, optional
        How far true counts are from these at most, in 95 of 100 cases; they are exact without.
    """

    counts: Mapping[Group | None, int | None]
    margin: int | None = None

    async def all(self) -> Row:
        """Return everybody as one group."""
        return {"subscribers": self.counts[None], "means": None}

    async def largest(self, limit: int) -> list[Row]:
        """Return the largest groups that are told."""
        told = [(group, count) for group, count in self.counts.items() if group and count]
        told.sort(key=lambda one: (-one[1], [(value is None, value) for value in one[0]]))
        return [
            {**dict(zip(PROPERTIES, group, strict=True)), "subscribers": count, "means": None}
            for group, count in told[:limit]
        ]


class SubscribersAggregate(graphene.ObjectType):
    """How many subscribers a filter lets through.

    To partners, only those count who opened `audience` to them.
    """

    density = graphene.Field(
        graphene.NonNull(Density),
        description="Whether it is told how many; to partners not always.",
    )
    subscribers = graphene.Int(description="How many, at least 0; null for LOW_DENSITY.")
    margin = graphene.Int(
        description="How far the true number, and that of each group, is from the one told at "
        "most, in 95 of 100 cases; null: they are exact."
    )
    means = graphene.Field(SubscriberMeans, description="Means of theirs.")
    groups = graphene.List(
        graphene.NonNull(SubscriberGroup),
        required=True,
        first=graphene.Int(
            required=True,
            default_value=DEFAULT_PAGE_SIZE,
            description="How many at most, 1 to `TIEGRAPH_MAX_PAGE_SIZE`.",
        ),
        description="By what they have in common, the largest first. To partners, a group that is "
        "not listed is of LOW_DENSITY, and may be of nobody.",
    )

    @staticmethod
    async def resolve_density(told: Exact | Released, _info: Info) -> str:
        count = (await told.all())["subscribers"] if isinstance(told, Released) else 0
        return "low_density" if count is None else "known"

    @staticmethod
    async def resolve_subscribers(told: Exact | Released, _info: Info) -> int | None:
        count: int | None = (await told.all())["subscribers"]
        return count

    @staticmethod
    def resolve_margin(told: Exact | Released, _info: Info) -> int | None:
        return told.margin if isinstance(told, Released) else None

    @staticmethod
    async def resolve_means(told: Exact | Released, _info: Info) -> Row | None:
        means: Row | None = (await told.all())["means"]
        return means

    @staticmethod
    async def resolve_groups(told: Exact | Released, info: Info, first: int) -> list[Row]:
        size = window("groups", context_of(info).settings.max_page_size, first).size
        return await told.largest(size)


class CrowdQuery:
    """Fields of ``Query``."""

    subscribers_aggregate = graphene.Field(
        graphene.NonNull(SubscribersAggregate),
        filter=SubscriberFilter(description="Which subscribers; all where absent."),
        by=graphene.List(
            graphene.NonNull(SubscriberProperty),
            required=True,
            default_value=[],
            description="What those of one group have in common; all are one group without any.",
        ),
        area_resolution=graphene.Int(
            required=True,
            default_value=_USUAL_RESOLUTION,
            description="Size of the areas, as a resolution of H3: 5 (250 km²) to 9 (0.1 km²).",
        ),
        epsilon=graphene.Float(
            description="For partners: add noise of differential privacy that costs so much of "
            "their month's budget, 0.01 to 10, half for the number of all and half for the groups."
        ),
        description="How many subscribers a filter lets through, in groups.",
    )

    @staticmethod
    async def resolve_subscribers_aggregate(
        _root: None,
        info: Info,
        by: Sequence[Any],
        area_resolution: int,
        filter: Mapping[str, Any] | None = None,
        epsilon: float | None = None,
    ) -> Exact | Released:
        context = context_of(info)
        if not COARSEST_RESOLUTION <= area_resolution <= FINEST_RESOLUTION:
            raise BadInput("areaResolution must be from 5 to 9")
        who = Filter(**{name: plain(value) for name, value in (filter or {}).items()})
        exact = Exact(context.reader, who, tuple(map(plain, by)), area_resolution)
        if context.viewer.role != "partner":
            if epsilon is not None:
                raise BadInput("epsilon is for partners: all others are told exact counts")
            return exact
        if epsilon is not None:
            return await _noisy(context, exact, epsilon)
        return await _audited(context, exact)


async def _audited(context: RequestContext, asked: Exact) -> Released:
    found = await _found(context, asked)
    cells: dict[Group | None, set[str]] = dict(found.items())
    cells[None] = set().union(*found.values())
    return Released(await run_sync(context.services.crowd.counted, context.viewer.subject, cells))


async def _noisy(context: RequestContext, asked: Exact, epsilon: float) -> Released:
    if not _LEAST_EPSILON <= epsilon <= _MOST_EPSILON:
        raise BadInput(f"epsilon must be from {_LEAST_EPSILON} to {_MOST_EPSILON}")
    found = await _found(context, asked)
    budget, now = context.services.privacy_budget, datetime.now(UTC)
    await run_sync(budget.spend, context.viewer.subject, epsilon, now)
    # Privacy needs everybody in one group at most, also where somebody had two homes.
    group_of = {person: group for group, people in found.items() for person in people}
    noise = Noise(epsilon / 2)
    told: dict[Group | None, int | None] = {
        group: noise.count(count) for group, count in Counter(group_of.values()).items()
    }
    return Released({**told, None: noise.count(len(group_of))}, noise.width)


async def _found(context: RequestContext, asked: Exact) -> dict[Group, set[str]]:
    """Return who of those who agreed to be counted is in which group."""
    among = await run_sync(list, context.view.everybody(_ITEM))
    return await members(context.reader, asked.who, asked.by, asked.resolution, among)
