"""Who asks."""

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api import tokens
from api.context import context_of
from api.enums import described
from api.partner import Partner
from graph.partner import partner as known


class RoleName(graphene.Enum):
    """What somebody may do here."""

    class Meta:
        name = "Role"
        description = described(
            "What somebody may do here.",
            {
                "ANALYST": "Reads everything, but not by raw identity.",
                "RETENTION": "Reads everything except loads, but not by raw identity.",
                "CARE": "Reads everything, also by raw identity, and works on problems.",
                "PARTNER": "A third party: reads only what subscribers consented to.",
                "ADMIN": "Reads everything, and works on problems.",
            },
        )

    ANALYST = "analyst"
    RETENTION = "retention"
    CARE = "care"
    PARTNER = "partner"
    ADMIN = "admin"


class Viewer(graphene.ObjectType):
    """Who asks, as the token says."""

    role = graphene.Field(graphene.NonNull(RoleName), description="What they may do.")
    subject = graphene.String(required=True, description="Their name; `anonymous` without token.")
    expires_at = graphene.DateTime(
        description="When the token ends, in UTC; null for a request without a token."
    )
    partner = graphene.Field(
        Partner, description="What is known of a partner that asks; null for others."
    )

    @staticmethod
    async def resolve_partner(viewer: tokens.Viewer, info: Info) -> known.Partner | None:
        if viewer.role != "partner":
            return None
        return await run_sync(context_of(info).services.partners.find, viewer.subject)


class ViewerQuery:
    """Fields of ``Query``."""

    viewer = graphene.Field(graphene.NonNull(Viewer), description="Who asks.")

    @staticmethod
    def resolve_viewer(_root: None, info: Info) -> tokens.Viewer:
        return context_of(info).viewer
