"""Scores taken apart: of services, KQIs and KPIs, stages of the journey and windows."""

import graphene
from graphql import GraphQLResolveInfo as Info

from api.enums import described
from api.journey import JourneyStage
from graph.database.session import Row
from graph.experience.tally import KqiScore, Score

DOMAIN_OF_KPI = (
    "Whose part of the way it is, as a rule: device, radio, core, transport, service_provider or "
    "care; null: nobody's alone."
)
_POINTS = "; the contributions of all services sum to `cei`"
_CONFIDENCE = (
    "How much the samples count beside ten of which nothing is known, `n / (n + 10)`: 0 of none, a "
    "half of ten, towards 1 of many."
)


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
    coverage = graphene.Float(
        required=True, description="Share of its service's samples that have it, 0 to 1."
    )
    confidence = graphene.Float(required=True, description=_CONFIDENCE)
    domain = graphene.String(description=DOMAIN_OF_KPI)
    source = graphene.String(
        required=True, description="Key of what its mapping is from, in the model's `sources`."
    )


class ExperienceKqi(graphene.ObjectType):
    """What one aspect of a service says of the samples."""

    name = graphene.String(required=True, description="accessibility, retainability or integrity.")
    service = graphene.String(required=True, description="Name of its service in the model.")
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
    coverage = graphene.Float(
        required=True, description="Share of its weight that is known, 0 to 1."
    )
    confidence = graphene.Float(required=True, description=_CONFIDENCE)
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
    coverage = graphene.Float(
        required=True, description="Share of the weight that is known, 0 to 1."
    )
    confidence = graphene.Float(required=True, description=_CONFIDENCE)
    contribution = graphene.Float(
        required=True, description=f"Points of the CEI that come from it, 0 to 100{_POINTS}."
    )
    kqis = graphene.List(
        graphene.NonNull(ExperienceKqi),
        required=True,
        description="Its KQIs, whose contributions sum to its own.",
    )


class Scored:
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
    confidence = graphene.Float(required=True, description=_CONFIDENCE)
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
    kqis = graphene.List(
        graphene.NonNull(ExperienceKqi),
        required=True,
        description="The KQIs of all services, by service; their contributions sum to `cei`.",
    )

    @staticmethod
    def resolve_kqis(scored: Row, _info: Info) -> list[KqiScore]:
        return [kqi for service in scored["services"] for kqi in service.kqis]


class ExperienceStage(Scored, graphene.ObjectType):
    """The score of one stage of the journey."""

    stage = graphene.Field(graphene.NonNull(JourneyStage), description="The stage.")
    contribution = graphene.Float(
        required=True, description="Points of the whole `cei` that come from it, 0 to 100."
    )


class ExperienceWindow(Scored, graphene.ObjectType):
    """The score of one window, from its beginning until before its end."""

    since = graphene.DateTime(required=True, description="First instant, in UTC.")
    until = graphene.DateTime(required=True, description="First instant behind it, in UTC.")


_TOLD = ("cei", "least", "coverage", "margin", "confidence", "samples", "scored", "services")


def told(score: Score) -> Row:
    """Return what ``Scored`` has of a score."""
    return {name: getattr(score, name) for name in _TOLD}
