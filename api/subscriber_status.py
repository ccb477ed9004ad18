"""Whether a subscriber stays: asked for wherever subscribers are."""

import graphene

from api.enums import described


class SubscriberStatus(graphene.Enum):
    """Whether a subscriber stays."""

    class Meta:
        description = described(
            "Whether a subscriber stays.",
            {"ACTIVE": "Has a contract.", "CHURNED": "Has left the operator."},
        )

    ACTIVE = "active"
    CHURNED = "churned"
