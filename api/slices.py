"""Which events a question on behaviour means, and what makes a period of them."""

import graphene

from api.enums import described


class BehaviourGrouping(graphene.Enum):
    """What makes a period; indicators are made for each and then summed up."""

    class Meta:
        description = described(
            "What makes a period; indicators are made for each and then summed up.",
            {
                "DAY": "A day.",
                "WEEK": "A week of ISO 8601, from Monday.",
                "MONTH": "A month.",
                "YEAR": "A year.",
                "NONE": "All time is one period.",
            },
        )

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    NONE = "none"


class PartOfWeek(graphene.Enum):
    """Which days count."""

    class Meta:
        description = described(
            "Which days count.",
            {"ALL": "All.", "WEEKDAY": "Monday to Friday.", "WEEKEND": "Saturday and Sunday."},
        )

    ALL = "all"
    WEEKDAY = "weekday"
    WEEKEND = "weekend"


class PartOfDay(graphene.Enum):
    """Which times of the day count."""

    class Meta:
        description = described(
            "Which times of the day count.",
            {
                "ALL": "All.",
                "DAY": "After 07:00:00 and before 19:00:00.",
                "NIGHT": "From 19:00:00 to 07:00:00.",
            },
        )

    ALL = "all"
    DAY = "day"
    NIGHT = "night"


class BehaviourInteraction(graphene.Enum):
    """Which events count."""

    class Meta:
        description = described(
            "Which events count.",
            {"BOTH": "Calls and text messages.", "CALL": "Calls.", "TEXT": "Text messages."},
        )

    BOTH = "both"
    CALL = "call"
    TEXT = "text"
