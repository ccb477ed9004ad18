"""Text columns to canonical columns: one value's text is read as the mapping says.

Everything works on whole columns. What costs much for one value, such as a pseudonym, is done once
for each distinct text of a block.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.identity import IdentityKey, e164
from graph.kernels import pc
from loaders.mapping import Identities, Source, Value
from loaders.records import ARROW_TYPES, EARLIEST, END, LONGEST_TEXT, Column
from loaders.times import DAY_US, EPOCH_UNITS, Instants, read_days, read_times
from loaders.units import factor

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64]

_NUMBER = r"^[+-]?(?:\d{1,300}\.?\d{0,300}|\.\d{1,300})(?:[eE][+-]?\d{1,3})?$"
_WHOLE_DIGITS = 18  # fits 64 bits whatever the digits
_ROUNDING = 1e-6  # what 29.85 dollars in cents may miss a whole number by
_EXACT = 2.0**53  # whole numbers up to here are exact as floating-point numbers
_WORDS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
_REMEMBERED = 1 << 20  # pseudonyms kept for the next blocks, about 250 MiB
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = EARLIEST.resolution


@dataclass(frozen=True)
class Converted:
    """A canonical column: null where the value is absent or faulty, and why it is faulty."""

    array: pa.Array
    faults: tuple[tuple[Mask, str], ...] = ()


@dataclass
class Converter:
    """Reads the values of one source; remembers pseudonyms from block to block."""

    source: Source
    key: IdentityKey
    _known: "_Known" = field(init=False)

    def __post_init__(self) -> None:
        self._known = _Known(self.pseudonym)

    def constant(self, text: str, value: Value, column: Column, rows: int) -> Converted:
        """Return a column that holds the same value in every row."""
        one = self.convert(pa.array([text]), value, column, None)
        faults = tuple((np.full(rows, mask[0]), reason) for mask, reason in one.faults)
        return Converted(pa.repeat(one.array[0], rows), faults)

    def convert(
        self, text: pa.StringArray, value: Value, column: Column, currency: str | None
    ) -> Converted:
        """Read a column of text, in which the texts that mean "not known" are null already.

        Parameters
        ----------
        currency
            The record's currency where the mapping states it: it says how many minor units make
            a major one.
        """
        unknown = np.zeros(len(text), np.bool_)
        if value.values is not None:
            given = text
            text = _replaced(text, value.values, value.otherwise)
            unknown = _mask(pc.and_(pc.is_valid(given), pc.is_null(text)))
        read = self._typed(text, value, column, currency)
        fault = (unknown, f"{column.name} has an unknown value")
        return Converted(read.array, (fault, *read.faults))

    def _typed(
        self, text: pa.StringArray, value: Value, column: Column, currency: str | None
    ) -> Converted:
        match column.type:
            case "identity":
                return self._identities(text, column)
            case "pseudonym":
                namespace = f"{self.source.namespace}/{column.name}"
                return Converted(_by_distinct(text, partial(self.key.pseudonym, namespace)))
            case "key":
                prefix = f"{self.source.namespace}:"
                keys = _by_distinct(text, lambda raw: prefix + raw)
                return Converted(keys, (_too_long(text, column),))
            case "text":
                return _text(text, column)
            case "bool":
                return _booleans(text, column)
            case "int" | "float":
                return _numbers(text, value, column, currency)
            case "instant" | "date":
                return _times(text, value, column)

    def _identities(self, text: pa.StringArray, column: Column) -> Converted:
        if self.source.identities.format == "opaque":
            return Converted(self._remembered(text))
        identities = self.source.identities
        numbers = _by_distinct(text, lambda raw: msisdn(raw, identities))
        is_wrong = _mask(pc.and_(pc.is_valid(text), pc.is_null(numbers)))
        reason = f"{column.name} is not a telephone number"
        return Converted(self._remembered(numbers), ((is_wrong, reason),))

    def subject(self, raw: str) -> str | None:
        """Return the pseudonym of one identity, or None if it cannot be one."""
        identities = self.source.identities
        identity = msisdn(raw, identities) if identities.format == "msisdn" else raw.strip()
        return self.pseudonym(identity) if identity else None

    def pseudonym(self, identity: str) -> str:
        """Return the pseudonym of an identity as it stands."""
        return self.key.pseudonym(self.source.namespace, identity)

    def _remembered(self, text: pa.StringArray) -> pa.StringArray:
        """Return pseudonyms of identities, which are met again in other blocks."""
        if len(self._known) > _REMEMBERED:
            self._known = _Known(self.pseudonym)
        return _by_distinct(text, self._known.__getitem__)


class _Known(dict[str, str]):
    """Pseudonyms by identity; one that is lacking is made."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, identity: str) -> str:
        pseudonym = self[identity] = self._make(identity)
        return pseudonym


