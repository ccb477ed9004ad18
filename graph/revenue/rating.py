"""What each record of a line costs, millions at once.

A line is what one partner used of one price in one month. Its records are put in order, and each
costs the rounded total up to it less the rounded total before it: no record is more than a minor
unit away from its exact price, and together they cost the rounded total of the line.
"""

from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.revenue.plan import Price

Integers = NDArray[Any]  # of int64, or of Python's own where those are too small


def amounts(price: Price, units: Integers) -> Integers:
    """Return the amounts of a line's records in minor units, in the order of the records.

    Parameters
    ----------
    units
        Units of each record, in order; at least 0.
    """
    upto = np.cumsum(units, dtype=object if _is_large(price, units) else np.int64)
    if not len(upto):
        return upto
    tiers = price.applied(int(upto[-1]))
    unit = lcm(*(tier.price_minor.denominator for tier in tiers))
    counted = np.maximum(upto - price.free, 0)
    ends = [*(tier.above for tier in tiers[1:]), None]
    total = counted * 0
    for tier, end in zip(tiers, ends, strict=True):
        inside = np.maximum(counted - tier.above, 0)
        if end is not None:
            inside = np.minimum(inside, end - tier.above)
        total = total + inside * int(tier.price_minor * unit)
    found: Integers = np.diff(_rounded(total, unit), prepend=0)
    return found


def _rounded(total: Integers, unit: int) -> Integers:
    """Return ``total / unit`` as ``graph.revenue.money.rounded`` has it."""
    whole, rest = total // unit, total % unit
    goes_up = (2 * rest > unit) | ((2 * rest == unit) & (whole % 2 == 1))
    found: Integers = whole + goes_up.astype(whole.dtype)
    return found


def _is_large(price: Price, units: Integers) -> bool:
    """Tell whether sums may leave 64 bits."""
    unit = lcm(*(tier.price_minor.denominator for tier in price.tiers))
    dearest = max(int(tier.price_minor * unit) for tier in price.tiers)
    most = len(units) * int(units.max(initial=0))
    return 2 * (most + 1) * max(dearest, unit) >= 2**62
