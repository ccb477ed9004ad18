"""How good it was, for whom, where and why: scores of an experience model, taken apart."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, context_of
from api.enums import described, plain
from graph.database.session import Row
from graph.errors import BadInput, NotAnalysed
from graph.experience.model import DEFAULT_VERSION, Model, model_of
from graph.experience.series import (
    MOST_WINDOWS,
    Series,
    Span,
    checked_span,
    series_of,
    series_of_place,
    series_of_service,
)
from graph.experience.stored import GRAINS
from graph.experience.tally import Score
from graph.page import Start
from graph.place import covering
from graph.raster import check_place
from graph.reader import Reader

_MOST_CELLS = 10_000  # that cover one place; a network of a large city has about as many
DOMAIN_OF_KPI = (
    "Whose part of the way it is, as a rule: device, radio, core, transport, service_provider or "
    "care; null: nobody's alone."
)
_POINTS = "; the contributions of all services sum to `cei`"


class ExperienceWindowLength(graphene.Enum):
    """How long a window is."""

    class Meta:
        description = described(
            "How long a window is; all begin by UTC.",
            {
                "HOUR": "An hour; of cells and places only.",
                "DAY": "A day.",
                "WEEK": "A week of ISO 8601, from Monday.",
                "MONTH": "A month.",
            },
        )

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class ExperienceKpi(graphene.ObjectType):
    """What one KPI says of the samples."""

    name = graphene.String(required=True, description="Name of the KPI in the model.")
    measure = graphene.String(required=True, description="What it measures, such as setup_ms.")
    unit = graphene.String(
        required=True, description="Unit of `value`, such as ms; bool: a share, 0 to 1."
    )
    value = graphene.Float(description="Mean, in `unit`; null: no sample has it.")
    score = graphene.Float(description="Mean score, 0 to 100; null: no sample has it.")
    weight = graphene.Float(
        required=True, description="Share in its service where all is known; above 0 up to 1."
    )
    contribution = graphene.Float(
        required=True, description=f"Points of the CEI that come from it, 0 to 100{_POINTS}."
    )
    samples = graphene.Int(required=True, description="Samples that have it; at least 0.")
    domain = graphene.String(description=DOMAIN_OF_KPI)
    source = graphene.String(
        required=True, description="Key of what its mapping is from, in the model's `sources`."
    )


class ExperienceKqi(graphene.ObjectType):
    """What one aspect of a service says of the samples."""

    name = graphene.String(required=True, description="accessibility, retainability or integrity.")
    score = graphene.Float(
        description="Mean of its KPIs' scores by weight and samples, 0 to 100; null: no sample "
        "has any."
    )
    weight = graphene.Float(
        required=True, description="Share in its service where all is known; above 0 up to 1."
    )
    contribution = graphene.Float(
        required=True, description=f"Points of the CEI that come from it, 0 to 100{_POINTS}."
    )
    kpis = graphene.List(
        graphene.NonNull(ExperienceKpi),
        required=True,
        description="Its KPIs, whose contributions sum to its own.",
    )


class ExperienceService(graphene.ObjectType):
    """One service's part of a score."""

    service = graphene.String(required=True, description="Name of the service in the model.")
    cei = graphene.Float(
        description="CEI of its samples alone, 0 to 100; null: nothing is known of any."
    )
    samples = graphene.Int(required=True, description="Its samples; at least 0.")
    contribution = graphene.Float(
        required=True, description=f"Points of the CEI that come from it, 0 to 100{_POINTS}."
    )
    kqis = graphene.List(
        graphene.NonNull(ExperienceKqi),
        required=True,
        description="Its KQIs, whose contributions sum to its own.",
    )