def msisdn(raw: str, identities: Identities) -> str | None:
    """Return a telephone number as the digits of E.164, or None if it cannot be one.

    The trunk prefix introduces a national number; any other is international.

    Examples
    --------
    >>> danish = Identities(format="msisdn", country_code="45", trunk_prefix="0")
    >>> [msisdn(raw, danish) for raw in ("+45 12 34 56 78", "0045-12345678", "012345678", "112")]
    ['4512345678', '4512345678', '4512345678', None]
    """
    number, trunk = raw.strip(), identities.trunk_prefix
    if trunk and number.startswith(trunk) and not number.startswith("00"):
        number = f"{identities.country_code}{number.removeprefix(trunk)}"
    return e164(number)


def without_missing(text: pa.StringArray, missing: tuple[str, ...]) -> pa.StringArray:
    """Return a column of text with null for the texts that mean "not known"; empty always does."""
    is_missing = pc.equal(pc.binary_length(text), 0)
    if missing:
        is_missing = pc.or_(is_missing, pc.is_in(text, pa.array(missing)))
    if not pc.any(is_missing).as_py():
        return text
    return pc.if_else(is_missing, pa.scalar(None, pa.string()), text)


def _mask(array: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False))


def _listed(text: pa.StringArray) -> list[str]:
    """Return texts as a list, several times faster than ``to_pylist``."""
    return list(text.to_numpy(zero_copy_only=False))


def _by_distinct(text: pa.StringArray, change: Callable[[str], str | None]) -> pa.StringArray:
    distinct = text.dictionary_encode()
    changed = list(map(change, _listed(distinct.dictionary)))
    return pa.array(changed, pa.string()).take(distinct.indices)


def _replaced(
    text: pa.StringArray, values: Mapping[str, str], otherwise: str | None
) -> pa.StringArray:
    return _by_distinct(text, lambda raw: values.get(raw, otherwise))


def _text(text: pa.StringArray, column: Column) -> Converted:
    if not column.choices:
        return Converted(text, (_too_long(text, column),))
    is_wrong = _mask(
        pc.and_(pc.is_valid(text), pc.invert(pc.is_in(text, pa.array(column.choices))))
    )
    return Converted(text, ((is_wrong, f"{column.name} has an unknown value"),))


def _too_long(text: pa.StringArray, column: Column) -> tuple[Mask, str]:
    is_wrong = _mask(pc.greater(pc.utf8_length(text), LONGEST_TEXT))
    return is_wrong, f"{column.name} is longer than {LONGEST_TEXT} characters"


def _booleans(text: pa.StringArray, column: Column) -> Converted:
    distinct = text.dictionary_encode()
    words = [_WORDS.get(raw.lower()) for raw in _listed(distinct.dictionary)]
    array = pa.array(words, pa.bool_()).take(distinct.indices)
    is_wrong = _mask(pc.and_(pc.is_valid(text), pc.is_null(array)))
    return Converted(array, ((is_wrong, f"{column.name} is neither true nor false"),))


@dataclass(frozen=True)
class _Read:
    """Numbers; where one is not valid, it is 0."""

    numbers: Numbers
    is_valid: Mask


def _read_numbers(
    text: pa.StringArray, value: Value, column: Column
) -> tuple[_Read, list[tuple[Mask, str]]]:
    """Read numbers, as whole ones if all of them are, and check the limits of the mapping."""
    read = _as_numbers(text, value.decimal_mark)
    is_no_number = _mask(pc.is_valid(text)) & ~read.is_valid
    faults = [(is_no_number, f"{column.name} is not a number")]
    return read, faults + _limits(value.column or column.name, read, value.minimum, value.maximum)


def _as_numbers(text: pa.StringArray, decimal_mark: str) -> _Read:
    if decimal_mark == ",":
        # A number with a point in it must not pass: it would be another number.
        text = pc.replace_substring(pc.replace_substring(text, ".", "?"), ",", ".")
    whole = _read_whole(text)
    if whole is not None:
        return _Read(whole, _mask(pc.is_valid(text)))
    looks = pc.match_substring_regex(text, _NUMBER)
    numbers = pc.if_else(looks, text, pa.scalar(None, pa.string())).cast(pa.float64())
    floats = pc.fill_null(numbers, 0.0).to_numpy(zero_copy_only=False)
    is_valid = _mask(looks) & np.isfinite(floats)
    return _Read(np.where(is_valid, floats, 0.0), is_valid)


