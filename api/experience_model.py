"""Models of experience: what is measured, what it means, how much it weighs, and who says so."""

import math
from collections.abc import Iterator
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.journey import SurveyKind
from api.scores import DOMAIN_OF_KPI
from graph.experience.mappings import Mapping, Piecewise
from graph.experience.model import (
    DEFAULT_VERSION,
    KQIS,
    Kpi,
    Kqi,
    Model,
    Service,
    model_files,
    model_of,
)
from graph.experience.stored import is_scored
from graph.settings import Settings


class ExperiencePoint(graphene.ObjectType):
    """A point of a mapping."""

    value = graphene.Float(required=True, description="Value, in the KPI's unit.")
    score = graphene.Float(required=True, description="Its score, 0 to 1.")


class ExperienceMapping(graphene.ObjectType):
    """From a KPI's value to a score from 0 to 1; monotone, and flat beyond its ends."""

    kind = graphene.String(
        required=True,
        description="linear: a straight line; logarithmic: one over the logarithm; iqx: "
        "exponential decay; mos: a mean opinion score; piecewise: straight lines between points.",
    )
    worst = graphene.Float(
        description="Value, in the KPI's unit, that maps to 0; null: it is only approached."
    )
    best = graphene.Float(required=True, description="Value, in the KPI's unit, that maps to 1.")
    rate = graphene.Float(
        description="Of iqx, the rate of decay, per unit of the KPI; above 0; null: it is not iqx."
    )
    points = graphene.List(
        graphene.NonNull(ExperiencePoint),
        required=True,
        description="Of piecewise, its points by value, at least 2; of others, none.",
    )

    @staticmethod
    def resolve_worst(mapping: Mapping, _info: Info) -> float | None:
        return mapping.worst if math.isfinite(mapping.worst) else None

    @staticmethod
    def resolve_rate(mapping: Mapping, _info: Info) -> float | None:
        return getattr(mapping, "rate", None)

    @staticmethod
    def resolve_points(mapping: Mapping, _info: Info) -> list[dict[str, float]]:
        points = mapping.points if isinstance(mapping, Piecewise) else ()
        return [{"value": value, "score": score} for value, score in points]


class ExperienceModelKpi(graphene.ObjectType):
    """One measure of a sample, and what it means."""

    name = graphene.String(required=True, description="Name of the KPI.")
    measure = graphene.String(
        required=True, description="What is measured: see docs/experience.md."
    )
    unit = graphene.String(required=True, description="Unit, such as ms; bool: 1 or 0.")
    better = graphene.String(required=True, description="Direction: more or less.")
    weight = graphene.Float(
        required=True, description="Share in its KQI, above 0 up to 1; they sum to 1."
    )
    mapping = graphene.Field(
        graphene.NonNull(ExperienceMapping), description="From its value to its score."
    )
    source = graphene.String(
        required=True, description="Key of what the mapping is from, in the model's `sources`."
    )
    domain = graphene.String(description=DOMAIN_OF_KPI)


class ExperienceModelKqi(graphene.ObjectType):
    """One aspect of a service."""

    name = graphene.String(required=True, description="accessibility, retainability or integrity.")
    weight = graphene.Float(
        required=True, description="Share in the service's score, above 0 up to 1; they sum to 1."
    )
    veto_below = graphene.Float(
        description="A score of the KQI, above 0 up to 1, under which it caps the sample's; null: "
        "it never does."
    )
    veto_cap = graphene.Float(
        description="What the sample's score then is at most, 0 up to below 1; null: no veto."
    )
    kpis = graphene.List(
        graphene.NonNull(ExperienceModelKpi), required=True, description="Its KPIs."
    )


class ExperienceModelService(graphene.ObjectType):
    """One service: which records are its samples, and how they are scored."""

    name = graphene.String(required=True, description="Name of the service.")
    title = graphene.String(required=True, description="What it is.")
    records = graphene.String(
        required=True, description="Kind of record that its samples are, such as sessions."
    )
    selects = graphene.String(
        description="Text that its records have as their service or stage; null: all are its."
    )
    importance = graphene.Float(
        required=True, description="Weight of a sample in scores of several services; above 0."
    )
    stage = graphene.String(
        required=True, description="Stage of the journey: interact, choose, use or get_help."
    )
    kqis = graphene.List(
        graphene.NonNull(ExperienceModelKqi), required=True, description="Its KQIs."
    )

    @staticmethod
    def resolve_selects(service: dict[str, Any], _info: Info) -> str | None:
        return next(iter(service["where"].values()), None)


class ExperienceModelSource(graphene.ObjectType):
    """What mappings are from."""

    key = graphene.String(required=True, description="How KPIs name it.")
    citation = graphene.String(required=True, description="What it is.")


