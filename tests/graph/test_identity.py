"""Pseudonyms are what RFC 2104 and RFC 5869 say, by the standard library's ``hmac``."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from graph.identity import IdentityKey


@given(st.binary(min_size=32, max_size=32), st.text(), st.text(max_size=200))
def test_a_pseudonym_is_a_keyed_digest(master: bytes, namespace: str, identity: str) -> None:
    extracted = hmac.digest(bytes(32), master, "sha256")
    key = hmac.digest(extracted, b"tiegraph pseudonym\x01", "sha256")
    expected = hmac.digest(key, f"{namespace}\0{identity}".encode(), "sha256").hex()[:32]
    assert IdentityKey(master).pseudonym(namespace, identity) == expected
