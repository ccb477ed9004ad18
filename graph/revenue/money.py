"""Amounts in integer minor units, and how they come of exact ones.

An exact amount is rounded to the nearest minor unit, and from the middle to the even one. What is
divided is divided by largest remainders, so that the parts add up to the whole.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

WHOLE = Fraction(1)
MOST_DENOMINATOR = 1_000_000
_TEXT = re.compile(r"\d{1,12}(\.\d{1,6}|/\d{1,7})?")


def rounded(exact_minor: Fraction) -> int:
    """Return the nearest minor unit; from the middle, the even one.

    Examples
    --------
    >>> [rounded(Fraction(n, 2)) for n in (1, 2, 3, 5)]
    [0, 1, 2, 2]
    """
    return round(exact_minor)


def split(amount_minor: int, shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Divide an amount by shares that add up to 1: the parts add up to the amount.

    Each gets the whole units of its part; those that are left go to the largest remainders, of
    equal ones to the larger share, of equal shares to the name that comes first. What is given
    back is divided as it was charged.

    Examples
    --------
    >>> third = Fraction(1, 3)
    >>> split(100, {"b": third, "a": third, "c": third})
    {'b': 33, 'a': 34, 'c': 33}
    >>> split(-100, {"b": third, "a": third, "c": third})
    {'b': -33, 'a': -34, 'c': -33}
    """
    if amount_minor < 0:
        return {name: -part for name, part in split(-amount_minor, shares).items()}
    exact = {name: amount_minor * share for name, share in shares.items()}
    parts = {name: int(part) for name, part in exact.items()}
    by_claim = sorted(shares, key=lambda name: (parts[name] - exact[name], -shares[name], name))
    for name in by_claim[: amount_minor - sum(parts.values())]:
        parts[name] += 1
    return parts


def _read(value: object) -> object:
    if isinstance(value, Fraction):
        return value
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _TEXT.fullmatch(text):
        raise ValueError("write an exact number of at least 0 as a text, such as '0.375' or '3/8'")
    try:
        found = Fraction(text)
    except ZeroDivisionError as error:
        raise ValueError("nothing can be divided by 0") from error
    if found.denominator > MOST_DENOMINATOR:
        raise ValueError(f"the denominator is above {MOST_DENOMINATOR:,}")
    return found


#: A number of at least 0 as a text, read without a loss.
Exact = Annotated[Fraction, BeforeValidator(_read), PlainSerializer(str)]

# ISO 4217: how many decimal places a currency's minor unit is, where it is not 2.
_NO_PLACES = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"


def shown(amount_minor: int, currency: str) -> str:
    """Return an amount as people read it.

    Examples
    --------
    >>> shown(-123456, "EUR"), shown(5, "EUR"), shown(1234, "JPY"), shown(1, "KWD")
    ('-1,234.56', '0.05', '1,234', '0.001')
    """
    places = 0 if currency in _NO_PLACES else 3 if currency in _THREE_PLACES else 2
    whole, rest = divmod(abs(amount_minor), 10**places)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{places}}" if places else "")
