"""Files as streams of text: plain, gzip or zstd, told apart by their first bytes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa

from graph.errors import SourceError

BLOCK_BYTES = 16 << 20
BOM = b"\xef\xbb\xbf"
Watch = Callable[[int], None]

_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
COMPRESSED_ENDINGS = {".gz": "gzip", ".zst": "zstd"}
_UNREADABLE = {
    b"BZh": "is compressed with bzip2; gzip and zstd can be read",
    b"\xfd7zXZ": "is compressed with xz; gzip and zstd can be read",
    b"\x04\x22\x4d\x18": "is compressed with lz4; gzip and zstd can be read",
    b"PK\x03\x04": "is a zip archive or a spreadsheet; save it as CSV, plain, gzip or zstd",
    b"7z\xbc\xaf": "is a 7z archive; gzip and zstd can be read",
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
}


class Reader(Protocol):
    """What gives at most so many bytes, and none at the end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        ...


class Tap:
    """A file that tells how many bytes were taken from it, and their digest."""

    def __init__(self, file: BinaryIO, watch: Watch) -> None:
        self._file = file
        self._watch = watch
        self._digest = sha256()
        self.size_bytes = 0
        self.closed = False

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        content = self._file.read(size)
        self._digest.update(content)
        self.size_bytes += len(content)
        self._watch(len(content))
        return content

    def close(self) -> None:
        """Take note that Arrow is done; the file itself is closed by whoever opened it."""
        self.closed = True

    def sha256(self) -> str:
        """Return the SHA-256 of what was read, in hexadecimal digits."""
        return self._digest.hexdigest()


@dataclass(frozen=True)
class Digest:
    """A file's own size and its SHA-256 in hexadecimal digits, as it lies on disk."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Text:
    """The text of an open file, decompressed.

    Attributes
    ----------
    magic : bytes
        The first bytes of the file itself.
    tap : Tap
        What the file's own bytes come through.
    """

    shown: str
    magic: bytes
    tap: Tap
    _content: Reader

    def read(self, size: int, /) -> bytes:
        """Return the next bytes of text.

        Raises
        ------
        SourceError
            The file cannot be read, or its compressed content is truncated or corrupt.
        """
        with in_plain_words(self.shown):
            return bytes(self._content.read(size))

    def digest(self) -> Digest:
        """Read what is left of the file, and return the size and the digest of all of it."""
        with in_plain_words(self.shown):
            while self.tap.read(BLOCK_BYTES):
                pass
        return Digest(self.tap.size_bytes, self.tap.sha256())


@contextmanager
def opened(path: Path, shown: str, watch: Watch) -> Iterator[Text]:
    """Open a file for reading its text.

    Raises
    ------
    SourceError
        It cannot be opened, or is compressed in a way that is not known.
    """
    with ExitStack() as stack:
        with in_plain_words(shown):
            file = stack.enter_context(path.open("rb", buffering=0))
            start = file.read(8)
            file.seek(0)
        tap = Tap(file, watch)
        compression = _compression(path, shown, start)
        if compression is None:
            yield Text(shown, start, tap, tap)
        else:
            source = pa.PythonFile(tap, mode="r")
            yield Text(shown, start, tap, pa.CompressedInputStream(source, compression))


def _compression(path: Path, shown: str, start: bytes) -> str | None:
    for magic, reason in _UNREADABLE.items():
        if start.startswith(magic):
            raise SourceError(f"{shown}: {reason}")
    found = next((name for magic, name in _COMPRESSIONS.items() if start.startswith(magic)), None)
    expected = COMPRESSED_ENDINGS.get(path.suffix.lower())
    if start and expected not in (None, found):
        raise SourceError(f"{shown}: its name says {expected}, but its content is not")
    return found


@contextmanager
def in_plain_words(shown: str) -> Iterator[None]:
    """Turn what the system says into an error that names the file."""
    try:
        yield
    except OSError as error:
        # Arrow raises OSError without a number for what it cannot decompress.
        reason = error.strerror or "its compressed content is truncated or corrupt"
        raise SourceError(f"{shown}: {reason[:1].lower()}{reason[1:]}") from error


@dataclass(frozen=True)
class Start:
    """The first line of a text that is not blank, its number from 1, and what was read after it."""

    line: bytes
    number: int
    rest: bytes


def first_line(text: Reader) -> Start:
    """Read the first line that is not blank.

    It comes without its end and without a byte-order mark; an empty one means that there is none.
    """
    content = b""
    number = 1
    while chunk := text.read(1 << 16):
        content += chunk
        if number == 1:
            content = content.removeprefix(BOM)
        while (end := content.find(b"\n")) >= 0:
            line, content = content[:end].removesuffix(b"\r"), content[end + 1 :]
            if line:
                return Start(line, number, content)
            number += 1
        if len(content) > BLOCK_BYTES:
            break
    return Start(content, number, b"")
