"""Which files a load reads, and as which table of the source each.

What is shown of a file never holds an identity that the user did not type: where a file is named by
somebody's identity, the first digits of the pseudonym stand for it.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import glob, has_magic
from pathlib import Path

from graph.errors import SourceError
from graph.identity import IdentityKey
from graph.ledger import ERASED
from graph.suppression import NOBODY, Suppression
from loaders.columns import Converter
from loaders.contents import Unfit, is_harmless
from loaders.mapping import Source
from loaders.streams import COMPRESSED_ENDINGS
from loaders.tabular import opened_content

_DELIMITERS = {",": "','", ";": "';'", "\t": "a tab", "|": "'|'"}
LABEL_DIGITS = 8  # of the pseudonym of whoever a file is named by
_NAMED = 3


@dataclass(frozen=True)
class SourceFile:
    """A file to be read.

    Attributes
    ----------
    label : str
        What is stored of its name.
    shown : str
        How messages to the user name it.
    table : str
        The table of the source whose layout it has.
    """

    path: Path
    label: str
    shown: str
    table: str


@dataclass(frozen=True)
class Found:
    """The files of a load.

    Attributes
    ----------
    skipped : tuple[str, ...]
        Files in a folder that are no part of the source, each with the reason.
    """

    files: tuple[SourceFile, ...]
    skipped: tuple[str, ...]

    @property
    def size_bytes(self) -> int:
        """Size of all files as they lie on disk."""
        return sum(file.path.stat().st_size for file in self.files)


@dataclass(frozen=True)
class _Candidate:
    path: Path
    is_named: bool
    folder: str
    position: str


def find_files(
    source: Source,
    paths: Sequence[Path | str],
    key: IdentityKey,
    table: str | None = None,
    suppression: Suppression = NOBODY,
) -> Found:
    """Return the files that the paths name, each with its table.

    Parameters
    ----------
    paths
        Files, folders (their direct files) or glob patterns.
    key
        Makes the labels of files that are named by an identity.
    table
        The table of every file; unset: it is told by the file's name or header.
    suppression
        Whose files get a label that does not tell whose they are.

    Raises
    ------
    SourceError
        A path leads to no file; a file that was named, or whose name is one of the source's, does
        not have the layout of any table.
    """
    if table is not None and table not in source.tables:
        raise SourceError(f"{source.name} has no table {table!r}; it has {_listed(source.tables)}")
    finder = _Finder(source, Converter(source, key), table, suppression)
    files: list[SourceFile] = []
    skipped: list[str] = []
    for candidate in _distinct(_candidates(paths)):
        found = finder.file_or_skipped(candidate)
        files.extend([found] if isinstance(found, SourceFile) else [])
        skipped.extend([found] if isinstance(found, str) else [])
    if not files:
        where = ", ".join(_text(path) for path in paths)
        raise SourceError(f"{where}: holds no file that {source.name} can be read from")
    return Found(tuple(files), tuple(skipped))


def file_stem(path: Path) -> str:
    """Return a file's name without its endings.

    Examples
    --------
    >>> file_stem(Path("calls/4512345678.csv.gz")), file_stem(Path("J. Doe.csv"))
    ('4512345678', 'J. Doe')
    """
    named = Path(_text(path.name))
    is_compressed = named.suffix.lower() in COMPRESSED_ENDINGS
    return Path(named.stem).stem if is_compressed else named.stem


def _text(path: Path | str) -> str:
    """Return a path as text; a byte that is not UTF-8 stands as its number in hexadecimal."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class _Finder:
    source: Source
    converter: Converter
    table: str | None
    suppression: Suppression

    def file_or_skipped(self, candidate: _Candidate) -> SourceFile | str:
        """Return the file with its table, or why it is left alone."""
        name = self.table or self._table_by_name(candidate.path)
        label = self._label(candidate.path, name)
        shown = _text(candidate.path) if candidate.is_named else f"{candidate.folder}/{label}"
        if label != _text(candidate.path.name) and not candidate.is_named:
            shown += f" ({candidate.position})"
        tables = [name] if name else list(self.source.tables)
        try:
            fitting = self._fitting(candidate.path, shown, tables)
        except Unfit as error:
            if candidate.is_named or name:
                raise SourceError(f"{shown}: {error}") from error
            return f"{shown}: {error}"
        return SourceFile(candidate.path, self._label(candidate.path, fitting), shown, fitting)

    def _table_by_name(self, path: Path) -> str | None:
        for name, table in self.source.tables.items():
            if any(fnmatchcase(path.name.lower(), pattern.lower()) for pattern in table.files):
                return name
        return None

    def _label(self, path: Path, table: str | None) -> str:
        """Return a file's name, with a pseudonym for it wherever it may be an identity."""
        tables = [self.source.tables[table]] if table else self.source.tables.values()
        if not any(table.is_named_by_identity for table in tables):
            return _text(path.name)
        stem = file_stem(path)
        pseudonym = self.converter.subject(stem) or self.converter.pseudonym(stem)
        label = ERASED if pseudonym in self.suppression.people else pseudonym[:LABEL_DIGITS]
        return label + _text(path.name).removeprefix(stem)

    def _fitting(self, path: Path, shown: str, names: Iterable[str]) -> str:
        """Return the table that a file's header fits; of several, the one that asks for most."""
        misfits: list[tuple[int, str]] = []
        fits: list[tuple[int, str]] = []
        for name in names:
            table = self.source.tables[name]
            try:
                with opened_content(path, shown, table, _unwatched) as content:
                    header = content.names
            except Unfit as error:
                misfits.append((-1, str(error)))
                continue
            missing = [column for column in table.mandatory_columns if column not in header]
            if missing:
                has = len(table.mandatory_columns) - len(missing)
                misfits.append((has, self._misfit(name, missing, header, table.delimiter)))
            else:
                fits.append((len(table.mandatory_columns), name))
        if not fits:
            raise Unfit(max(misfits, key=lambda misfit: misfit[0])[1])
        most = max(count for count, _ in fits)
        best = [name for count, name in fits if count == most]
        if len(best) > 1:
            raise Unfit(f"may be {_listed(best)}; say which")
        return best[0]

    def _misfit(
        self, name: str, missing: list[str], header: tuple[str, ...], delimiter: str
    ) -> str:
        if not self._is_header(header):
            return f"its first line names no column that {self.source.name} knows"
        place = "" if len(self.source.tables) == 1 else f" for table {name!r}"
        text = f"{_columns(missing)} missing{place}"
        if len(header) != 1:
            shown = ", ".join(repr(column) for column in header if is_harmless(column))
            return f"{text}; the header has {shown}"
        marks = (mark for mark in _DELIMITERS if mark != delimiter and mark in header[0])
        other = next(marks, None)
        hint = f": is the delimiter {_DELIMITERS[other]}?" if other else ""
        return f"{text}; the header is one field{hint}"

    def _is_header(self, header: tuple[str, ...]) -> bool:
        """Tell whether the first line names some column that is known: else it may be data."""
        marks = "".join(map(re.escape, _DELIMITERS))
        words = {word.strip().lower() for name in header for word in re.split(f"[{marks}]", name)}
        tables = self.source.tables.values()
        return any(column.lower() in words for table in tables for column in table.columns)


