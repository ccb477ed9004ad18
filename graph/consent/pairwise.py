"""Pairwise pseudonyms: what a partner knows a subscriber by, and nobody else does.

A pseudonym is the subscriber's, encrypted by AES-SIV (RFC 5297) under a key derived from the
identity key, with the partner and its epoch as associated data. AES-SIV is deterministic, so a
partner always gets the same one; for another partner or epoch it is another, which cannot be told
from chance without the key; and it is authenticated, so that only what was given out leads back.
No table is kept.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from graph.identity import IdentityKey


def pairwise(key: IdentityKey, partner: str, epoch: int, subscriber_id: str) -> str:
    """Return what a partner knows a subscriber by, of letters, digits, ``-`` and ``_``.

    Parameters
    ----------
    epoch : int
        Raised, the partner gets new pseudonyms, and its former ones are nobody's any more.

    Examples
    --------
    >>> key = IdentityKey(bytes(32))
    >>> pairwise(key, "cinema", 1, "bf30")
    '_tXJ06wBE17pTict7sCRLE_Guo4'
    >>> pairwise(key, "cinema", 2, "bf30")
    'Q5rVispkHtF0LD1UzdtmAQXNYNI'
    """
    sealed = _cipher(key).encrypt(subscriber_id.encode(), _context(partner, epoch))
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def subscriber_of(key: IdentityKey, partner: str, epoch: int, pseudonym: str) -> str | None:
    """Return whom a partner means, or None where it was never given such a pseudonym.

    Examples
    --------
    >>> key = IdentityKey(bytes(32))
    >>> for partner in ("cinema", "restaurant"):
    ...     print(subscriber_of(key, partner, 1, pairwise(key, "cinema", 1, "bf30")))
    bf30
    None
    """
    try:
        sealed = urlsafe_b64decode(pseudonym + "=" * (-len(pseudonym) % 4))
        found = _cipher(key).decrypt(sealed, _context(partner, epoch)).decode()
    except (InvalidTag, Error, ValueError):
        return None
    # Base64 has several spellings of the same bytes, and only ours was given out.
    return found if pairwise(key, partner, epoch, found) == pseudonym else None


def _context(partner: str, epoch: int) -> list[bytes]:
    return [partner.encode(), str(epoch).encode()]


@lru_cache(maxsize=8)
def _cipher(key: IdentityKey) -> AESSIV:
    return AESSIV(key.derived("pairwise"))
