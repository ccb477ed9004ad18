"""What subscribers and the operator had to say to each other: touchpoints and surveys."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false

import ibis
from ibis.expr.types import Column, Table

TOUCHPOINT = ("at", "stage", "channel", "topic", "outcome", "duration_s")
SURVEY = ("kind", "score", "answered_at", "session_id")
_KEY_LENGTH = 32  # hexadecimal digits, as a pseudonym has
_STEPS = 1_000_000  # of a score, that two answers differ by at least


def touchpoints(reported: Table) -> Table:
    """Return one row per touchpoint; of several values, the greatest."""
    facts = ("subscriber_id", *TOUCHPOINT)
    return reported.group_by("touchpoint_id").agg(**{name: reported[name].max() for name in facts})


def surveys(reported: Table) -> Table:
    """Return one row per answer, with a key that is made of all that it says.

    Nobody numbers answers, so those that say the same in the same second are one.
    """
    answered = reported.mutate(survey_id=_key_of(reported)).rename(service_id="service")
    facts = ("subscriber_id", "service_id", "app_id", *SURVEY)
    return answered.group_by("survey_id").agg(**{name: answered[name].max() for name in facts})


def _key_of(answer: Table) -> Column:
    """Return a digest that every engine makes alike: of texts and whole numbers only."""
    parts = (
        answer.subscriber_id,
        answer.answered_at.truncate("s").epoch_seconds().cast("int64").cast("string"),
        answer.kind,
        (answer.score * _STEPS).round().cast("int64").cast("string"),
        answer.service,
        answer.app_id,
        answer.session_id,
    )
    text = ibis.literal("|").join([part.fill_null("") for part in parts])
    return text.hexdigest("sha256").left(_KEY_LENGTH)
