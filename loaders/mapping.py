"""Source mappings: YAML that says which column of which file is which canonical column.

A mapping holds no code. Its language is the fields of the classes below; ``docs/data-formats.md``
explains it with examples. It is checked when it is read, and an error names the file, the key and
the reason.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from graph.documents import Document, KeyPath
from graph.errors import SourceError
from loaders.kinds import KINDS
from loaders.records import Column, Kind
from loaders.times import EPOCH_UNITS, is_format, is_time_zone, states_offset
from loaders.units import UNITS, currency_digits

_BUNDLED = Path(__file__).parent / "sources"
Problem = tuple[KeyPath, str]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _texts(value: object) -> object:
    """Let one text stand for a list of one."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class Value(_Part):
    """Where one canonical column comes from and how its text is to be read.

    Just a text means ``{column: text}``.
    """

    column: str | None = Field(None, description="Name of the column in the file's header.")
    constant: str | None = Field(None, description="The same text for every row.")
    from_: Literal["file_name"] | None = Field(
        None, alias="from", description="`file_name`: the file's name without its endings."
    )
    join: Texts = Field(
        (), description="Columns whose texts make one, after the file's name where `from` is there."
    )
    separator: str = Field("-", description="Between the texts that are joined.")
    optional: bool = Field(False, description="Whether a file may lack the column.")
    missing: Texts = Field((), description="Texts that mean: not known. Empty always does.")
    values: dict[str, str] | None = Field(
        None, description="What each text stands for; others are rejected."
    )
    otherwise: str | None = Field(None, description="What texts not in `values` stand for.")
    unit: str | None = Field(None, description="Unit of the number in the file.")
    decimal_mark: Literal[".", ","] = Field(".", description="Mark before the decimals.")
    minimum: float | None = Field(None, description="Smallest number, in the file's unit.")
    maximum: float | None = Field(None, description="Greatest number, in the file's unit.")
    format: str | None = Field(
        None, description="Time as text: `iso` (ISO 8601), or directives as of strptime."
    )
    epoch: AwareDatetime | None = Field(
        None, description="Time as a number: the instant from which `unit` (s) is counted."
    )
    time_zone: str | None = Field(
        None, description="IANA zone of the clock that wrote the text, such as Europe/Copenhagen."
    )

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the file that the value is made of."""
        return self.join if self.column is None else (self.column,)


def _value(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class RecordRule(_Part):
    """One record that a row yields, if its conditions hold."""

    kind: str = Field(description="Kind of canonical record.")
    when: dict[str, Texts] = Field(
        {}, description="Columns of the file with the texts that each must have one of."
    )
    unless: dict[str, Texts] = Field(
        {}, description="Columns of the file with the texts that each must have none of."
    )
    columns: dict[str, Annotated[Value, BeforeValidator(_value)]] = Field(
        description="Canonical columns and where they come from."
    )

    @property
    def conditions(self) -> Iterator[str]:
        """Columns of the file that decide whether there is a record."""
        yield from self.when
        yield from self.unless


class Table(_Part):
    """One layout of files."""

    files: Texts = Field(
        (), description="Patterns of file names; without one, the header decides alone."
    )
    delimiter: str = Field(",", min_length=1, max_length=1, description="Between two fields.")
    header: Texts = Field(
        (), description="Names of the columns of delimited files that have no header."
    )
    missing: Texts = Field((), description="Texts that mean `not known` in every column.")
    foreseen: dict[str, Texts] = Field(
        {}, description="Columns with all texts that may stand in them; others are rejected."
    )
    records: tuple[RecordRule, ...] = Field(min_length=1, description="What a row yields.")

    @property
    def mandatory_columns(self) -> list[str]:
        """Columns that a file must have, in the order in which they are first named."""
        names = [column for rule in self.records for column in rule.conditions]
        names += [
            column
            for rule in self.records
            for value in rule.columns.values()
            for column in value.columns
            if not value.optional
        ]
        return list(dict.fromkeys([*names, *self.foreseen]))

    @property
    def columns(self) -> list[str]:
        """Every column of the file that the mapping speaks of."""
        values = (value for rule in self.records for value in rule.columns.values())
        named = [column for value in values for column in value.columns]
        return list(dict.fromkeys([*self.mandatory_columns, *named]))

    @property
    def is_named_by_identity(self) -> bool:
        """Whether the name of a file is itself somebody's identity."""
        values = (value for rule in self.records for value in rule.columns.values())
        return any(value.from_ == "file_name" for value in values)


