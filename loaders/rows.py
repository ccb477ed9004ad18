"""Rows of a file, whatever its format: what a block of them gives when it is taken apart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Whole = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Refused:
    """A row that cannot even be taken apart.

    Attributes
    ----------
    marks : str
        The characters that may stand between two values of it.
    """

    line: int
    text: bytes
    reason: str
    marks: str


@dataclass(frozen=True)
class Rows:
    """Rows taken apart: a text column for each wanted column that the file has.

    Attributes
    ----------
    lines : Whole
        Where each row starts in the file: its physical line, or its number.
    text : Callable[[int], bytes]
        Returns a row as it stands in the file.
    """

    lines: Whole
    text: Callable[[int], bytes]
    columns: dict[str, pa.StringArray]

    def where(self, mask: Mask) -> "Rows":
        """Return the rows for which the mask is true."""
        if mask.all():
            return self
        indices, chosen = np.flatnonzero(mask), pa.array(mask)
        columns = {name: column.filter(chosen) for name, column in self.columns.items()}
        return Rows(self.lines[mask], lambda row: self.text(int(indices[row])), columns)


class Block(Protocol):
    """Some rows of a file that were read, but not taken apart yet."""

    def take_apart(self) -> tuple[Rows, list[Refused]]:
        """Return the rows, and those that are refused; safe to call beside other blocks'."""
        ...
