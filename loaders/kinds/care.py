"""What subscribers and the operator had to say to each other: touchpoints and surveys."""

import pyarrow as pa

from graph.kernels import pc
from loaders.kinds.usage import SERVICES
from loaders.records import Column, Kind, Record, Rule, number, subscriber

STAGES = ("interact", "choose", "use", "get_help")
_SCALES = {"mos": (1, 5), "nps": (0, 10), "csat": (1, 5)}


def _is_off_its_scale(survey: Record) -> pa.Array:
    is_off = pa.scalar(False)
    for kind, (least, most) in _SCALES.items():
        is_outside = pc.or_(pc.less(survey["score"], least), pc.greater(survey["score"], most))
        is_off = pc.or_(is_off, pc.and_(pc.equal(survey["kind"], kind), is_outside))
    return is_off


KINDS = (
    Kind(
        "touchpoints",
        "One contact between a subscriber and the operator.",
        (
            Column("touchpoint_id", "pseudonym", "the contact", is_mandatory=True),
            subscriber(),
            Column("at", "instant", "when", is_mandatory=True),
            Column("stage", "text", "stage of the journey", is_mandatory=True, choices=STAGES),
            Column("channel", "text", "how, such as shop, app or hotline"),
            Column("topic", "text", "what about"),
            Column("outcome", "text", "what came of it"),
            number("duration_s", "how long it took", "s", 0, 31 * 86_400, is_whole=True),
        ),
    ),
    Kind(
        "surveys",
        "What a subscriber answered when asked how it was.",
        (
            subscriber(),
            Column("answered_at", "instant", "when", is_mandatory=True),
            Column(
                "kind",
                "text",
                "`mos`: 1 to 5; `nps`: 0 to 10; `csat`: 1 to 5",
                is_mandatory=True,
                choices=tuple(_SCALES),
            ),
            number("score", "the answer", None, 0, 10, is_mandatory=True),
            Column("service", "text", "the service it is about", choices=SERVICES),
            Column("app_id", "key", "the app it is about"),
            Column("session_id", "pseudonym", "the session it is about"),
        ),
        (Rule(("score",), "score is off the scale of its kind", _is_off_its_scale),),
    ),
)