class Identities(_Part):
    """Whose numbering the identities belong to and how they are written."""

    namespace: str | None = Field(
        None,
        pattern=r"^[a-z0-9][a-z0-9._-]*$",
        description="Sources with the same one mean the same people; unset: the source's name.",
    )
    format: Literal["opaque", "msisdn"] = Field(
        "opaque", description="`opaque`: taken as it stands; `msisdn`: a telephone number."
    )
    country_code: str | None = Field(
        None, pattern=r"^[1-9]\d{0,2}$", description="Of national numbers, such as 45."
    )
    trunk_prefix: str = Field(
        "0", pattern=r"^\d*$", description="What a national number begins with; may be empty."
    )


class Source(_Part):
    """A kind of data that can be loaded."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", description="Taken from the file's name.")
    title: str = Field(description="One line for a list of sources.")
    licence: str = Field(description="Under which the data are published.")
    citation: str | None = Field(None, description="What to cite when using them.")
    description: str = Field("", description="What they are, and what the mapping assumes.")
    identities: Identities = Field(
        default_factory=lambda: Identities.model_validate({}), description="See below."
    )
    tables: dict[str, Table] = Field(min_length=1, description="The layouts of its files.")

    @property
    def namespace(self) -> str:
        """Whose numbering the identities belong to."""
        return self.identities.namespace or self.name


def source_names() -> list[str]:
    """Return the names of the bundled sources, sorted.

    Examples
    --------
    >>> "copenhagen" in source_names()
    True
    """
    return sorted(path.stem for path in _BUNDLED.glob("*.yaml"))


def read_source(name: str | Path) -> Source:
    """Return the bundled source of that name, or the one in a YAML file.

    Raises
    ------
    SourceError
        There is no such source or file, or the mapping is not right; the message names the file,
        its line, the key and the reason.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        if str(name) not in source_names():
            known = ", ".join(source_names())
            raise SourceError(
                f"there is no source {str(name)!r}; there are {known}, or name a .yaml file"
            )
        path = _BUNDLED / f"{name}.yaml"
    document = Document(path)
    content = document.content
    if not isinstance(content, dict):
        raise document.error((), "is not a mapping with a title and tables")
    try:
        source = Source.model_validate({"name": path.stem, **content})
    except ValidationError as error:
        first = error.errors()[0]
        raise document.error(first["loc"], _in_plain_words(first["type"], first["msg"])) from error
    for key_path, reason in _problems(source):
        raise document.error(key_path, reason)
    return source


def _in_plain_words(kind: str, message: str) -> str:
    known = {"missing": "is missing", "extra_forbidden": "is not a key that is known here"}
    return known.get(kind, message[:1].lower() + message[1:])


def _problems(source: Source) -> Iterator[Problem]:
    """Find what the types alone cannot: that the mapping fits the canonical records."""
    if source.identities.format == "msisdn" and source.identities.country_code is None:
        yield ("identities",), "country_code is missing: national numbers need one"
    for table_name, table in source.tables.items():
        if not table.delimiter.isascii() or table.delimiter in '"\r\n\0':
            reason = "must be one ASCII character, and neither a quote nor a line's end"
            yield ("tables", table_name, "delimiter"), reason
        for index, rule in enumerate(table.records):
            at: KeyPath = ("tables", table_name, "records", index)
            kind = KINDS.get(rule.kind)
            if kind is None:
                yield (*at, "kind"), f"{rule.kind!r} is none of {', '.join(KINDS)}"
            else:
                yield from _rule_problems((*at, "columns"), rule, kind)


