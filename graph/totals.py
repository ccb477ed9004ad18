"""What all ties of a graph add up to, kept beside the loads that it has.

To count millions of relationships takes the database seconds. A load knows what it adds to every
count, so the ledger keeps the sums, in the same transaction as the loads that they are of.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Tally(BaseModel):
    """Counts, or tallies of counts, that are added and taken away field by field.

    Examples
    --------
    >>> (FriendshipsTotal(pairs=3, subscribers=4) - FriendshipsTotal(pairs=1)).pairs
    2
    """

    model_config = ConfigDict(frozen=True)

    def __add__(self, other: Self) -> Self:
        return type(self)(**{name: mine + getattr(other, name) for name, mine in self})

    def __sub__(self, other: Self) -> Self:
        return type(self)(**{name: mine - getattr(other, name) for name, mine in self})


class ContactsTotal(Tally):
    """What the directed ties of a channel add up to; all their events count.

    Attributes
    ----------
    directed_pairs : int
        Ordered pairs of subscribers of whom the first called or wrote to the second.
    mutual_pairs : int
        Those of them whose reverse is there too.
    subscribers : int
        Subscribers with such a tie in either direction.
    """

    directed_pairs: int = 0
    mutual_pairs: int = 0
    subscribers: int = 0
    events: int = 0
    calls: int = 0
    missed: int = 0
    messages: int = 0
    duration_s: int = 0


class FriendshipsTotal(Tally):
    """What the ties of a kind that third parties state add up to.

    Attributes
    ----------
    pairs : int
        Pairs that know each other, however many sources state it; ``to_oneself`` included.
    subscribers : int
        Subscribers in at least one of them.
    """

    pairs: int = 0
    to_oneself: int = 0
    subscribers: int = 0


class ContactsByChannel(Tally):
    """A total for each channel, and for ties of either."""

    call: ContactsTotal = ContactsTotal()
    message: ContactsTotal = ContactsTotal()
    any: ContactsTotal = ContactsTotal()


class FriendshipsByKind(Tally):
    """A total for each kind of stated tie, and for ties of any."""

    friendship: FriendshipsTotal = FriendshipsTotal()
    family: FriendshipsTotal = FriendshipsTotal()
    colleague: FriendshipsTotal = FriendshipsTotal()
    any: FriendshipsTotal = FriendshipsTotal()


class Totals(Tally):
    """What all ties of a graph add up to."""

    contacts: ContactsByChannel = ContactsByChannel()
    friendships: FriendshipsByKind = FriendshipsByKind()
