"""The way of a subscriber with the operator: its stages, and what is asked on it."""

import graphene

from api.enums import described


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
