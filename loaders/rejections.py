"""Rejected rows: kept, but sealed, because they quote identities that nothing else keeps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from graph.identity import IdentityKey
from loaders.columns import Converter

REJECTED = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
        pa.field("field", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("row_digest", pa.string(), nullable=False),
        pa.field("row_sealed", pa.binary(), nullable=False),
        pa.field("subjects", pa.list_(pa.string()), nullable=False),
    ]
)

_MOST_FIELDS = 256


@dataclass(frozen=True)
class Rejection:
    """A row that was rejected.

    Attributes
    ----------
    line : int
        The physical line on which the row starts.
    text : bytes
        The row as it stands in the file, without its line's end.
    field : str or None
        The column of the file that is at fault, where it is one.
    reason : str
        A short sentence that quotes nothing of the row.
    subjects : tuple[str, ...]
        Pseudonyms of those whom the row may be about: by them, erasure finds it.
    """

    line: int
    text: bytes
    field: str | None
    reason: str
    subjects: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The reason, with the field where the reason does not name it."""
        if self.field is None or self.reason.startswith(self.field):
            return self.reason
        return f"{self.reason} ({self.field})"


def sealed(rejections: Sequence[Rejection], file: str, key: IdentityKey) -> pa.RecordBatch:
    """Return rejected rows as they may be stored."""
    rows = [
        {
            "file": file,
            "line": rejection.line,
            "field": rejection.field,
            "reason": rejection.reason,
            "row_digest": key.digest(rejection.text),
            "row_sealed": key.seal(rejection.text),
            "subjects": rejection.subjects,
        }
        for rejection in rejections
    ]
    return pa.RecordBatch.from_pylist(rows, REJECTED)


def possible_subjects(text: bytes, marks: str, converter: Converter) -> list[str]:
    """Return the pseudonyms of all that could be an identity in a row that cannot be taken apart.

    Most are of no one; but where a field is somebody's identity, their erasure finds the row.

    Parameters
    ----------
    marks
        The characters that may stand between two fields.
    """
    fields = re.split(f"[{re.escape(marks)}]", text.decode(errors="replace"))
    named = [name for name in map(str.strip, fields) if name][:_MOST_FIELDS]
    found = [converter.subject(name) for name in named]
    return [subject for subject in found if subject is not None]
