"""What became of consents, told from their entries in the book, in the order of these."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson

from graph.consent.terms import Terms, microseconds, with_parts

Act = Literal["give", "narrow", "revoke", "erase"]
State = Literal["pending", "open", "ended", "revoked"]


@dataclass(frozen=True)
class Entry:
    """One line of the book.

    Attributes
    ----------
    number : int
        From 1, without a gap.
    at : datetime
        When it was written, in UTC.
    by : str
        Who had it written.
    content : dict
        What was agreed: of a gift its terms, of a narrowing the new scope and end.
    """

    number: int
    consent_id: str
    act: Act
    at: datetime
    by: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Consent:
    """A consent as it stands.

    Attributes
    ----------
    terms : Terms
        As narrowed last.
    given_at, revoked_at : datetime
        In UTC; the latter is absent as long as it is not revoked.
    """

    consent_id: str
    terms: Terms
    given_at: datetime
    given_by: str
    revoked_at: datetime | None = None

    def state(self, at: datetime) -> State:
        """Return how it stands at an instant, which is not earlier than its last change."""
        if self.revoked_at:
            return "revoked"
        if at < self.terms.valid_from:
            return "pending"
        return "open" if at < self.terms.valid_until else "ended"


@dataclass(frozen=True)
class Opening:
    """Some items that one consent opens for some time; half-open, microseconds since 1970."""

    since: int
    until: int
    items: frozenset[str]


def content_of(terms: Terms, by: str) -> dict[str, Any]:
    """Return what the book keeps of terms."""
    return {
        "subject": terms.subject,
        "by": by,
        "partner": terms.partner,
        "purpose": terms.purpose,
        "scope": sorted(terms.scope),
        "valid_from": terms.valid_from.isoformat(),
        "valid_until": terms.valid_until.isoformat(),
        "evidence": terms.evidence,
    }


def encoded(content: dict[str, Any]) -> bytes:
    """Return a content as the bytes that are kept: equal ones for equal contents."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def consent_of(entries: Iterable[Entry]) -> Consent:
    """Return what the entries of one consent make of it; the first is its gift."""
    first, *others = entries
    consent = Consent(first.consent_id, _terms(first.content), first.at, first.by)
    for entry in others:
        if entry.act == "narrow":
            changed = replace(
                consent.terms,
                scope=frozenset(entry.content["scope"]),
                valid_until=datetime.fromisoformat(entry.content["valid_until"]),
            )
            consent = replace(consent, terms=changed)
        elif entry.act == "revoke":
            consent = replace(consent, revoked_at=entry.at)
    return consent


def openings(entries: Iterable[Entry]) -> list[Opening]:
    """Return what the entries of one consent open, each time with what was open then."""
    first, *others = entries
    terms = _terms(first.content)
    found = [_opening(terms.valid_from, terms.valid_until, terms.scope)]
    for entry in others:
        cut = microseconds(entry.at)
        past = [replace(one, until=min(one.until, cut)) for one in found]
        rest = [replace(one, since=max(one.since, cut)) for one in found]
        if entry.act == "narrow":
            until = microseconds(datetime.fromisoformat(entry.content["valid_until"]))
            items = with_parts(entry.content["scope"])
            past += [Opening(one.since, min(one.until, until), items) for one in rest]
        found = [one for one in past if one.since < one.until]
    return found


def _terms(content: dict[str, Any]) -> Terms:
    return Terms(
        subject=content["subject"],
        partner=content["partner"],
        purpose=content["purpose"],
        scope=frozenset(content["scope"]),
        valid_from=datetime.fromisoformat(content["valid_from"]),
        valid_until=datetime.fromisoformat(content["valid_until"]),
        evidence=content["evidence"],
    )


def _opening(since: datetime, until: datetime, scope: frozenset[str]) -> Opening:
    return Opening(microseconds(since), microseconds(until), with_parts(scope))
