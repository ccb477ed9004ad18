"""Who is in touch with whom: calls, messages, and ties that somebody states."""

import pyarrow as pa

from graph.kernels import pc
from loaders.records import (
    LONGEST_S,
    Column,
    Kind,
    Record,
    Rule,
    contact_with_oneself,
    number,
    subscriber,
)


def _an_answered_call_has_no_duration(call: Record) -> pa.Array:
    return pc.and_(call["is_answered"], pc.is_null(call["duration_s"]))


KINDS = (
    Kind(
        "calls",
        "One call attempt from one subscriber to another.",
        (
            subscriber("caller_id", "who called"),
            subscriber("callee_id", "who was called"),
            Column("started_at", "instant", "when the call was set up", is_mandatory=True),
            number(
                "duration_s", "time spoken; absent when missed", "s", 0, LONGEST_S, is_whole=True
            ),
            Column("is_answered", "bool", "false when missed", is_mandatory=True),
            Column("caller_cell_id", "key", "the caller's cell"),
            Column("callee_cell_id", "key", "the callee's cell"),
            Column("is_set_up", "bool", "false when the network failed to set it up"),
            number("setup_ms", "time to set it up", "ms", 0, 600_000),
            Column("is_dropped", "bool", "true when the network cut it off"),
            number("delay_ms", "one-way delay from mouth to ear", "ms", 0, 60_000),
            number("loss_ratio", "share of packets lost", "ratio", 0, 1),
            number("mos", "speech quality as measured", None, 1, 5),
        ),
        (
            contact_with_oneself("callee_id", "caller_id"),
            Rule(
                ("duration_s",),
                "an answered call has no duration",
                _an_answered_call_has_no_duration,
            ),
        ),
    ),
    Kind(
        "messages",
        "One text message from one subscriber to another.",
        (
            subscriber("sender_id", "who sent it"),
            subscriber("recipient_id", "whom it was sent to"),
            Column("sent_at", "instant", "when it was sent", is_mandatory=True),
            Column("sender_cell_id", "key", "the sender's cell"),
            Column("recipient_cell_id", "key", "the recipient's cell"),
            Column("is_delivered", "bool", "false when it never arrived"),
            number("delivery_ms", "time from sending to arrival", "ms", 0, 31 * 86_400_000),
        ),
        (contact_with_oneself("recipient_id", "sender_id"),),
    ),
    Kind(
        "ties",
        "A tie that a third party states; one to oneself is kept as it was stated.",
        (
            subscriber(meaning="one end"),
            subscriber("other_id", "the other end"),
            Column(
                "kind",
                "text",
                "kind of tie",
                is_mandatory=True,
                choices=("friendship", "family", "colleague"),
            ),
        ),
    ),
)
