"""Which media type a client gets."""

import pytest

from api.media import preferred

OFFERS = ("application/json", "application/graphql-response+json", "text/html")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "choice"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        (BROWSER, "text/html"),
        ("application/graphql-response+json", "application/graphql-response+json"),
        ("application/graphql-response+json;q=0.5, application/json", "application/json"),
        ("application/graphql-response+json, */*", "application/graphql-response+json"),
        ("APPLICATION/JSON; charset=utf-8", "application/json"),
        ("application/json;q=0, text/html;q=0.1", "text/html"),
        ("*/*, application/json;q=0", "application/graphql-response+json"),
        ("image/png", None),
        ("application/json;q=0", None),
        ("application/json;q=many", None),
        (",,;;,", None),
    ],
)
def test_the_best_offer_is_chosen(accept: str | None, choice: str | None) -> None:
    """By RFC 9110, section 12.5.1: the closest range decides, then its quality."""
    assert preferred(accept, OFFERS) == choice
