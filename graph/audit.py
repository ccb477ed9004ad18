"""The audit log: who read what of whom, in files that are only appended to.

There is one file a UTC day, of one JSON object a line, apart from the service's own log. Every line
is signed (HMAC-SHA-256, RFC 2104) together with the signature before it, and the first line of a
day follows the last one of the day before: a line that is changed, added, moved or left out breaks
the chain. Lines cut off the end do not, so whoever needs more keeps ``verify``'s answer elsewhere.
"""

import fcntl
import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Self
from uuid import uuid4

import orjson

from graph.errors import AuditAltered, AuditError
from graph.secrets import secret
from graph.settings import Settings

MOST_KEYS = 1_000  # of one line
_TAIL_BYTES = 1 << 20  # more than the longest line
_SIGNATURE = b',"signature":"'
_START = ""


@dataclass(frozen=True)
class Access:
    """Somebody read something of one or several people, in one request.

    Attributes
    ----------
    at : str
        When, in UTC, as RFC 3339 has it.
    by : str
        Who: the subject of the token.
    role, purpose : str
        As whom, and of a partner, what for.
    operation, correlator : str
        Name of the operation, and what finds the request in the log.
    of : str
        What the keys are keys of: ``Subscriber``, or something that belongs to one.
    keys : sequence of str
        Pseudonyms of those who were read of, at most ``MOST_KEYS``.
    fields : sequence of str
        What was read of each, as paths from there on.
    """

    at: str
    by: str
    role: str
    purpose: str | None
    operation: str
    correlator: str
    of: str
    keys: Sequence[str]
    fields: Sequence[str]


class AuditLog:
    """The files of one folder; safe for several processes at once.

    Parameters
    ----------
    days : int
        For how many days files are kept.
    """

    def __init__(
        self,
        folder: Path,
        key: bytes,
        days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._key = key
        self._days = days
        self._now = now

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the log of a home folder."""
        key = secret(settings.keys_folder / "audit.key", lambda: os.urandom(32))
        return cls(settings.audit_folder, key, settings.audit_days)

    def append(self, accesses: Sequence[Access]) -> None:
        """Write accesses down; when this returns, they outlast a power failure.

        Raises
        ------
        AuditError
            They could not be written, or not all; written once more, some may be there twice.
        """
        try:
            with self._locked():
                self._append([orjson.dumps(access) for access in accesses])
        except OSError as error:
            raise AuditError(f"{self._folder} cannot be written: {error.strerror}") from error

    def taken_along(self, operation: str, keys: Sequence[str], fields: Sequence[str]) -> None:
        """Write down whose data somebody at the machine takes along.

        Raises
        ------
        AuditError
            It could not be written: nothing may be taken then.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        who = at, "local", "admin", None, operation, str(uuid4())
        parts = (keys[start : start + MOST_KEYS] for start in range(0, len(keys), MOST_KEYS))
        self.append([Access(*who, "Subscriber", part, fields) for part in parts])

    def accesses(self, key: str | None = None, since: date = date.min) -> Iterator[Access]:
        """Yield what was read, of one key or of all, from a UTC day on, in the order of writing."""
        for file in self._files():
            if date.fromisoformat(file.stem) < since:
                continue
            for body, _ in _lines(file):
                found = orjson.loads(body)
                if "of" in found and (key is None or key in found["keys"]):
                    yield Access(**found)

    def verify(self) -> tuple[int, str]:
        """Follow the chain; return how many lines it has, and its last signature.

        Raises
        ------
        AuditAltered
            A line is not what was written, or not where it was written.
        """
        count, before = 0, None
        for file in self._files():
            for number, (body, signature) in enumerate(_lines(file), start=1):
                if number == 1:
                    follows = orjson.loads(body).get("follows")
                    before = follows if before is None else before
                    if follows != before:
                        raise AuditAltered(f"what came before {file.name} is not there")
                if not hmac.compare_digest(self._signed(before or _START, body), signature):
                    raise AuditAltered(f"line {number} of {file.name} is not as it was written")
                count, before = count + 1, signature
        return count, before or _START

    def _append(self, bodies: Sequence[bytes]) -> None:
        before, files = self._last_signature(), self._files()
        # A clock that goes back must not begin a file before the last one.
        file = max([self._folder / f"{self._now():%Y-%m-%d}.jsonl", *files[-1:]])
        is_new = file not in files
        if is_new:
            begins = orjson.dumps({"day": file.stem, "follows": before})
            bodies = [begins, *bodies]
        lines: list[bytes] = []
        for body in bodies:
            before = self._signed(before, body)
            lines.append(body[:-1] + _SIGNATURE + before.encode() + b'"}\n')
        with _appended(file) as stream:
            stream.write(b"".join(lines))
            stream.flush()
            os.fsync(stream.fileno())
        if is_new:
            self._let_go(files)

    def _last_signature(self) -> str:
        for file in reversed(self._files()):
            if signature := _ended(file):
                return signature
            file.unlink()  # a crash left it without one whole line
        return _START

    def _let_go(self, files: Sequence[Path]) -> None:
        """Remove the files of days that are long gone, and make the folder as lasting as these."""
        last = (self._now() - timedelta(days=self._days)).date()
        for file in files:
            if date.fromisoformat(file.stem) < last:
                file.unlink()
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _appended(self._folder / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("????-??-??.jsonl"))

    def _signed(self, before: str, body: bytes) -> str:
        # ``hmac.digest`` lets another thread go on while it counts, and then has to wait for it:
        # of a batch, at every line.
        return hmac.new(self._key, before.encode() + b"\n" + body, "sha256").hexdigest()


def _lines(file: Path) -> Iterator[tuple[bytes, str]]:
    """Yield what each whole line says, and its signature."""
    with file.open("rb") as stream:
        for line in stream:
            if line.endswith(b"\n"):
                yield _taken_apart(line)


def _taken_apart(line: bytes) -> tuple[bytes, str]:
    body, _, signature = line.rstrip(b"\n").rpartition(_SIGNATURE)
    return body + b"}", signature.removesuffix(b'"}').decode(errors="replace")


def _ended(file: Path) -> str:
    """Return the last signature of a file; half a line that a crash left at its end is cut off."""
    with file.open("rb+") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _TAIL_BYTES))
        tail = stream.read()
        whole = tail[: tail.rfind(b"\n") + 1]
        stream.truncate(size - len(tail) + len(whole))
    last = whole.rstrip(b"\n").rpartition(b"\n")[2]
    return _taken_apart(last)[1]


def _appended(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
