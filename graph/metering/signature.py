"""Signatures in a chain: each covers what a row says and the signature before it.

The chain is HMAC-SHA-256 (RFC 2104) under a key that lies outside the file. A row that is changed,
left out, added or moved breaks it; rows cut off the end do not, so whoever closes a month writes
down where the chain was (``Head``).
"""

import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

import orjson

from graph.errors import UsageAltered
from graph.secrets import secret
from graph.settings import Settings

START = ""  # what the first signature follows


@dataclass(frozen=True)
class Head:
    """How long a chain is, and its last signature."""

    length: int
    signature: str


class Signer:
    """Signs rows, and tells whether they are as they were signed."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the signer of a home folder."""
        return cls(secret(settings.keys_folder / "usage.key", lambda: os.urandom(32)))

    def sign(self, before: str, row: Iterable[object]) -> str:
        """Return the signature of a row that follows another, in hexadecimal digits."""
        content = orjson.dumps([before, *row])
        return hmac.new(self._key, content, sha256).hexdigest()

    def digest(self, purpose: str, content: bytes) -> str:
        """Return by what equal contents are known again without being readable."""
        return hmac.new(self._key, purpose.encode() + b"\0" + content, sha256).hexdigest()[:32]

    def verify(self, table: str, rows: Iterable[tuple[tuple[object, ...], str]]) -> Head:
        """Follow a chain of rows with their signatures to its end.

        Raises
        ------
        UsageAltered
            A row is not what was signed, or not where it was signed.
        """
        before, length = START, 0
        for row, signature in rows:
            length += 1
            if not hmac.compare_digest(self.sign(before, row), signature):
                raise UsageAltered(f"row {length} of {table} is not as it was signed")
            before = signature
        return Head(length, before)
