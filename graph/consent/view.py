"""What one partner may see for one purpose: the way by which all that it reads passes.

Whoever answers a partner has a view and the keys that it lets through. The book is asked whenever
something is read, and what is not open does not exist: it is in no list, no count and no order, and
asking for it takes the way of asking for what there never was.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from graph.consent.book import ConsentBook
from graph.consent.pairwise import pairwise, subscriber_of
from graph.consent.terms import PERSONAL
from graph.identity import IdentityKey

_NOBODY = ""  # whom no consent is of


@dataclass(frozen=True)
class Consenting:
    """Somebody whom a partner may see; what it is told of them passes the view."""

    subject: str


class View:
    """One partner's part of the population.

    Parameters
    ----------
    partner : str
        The subject of its token.
    epoch : int
        Of its pseudonyms.
    purpose : str
        The one that its token has.
    """

    def __init__(
        self,
        book: ConsentBook,
        key: IdentityKey,
        partner: str,
        epoch: int,
        purpose: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._book = book
        self._key = key
        self._partner = partner
        self._epoch = epoch
        self._purpose = purpose
        self._clock = clock

    def pseudonym(self, subject: str) -> str:
        """Return what the partner knows somebody by."""
        return pairwise(self._key, self._partner, self._epoch, subject)

    def opened_by(self, subject: str) -> frozenset[str]:
        """Return what somebody has open, without what only concerns them as one among many."""
        now = self._clock()
        return self._book.opens(self._partner, subject, self._purpose, now) & PERSONAL

    def is_open(self, subject: str, item: str) -> bool:
        """Tell whether somebody has an item open at the moment; what goes on asks it again."""
        return item in self.opened_by(subject)

    def found(self, pseudonym: str) -> str | None:
        """Return whom the partner means, if they have anything open."""
        subject = subscriber_of(self._key, self._partner, self._epoch, pseudonym)
        # The book is asked for nobody, too, so that no time tells who is known.
        is_shown = bool(self.opened_by(subject or _NOBODY))
        return subject if is_shown else None

    def having(self, item: str, subjects: Iterable[str]) -> set[str]:
        """Return those of some people who have an item open."""
        now = self._clock()
        return self._book.opened(self._partner, list(subjects), self._purpose, item, now)

    def everybody(self, item: str) -> Iterator[str]:
        """Yield all who have an item open, in an order that no partner may learn."""
        return self._book.subjects(self._partner, self._purpose, item, self._clock())

    def following(self, item: str, after: str, limit: int) -> list[tuple[str, str]]:
        """Return the next who have an item open, each after the identifier of a consent.

        The order is that of random numbers, which two partners do not have in common.
        """
        now = self._clock()
        return self._book.following(self._partner, self._purpose, item, now, after, limit)
