"""One table of a source: blocks of its rows become canonical records and rejections."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.kernels import pc
from graph.suppression import NOBODY, Suppression
from loaders.columns import Converted, Converter, without_missing
from loaders.files import SourceFile, file_stem
from loaders.kinds import KINDS, identities
from loaders.mapping import RecordRule, Table, Value
from loaders.records import ARROW_TYPES, Column
from loaders.rejections import Rejection, possible_subjects
from loaders.rows import Block, Refused, Rows

Mask = npt.NDArray[np.bool_]
_Records = tuple[str, npt.NDArray[np.intp], pa.RecordBatch]  # kind, their rows, and they
_NOT_FORESEEN = "value not foreseen"


@dataclass(frozen=True)
class Canonical:
    """What became of one block: records by kind, rows that were rejected, and of the rest counts.

    Attributes
    ----------
    rows_suppressed : int
        Rows, good or bad, that name somebody who was erased; nothing of them is kept.
    """

    batches: list[tuple[str, pa.RecordBatch]]
    rejections: list[Rejection]
    rows_accepted: int
    rows_suppressed: int

    @property
    def rows_read(self) -> int:
        """Rows of the block, each accepted, rejected or suppressed."""
        return self.rows_accepted + len(self.rejections) + self.rows_suppressed


class _Faults:
    """The first fault of each row."""

    def __init__(self, rows: int) -> None:
        self._number = np.zeros(rows, np.int32)
        self._faults: list[tuple[str, str]] = []

    def add(self, rows: npt.NDArray[np.intp], field: str, reason: str) -> None:
        """Note a fault of some rows, unless they have one already."""
        if len(rows):
            self._faults.append((field, reason))
            fresh = rows[self._number[rows] == 0]
            self._number[fresh] = len(self._faults)

    @property
    def is_good(self) -> Mask:
        """Which rows have none."""
        return np.asarray(self._number == 0)

    def of(self, row: int) -> tuple[str, str]:
        """Return the field and the reason of a row that has one."""
        return self._faults[int(self._number[row]) - 1]


@dataclass
class TableReader:
    """Reads the blocks of one file."""

    converter: Converter
    table: Table
    file: SourceFile
    suppression: Suppression = NOBODY

    def read(self, block: Block) -> Canonical:
        """Turn a block into records and rejections; safe to call for several blocks at once."""
        rows, refused = block.take_apart()
        rows = Rows(rows.lines, rows.text, _trimmed(rows.columns))
        faults = _Faults(len(rows.lines))
        for column, foreseen in self.table.foreseen.items():
            is_odd = ~_is_in(rows.columns[column], foreseen)
            faults.add(np.flatnonzero(is_odd), column, _NOT_FORESEEN)
        records = self._records(rows, faults)
        is_kept = faults.is_good & ~self._is_suppressed(records, len(rows.lines))
        batches = [
            (kind, batch.filter(pa.array(is_kept[chosen]))) for kind, chosen, batch in records
        ]
        rejections = [*self._refused(refused), *self._rejected(rows, faults)]
        kept = [each for each in rejections if not self.suppression.has_any(each.subjects)]
        kept.sort(key=lambda rejection: rejection.line)
        accepted = int(np.count_nonzero(is_kept))
        return Canonical(
            [(kind, batch) for kind, batch in batches if batch.num_rows],
            kept,
            accepted,
            len(rows.lines) + len(refused) - accepted - len(kept),
        )

    def _is_suppressed(self, records: list[_Records], count: int) -> Mask:
        """Tell which rows yield a record that names somebody who was erased."""
        is_suppressed = np.zeros(count, np.bool_)
        if self.suppression.people:
            people = pa.array(sorted(self.suppression.people), pa.string())
            for kind, chosen, batch in records:
                for name in identities(kind):
                    is_suppressed[chosen] |= _as_mask(pc.is_in(batch[name], people))
        return is_suppressed

    def _records(self, rows: Rows, faults: _Faults) -> list[_Records]:
        records = []
        is_used = np.zeros(len(rows.lines), np.bool_)
        for rule in self.table.records:
            is_chosen = self._is_chosen(rule, rows)
            is_used |= is_chosen
            chosen = np.flatnonzero(is_chosen)
            if len(chosen):
                batch = self._batch(rule, rows.where(is_chosen), chosen, faults)
                records.append((rule.kind, chosen, batch))
        self._add_unused(rows, is_used, faults)
        return records

    def _is_chosen(self, rule: RecordRule, rows: Rows) -> Mask:
        is_chosen = np.ones(len(rows.lines), np.bool_)
        for column, texts in rule.when.items():
            is_chosen &= _is_in(rows.columns[column], texts)
        for column, texts in rule.unless.items():
            is_chosen &= ~_is_in(rows.columns[column], texts)
        return is_chosen

    def _add_unused(self, rows: Rows, is_used: Mask, faults: _Faults) -> None:
        """Note which column it is that makes a row yield nothing."""
        conditions = dict.fromkeys(name for rule in self.table.records for name in rule.conditions)
        for column in conditions:
            foreseen = [text for rule in self.table.records for text in rule.when.get(column, ())]
            is_odd = ~_is_in(rows.columns[column], tuple(foreseen)) & ~is_used
            faults.add(np.flatnonzero(is_odd), column, _NOT_FORESEEN)
        for column in list(conditions)[:1]:
            faults.add(np.flatnonzero(~is_used), column, _NOT_FORESEEN)

    def _batch(
        self, rule: RecordRule, rows: Rows, chosen: npt.NDArray[np.intp], faults: _Faults
    ) -> pa.RecordBatch:
        kind = KINDS[rule.kind]
        record: dict[str, pa.Array] = {}
        for column in kind.columns:
            converted = self._converted(rule, column, rows)
            record[column.name] = converted.array
            name = _field(rule, column.name)
            for mask, reason in converted.faults:
                faults.add(chosen[mask], name, reason)
            if column.is_mandatory and converted.array.null_count:
                absent = np.flatnonzero(_as_mask(pc.is_null(converted.array)))
                faults.add(chosen[absent], name, f"{column.name} is missing")
        for between in kind.rules:
            is_broken = _as_mask(between.is_broken(record))
            faults.add(chosen[is_broken], _field(rule, *between.fields), between.reason)
        for derived in kind.derived:
            record[derived.name] = derived.of(record)
        namespace = pa.repeat(self.converter.source.namespace, len(chosen))
        label = pa.repeat(self.file.label, len(chosen))
        arrays = [*record.values(), namespace, label, pa.array(rows.lines)]
        # Faulty rows still have nulls where there must be none; they are left out before any use.
        return pa.RecordBatch.from_arrays(arrays, names=kind.schema().names)

    def _converted(self, rule: RecordRule, column: Column, rows: Rows) -> Converted:
        value = rule.columns.get(column.name)
        count = len(rows.lines)
        if value is None or any(name not in rows.columns for name in value.columns):
            return Converted(pa.nulls(count, ARROW_TYPES[column.type]))
        if not value.columns:
            return self.converter.constant(self._stated(value), value, column, count)
        missing = self.table.missing + value.missing
        texts = [without_missing(rows.columns[name], missing) for name in value.columns]
        if value.from_ is not None:
            texts = [pa.repeat(self._stated(value), count), *texts]
        text = texts[0] if len(texts) == 1 else _joined(texts, value.separator)
        return self.converter.convert(text, value, column, _currency(rule.columns))

    def _stated(self, value: Value) -> str:
        return file_stem(self.file.path) if value.constant is None else value.constant

    def _refused(self, refused: list[Refused]) -> list[Rejection]:
        return [
            Rejection(
                row.line,
                row.text,
                None,
                row.reason,
                self._subjects(possible_subjects(row.text, row.marks, self.converter)),
            )
            for row in refused
        ]

    def _rejected(self, rows: Rows, faults: _Faults) -> list[Rejection]:
        bad = rows.where(~faults.is_good)
        if not len(bad.lines):
            return []
        columns = [
            self._pseudonyms(column, bad)
            for column in self._identity_columns
            if column in bad.columns
        ]
        subjects = [[name for name in names if name] for names in zip(*columns, strict=True)]
        rejections = []
        for row, index in enumerate(np.flatnonzero(~faults.is_good)):
            name, reason = faults.of(int(index))
            rejections.append(
                Rejection(
                    int(bad.lines[row]),
                    bad.text(row),
                    name,
                    reason,
                    self._subjects(subjects[row] if subjects else []),
                )
            )
        return rejections

    def _pseudonyms(self, column: str, rows: Rows) -> list[str | None]:
        texts = without_missing(rows.columns[column], ()).to_pylist()
        return [None if text is None else self.converter.subject(text) for text in texts]

    def _subjects(self, named: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self._owner, *named]))

    @cached_property
    def _owner(self) -> list[str]:
        """Whose identity the file is named by."""
        owner = self.converter.subject(file_stem(self.file.path))
        return [owner] if self.table.is_named_by_identity and owner else []

    @cached_property
    def _identity_columns(self) -> list[str]:
        """Columns of the file that hold identities of subscribers."""
        names = [
            value.column
            for rule in self.table.records
            for name, value in rule.columns.items()
            if value.column is not None and _is_identity(rule, name)
        ]
        return list(dict.fromkeys(names))


def _is_identity(rule: RecordRule, name: str) -> bool:
    column = KINDS[rule.kind].column(name)
    return column is not None and column.type == "identity"


def _field(rule: RecordRule, *names: str) -> str:
    """Return what a canonical column is called in the file; of several, the first that is there."""
    values = [rule.columns[name] for name in names if name in rule.columns]
    return next((", ".join(value.columns) for value in values if value.columns), names[0])


def _currency(columns: Mapping[str, Value]) -> str | None:
    currency = columns.get("currency")
    return currency.constant if currency else None


def _joined(texts: list[pa.StringArray], separator: str) -> pa.StringArray:
    """Join texts row by row; where one is not known, the whole is not."""
    return pc.binary_join_element_wise(*texts, separator, null_handling="emit_null")


def _trimmed(columns: Mapping[str, pa.StringArray]) -> dict[str, pa.StringArray]:
    return {name: pc.utf8_trim_whitespace(column) for name, column in columns.items()}


def _is_in(text: pa.StringArray, texts: tuple[str, ...]) -> Mask:
    return _as_mask(pc.is_in(text, pa.array(texts, pa.string())))


def _as_mask(array: pa.Array) -> Mask:
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), np.bool_)
