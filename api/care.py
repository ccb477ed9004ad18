"""What subscribers and the operator had to say to each other: touchpoints and surveys."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.enums import described, plain
from api.relay import Connection, Edge, Node, Page, edges_of, node_id, nodes_of, paging
from api.usage import App, Service
from graph.care import answered, answered_counts, had, had_counts
from graph.database.session import Row
from graph.usage import apps, services


class JourneyStage(graphene.Enum):
    """Where a subscriber is on the way with the operator."""

    class Meta:
        description = described(
            "Where a subscriber is on the way with the operator.",
            {
                "INTERACT": "Hears of the operator and asks.",
                "CHOOSE": "Chooses and buys.",
                "USE": "Uses what was bought.",
                "GET_HELP": "Gets help.",
            },
        )

    INTERACT = "interact"
    CHOOSE = "choose"
    USE = "use"
    GET_HELP = "get_help"


class SurveyKind(graphene.Enum):
    """What was asked, and on which scale it was answered."""

    class Meta:
        description = described(
            "What was asked, and on which scale it was answered.",
            {
                "MOS": "Mean opinion score: how good it was, 1 to 5.",
                "NPS": "Net promoter score: whether they would recommend it, 0 to 10.",
                "CSAT": "Customer satisfaction, 1 to 5.",
            },
        )

    MOS = "mos"
    NPS = "nps"
    CSAT = "csat"


class Touchpoint(graphene.ObjectType):
    """One contact between a subscriber and the operator."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(required=True, description="Pseudonym of the touchpoint's identifier.")
    stage = graphene.Field(
        graphene.NonNull(JourneyStage), description="The stage of the journey it belongs to."
    )
    at = graphene.DateTime(required=True, description="When, in UTC.")
    channel = graphene.String(description="How, such as shop, app or hotline.")
    topic = graphene.String(description="What about, as the source has it.")
    outcome = graphene.String(description="What came of it, as the source has it.")
    duration_s = graphene.Int(description="How long it took, in seconds; at least 0.")

    @staticmethod
    def resolve_id(touchpoint: Row, _info: Info) -> str:
        return node_id("Touchpoint", touchpoint["touchpoint_id"])

    @staticmethod
    def resolve_key(touchpoint: Row, _info: Info) -> str:
        return str(touchpoint["touchpoint_id"])


class TouchpointEdge(Edge, graphene.ObjectType):
    """A touchpoint in a list of touchpoints."""

    node = graphene.Field(graphene.NonNull(Touchpoint), description="The touchpoint.")


class TouchpointConnection(Connection, graphene.ObjectType):
    """Touchpoints, the latest first, equals by key."""

    edges = edges_of(TouchpointEdge)
    nodes = nodes_of(Touchpoint)


class Survey(graphene.ObjectType):
    """What a subscriber answered when asked how it was."""

    class Meta:
        interfaces = (Node,)

    key = graphene.ID(required=True, description="Digest of the whole answer.")
    kind = graphene.Field(
        graphene.NonNull(SurveyKind), description="What was asked, which has its own scale."
    )
    score = graphene.Float(
        required=True, description="The answer: 1 to 5 for MOS and CSAT, 0 to 10 for NPS."
    )
    answered_at = graphene.DateTime(required=True, description="When, in UTC.")
    service = graphene.Field(Service, description="What it is about; null where not stated.")
    app = graphene.Field(App, description="The app it is about; null where not stated.")

    @staticmethod
    def resolve_id(survey: Row, _info: Info) -> str:
        return node_id("Survey", survey["survey_id"])

    @staticmethod
    def resolve_key(survey: Row, _info: Info) -> str:
        return str(survey["survey_id"])

    @staticmethod
    async def resolve_service(survey: Row, info: Info) -> Row | None:
        key = survey["service_id"]
        return await context_of(info).dataloaders.by_key(services, key) if key else None

    @staticmethod
    async def resolve_app(survey: Row, info: Info) -> Row | None:
        key = survey["app_id"]
        return await context_of(info).dataloaders.by_key(apps, key) if key else None


class SurveyEdge(Edge, graphene.ObjectType):
    """An answer in a list of answers."""

    node = graphene.Field(graphene.NonNull(Survey), description="The answer.")


class SurveyConnection(Connection, graphene.ObjectType):
    """Answers, the latest first, equals by key."""

    edges = edges_of(SurveyEdge)
    nodes = nodes_of(Survey)


class CareFields:
    """The fields ``touchpoints`` and ``surveys`` of ``Subscriber``."""

    touchpoints = graphene.Field(
        graphene.NonNull(TouchpointConnection),
        stage=JourneyStage(description="Only of this stage; all where absent."),
        **paging(),
        description="Their contacts with the operator.",
    )
    surveys = graphene.Field(
        graphene.NonNull(SurveyConnection),
        kind=SurveyKind(description="Only of this kind; all where absent."),
        **paging(),
        description="What they answered when asked how it was.",
    )

    @staticmethod
    async def resolve_touchpoints(
        subscriber: Row,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        stage: Any = None,
    ) -> Page:
        key = subscriber["subscriber_id"]
        return await context_of(info).dataloaders.page(
            "touchpoints", had, had_counts, key, first, after, stage=plain(stage)
        )

    @staticmethod
    async def resolve_surveys(
        subscriber: Row,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        kind: Any = None,
    ) -> Page:
        key = subscriber["subscriber_id"]
        return await context_of(info).dataloaders.page(
            "surveys", answered, answered_counts, key, first, after, kind=plain(kind)
        )
