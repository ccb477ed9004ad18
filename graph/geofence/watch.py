"""One look at where people are, for all geofences: who crossed which border, and what is over."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from anyio.to_thread import run_sync

from graph.consent.book import ConsentBook
from graph.geofence.geofence import ITEM, Geofence
from graph.geofence.store import Geofences
from graph.location.location import last_locations
from graph.reader import Reader


async def look(reader: Reader, consents: ConsentBook, store: Geofences, now: datetime) -> None:
    """Look once for everybody whom a geofence is about and who still consents.

    What is over ends first: by time, by a token, or because the person took the consent back.

    Raises
    ------
    DatabaseError
        Neo4j failed; what is over has ended all the same.
    """
    going_on = await run_sync(_going_on, consents, store, now)
    if not going_on:
        return
    subjects = sorted({geofence.subject for geofence in going_on})
    found = await last_locations(reader, subjects)
    for geofence in going_on:
        if location := found.get(geofence.subject):
            is_inside = geofence.area.has_centre_of(location.area)
            if is_inside != geofence.is_inside:
                await run_sync(_observe, store, geofence, is_inside, now)


def begin(store: Geofences, geofence: Geofence, is_inside: bool | None, now: datetime) -> None:
    """Start a geofence with where its person is; with that as an event, if it was wanted."""
    is_event = is_inside is not None and geofence.is_fit_at_first(is_inside)
    begun = replace(geofence, is_inside=is_inside, events=int(is_event))
    store.start(begun, is_event=is_event)
    _end_if_over(store, begun, now)


def opened(consents: ConsentBook, geofences: Sequence[Geofence], now: datetime) -> list[Geofence]:
    """Return those whose person has the location open."""
    by_asker = defaultdict(list)
    for geofence in geofences:
        by_asker[geofence.partner, geofence.purpose].append(geofence)
    willing = {
        asker: consents.opened(asker[0], [one.subject for one in its], asker[1], ITEM, now)
        for asker, its in by_asker.items()
    }
    return [one for one in geofences if one.subject in willing[one.partner, one.purpose]]


def _observe(store: Geofences, geofence: Geofence, is_inside: bool, now: datetime) -> None:
    seen = store.see(geofence, is_inside, geofence.is_crossed(is_inside), now)
    _end_if_over(store, seen, now)


def _end_if_over(store: Geofences, geofence: Geofence, now: datetime) -> None:
    """End a geofence whose last event, of those that were wanted, has just been."""
    if reason := geofence.ending(now):
        store.end(geofence, reason, now)


def _going_on(consents: ConsentBook, store: Geofences, now: datetime) -> list[Geofence]:
    geofences = store.all()
    willing = {one.geofence_id for one in opened(consents, geofences, now)}
    going_on = []
    for geofence in geofences:
        reason = geofence.ending(now)
        if geofence.geofence_id not in willing:
            reason = "NETWORK_TERMINATED"
        if reason:
            store.end(geofence, reason, now)
        else:
            going_on.append(geofence)
    return going_on
