"""What subscribers like, as the last analysis told it."""

import graphene
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from graph.database.session import Row
from graph.preference.reading import preferences


class Interest(graphene.ObjectType):
    """Something that people like; docs/preferences.md has them all."""

    key = graphene.ID(required=True, description="Key of the interest, such as `catering`.")
    name = graphene.String(required=True, description="What it is called.")
    part_of = graphene.ID(description="Key of the wider interest that it is part of.")

    @staticmethod
    def resolve_key(interest: Row, _info: Info) -> str:
        return str(interest["interest_id"])


class Preference(graphene.ObjectType):
    """An interest that somebody has more of than is usual, and how that is told."""

    interest = graphene.Field(graphene.NonNull(Interest), description="What they like.")
    score = graphene.Float(
        required=True,
        description="How much more than is usual, above 0.5 and below 1: at 0.75, their share of "
        "use is three times the usual one.",
    )
    confidence = graphene.Float(
        required=True, description="Probability that it is more than usual; 0.9 to 1."
    )
    evidence = graphene.Float(
        required=True,
        description="Sessions that tell of it, each halved for every 30 days since; above 0.",
    )
    sessions = graphene.Int(required=True, description="These sessions, undiminished; at least 1.")
    last_at = graphene.DateTime(required=True, description="When the last one began, in UTC.")
    as_of = graphene.DateTime(required=True, description="When this was told, in UTC.")

    @staticmethod
    def resolve_interest(preference: Row, _info: Info) -> Row:
        return preference


class PreferencesField:
    """The field ``preferences`` of ``Subscriber``."""

    preferences = graphene.List(
        graphene.NonNull(Preference),
        required=True,
        description="What they like, the strongest first, as of the last `tiegraph analyse "
        "preferences`; none before.",
    )

    @staticmethod
    async def resolve_preferences(subscriber: Row, info: Info) -> list[Row]:
        key = subscriber["subscriber_id"]
        found: list[Row] | None = await context_of(info).dataloaders.by_key(preferences, key)
        return found or []
