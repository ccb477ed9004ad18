"""The geofences of all partners, in the SQLite file in which their messages wait."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from graph.geofence.geofence import Ending, Geofence, Private
from graph.geofence.notice import crossed, ended, started
from graph.identity import IdentityKey
from graph.location.circle import Circle
from graph.sink.outbox import TABLES, put
from graph.sqlite import SqliteFile

_TABLES = f"""{TABLES}
CREATE TABLE IF NOT EXISTS geofence (
  geofence_id TEXT PRIMARY KEY,
  partner TEXT NOT NULL,
  subject TEXT NOT NULL,
  content TEXT NOT NULL,
  sealed BLOB NOT NULL,
  events INTEGER NOT NULL,
  is_inside INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS geofence_of_partner ON geofence (partner);
"""
_INSTANTS = ("started_at", "ends_at")


class Geofences:
    """Those that have not ended; safe for several processes at once.

    A geofence and what its partner is told are written together: ``graph.sink.outbox``.
    """

    def __init__(self, path: Path, key: IdentityKey) -> None:
        self._file = SqliteFile(path, _TABLES)
        self._key = key

    def start(self, geofence: Geofence, *, is_event: bool) -> None:
        """Write a new one down, that it started, and the crossing that its beginning is."""
        with self._file.writing() as file:
            row = (*_row(geofence, self._key), geofence.events, geofence.is_inside)
            file.execute("INSERT INTO geofence VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            put(file, self._key, started(geofence), geofence.private.sink)
            if is_event:
                message = crossed(geofence, geofence.started_at)
                put(file, self._key, message, geofence.private.sink)

    def find(self, geofence_id: str) -> Geofence | None:
        """Return one that has not ended."""
        found = self._read("WHERE geofence_id = ?", geofence_id)
        return found[0] if found else None

    def of(self, partner: str) -> list[Geofence]:
        """Return a partner's, the latest first."""
        return sorted(self._read("WHERE partner = ?", partner), key=lambda one: one.started_at)[
            ::-1
        ]

    def all(self) -> list[Geofence]:
        """Return all that have not ended."""
        return self._read("")

    def see(self, geofence: Geofence, is_inside: bool, is_event: bool, now: datetime) -> Geofence:
        """Write down where its person is, with the event if that is one; return it as it is then.

        Where it ended meanwhile, nothing is written.
        """
        seen = replace(geofence, is_inside=is_inside, events=geofence.events + is_event)
        with self._file.writing() as file:
            changed = file.execute(
                "UPDATE geofence SET is_inside = ?, events = ? WHERE geofence_id = ?",
                (is_inside, seen.events, geofence.geofence_id),
            )
            if changed.rowcount and is_event:
                put(file, self._key, crossed(seen, now), geofence.private.sink)
        return seen

    def end(self, geofence: Geofence, reason: Ending, now: datetime) -> None:
        """End one, and tell its partner; ended before, it stays so.

        What waits of the person then goes only if the consent still lets it.
        """
        with self._file.writing() as file:
            where = (geofence.geofence_id,)
            gone = file.execute("DELETE FROM geofence WHERE geofence_id = ?", where)
            if gone.rowcount:
                put(file, self._key, ended(geofence, reason, now), geofence.private.sink)

    def drop(self, geofence_id: str) -> None:
        """Take one away, with all that waits of it: its partner listens no more."""
        with self._file.writing() as file:
            file.execute("DELETE FROM geofence WHERE geofence_id = ?", (geofence_id,))
            file.execute("DELETE FROM message WHERE stream = ?", (geofence_id,))

    def forget(self, people: Iterable[str]) -> None:
        """Let nothing lead to some people any more, also no message that waits."""
        with self._file.forgetting() as file:
            rows = [(person,) for person in people]
            for table in ("geofence", "message"):
                file.executemany(f"DELETE FROM {table} WHERE subject = ?", rows)  # noqa: S608 (ours)

    def let_go(self) -> None:
        """Let the file go."""
        self._file.close()

    def _read(self, where: str, *values: str) -> list[Geofence]:
        with self._file.reading() as file:
            rows = file.execute(f"SELECT * FROM geofence {where}", values).fetchall()  # noqa: S608 (ours)
        return [_geofence(self._key, *row) for row in rows]


def _row(geofence: Geofence, key: IdentityKey) -> tuple[str, str, str, str, bytes]:
    area = geofence.area
    content = {
        "purpose": geofence.purpose,
        "crossing": geofence.crossing,
        "area": [area.lat_deg, area.lon_deg, area.radius_m],
        "started_at": geofence.started_at,
        "ends_at": geofence.ends_at,
        "most_events": geofence.most_events,
        "wants_first": geofence.wants_first,
    }
    sealed = key.seal(geofence.private.model_dump_json().encode())
    told = orjson.dumps(content).decode()
    return geofence.geofence_id, geofence.partner, geofence.subject, told, sealed


def _geofence(
    key: IdentityKey,
    geofence_id: str,
    partner: str,
    subject: str,
    content: str,
    sealed: bytes,
    events: int,
    is_inside: int | None,
) -> Geofence:
    told: dict[str, Any] = orjson.loads(content)
    told |= {name: _instant(told[name]) for name in _INSTANTS}
    told["area"] = Circle(*told["area"])
    return Geofence(
        geofence_id=geofence_id,
        partner=partner,
        subject=subject,
        private=Private.model_validate_json(key.unseal(sealed)),
        events=events,
        is_inside=None if is_inside is None else bool(is_inside),
        **told,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
