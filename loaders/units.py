"""Units that numbers come in, by the canonical unit that they are turned into."""

from collections.abc import Mapping

# Factor to the canonical unit. How many minor units a major one has depends on the currency.
UNITS: Mapping[str, Mapping[str, float]] = {
    "s": {"s": 1, "ms": 0.001, "min": 60, "h": 3600},
    "bytes": {
        "bytes": 1,
        "kB": 10**3,
        "MB": 10**6,
        "GB": 10**9,
        "KiB": 2**10,
        "MiB": 2**20,
        "GiB": 2**30,
    },
    "minor": {"minor": 1, "major": 100},
    "months": {"months": 1, "years": 12},
    "deg": {"deg": 1},
    "ms": {"ms": 1, "s": 1000},
    "m": {"m": 1, "km": 1000},
    "mps": {"mps": 1, "kmh": 1 / 3.6},
    "bps": {"bps": 1, "kbps": 10**3, "Mbps": 10**6},
    "ratio": {"ratio": 1, "percent": 0.01},
    "dBm": {"dBm": 1},
    "dB": {"dB": 1},
    "px": {"px": 1},
}

# ISO 4217 gives most currencies two decimals; these have another number of them.
_DIGITS: Mapping[str, int] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def currency_digits(currency: str) -> int | None:
    """Return the number of decimals of a currency, or None if that cannot be a currency's code.

    Examples
    --------
    >>> currency_digits("USD"), currency_digits("JPY"), currency_digits("dollars")
    (2, 0, None)
    """
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        return None
    return _DIGITS.get(currency, 2)


def factor(canonical: str, unit: str, currency: str | None) -> float:
    """Return what a number in ``unit`` is multiplied with to be in the canonical unit.

    Examples
    --------
    >>> factor("s", "min", None), factor("minor", "major", "KWD")
    (60, 1000.0)
    """
    if unit == "major" and currency is not None:
        return float(10 ** (currency_digits(currency) or 0))
    return UNITS[canonical][unit]
