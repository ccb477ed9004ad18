"""Who is a partner, and what it may do when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph.errors import BadInput, IllegalTransition, NotAllowed, NotFound, TooManyRequests
from graph.metering.quota import Quota
from graph.partner import registry
from graph.partner.partner import active
from graph.partner.registry import Partners
from graph.revenue.terms import Terms
from graph.settings import Settings


@pytest.fixture
def partners(tmp_path: Path) -> Partners:
    return Partners.of(Settings(home_dir=tmp_path))


def test_a_partner_is_let_in_and_put_out(partners: Partners) -> None:
    assert partners.sign_up("corner-shop", "Corner Shop").state == "pending"
    with pytest.raises(NotAllowed, match="waits for approval"):
        active(partners.partner("corner-shop"))
    with pytest.raises(IllegalTransition):
        partners.suspend("corner-shop")
    partners.approve("corner-shop", plan="volume", quota=Quota(day=5))
    found = active(partners.partner("corner-shop"))
    assert (found.plan, found.agreement, found.quota) == ("volume", "direct", Quota(day=5))
    with pytest.raises(NotAllowed, match="suspended"):
        active(partners.suspend("corner-shop"))
    again = active(partners.approve("corner-shop"))
    assert (again.plan, again.quota) == ("volume", Quota(day=5)), "what is not said stays"
    assert [one.partner_id for one in partners.all()] == ["corner-shop"]


def test_who_is_not_there_is_not_found(partners: Partners) -> None:
    assert partners.find("nobody") is None
    for change in (partners.approve, partners.suspend, partners.partner):
        with pytest.raises(NotFound):
            change("nobody")
    with pytest.raises(NotFound):
        partners.set_keys("nobody", {})


@pytest.mark.parametrize("wrong", ["", "ab", "Shop", "-shop", "shop-", "a" * 65, "sh op", "shöp"])
def test_identifiers_are_plain(partners: Partners, wrong: str) -> None:
    with pytest.raises(BadInput, match="identifier"):
        partners.sign_up(wrong, "Shop")


def test_names_are_readable_and_identifiers_taken_once(partners: Partners) -> None:
    for wrong in (" ", "a\nb", "x" * 201):
        with pytest.raises(BadInput, match="name"):
            partners.sign_up("shop", wrong)
    partners.sign_up("shop", "Shop")
    with pytest.raises(BadInput, match="already"):
        partners.sign_up("shop", "Another")


def test_not_everybody_can_wait(partners: Partners, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MOST_PENDING", 2)
    partners.sign_up("one", "1")
    partners.sign_up("two", "2")
    with pytest.raises(TooManyRequests):
        partners.sign_up("three", "3")
    partners.approve("one")
    partners.sign_up("three", "3")


def test_an_assertion_counts_once(partners: Partners) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert partners.is_first_use("shop", "a", soon)
    assert not partners.is_first_use("shop", "a", soon)
    assert partners.is_first_use("bank", "a", soon)


def test_terms_of_ones_own_are_added(tmp_path: Path) -> None:
    settings = Settings(home_dir=tmp_path)
    assert Terms.of(settings).plan("list").currency == "EUR"
    settings.terms_file.write_text(
        "plans: [{plan: list, currency: CHF, "
        "prices: [{operation: '*', tiers: [{price_minor: '3'}]}]}]"
    )
    terms = Terms.of(settings)
    assert terms.plan("list").currency == "CHF"
    assert terms.plan("starter").currency == "EUR"
    with pytest.raises(BadInput, match="there are aggregated, direct"):
        terms.agreement("none")