def _read_whole(text: pa.StringArray) -> npt.NDArray[np.int64] | None:
    """Read whole numbers, or return None if some value is not one."""
    if (pc.max(pc.binary_length(text)).as_py() or 0) > _WHOLE_DIGITS:
        return None
    try:
        numbers = text.cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    # Arrow reads 0x10 as 16; for us it is no number.
    if any(pc.any(pc.match_substring(text, mark)).as_py() for mark in "xX"):
        return None
    return np.asarray(pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False))


def _numbers(text: pa.StringArray, value: Value, column: Column, currency: str | None) -> Converted:
    read, faults = _read_numbers(text, value, column)
    numbers = read.numbers
    times = factor(column.unit, value.unit, currency) if column.unit and value.unit else 1
    if times != 1:
        numbers = numbers.astype(np.float64) * times
    faults += _limits(column.name, _Read(numbers, read.is_valid), column.minimum, column.maximum)
    if column.type == "int":
        numbers, broken = _whole(numbers, column)
        faults += [(mask & read.is_valid, reason) for mask, reason in broken]
    array = pa.array(numbers, mask=~read.is_valid).cast(ARROW_TYPES[column.type], safe=False)
    return Converted(array, tuple(faults))


def _whole(
    numbers: Numbers, column: Column
) -> tuple[npt.NDArray[np.int64], list[tuple[Mask, str]]]:
    """Round seconds and bytes; money and counts must be whole as they are."""
    is_vast = abs(numbers) > _EXACT
    faults = [(is_vast, f"{column.name} is too large")]
    if numbers.dtype == np.float64:
        nearest = np.rint(numbers)
        if column.unit not in ("s", "bytes"):
            is_broken = abs(numbers - nearest) > _ROUNDING
            faults.append((is_broken, f"{column.name} is not a whole number"))
        numbers = np.where(is_vast, 0, nearest).astype(np.int64)
    return np.asarray(numbers, np.int64), faults


def _limits(
    name: str, read: _Read, minimum: float | None, maximum: float | None
) -> list[tuple[Mask, str]]:
    faults = []
    if minimum is not None:
        faults.append(
            ((read.numbers < minimum) & read.is_valid, f"{name} is below {minimum:,.12g}")
        )
    if maximum is not None:
        faults.append(
            ((read.numbers > maximum) & read.is_valid, f"{name} is above {maximum:,.12g}")
        )
    return faults


def _times(text: pa.StringArray, value: Value, column: Column) -> Converted:
    if value.format is not None:
        read = _read_distinct(text, value, column)
        given = _mask(pc.is_valid(text))
        micros, is_valid = read.micros, given & ~read.is_impossible & ~read.is_skipped
        faults = [
            (given & read.is_impossible, f"{column.name} is not a time as the mapping says"),
            (given & read.is_skipped, f"{column.name} is a time that the clock skipped"),
        ]
    else:
        micros, is_valid, faults = _since_epoch(text, value, column)
    first, end = (round((limit - _EPOCH) / _MICROSECOND) for limit in (EARLIEST, END))
    if column.type == "instant":
        is_outside = is_valid & ((micros < first) | (micros >= end))
        faults.append((is_outside, f"{column.name} is not in 1980 to 2099"))
        is_valid = is_valid & ~is_outside
        return Converted(
            pa.array(micros, mask=~is_valid).cast(ARROW_TYPES["instant"]), tuple(faults)
        )
    days = (micros // DAY_US).astype(np.int32)
    return Converted(pa.array(days, mask=~is_valid).cast(ARROW_TYPES["date"]), tuple(faults))


def _read_distinct(text: pa.StringArray, value: Value, column: Column) -> Instants:
    """Read every distinct time once: records of one block are often of the same seconds."""
    distinct, time_format = text.dictionary_encode(), value.format or "iso"
    index = pc.fill_null(distinct.indices, 0).to_numpy(zero_copy_only=False)
    # Where there is no time at all, the null that then stands for all of them is read in vain.
    texts = distinct.dictionary if len(distinct.dictionary) else pa.nulls(1, pa.string())
    if column.type == "date":
        return read_days(texts, time_format).of(index)
    return read_times(texts, time_format, value.time_zone).of(index)


def _since_epoch(
    text: pa.StringArray, value: Value, column: Column
) -> tuple[npt.NDArray[np.int64], Mask, list[tuple[Mask, str]]]:
    read, faults = _read_numbers(text, value, column)
    unit_us = EPOCH_UNITS[value.unit or "s"]
    start = round(((value.epoch or _EPOCH) - _EPOCH) / _MICROSECOND)
    # Times of a thousand years off are cut before they could overflow; they are refused later.
    most = 1_000 * 366 * DAY_US // unit_us
    offset = np.clip(read.numbers, -most, most) * unit_us
    return np.rint(offset).astype(np.int64) + start, read.is_valid, faults
