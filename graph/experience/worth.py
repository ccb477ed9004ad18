"""What subscribers are worth beside each other: what they bring in, and whom they reach."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from graph.database.session import Row

Amounts = Mapping[str, int]


def amounts_of(row: Row) -> Amounts:
    """Return by currency what a subscriber is charged a month, or else paid in the last one.

    Parameters
    ----------
    row
        With ``charges`` and ``payments``: maps of ``currency`` and ``amount_minor``.
    """
    found: dict[str, int] = defaultdict(int)
    for each in row["charges"] or row["payments"]:
        found[each["currency"]] += each["amount_minor"]
    return found


def values_of(amounts: Sequence[Amounts]) -> list[float]:
    """Return what each brings in, by the mean of those who bring in anything of that currency.

    What is brought in in several currencies adds up. Whoever brings in nothing that is known counts
    as the mean, 1.

    Examples
    --------
    >>> values_of([{"EUR": 30}, {"EUR": 10}, {"CHF": 7}, {}])
    [1.5, 0.5, 1.0, 1.0]
    """
    by_currency: dict[str, list[int]] = defaultdict(list)
    for each in amounts:
        for currency, amount in each.items():
            by_currency[currency].append(amount)
    means = {name: sum(known) / len(known) for name, known in by_currency.items()}
    return [
        sum(n / means[name] for name, n in each.items() if n) if each else 1.0 for each in amounts
    ]


def influences_of(people: Sequence[Row]) -> list[float]:
    """Return whom each reaches, by the mean of all: by PageRank, and where one has none, contacts.

    Examples
    --------
    >>> ranked = {"pagerank": 0.75, "contacts": 1}, {"pagerank": 0.25, "contacts": 5}
    >>> influences_of([*ranked, {"contacts": 3}])
    [1.5, 0.5, 1.0]
    """
    ranks = [float(each.get("pagerank") or 0) for each in people]
    known = [rank for rank in ranks if rank]
    mean_rank = sum(known) / len(known) if known else 0.0
    contacts = [int(each["contacts"]) for each in people]
    mean_contacts = sum(contacts) / len(contacts) if any(contacts) else 1.0
    return [
        rank / mean_rank if rank else reached / mean_contacts
        for rank, reached in zip(ranks, contacts, strict=True)
    ]
