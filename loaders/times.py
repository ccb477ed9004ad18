"""Times in files: text in a declared format and zone to microseconds in UTC, a column at a time.

Arrow's ``strptime`` turns 30 February into 2 March without a word. Here the text is only taken
apart by a regular expression, and every part is checked before it counts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.kernels import pc

Mask = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

DAY_US = 86_400_000_000
EPOCH_UNITS: Mapping[str, int] = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "days": DAY_US,
}

_PLAIN = np.frombuffer(b"0000-00-00 00:00:00Z", np.uint8)
_OFFSET = r"(?P<z>Z|[+-]\d{2}(?::?\d{2})?)"
_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "p": r"(?P<p>[AaPp][Mm])",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,6})",
    "z": _OFFSET,
    "%": "%",
}
_ISO = (
    r"(?P<Y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
    r"(?:[T ](?P<H>\d{2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,6})\d*)?)?"
    + _OFFSET
    + "?)?"
)


@dataclass(frozen=True)
class Instants:
    """Microseconds since 1970 in UTC; where a mask is true, the number means nothing."""

    micros: Whole
    is_impossible: Mask
    is_skipped: Mask

    def of(self, index: Whole) -> "Instants":
        """Return those at some positions, in that order."""
        return Instants(self.micros[index], self.is_impossible[index], self.is_skipped[index])


def is_format(text: str) -> bool:
    """Tell whether a format is known and gives a full date.

    Examples
    --------
    >>> is_format("%d.%m.%Y %H:%M"), is_format("%H:%M"), is_format("%Q")
    (True, False, False)
    """
    try:
        groups = re.compile(_pattern(text)).groupindex
    except (KeyError, re.error):
        return False
    return {"Y", "m", "d"} <= set(groups) and ("I" in groups) == ("p" in groups)


def states_offset(text: str) -> bool:
    """Tell whether a format makes every text say its own offset from UTC."""
    return "%z" in text


def is_time_zone(name: str) -> bool:
    """Tell whether the machine knows that IANA zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def read_times(text: pa.StringArray, time_format: str, time_zone: str | None) -> Instants:
    """Read times without nulls in a format, on the clock of a zone where they state no offset.

    An hour that the clock showed twice in autumn is taken as its first pass.
    """
    plain = _read_plain(text) if time_format == "iso" else None
    if plain is not None:
        return plain
    parts, local, is_impossible = _parted(text, time_format)
    if not _has(parts.type, "z"):
        return _in_zone(local, time_zone, is_impossible)
    return _with_offsets(local, parts.field("z"), time_zone, is_impossible)


def read_days(text: pa.StringArray, time_format: str) -> Instants:
    """Read days without nulls in a format; what a text says of an offset changes no day.

    Returns
    -------
    Instants
        As on a clock that shows UTC.
    """
    _, local, is_impossible = _parted(text, time_format)
    return Instants(local, is_impossible, np.zeros(len(local), np.bool_))


def _read_plain(text: pa.StringArray) -> Instants | None:
    """Read times if all of them are spelt like the one that most systems write.

    The positions of all digits are known then, which takes a tenth of the time of an expression.
    """
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, np.int32)[text.offset : text.offset + len(text) + 1]
    if not len(text) or text.null_count or (np.diff(ends) != len(_PLAIN)).any():
        return None
    letters = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]].reshape(-1, len(_PLAIN))
    letters = np.where(letters == ord("T"), ord(" "), letters)
    is_digit = np.equal(_PLAIN, ord("0"))
    digits = letters[:, is_digit] - np.uint8(ord("0"))  # what is below it becomes a great number
    if (letters[:, ~is_digit] != _PLAIN[~is_digit]).any() or (digits > 9).any():
        return None
    pairs = digits[:, 0::2] * np.int64(10) + digits[:, 1::2]
    century, year, *rest = pairs.T
    parts = zip("mdHMS", rest, strict=True)
    micros, is_impossible = _on_the_clock({"Y": century * 100 + year, **dict(parts)})
    micros[is_impossible] = 0
    return Instants(micros, is_impossible, np.zeros(len(text), np.bool_))


