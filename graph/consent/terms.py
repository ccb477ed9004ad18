"""The terms of a consent: who opens what, to whom, for which purpose and how long.

Purposes and items are data: ``vocabulary.yaml``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from graph.errors import BadInput

_VOCABULARY = yaml.safe_load((Path(__file__).parent / "vocabulary.yaml").read_text())
_MAX_TEXT = 2_000

PURPOSES: Mapping[str, str] = _VOCABULARY["purposes"]
PARTS: Mapping[str, frozenset[str]] = {
    item: frozenset(f"{item}.{part}" for part in told.get("parts", ()))
    for item, told in _VOCABULARY["items"].items()
}
ITEMS: Mapping[str, str] = {  # all that can stand in a scope, with what it means
    **{item: told["about"] for item, told in _VOCABULARY["items"].items()},
    **{
        f"{item}.{part}": about
        for item, told in _VOCABULARY["items"].items()
        for part, about in told.get("parts", {}).items()
    },
}
PERSONAL = frozenset(  # what a partner learns of the person, and not of a crowd
    item for item in ITEMS if "among_many" not in _VOCABULARY["items"][item.partition(".")[0]]
)


@dataclass(frozen=True)
class Terms:
    """What somebody agrees to.

    Attributes
    ----------
    subject : str
        The pseudonym of the subscriber (``subscriber_id``).
    partner : str
        The name of the partner, which is the ``sub`` of its tokens.
    purpose : str
        One of ``PURPOSES``.
    scope : frozenset of str
        Some of ``ITEMS``, at least one.
    valid_from, valid_until : datetime
        Instants with a time zone; the latter is the first at which nothing is open any more.
    evidence : str
        How the consent was given, and where that can be looked up.

    Raises
    ------
    BadInput
        They do not make sense.
    """

    subject: str
    partner: str
    purpose: str
    scope: frozenset[str]
    valid_from: datetime
    valid_until: datetime
    evidence: str

    def __post_init__(self) -> None:
        if not self.subject or not self.partner:
            raise BadInput("a consent needs a subject and a partner")
        if self.purpose not in PURPOSES:
            raise BadInput(f"the purpose must be one of {', '.join(PURPOSES)}")
        if max(map(len, (self.subject, self.partner, self.evidence))) > _MAX_TEXT:
            raise BadInput(f"a text of a consent may have {_MAX_TEXT} characters")
        check_scope(self.scope)
        check_instant(self.valid_from)
        check_instant(self.valid_until)
        if self.valid_from >= self.valid_until:
            raise BadInput("a consent must begin before it ends")


def check_scope(scope: frozenset[str]) -> None:
    """Refuse a scope that is empty or has what nobody can open.

    Raises
    ------
    BadInput
        It is such a scope.
    """
    if not scope or scope - ITEMS.keys():
        raise BadInput(f"the scope must be some of {', '.join(sorted(ITEMS))}")


def check_instant(at: datetime) -> None:
    """Refuse an instant that says nothing without knowing where it was written.

    Raises
    ------
    BadInput
        It has no time zone, or lies outside the years 1 to 9999 in UTC.
    """
    if at.utcoffset() is None:
        raise BadInput("an instant needs its time zone")
    try:
        at.astimezone(UTC)
    except OverflowError as error:
        raise BadInput("an instant must be of the years 1 to 9999, in UTC") from error


def with_parts(scope: Iterable[str]) -> frozenset[str]:
    """Return all that a scope opens: each item with its parts, and parts by themselves.

    Examples
    --------
    >>> sorted(with_parts({"apps", "habits"}))
    ['apps', 'habits', 'habits.home', 'habits.times', 'habits.work']
    >>> sorted(with_parts({"demographics.gender"}))
    ['demographics.gender']
    """
    items = frozenset(scope)
    return items.union(*(PARTS.get(item, frozenset()) for item in items))


def microseconds(at: datetime) -> int:
    """Return an instant as whole microseconds since 1970, which compare as instants do."""
    return (at - _EPOCH) // timedelta(microseconds=1)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