class _Fit:
    """How near predictions come to answers."""

    pearson = graphene.Float(
        required=True, description="Correlation of predictions with answers, -1 to 1."
    )
    mean_absolute_error = graphene.Float(
        required=True, description="Mean distance from the answers, on their scale; at least 0."
    )


class ExperienceFit(_Fit, graphene.ObjectType):
    """How near a way of predicting comes to answers."""


class ExperienceFold(_Fit, graphene.ObjectType):
    """How near the fit comes to the answers of people who had no part in it."""

    people = graphene.Int(required=True, description="The people of this fold; at least 1.")
    samples = graphene.Int(required=True, description="Their answers; at least 1.")


class ExperienceCalibration(graphene.ObjectType):
    """How a service's part of the model was fitted to surveys, and how well."""

    service = graphene.String(required=True, description="The service.")
    based_on = graphene.String(required=True, description="The version that was fitted.")
    opinion = graphene.Field(graphene.NonNull(SurveyKind), description="Kind of survey.")
    people = graphene.Int(required=True, description="Who answered; at least 10.")
    samples = graphene.Int(required=True, description="Answers that it was fitted to.")
    left_out = graphene.Int(
        required=True, description="Answers that were left out, as KPIs of the fit lacked."
    )
    window_days = graphene.Int(
        description="For how many days before an answer all samples of whoever gave it count, at "
        "least 1; null: answers name the sample that they are about."
    )
    uncalibrated = graphene.Field(
        graphene.NonNull(ExperienceFit), description="By the version that was fitted."
    )
    calibrated = graphene.Field(
        graphene.NonNull(ExperienceFit), description="By this version's method, of people unseen."
    )
    random_forest = graphene.Field(
        graphene.NonNull(ExperienceFit),
        description="By a random forest on the same KPIs, of the same people unseen.",
    )
    folds = graphene.List(
        graphene.NonNull(ExperienceFold),
        required=True,
        description="The ten parts of the people, of which each was predicted by the other nine.",
    )


class ExperienceModel(graphene.ObjectType):
    """One version of the model: how KPIs make KQIs, and these the score of a sample."""

    version = graphene.String(required=True, description="Its version.")
    title = graphene.String(required=True, description="What it is.")
    is_scored = graphene.Boolean(
        required=True, description="Whether `tiegraph analyse experience` has scored by it."
    )
    sources = graphene.List(
        graphene.NonNull(ExperienceModelSource),
        required=True,
        description="What its mappings are from.",
    )
    services = graphene.List(
        graphene.NonNull(ExperienceModelService), required=True, description="Its services."
    )
    calibrations = graphene.List(
        graphene.NonNull(ExperienceCalibration),
        required=True,
        description="How it was fitted to surveys, the newest last; none where it was not.",
    )

    @staticmethod
    async def resolve_is_scored(model: Model, info: Info) -> bool:
        return await run_sync(is_scored, context_of(info).settings.experience_folder, model)

    @staticmethod
    def resolve_sources(model: Model, _info: Info) -> list[dict[str, str]]:
        return [{"key": key, "citation": text} for key, text in model.sources.items()]

    @staticmethod
    def resolve_services(model: Model, _info: Info) -> list[dict[str, Any]]:
        return [
            {**dict(service), "name": name, "kqis": list(_kqis(service))}
            for name, service in model.services.items()
        ]


def _kqis(service: Service) -> Iterator[dict[str, Any]]:
    for name in KQIS:
        if name in service.kqis:
            kqi = service.kqis[name]
            kpis = [_kpi(name, kpi) for name, kpi in kqi.kpis.items()]
            yield {"name": name, "weight": kqi.weight, **_veto(kqi), "kpis": kpis}


def _veto(kqi: Kqi) -> dict[str, float]:
    return {"veto_below": kqi.veto.below, "veto_cap": kqi.veto.cap} if kqi.veto else {}


def _kpi(name: str, kpi: Kpi) -> dict[str, Any]:
    return {**dict(kpi), "name": name, "mapping": kpi.map}


class ExperienceModelQuery:
    """Fields of ``Query``."""

    experience_model = graphene.Field(
        ExperienceModel,
        version=graphene.String(
            required=True, default_value=DEFAULT_VERSION, description="Version of the model."
        ),
        description="A version of the model of experience; an error names those there are.",
    )
    experience_models = graphene.List(
        graphene.NonNull(ExperienceModel),
        required=True,
        description="All versions, the shipped and those of the home folder, by version.",
    )

    @staticmethod
    async def resolve_experience_model(_root: None, info: Info, version: str) -> Model:
        return await run_sync(model_of, version, context_of(info).settings.models_folder)

    @staticmethod
    async def resolve_experience_models(_root: None, info: Info) -> list[Model]:
        return await run_sync(_models, context_of(info).settings)


def _models(settings: Settings) -> list[Model]:
    folder = settings.models_folder
    return [model_of(version, folder) for version in sorted(model_files(folder))]