def _parted(text: pa.StringArray, time_format: str) -> tuple[pa.StructArray, Whole, Mask]:
    """Return the parts of every text, what the clock showed, and where that cannot be."""
    parts = pc.extract_regex(text, f"^{_pattern(time_format)}$")
    is_impossible = pc.is_null(parts).to_numpy(zero_copy_only=False)
    numbers = {name: _number(parts.field(name)) for name in "YmdHIMS" if _has(parts.type, name)}
    if _has(parts.type, "f"):
        padded = pc.utf8_rpad(parts.field("f"), 6, "0")
        numbers["f"] = _number(padded)
    if _has(parts.type, "p"):
        numbers["H"], is_no_hour = _half_days(numbers["I"], parts.field("p"))
        is_impossible = is_impossible | is_no_hour
    local, is_no_time = _on_the_clock(numbers)
    is_impossible = is_impossible | is_no_time
    local[is_impossible] = 0
    return parts, local, is_impossible


@cache
def _pattern(time_format: str) -> str:
    if time_format == "iso":
        return _ISO
    pieces = re.split(r"%(.)", time_format)
    return "".join(
        _DIRECTIVES[piece] if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)
    )


def _has(struct: pa.StructType, name: str) -> bool:
    return bool(struct.get_field_index(name) >= 0)


def _number(digits: pa.StringArray) -> Whole:
    """Return digits as numbers, and 0 where the format left them out."""
    filled = pc.if_else(pc.equal(pc.binary_length(digits), 0), "0", digits)
    numbers = pc.fill_null(filled, "0").cast(pa.int64())
    return np.asarray(numbers.to_numpy(zero_copy_only=False))


def _half_days(hour: Whole, half: pa.StringArray) -> tuple[Whole, Mask]:
    is_afternoon = pc.equal(pc.utf8_upper(half), "PM").to_numpy(zero_copy_only=False)
    return hour % 12 + 12 * is_afternoon.astype(np.int64), (hour < 1) | (hour > 12)


def _on_the_clock(numbers: Mapping[str, Whole]) -> tuple[Whole, Mask]:
    """Put the parts together; the mask is true where there is no such day or time of day."""
    year, month, day = numbers["Y"], numbers["m"], numbers["d"]
    none = np.zeros(len(year), np.int64)
    hour, minute, second = (numbers.get(name, none) for name in "HMS")
    is_wrong = (year < 1) | (month < 1) | (month > 12) | (day < 1)
    is_wrong |= (hour > 23) | (minute > 59) | (second > 59)
    months = (np.clip(year, 1, 9999) - 1970) * 12 + np.clip(month, 1, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    is_wrong |= first + day > following
    seconds = (first + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second
    return seconds * 1_000_000 + numbers.get("f", none), is_wrong


def _in_zone(local: Whole, time_zone: str | None, is_impossible: Mask) -> Instants:
    nowhere = np.zeros(len(local), np.bool_)
    if time_zone in (None, "UTC"):
        return Instants(local, is_impossible, nowhere)
    clock = pa.array(local).cast(pa.timestamp("us"))
    before, after = (
        pc.assume_timezone(clock, time_zone, ambiguous="earliest", nonexistent=side)
        .cast(pa.int64())
        .to_numpy(zero_copy_only=False)
        for side in ("earliest", "latest")
    )
    # The two differ exactly where the clock was put forward over that time.
    return Instants(after, is_impossible, (before != after) & ~is_impossible)


def _with_offsets(
    local: Whole, offset: pa.StringArray, time_zone: str | None, is_impossible: Mask
) -> Instants:
    """Subtract the offset that a text states; without one, its zone's clock counts."""
    distinct = offset.dictionary_encode()
    minutes = [_offset_min(text) for text in distinct.dictionary.to_pylist()]
    index = pc.fill_null(distinct.indices, 0).to_numpy(zero_copy_only=False)
    stated = np.array([value or 0 for value in minutes] or [0], np.int64)[index]
    is_silent = np.array([value is None for value in minutes] or [True], np.bool_)[index]
    if time_zone is None:
        nowhere = np.zeros(len(local), np.bool_)
        return Instants(local - stated * 60_000_000, is_impossible | is_silent, nowhere)
    zoned = _in_zone(local, time_zone, is_impossible)
    return Instants(
        np.where(is_silent, zoned.micros, local - stated * 60_000_000),
        is_impossible,
        zoned.is_skipped & is_silent,
    )


def _offset_min(text: str | None) -> int | None:
    if not text:
        return None
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    return (1 if text[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:] or 0))