def _rule_problems(at: KeyPath, rule: RecordRule, kind: Kind) -> Iterator[Problem]:
    for column in kind.columns:
        if column.is_mandatory and column.name not in rule.columns:
            yield at, f"{column.name} is missing: every record of {kind.name} has one"
    for name, value in rule.columns.items():
        known = kind.column(name)
        if known is None:
            yield (*at, name), f"records of {kind.name} have no such column"
        else:
            for reason in _value_problems(value, known, rule.columns):
                yield (*at, name), reason


def _value_problems(value: Value, column: Column, others: Mapping[str, Value]) -> Iterator[str]:
    yield from _origin_problems(value, column)
    if value.optional and column.is_mandatory:
        yield "is mandatory, so its column cannot be optional"
    if value.optional and not value.columns:
        yield "optional is for columns of the file"
    if value.otherwise is not None and value.values is None:
        yield "otherwise needs values"
    if column.type in ("instant", "date"):
        yield from _time_problems(value, column)
    elif value.format or value.epoch or value.time_zone:
        yield "format, epoch and time_zone are for times"
    else:
        yield from _number_problems(value, column, others)
    yield from _choice_problems(value, column)


def _origin_problems(value: Value, column: Column) -> Iterator[str]:
    origins = (value.column, value.constant, value.from_, value.join or None)
    is_prefixed = value.from_ is not None and bool(value.join)
    if origins.count(None) != (2 if is_prefixed else 3):
        yield "needs exactly one of column, join, constant and from"
    if value.from_ and column.type not in ("identity", "pseudonym"):
        yield "only what becomes a pseudonym can come from the file's name"
    if value.join and column.type == "identity":
        yield "an identity stands in one column; it cannot be joined"


def _time_problems(value: Value, column: Column) -> Iterator[str]:
    if (value.format is None) == (value.epoch is None):
        yield "a time needs either format or epoch"
    if value.format is not None:
        if not is_format(value.format):
            yield f"{value.format!r} is not a format with at least %Y, %m and %d"
        if value.unit:
            yield "unit is for times that count from an epoch"
        if column.type == "instant" and not value.time_zone and not states_offset(value.format):
            yield "time_zone is missing: say which clock wrote the text, such as UTC"
    if value.epoch is not None and (column.type == "date" or value.time_zone):
        yield "epoch is for instants, which have no time_zone"
    if value.epoch is not None and value.unit not in (None, *EPOCH_UNITS):
        yield f"unit {value.unit!r} is none of {', '.join(EPOCH_UNITS)}"
    if value.time_zone and not is_time_zone(value.time_zone):
        yield f"time_zone {value.time_zone!r} is not known"


def _number_problems(value: Value, column: Column, others: Mapping[str, Value]) -> Iterator[str]:
    is_number = column.type in ("int", "float")
    if not is_number and (value.minimum is not None or value.maximum is not None):
        yield "minimum and maximum are for numbers"
    if value.unit is None:
        return
    if column.unit is None or not is_number:
        yield "unit is for columns that have one"
    elif value.unit not in UNITS[column.unit]:
        yield f"unit {value.unit!r} is none of {', '.join(UNITS[column.unit])}"
    elif value.unit == "major":
        currency = others.get("currency")
        if currency is None or currency.constant is None:
            yield "unit major needs the record's currency as a constant"
        elif currency_digits(currency.constant) is None:
            yield f"{currency.constant!r} is not an ISO 4217 code"


def _choice_problems(value: Value, column: Column) -> Iterator[str]:
    if not column.choices:
        return
    stated = [*(value.values or {}).values(), value.constant, value.otherwise]
    for text in stated:
        if text is not None and text not in column.choices:
            yield f"{text!r} is none of {', '.join(column.choices)}"
