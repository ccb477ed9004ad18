"""How good it was, for whom, where and why: scores of an experience model, taken apart."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import RequestContext, context_of
from api.enums import plain
from api.scores import ExperienceStage, ExperienceWindow, ExperienceWindowLength, Scored, told
from graph.database.session import Row
from graph.errors import BadInput, NotAnalysed
from graph.experience.model import DEFAULT_VERSION, Model, model_of
from graph.experience.series import (
    MOST_WINDOWS,
    Series,
    Span,
    checked_span,
    series_by_segment,
    series_of,
    series_of_place,
    series_of_service,
)
from graph.experience.stored import GRAINS
from graph.page import Start
from graph.place import covering
from graph.raster import check_place
from graph.reader import Reader

_MOST_CELLS = 10_000  # that cover one place; a network of a large city has about as many


class Experience(Scored, graphene.ObjectType):
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
    stages = graphene.List(
        graphene.NonNull(ExperienceStage),
        required=True,
        description="The stages of the journey with samples, in its order; their contributions "
        "sum to `cei`.",
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
    def resolve_stages(experience: Row, _info: Info) -> list[Row]:
        series: Series = experience["series"]
        return [
            {"stage": each.stage, "contribution": each.contribution, **told(each.score)}
            for each in series.stages()
        ]

    @staticmethod
    async def resolve_windows(experience: Row, _info: Info, by: Any) -> list[Row]:
        series: Series = experience["series"]
        windows = await run_sync(series.windows, plain(by))
        return [{"since": since, "until": until, **told(score)} for since, until, score in windows]


class SegmentExperience(graphene.ObjectType):
    """How good it was for the subscribers of a segment."""

    segment = graphene.String(
        description="The segment as it is known now; null: those of whom none is known."
    )
    experience = graphene.Field(
        graphene.NonNull(Experience), description="How good it was for them."
    )


#: Of a request, a node, a version of the model and a time; the score is computed, too.
Find = Callable[[RequestContext, Row, str, Span], Awaitable[Series | None]]


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
        try:
            series = await find(context, node or named, model, span)
        except NotAnalysed:
            return None
        return _experience(series) if series else None

    return graphene.Field(
        Experience,
        **more,
        **_arguments(grain),
        resolver=resolve,
        description=f"{description} As of the last `tiegraph analyse experience`; null where that "
        "version of the model has scored nothing of it.",
    )


def _arguments(grain: str) -> dict[str, Any]:
    window = GRAINS[grain].window
    return {
        "since": graphene.DateTime(
            description=f"First instant that counts: the beginning of a {window}, UTC; absent: "
            "all before too."
        ),
        "until": graphene.DateTime(
            description=f"First instant that counts no more: the beginning of a {window}, UTC; "
            "absent: all after too."
        ),
        "model": graphene.String(
            required=True,
            default_value=DEFAULT_VERSION,
            description="Version of the model: one of `experienceModels`.",
        ),
    }


def _experience(series: Series) -> Row:
    version, as_of = series.model.version, series.as_of
    return {"series": series, "model_version": version, "as_of": as_of, **told(series.score)}


def _by_key(grain: str, column: str) -> Find:
    """Return what finds series by a column of the node that is a key of the grain."""

    async def find(context: RequestContext, node: Row, version: str, span: Span) -> Series | None:
        settings = context.settings
        found: Series | None = await context.dataloaders.stored(
            _series,
            node[column],
            folder=settings.experience_folder,
            models=settings.models_folder,
            version=version,
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


async def _scored(
    context: RequestContext, version: str, read: Callable[[Model], Series | None]
) -> Series | None:
    """Return what is read by a version of the model, with its score."""
    models = context.settings.models_folder

    def scored() -> Series | None:
        series = read(model_of(version, models))
        if series:
            _ = series.score
        return series

    return await run_sync(scored)


async def _of_service(
    context: RequestContext, node: Row, version: str, span: Span
) -> Series | None:
    folder, service = context.settings.experience_folder, node["service_id"]
    return await _scored(
        context, version, lambda model: series_of_service(folder, model, service, span)
    )


async def _of_place(context: RequestContext, node: Row, version: str, span: Span) -> Series | None:
    check_place(node["h3"])
    cells = await context.dataloaders.by_key(_covering, node["h3"])
    if len(cells) > _MOST_CELLS:
        raise BadInput(f"more than {_MOST_CELLS:,} cells cover the place: ask for a smaller one")
    shares = {cell["key"]: cell["share"] for cell in cells}
    folder, place = context.settings.experience_folder, node["h3"]
    return await _scored(
        context, version, lambda model: series_of_place(folder, model, place, shares, span)
    )


async def _covering(reader: Reader, keys: Sequence[str]) -> dict[str, list[Row]]:
    """Return the cells that cover each of many places, one more than may be."""
    found = await covering(reader, [Start(key) for key in keys], _MOST_CELLS + 1)
    return dict(zip(keys, found, strict=True))


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
        "samples",
        _by_key("samples", "tac"),
        "How good it was in sessions, calls and messages by it, whoever's.",
    )


class AppExperience:
    """The field ``experience`` of ``App``."""

    experience = experience_field(
        "samples", _by_key("samples", "app_id"), "How good it was in sessions of it, whoever's."
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
    experience_by_segment = graphene.List(
        graphene.NonNull(SegmentExperience),
        required=True,
        **_arguments("segments"),
        description="How good it was for the subscribers of each segment, by its name, as of the "
        "last `tiegraph analyse experience`; none where that version of the model has scored "
        "nothing.",
    )

    @staticmethod
    async def resolve_experience_by_segment(
        _root: None,
        info: Info,
        model: str,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Row]:
        settings = context_of(info).settings
        span = checked_span("segments", since, until)
        meant = await run_sync(model_of, model, settings.models_folder)
        try:
            found = await run_sync(series_by_segment, settings.experience_folder, meant, span)
        except NotAnalysed:
            return []
        return [
            {"segment": name, "experience": await run_sync(_experience, series)}
            for name, series in found
        ]
