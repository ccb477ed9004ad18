"""What counts on a sample of sets say about all of them.

Bounds of Tang, Tang, Xiao and Yuan (OPIM, SIGMOD 2018, lemmas 4.2 and 4.3): each fails with a
probability of at most exp(-a), where ``a`` is the argument ``doubt``.
"""

from math import exp, lgamma, sqrt

SURE = 1 - exp(-1)  # what greedy reaches of the most that can be reached


def at_least(covered: float, doubt: float) -> float:
    """Return how many sets nodes cover in the mean at least, where they cover some in a sample."""
    root = sqrt(max(covered, 0.0) + 2 * doubt / 9) - sqrt(doubt / 2)
    return max(root * root - doubt / 18, 0.0) if root > 0 else 0.0


def at_most(covered: float, doubt: float) -> float:
    """Return how many sets nodes cover in the mean at most, where they cover some in a sample."""
    return (sqrt(covered + doubt / 2) + sqrt(doubt / 2)) ** 2


def log_choices(nodes: int, count: int) -> float:
    """Return the logarithm of how many choices of ``count`` of some nodes there are.

    Examples
    --------
    >>> round(exp(log_choices(5, 2)))
    10
    """
    return lgamma(nodes + 1) - lgamma(count + 1) - lgamma(nodes - count + 1)
