"""Text as whole physical lines, counted, some mebibytes at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from graph.errors import SourceError
from loaders.rows import Mask, Whole
from loaders.streams import BLOCK_BYTES, Reader, Start

Cut: TypeAlias = "Callable[[bytes, int, bool], tuple[Lines, int]]"


@dataclass(frozen=True)
class Lines:
    """Whole lines of text, cut into rows.

    Attributes
    ----------
    bounds : Whole
        Where each row starts in the text, and where the last one ends.
    numbers : Whole
        The physical line on which each row starts.
    reasons : dict[int, str]
        Why some rows are refused already, by their index.
    """

    text: bytes
    bounds: Whole
    numbers: Whole
    reasons: dict[int, str] = field(default_factory=dict)

    def row(self, index: int) -> bytes:
        """Return the text of a row, with its line's end."""
        return self.text[self.bounds[index] : self.bounds[index + 1]]

    def rows(self) -> pa.BinaryArray:
        """Return the rows as an array over the text itself, without a copy."""
        offsets = pa.py_buffer(self.bounds.astype(np.int32))
        return pa.BinaryArray.from_buffers(
            pa.binary(), len(self.bounds) - 1, [None, offsets, pa.py_buffer(self.text)]
        )

    def is_blank(self) -> Mask:
        """Return which rows hold nothing but their line's end."""
        size = np.diff(self.bounds)
        is_blank = np.asarray(size == 1)
        for index in np.flatnonzero(size == 2):
            is_blank[index] = self.row(int(index)) == b"\r\n"
        return is_blank


def each_line(text: bytes, line: int, is_last: bool) -> tuple[Lines, int]:
    """Cut whole lines into rows of one line each; return them and how many bytes were used."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    bounds = np.concatenate((np.zeros(1, np.int64), ends))
    return Lines(text, bounds, np.arange(line, line + len(ends), dtype=np.int64)), len(text)


def read_lines(text: Reader, start: Start, cut: Cut, shown: str) -> Iterator[Lines]:
    """Cut text into rows, some mebibytes at a time.

    Parameters
    ----------
    start
        What was already read of the text; its first line counts, unless it is empty.
    cut
        Cuts whole lines into rows and says how many bytes of them it used; the others come again
        with the lines that follow.

    Raises
    ------
    SourceError
        A line is longer than a block: that is no table of records.
    """
    rest = start.line + b"\n" + start.rest if start.line else start.rest
    line = start.number
    is_last = False
    while not is_last:
        content = text.read(BLOCK_BYTES)
        is_last = not content
        rest += content
        if is_last and rest and not rest.endswith(b"\n"):
            rest += b"\n"
        whole = rest[: rest.rfind(b"\n") + 1]
        if not whole and len(rest) > BLOCK_BYTES:
            raise SourceError(f"{shown}: line {line} is longer than {BLOCK_BYTES >> 20} MiB")
        if whole:
            lines, used = cut(whole, line, is_last)
            line += whole.count(b"\n", 0, used)
            rest = rest[used:]
            yield lines


def is_utf8(text: bytes) -> bool:
    """Tell whether bytes are UTF-8, without decoding them."""
    whole = np.array([0, len(text)], np.int32)
    array = pa.StringArray.from_buffers(1, pa.py_buffer(whole), pa.py_buffer(text))
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
