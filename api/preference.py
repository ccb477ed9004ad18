"""What subscribers like, as the last analysis told it."""

import graphene
from graphql import GraphQLResolveInfo as Info

from api.enums import described
from api.resolvers import all_of_subscriber
from graph.database.session import Row
from graph.preference.reading import preferences as read_preferences


class Interest(graphene.ObjectType):
    """Something that people like; docs/preferences.md has them all."""

    key = graphene.ID(required=True, description="Key of the interest, such as `catering`.")
    name = graphene.String(required=True, description="What it is called.")
    part_of = graphene.ID(description="Key of the wider interest that it is part of.")

    @staticmethod
    def resolve_key(interest: Row, _info: Info) -> str:
        return str(interest["interest_id"])


class PreferenceSource(graphene.Enum):
    """Where evidence of an interest comes from."""

    class Meta:
        description = described(
            "Where evidence of an interest comes from.",
            {
                "APPS": "Sessions in apps of categories that tell of it.",
                "SITES": "Sessions at sites of the web that tell of it.",
                "PLACES": "Days near venues that tell of it, elsewhere than at home or work.",
                "TIMES": "Nights on which they were elsewhere than at home or work.",
            },
        )

    APPS = "apps"
    SITES = "sites"
    PLACES = "places"
    TIMES = "times"


class PreferenceEvidence(graphene.ObjectType):
    """What one source tells of a preference."""

    source = graphene.Field(graphene.NonNull(PreferenceSource), description="Which.")
    evidence = graphene.Float(
        required=True, description="Its part of the preference's evidence, in sessions; above 0."
    )
    times = graphene.Int(
        required=True, description="Sessions, days or nights that it counts; at least 1."
    )
    last_at = graphene.DateTime(required=True, description="When the last one was, in UTC.")


class Preference(graphene.ObjectType):
    """An interest that somebody has more of than is usual, and how that is told."""

    interest = graphene.Field(graphene.NonNull(Interest), description="What they like.")
    score = graphene.Float(
        required=True,
        description="How much more than is usual, above 0.5 and below 1: at 0.75, their share of "
        "evidence is three times the usual one.",
    )
    confidence = graphene.Float(
        required=True, description="Probability that it is more than usual; 0.9 to 1."
    )
    evidence = graphene.Float(
        required=True,
        description="What tells of it, in sessions, each halved for every 30 days since; above 0. "
        "A day at a place and a night count as three.",
    )
    sessions = graphene.Int(
        required=True, description="Sessions that tell of it, undiminished; at least 0."
    )
    last_at = graphene.DateTime(required=True, description="When it was last told, in UTC.")
    sources = graphene.List(
        graphene.NonNull(PreferenceEvidence),
        required=True,
        description="The evidence by where it comes from, from apps to times.",
    )
    as_of = graphene.DateTime(required=True, description="When this was told, in UTC.")

    @staticmethod
    def resolve_interest(preference: Row, _info: Info) -> Row:
        return preference

    @staticmethod
    def resolve_sources(preference: Row, _info: Info) -> list[Row]:
        # An analysis of before there were sources wrote none.
        columns = ("evidence", "times", "last_at")
        told = zip(*(preference.get(f"source_{name}", []) for name in columns), strict=True)
        return [
            {"source": source} | dict(zip(columns, values, strict=True))
            for source, values in zip(preference.get("sources", []), told, strict=True)
        ]


class PreferencesField:
    """The field ``preferences`` of ``Subscriber``."""

    preferences = graphene.List(
        graphene.NonNull(Preference),
        required=True,
        description="What they like, the strongest first, as of the last `tiegraph analyse "
        "preferences`; none before.",
    )

    resolve_preferences = all_of_subscriber(read_preferences)