def _columns(missing: list[str]) -> str:
    """Name missing columns, the first of them if there are many, with the verb.

    Examples
    --------
    >>> _columns(["duration"]), _columns(list("abcdef"))
    ("column 'duration' is", "columns 'a', 'b', 'c' and 3 more are")
    """
    named = ", ".join(repr(column) for column in missing[:_NAMED])
    if len(missing) == 1:
        return f"column {named} is"
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return f"columns {named}{more} are"


def _candidates(paths: Sequence[Path | str]) -> Iterator[_Candidate]:
    for path in paths:
        found = Path(path)
        try:
            if found.is_dir():
                yield from _in_folder(found)
            elif found.exists():
                yield _named(found)
            elif has_magic(str(path)):
                yield from _matching(str(path))
            else:
                raise SourceError(f"{path}: there is no such file or folder")
        except OSError as error:
            raise SourceError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from error


def _named(path: Path) -> _Candidate:
    if not path.is_file():
        raise SourceError(f"{path}: is not a regular file")
    return _Candidate(path, True, str(path.parent), "")


def _in_folder(folder: Path) -> Iterator[_Candidate]:
    return _numbered(folder.iterdir(), lambda _: str(folder))


def _matching(pattern: str) -> Iterator[_Candidate]:
    # Path.glob refuses patterns that begin at the root.
    files = [Path(name) for name in glob(pattern, recursive=True)]  # noqa: PTH207
    if not files:
        raise SourceError(f"{pattern}: no file has such a name")
    return _numbered(files, lambda path: str(path.parent))


def _numbered(paths: Iterable[Path], folder_of: Callable[[Path], str]) -> Iterator[_Candidate]:
    files = sorted(path for path in paths if path.is_file())
    for position, path in enumerate(files, start=1):
        yield _Candidate(path, False, _text(folder_of(path)), f"file {position} of {len(files)}")


def _distinct(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """Leave out files that were there already: twice the same path is one file."""
    seen: set[Path] = set()
    for candidate in candidates:
        path = candidate.path.resolve()
        if path not in seen:
            seen.add(path)
            yield candidate


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _unwatched(_size_bytes: int) -> None:
    """Take no notice: a header is read again with the rest of its file."""
