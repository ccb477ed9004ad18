"""What a kind of canonical record is: columns with a type, a unit and a range, and rules.

The rules hold between the columns of one record. Every record also carries ``namespace`` (whose
numbering its identities belong to) and where it came from: ``file`` and ``line``, the physical line
on which its row starts (the header is line 1).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pyarrow as pa

from graph.kernels import pc

ColumnType = Literal[
    "identity", "pseudonym", "key", "text", "int", "float", "bool", "instant", "date"
]
Record = Mapping[str, pa.Array]

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # before the first mobile networks' records
END = datetime(2100, 1, 1, tzinfo=UTC)
LONGEST_TEXT = 200  # characters; an index of Neo4j takes some 8,000 bytes, a person far less
LONGEST_S = 31 * 86_400  # a longer call or session is a broken clock; sums must stay below 2^63

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
        A canonical unit of ``loaders.units``.
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
class Derived:
    """What is worked out of a record once, when it is read, and kept with it."""

    name: str
    type: pa.DataType
    of: Callable[[Record], pa.Array]


@dataclass(frozen=True)
class Kind:
    """One kind of canonical record."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    derived: tuple[Derived, ...] = ()

    def column(self, name: str) -> Column | None:
        """Return the column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def time(self) -> str | None:
        """The column that says when, where every record has one."""
        instants = [c.name for c in self.columns if c.type == "instant" and c.is_mandatory]
        return instants[0] if instants else None

    def schema(self) -> pa.Schema:
        """Return the Arrow schema: columns, what is derived, ``namespace``, ``file``, ``line``."""
        fields = [
            pa.field(column.name, ARROW_TYPES[column.type], nullable=not column.is_mandatory)
            for column in self.columns
        ]
        provenance = [
            pa.field("namespace", _TEXT, nullable=False),
            pa.field("file", _TEXT, nullable=False),
            pa.field("line", pa.int64(), nullable=False),
        ]
        derived = [pa.field(each.name, each.type) for each in self.derived]
        return pa.schema([*fields, *derived, *provenance])


def subscriber(name: str = "subscriber_id", meaning: str = "the subscriber") -> Column:
    """Return a mandatory column with somebody's identity."""
    return Column(name, "identity", meaning, is_mandatory=True)


def number(
    name: str,
    meaning: str,
    unit: str | None,
    minimum: float,
    maximum: float,
    *,
    is_whole: bool = False,
    is_mandatory: bool = False,
) -> Column:
    """Return a column of numbers with its unit and range."""
    kind: ColumnType = "int" if is_whole else "float"
    return Column(name, kind, meaning, is_mandatory, unit, minimum, maximum)


def contact_with_oneself(field: str, other: str) -> Rule:
    """Return the rule that two people are not the same."""
    return Rule(
        (field, other),
        "contact with oneself",
        lambda record: pc.equal(record[field], record[other]),
    )


def ends_before_it_begins(begin: str, end: str) -> Rule:
    """Return the rule that one time is not before another."""
    return Rule(
        (end, begin), f"{end} is before {begin}", lambda record: pc.less(record[end], record[begin])
    )


def position(*, is_mandatory: bool) -> tuple[Column, Column]:
    """Return the columns of a position on earth."""
    return (
        number("lat_deg", "WGS 84 latitude", "deg", -90, 90, is_mandatory=is_mandatory),
        number("lon_deg", "WGS 84 longitude", "deg", -180, 180, is_mandatory=is_mandatory),
    )


def _both_coordinates_are_zero(record: Record) -> pa.Array:
    # A real place there is in the Gulf of Guinea; in practice it is what an empty field becomes.
    return pc.and_(pc.equal(record["lat_deg"], 0), pc.equal(record["lon_deg"], 0))


ON_EARTH = Rule(
    ("lat_deg", "lon_deg"), "lat_deg and lon_deg are both 0", _both_coordinates_are_zero
)
WHOLE_POSITION = Rule(
    ("lat_deg", "lon_deg"),
    "one of lat_deg and lon_deg is missing",
    lambda record: pc.xor(pc.is_null(record["lat_deg"]), pc.is_null(record["lon_deg"])),
)
