"""Which media type a client prefers (RFC 9110, section 12.5.1)."""

from collections.abc import Sequence
from functools import lru_cache


@lru_cache(64)
def preferred(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """Return the offer that a client likes best; the first of equals, ``None`` for none at all.

    A type that a client names comes before one that only its wildcards allow.

    Examples
    --------
    >>> offers = ("application/json", "text/html")
    >>> preferred("text/html, */*;q=0.8", offers)
    'text/html'
    >>> preferred(None, offers)
    'application/json'
    >>> preferred("image/png", offers) is None
    True
    """
    ranges = [_range(part) for part in (accept or "*/*").split(",") if part.strip()]
    best: tuple[float, int] = (0.0, 0)
    choice = None
    for offer in offers:
        liked = _liked(offer, ranges)
        if liked[0] > 0 and liked > best:
            best, choice = liked, offer
    return choice


def _liked(offer: str, ranges: Sequence[tuple[str, float]]) -> tuple[float, int]:
    """Return quality and closeness of the closest range that an offer falls into."""
    forms = ("*/*", f"{offer.partition('/')[0]}/*", offer)
    fitting = [
        (forms.index(media_range), quality)
        for media_range, quality in ranges
        if media_range in forms
    ]
    closeness, quality = max(fitting, default=(0, 0.0))
    return quality, closeness


def _range(part: str) -> tuple[str, float]:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return media_range, min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return media_range, 0.0
    return media_range, 1.0
