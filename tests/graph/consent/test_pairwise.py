"""Pairwise pseudonyms lead back for the partner that has them, and tell others nothing."""

import string

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given
from hypothesis import strategies as st

from graph.consent.pairwise import pairwise, subscriber_of
from graph.identity import IdentityKey

KEY = IdentityKey(bytes(range(32)))
subscribers = st.text("0123456789abcdef", min_size=32, max_size=32)
names = st.text(min_size=1, max_size=20)


def test_the_cipher_is_that_of_rfc_5297() -> None:
    """Appendix A.1 of the RFC: ours is what the standard says, whatever the library's version."""
    key = bytes.fromhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    context = bytes.fromhex("101112131415161718191a1b1c1d1e1f2021222324252627")
    plain = bytes.fromhex("112233445566778899aabbccddee")
    assert AESSIV(key).encrypt(plain, [context]).hex() == (
        "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c"
    )


@given(subscribers, names, st.integers(1, 9))
def test_a_pseudonym_is_stable_and_leads_back(name: str, partner: str, epoch: int) -> None:
    pseudonym = pairwise(KEY, partner, epoch, name)
    assert pairwise(IdentityKey(bytes(range(32))), partner, epoch, name) == pseudonym
    assert subscriber_of(KEY, partner, epoch, pseudonym) == name
    assert set(pseudonym) <= set(string.ascii_letters + string.digits + "-_")


@given(subscribers, names, names, st.integers(1, 9), st.integers(1, 9))
def test_it_leads_nowhere_for_others(
    name: str, partner: str, other: str, epoch: int, other_epoch: int
) -> None:
    pseudonym = pairwise(KEY, partner, epoch, name)
    found = subscriber_of(KEY, other, other_epoch, pseudonym)
    assert found == (name if (partner, epoch) == (other, other_epoch) else None)
    assert subscriber_of(IdentityKey(bytes(32)), partner, epoch, pseudonym) is None


@given(subscribers, st.data())
def test_what_was_altered_leads_nowhere(name: str, data: st.DataObject) -> None:
    pseudonym = pairwise(KEY, "cinema", 1, name)
    place = data.draw(st.integers(0, len(pseudonym) - 1))
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_+/="))
    altered = pseudonym[:place] + letter + pseudonym[place + 1 :]
    expected = name if altered == pseudonym else None
    assert subscriber_of(KEY, "cinema", 1, altered) == expected
    for shorter in (pseudonym[:place], pseudonym + "=", pseudonym + "A", f" {pseudonym}"):
        assert subscriber_of(KEY, "cinema", 1, shorter) is None


@given(st.text())
def test_any_text_leads_nowhere(text: str) -> None:
    assert subscriber_of(KEY, "cinema", 1, text) is None
