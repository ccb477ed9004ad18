"""The arithmetic that arrays and the engines' columns have in common.

A formula is written once, over operators and these few functions, and is computed by NumPy as well
as by DuckDB and Spark. What is not known is NaN in an array and null in a column.
"""

from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Operand: TypeAlias = Any  # an array of NumPy, or a column of Ibis: they share no type


class Maths(Protocol):
    """What a formula may use beyond operators."""

    def exp(self, x: Operand) -> Operand:
        """Return e to the power of x."""

    def log(self, x: Operand) -> Operand:
        """Return the natural logarithm of a positive number."""

    def clip(self, x: Operand, least: float | None, most: float | None) -> Operand:
        """Return x, no less and no more than the bounds; what is not known stays so."""

    def first_known(self, x: Operand, otherwise: Operand) -> Operand:
        """Return x, or where that is not known the other."""

    def equals(self, x: Operand, text: str) -> Operand:
        """Return 1 where a text is that one, 0 where it is another."""


class NumpyMaths:
    """The arithmetic of arrays."""

    def exp(self, x: Operand) -> Operand:
        """Return e to the power of x."""
        return np.exp(x)

    def log(self, x: Operand) -> Operand:
        """Return the natural logarithm."""
        return np.log(x)

    def clip(self, x: Operand, least: float | None, most: float | None) -> Operand:
        """Return x within the bounds."""
        return np.clip(x, least, most)

    def first_known(self, x: Operand, otherwise: Operand) -> Operand:
        """Return x where it is a number."""
        return np.where(np.isnan(x), otherwise, x)

    def equals(self, x: Operand, text: str) -> Operand:
        """Return 1 or 0, NaN where there is no text."""
        return np.array([np.nan if each is None else float(each == text) for each in x])


NUMPY = NumpyMaths()