class _Scored:
    """What a score says, of a whole time or of a window."""

    cei = graphene.Float(
        description="Customer experience index: 100 times the mean of the samples' scores by "
        "their services' importance, 0 to 100; null: nothing is known of any sample."
    )
    least = graphene.Float(
        description="What it would be if all that is not known were as bad as can be, 0 to 100."
    )
    coverage = graphene.Float(
        required=True, description="Share of the weight that is known, 0 to 1."
    )
    margin = graphene.Float(
        description="Half the width, in points, of an interval around `cei` that holds the true "
        "mean 19 times of 20; above 0; null: there is no `cei`."
    )
    samples = graphene.Int(
        required=True, description="Samples; at least 0; of a place rounded to a whole number."
    )
    scored = graphene.Int(
        required=True, description="Samples of which anything is known; 0 to `samples`."
    )
    services = graphene.List(
        graphene.NonNull(ExperienceService),
        required=True,
        description="The services with samples, by name; their contributions sum to `cei`.",
    )


class ExperienceWindow(_Scored, graphene.ObjectType):
    """The score of one window, from its beginning until before its end."""

    since = graphene.DateTime(required=True, description="First instant, in UTC.")
    until = graphene.DateTime(required=True, description="First instant behind it, in UTC.")


class Experience(_Scored, graphene.ObjectType):
    """How good it was, by a version of the model."""

    model_version = graphene.String(
        required=True, description="Version of the model that it was scored by."
    )
    as_of = graphene.DateTime(
        required=True, description="When scores of that version were last computed, in UTC."
    )
    trend = graphene.Float(
        description="Mean of the days' CEIs by what was scored, in which a day counts half as "
        "much as one a week later, 0 to 100; null: there is no `cei`."
    )
    windows = graphene.List(
        graphene.NonNull(ExperienceWindow),
        required=True,
        by=ExperienceWindowLength(required=True, description="How long they are."),
        description=f"The windows that have samples, at most {MOST_WINDOWS:,}, in order; the "
        "first and the last are cut to `since` and `until`.",
    )

    @staticmethod
    async def resolve_trend(experience: Row, _info: Info) -> float | None:
        series: Series = experience["series"]
        return await run_sync(series.trend)

    @staticmethod
    async def resolve_windows(experience: Row, _info: Info, by: Any) -> list[Row]:
        series: Series = experience["series"]
        windows = await run_sync(series.windows, plain(by))
        return [{"since": since, "until": until, **_told(score)} for since, until, score in windows]


def _told(score: Score) -> Row:
    names = ("cei", "least", "coverage", "margin", "samples", "scored", "services")
    return {name: getattr(score, name) for name in names}


Find = Callable[[RequestContext, Row, Model, Span], Awaitable[Series | None]]


def experience_field(grain: str, find: Find, description: str, **more: Any) -> graphene.Field:
    """Return the field ``experience`` of a type whose scores ``find`` reads.

    Parameters
    ----------
    more
        Arguments that say which node is meant, where the field is not one of a node.
    """

    async def resolve(
        node: Row | None,
        info: Info,
        since: datetime | None = None,
        until: datetime | None = None,
        model: str = DEFAULT_VERSION,
        **named: str,
    ) -> Row | None:
        context = context_of(info)
        span = checked_span(grain, since, until)
        meant = await run_sync(model_of, model, context.settings.models_folder)
        try:
            series = await find(context, node or named, meant, span)
        except NotAnalysed:
            return None
        return await run_sync(_experience, series) if series else None

    window = GRAINS[grain].window
    return graphene.Field(
        Experience,
        **more,
        since=graphene.DateTime(
            description=f"First instant that counts: the beginning of a {window}, UTC; absent: "
            "all before too."
        ),
        until=graphene.DateTime(
            description=f"First instant that counts no more: the beginning of a {window}, UTC; "
            "absent: all after too."
        ),
        model=graphene.String(
            required=True,
            default_value=DEFAULT_VERSION,
            description="Version of the model: one of `experienceModels`.",
        ),
        resolver=resolve,
        description=f"{description} As of the last `tiegraph analyse experience`; null where that "
        "version of the model has scored nothing of it.",
    )


