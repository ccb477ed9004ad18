"""What subscribers and the operator had to say to each other: touchpoints and surveys."""

import graphene

from api.journey import JourneyStage, SurveyKind
from api.relay import Connection, Edge, Node, edges_of, nodes_of, paging, spanning
from api.resolvers import id_of, key_of, listed_of_subscriber, read_for
from api.usage import App, Service
from graph.care import answered, answered_counts, had, had_counts
from graph.usage import apps, services


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

    resolve_id = id_of("Touchpoint", "touchpoint_id")
    resolve_key = key_of("touchpoint_id")


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

    resolve_id = id_of("Survey", "survey_id")
    resolve_key = key_of("survey_id")
    resolve_service = read_for(services, "service_id")
    resolve_app = read_for(apps, "app_id")


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
        **spanning("what happened"),
        **paging(),
        description="Their contacts with the operator.",
    )
    surveys = graphene.Field(
        graphene.NonNull(SurveyConnection),
        kind=SurveyKind(description="Only of this kind; all where absent."),
        **spanning("what was answered"),
        **paging(),
        description="What they answered when asked how it was.",
    )

    resolve_touchpoints = listed_of_subscriber(
        "touchpoints", had, had_counts, "stage", "since", "until"
    )
    resolve_surveys = listed_of_subscriber(
        "surveys", answered, answered_counts, "kind", "since", "until"
    )
