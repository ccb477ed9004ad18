"""Canonical records: what every source is turned into before anything is stored.

A kind of record has columns with a type, a unit and a range, and rules that hold between the
columns of one record. Every record also carries ``namespace`` (whose numbering its identities
belong to) and where it came from: ``file`` and ``line``, the physical line on which its row starts
(the header is line 1).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pyarrow as pa

from loaders.kernels import pc

ColumnType = Literal[
    "identity", "pseudonym", "key", "text", "int", "float", "bool", "instant", "date"
]
Record = Mapping[str, pa.Array]

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # before the first mobile networks' records
END = datetime(2100, 1, 1, tzinfo=UTC)
LONGEST_TEXT = 200  # characters; an index of Neo4j takes some 8,000 bytes, a person far less
_LONGEST_CALL_S = 31 * 86_400  # a longer one is a broken clock, and sums must stay below 2^63
_LARGEST_AMOUNT_MINOR = 10**12

_TEXT = pa.string()
ARROW_TYPES: Mapping[ColumnType, pa.DataType] = {
    "identity": _TEXT,
    "pseudonym": _TEXT,
    "key": _TEXT,
    "text": _TEXT,
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "instant": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
}


@dataclass(frozen=True)
class Column:
    """One column of a kind.

    Attributes
    ----------
    type : ColumnType
        ``identity``: a subscriber's identity, kept as its pseudonym. ``pseudonym``: another
        identifier that may quote an identity, kept as a pseudonym of its own. ``key``: a public
        identifier, kept as ``namespace:identifier``. ``instant``: UTC, in microseconds, in
        [1980, 2100).
    unit : str or None
        ``s``, ``bytes``, ``minor`` (units of the currency), ``months`` or ``deg``.
    minimum, maximum : float or None
        Both inclusive, in the unit.
    """

    name: str
    type: ColumnType
    meaning: str
    is_mandatory: bool = False
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """What must hold between the columns of one record; ``is_broken`` is true where it does not."""

    fields: tuple[str, ...]
    reason: str
    is_broken: Callable[[Record], pa.Array]


@dataclass(frozen=True)
class Kind:
    """One kind of canonical record.

    Examples
    --------
    >>> [column.name for column in KINDS["messages"].columns if column.is_mandatory]
    ['sender_id', 'recipient_id', 'sent_at']
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()

    def column(self, name: str) -> Column | None:
        """Return the column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def schema(self) -> pa.Schema:
        """Return the Arrow schema: the columns, then ``namespace``, ``file`` and ``line``."""
        fields = [
            pa.field(column.name, ARROW_TYPES[column.type], nullable=not column.is_mandatory)
            for column in self.columns
        ]
        provenance = [
            pa.field("namespace", _TEXT, nullable=False),
            pa.field("file", _TEXT, nullable=False),
            pa.field("line", pa.int64(), nullable=False),
        ]
        return pa.schema([*fields, *provenance])


def _contact_with_oneself(field: str, other: str) -> Rule:
    return Rule(
        (field, other),
        "contact with oneself",
        lambda record: pc.equal(record[field], record[other]),
    )


def _ends_before_it_begins(begin: str, end: str) -> Rule:
    return Rule(
        (end, begin), f"{end} is before {begin}", lambda record: pc.less(record[end], record[begin])
    )


def _an_answered_call_has_no_duration(call: Record) -> pa.Array:
    return pc.and_(call["is_answered"], pc.is_null(call["duration_s"]))


def _both_coordinates_are_zero(cell: Record) -> pa.Array:
    # A real place there is in the Gulf of Guinea; in practice it is what an empty field becomes.
    return pc.and_(pc.equal(cell["lat_deg"], 0), pc.equal(cell["lon_deg"], 0))


def _subscriber(name: str = "subscriber_id", meaning: str = "the subscriber") -> Column:
    return Column(name, "identity", meaning, is_mandatory=True)


_CURRENCY = "ISO 4217 code"

_KINDS = (
    Kind(
        "subscribers",
        "What is known of a subscriber; the latest `as_of` counts, column by column.",
        (
            _subscriber(),
            Column("as_of", "instant", "when this was so"),
            Column("status", "text", "whether they stay", choices=("active", "churned")),
            Column("gender", "text", "gender", choices=("female", "male")),
            Column("birth_year", "int", "year of birth", minimum=1880, maximum=2100),
            Column("is_senior", "bool", "is of age 65 or more"),
            Column("has_partner", "bool", "lives with a partner"),
            Column("has_dependents", "bool", "has others to care for"),
            Column("joined_on", "date", "first day of the contract"),
            Column("tenure_months", "int", "time since", unit="months", minimum=0, maximum=1500),
            Column("segment", "text", "the operator's own segment"),
            Column("plan", "text", "the tariff plan"),
        ),
    ),
    Kind(
        "calls",
        "One call attempt from one subscriber to another.",
        (
            _subscriber("caller_id", "who called"),
            _subscriber("callee_id", "who was called"),
            Column("started_at", "instant", "when the call was set up", is_mandatory=True),
            Column(
                "duration_s",
                "int",
                "time spoken; absent when missed",
                unit="s",
                minimum=0,
                maximum=_LONGEST_CALL_S,
            ),
            Column("is_answered", "bool", "false when missed", is_mandatory=True),
            Column("caller_cell_id", "key", "the caller's cell"),
            Column("callee_cell_id", "key", "the callee's cell"),
        ),
        (
            _contact_with_oneself("callee_id", "caller_id"),
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
            _subscriber("sender_id", "who sent it"),
            _subscriber("recipient_id", "whom it was sent to"),
            Column("sent_at", "instant", "when it was sent", is_mandatory=True),
            Column("sender_cell_id", "key", "the sender's cell"),
            Column("recipient_cell_id", "key", "the recipient's cell"),
        ),
        (_contact_with_oneself("recipient_id", "sender_id"),),
    ),
    Kind(
        "ties",
        "A tie that a third party states; one to oneself is kept as it was stated.",
        (
            _subscriber(meaning="one end"),
            _subscriber("other_id", "the other end"),
            Column("kind", "text", "kind of tie", is_mandatory=True, choices=("friendship",)),
        ),
    ),
    Kind(
        "cells",
        "A cell of the network, or the antenna that stands for it, while it stood there.",
        (
            Column("cell_id", "key", "the cell", is_mandatory=True),
            Column(
                "lat_deg", "float", "WGS 84 latitude", True, unit="deg", minimum=-90, maximum=90
            ),
            Column(
                "lon_deg", "float", "WGS 84 longitude", True, unit="deg", minimum=-180, maximum=180
            ),
            Column("valid_from", "instant", "first instant in service"),
            Column("valid_to", "instant", "first instant no longer in service"),
        ),
        (
            Rule(
                ("lat_deg", "lon_deg"), "lat_deg and lon_deg are both 0", _both_coordinates_are_zero
            ),
            _ends_before_it_begins("valid_from", "valid_to"),
        ),
    ),
    Kind(
        "packages",
        "Something that can be subscribed to.",
        (
            Column("package_id", "key", "the package", is_mandatory=True),
            Column("name", "text", "its name"),
            Column("kind", "text", "what it is, such as voice, internet or contract"),
        ),
    ),
    Kind(
        "subscriptions",
        "That a subscriber has a package.",
        (
            _subscriber(),
            Column("package_id", "key", "the package", is_mandatory=True),
            Column("since", "date", "first day"),
            Column("until", "date", "first day without"),
            Column(
                "monthly_charge_minor",
                "int",
                "charge a month",
                unit="minor",
                minimum=-_LARGEST_AMOUNT_MINOR,
                maximum=_LARGEST_AMOUNT_MINOR,
            ),
            Column("currency", "text", _CURRENCY),
        ),
        (_ends_before_it_begins("since", "until"),),
    ),
    Kind(
        "payments",
        "What a subscriber paid.",
        (
            Column("payment_id", "pseudonym", "the payment", is_mandatory=True),
            _subscriber(meaning="who paid"),
            Column(
                "amount_minor",
                "int",
                "amount; negative: refunded",
                is_mandatory=True,
                unit="minor",
                minimum=-_LARGEST_AMOUNT_MINOR,
                maximum=_LARGEST_AMOUNT_MINOR,
            ),
            Column("currency", "text", _CURRENCY, is_mandatory=True),
            Column("paid_at", "instant", "when"),
            Column("channel", "text", "how, such as credit card"),
            Column("kind", "text", "what for, such as charges or top-up"),
        ),
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
