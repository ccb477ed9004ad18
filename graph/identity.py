"""Identities become keyed pseudonyms.

A pseudonym is HMAC-SHA-256 (RFC 2104) of ``namespace NUL identity`` under a key that lies outside
the graph, cut to 128 bits and written as 32 hexadecimal digits. Without the key it can neither be
undone nor guessed by trying all numbers. The namespace keeps apart the numbering of different
sources: participant 5 of one study is not participant 5 of another.
"""

import hmac
import os
import re
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from graph.errors import IdentityKeyError
from graph.secrets import secret
from graph.settings import Settings

KEY_BYTES = 32


class IdentityKey:
    """The key behind all pseudonyms, and what else is derived from it.

    Examples
    --------
    >>> key = IdentityKey(bytes(32))
    >>> key.pseudonym("msisdn", "4512345678")
    'bf304a627e04eae637b3a361f3eee992'
    >>> key.unseal(key.seal(b"a row"))
    b'a row'
    """

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise IdentityKeyError(f"the identity key has {len(master)} bytes instead of 32")
        self._master = master
        self._pseudonyms = hmac.new(_derive(master, b"pseudonym"), digestmod=sha256)
        self._digests = hmac.new(_derive(master, b"digest"), digestmod=sha256)
        self._seal = Fernet(urlsafe_b64encode(_derive(master, b"seal")))

    def __reduce__(self) -> tuple[type["IdentityKey"], tuple[bytes]]:
        """Let a process of ours have it too."""
        return IdentityKey, (self._master,)

    @classmethod
    def of(cls, settings: Settings) -> "IdentityKey":
        """Return the key that the settings name, or the home folder's, made on first use.

        Raises
        ------
        IdentityKeyError
            The file that the settings name cannot be read, or is not a key.
        """
        given = settings.identity_key_file
        if given is None:
            path = settings.keys_folder / "identity.key"
            return cls(secret(path, lambda: os.urandom(KEY_BYTES)))
        try:
            return cls(given.read_bytes())
        except OSError as error:
            raise IdentityKeyError(f"{given}: {error.strerror}") from error

    def pseudonym(self, namespace: str, identity: str) -> str:
        """Return the pseudonym of an identity: 32 hexadecimal digits."""
        return _hexdigest(self._pseudonyms, f"{namespace}\0{identity}".encode())

    def fingerprint(self) -> str:
        """Return a mark by which a graph knows its key again without knowing the key."""
        return _hexdigest(self._digests, b"fingerprint")

    def digest(self, content: bytes) -> str:
        """Return a keyed digest, by which equal rows are recognised without being readable."""
        return _hexdigest(self._digests, b"content\0" + content)

    def derived(self, purpose: str) -> bytes:
        """Return 64 bytes that serve as keys for one purpose, and tell nothing of other keys."""
        return _derive(self._master, purpose.encode(), 64)

    def seal(self, content: bytes) -> bytes:
        """Encrypt what must be kept but not be read without the key."""
        return self._seal.encrypt(content)

    def unseal(self, sealed: bytes) -> bytes:
        """Decrypt what ``seal`` returned.

        Raises
        ------
        IdentityKeyError
            It was sealed with another key.
        """
        try:
            return self._seal.decrypt(sealed)
        except InvalidToken as error:
            raise IdentityKeyError("this was sealed with another identity key") from error


def e164(raw: str) -> str | None:
    """Return an international telephone number as the digits of ITU-T E.164, or None if it is none.

    ``+`` or ``00`` may introduce it; bare digits are international, as network elements write
    them.

    Examples
    --------
    >>> [e164(raw) for raw in ("+45 12 34 56 78", "0045-12345678", "4512345678", "112")]
    ['4512345678', '4512345678', '4512345678', None]
    """
    digits = re.sub(r"[\s().\-/]", "", raw)
    digits = digits.removeprefix("+") if digits.startswith("+") else digits.removeprefix("00")
    return digits if re.fullmatch(r"[1-9][0-9]{6,14}", digits) else None


def spellings(raw: str) -> list[str]:
    """Return how loads may have spelt an identity that somebody writes in this way.

    Examples
    --------
    >>> spellings(" 7590-VHVEG "), spellings("+45 12345678")
    (['7590-VHVEG'], ['+45 12345678', '4512345678'])
    """
    number = e164(raw)
    return [raw.strip()] if number in (None, raw.strip()) else [raw.strip(), number]


def _derive(master: bytes, purpose: bytes, length: int = 32) -> bytes:
    """Derive an independent key by HKDF (RFC 5869)."""
    return HKDF(SHA256(), length=length, salt=None, info=b"tiegraph " + purpose).derive(master)


def _hexdigest(keyed: hmac.HMAC, content: bytes) -> str:
    # Copying a keyed state saves hashing the key again for each of millions of identities.
    state = keyed.copy()
    state.update(content)
    return state.hexdigest()[:32]