def _experience(series: Series) -> Row:
    version, as_of = series.model.version, series.as_of
    told = _told(series.score)
    return {"series": series, "model_version": version, "as_of": as_of, **told}


def _by_key(grain: str, column: str) -> Find:
    """Return what finds series by a column of the node that is a key of the grain."""

    async def find(context: RequestContext, node: Row, model: Model, span: Span) -> Series | None:
        settings = context.settings
        found: Series | None = await context.dataloaders.by_key(
            _series,
            node[column],
            folder=settings.experience_folder,
            models=settings.models_folder,
            version=model.version,
            grain=grain,
            column=column,
            span=span,
        )
        return found

    return find


async def _series(
    _reader: Reader,
    keys: Sequence[str],
    *,
    folder: Path,
    models: Path,
    version: str,
    grain: str,
    column: str,
    span: Span,
) -> dict[str, Series]:
    """Return the series of many nodes, which are read in one pass, with their scores."""

    def read() -> dict[str, Series]:
        found = series_of(folder, model_of(version, models), grain, column, keys, span)
        for series in found.values():
            _ = series.score  # now, and not in a thread for each
        return found

    return await run_sync(read)


async def _of_service(
    context: RequestContext, node: Row, model: Model, span: Span
) -> Series | None:
    folder = context.settings.experience_folder
    return await run_sync(series_of_service, folder, model, node["service_id"], span)


async def _of_place(context: RequestContext, node: Row, model: Model, span: Span) -> Series | None:
    check_place(node["h3"])
    (cells,) = await covering(context.reader, [Start(node["h3"])], _MOST_CELLS + 1)
    if len(cells) > _MOST_CELLS:
        raise BadInput(f"more than {_MOST_CELLS:,} cells cover the place: ask for a smaller one")
    shares = {cell["key"]: cell["share"] for cell in cells}
    folder = context.settings.experience_folder
    return await run_sync(series_of_place, folder, model, node["h3"], shares, span)


class SubscriberExperience:
    """The field ``experience`` of ``Subscriber``."""

    experience = experience_field(
        "subscribers", _by_key("subscribers", "subscriber_id"), "How good it was for them."
    )


class CellExperience:
    """The field ``experience`` of ``Cell``."""

    experience = experience_field(
        "cells", _by_key("cells", "cell_id"), "How good it was for whoever used it."
    )


class DeviceExperience:
    """The field ``experience`` of ``Device``."""

    experience = experience_field(
        "uses", _by_key("uses", "tac"), "How good it was in sessions by it, whoever's."
    )


class AppExperience:
    """The field ``experience`` of ``App``."""

    experience = experience_field(
        "uses", _by_key("uses", "app_id"), "How good it was in sessions of it, whoever's."
    )


class ServiceExperience:
    """The field ``experience`` of ``Service``."""

    experience = experience_field(
        "subscribers", _of_service, "How good it was in all subscribers' sessions of it."
    )


class PlaceExperience:
    """The field ``experience`` of ``Place``."""

    experience = experience_field(
        "cells",
        _of_place,
        "How good it was there: what was measured within the place, as the places below it have "
        "it, and of each cell that covers it the share of its samples that `coveredBy` says. "
        "Measurements that name a cell and no position count for the cell alone.",
    )


def experience_anywhere(description: str) -> graphene.Field:
    """Return a field of the experience at any place, known to the graph or not."""
    return experience_field(
        "cells",
        _of_place,
        description,
        h3=graphene.ID(
            required=True,
            description="H3 index of resolution 5 to 9: 15 hexadecimal digits.",
        ),
    )


class ExperienceQuery:
    """Fields of ``Query``."""

    experience_at = experience_anywhere(
        "How good it was at a place, which may be one that only measurements know: such as those "
        "of a drive test are not in the graph. Else it is what `Place.experience` says."
    )
