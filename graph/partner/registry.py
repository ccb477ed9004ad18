"""The registry of partners, in a SQLite file that its owner alone can read."""

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Self

from graph.errors import BadInput, IllegalTransition, NotFound, TooManyRequests
from graph.metering.quota import Quota
from graph.partner.partner import PATTERN, Partner, State
from graph.settings import Settings
from graph.sqlite import SqliteFile

DEFAULT_PLAN, DEFAULT_AGREEMENT = "list", "direct"
DEFAULT_QUOTA = Quota(day=10_000, month=100_000)
MOST_PENDING = 100
_RETRY_AFTER_S = 3_600
_MOST_NAME = 200
_TABLES = """
CREATE TABLE IF NOT EXISTS partner (
  partner_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'suspended')),
  plan TEXT NOT NULL,
  agreement TEXT NOT NULL,
  quota TEXT NOT NULL,
  keys TEXT,
  signed_up_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS assertion (
  partner_id TEXT NOT NULL,
  jti TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (partner_id, jti)
) STRICT;
"""


class Partners:
    """The partners of a home folder; safe for several processes at once."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the registry of a home folder."""
        return cls(SqliteFile(settings.partners_file, _TABLES))

    def sign_up(self, partner_id: str, name: str, keys: Mapping[str, Any] | None = None) -> Partner:
        """Write a partner down, which has to be approved before it is answered.

        Raises
        ------
        BadInput
            The identifier or the name cannot be right, or the identifier is taken.
        TooManyRequests
            Too many wait for approval.
        """
        if not re.fullmatch(PATTERN, partner_id):
            raise BadInput("an identifier has 3 to 64 of a-z, 0-9, dot and hyphen")
        if not name.strip() or len(name) > _MOST_NAME or not name.isprintable():
            raise BadInput(f"a name has 1 to {_MOST_NAME} printable characters")
        partner = Partner(
            partner_id,
            name.strip(),
            "pending",
            DEFAULT_PLAN,
            DEFAULT_AGREEMENT,
            DEFAULT_QUOTA,
            keys,
            datetime.now(UTC),
        )
        with self._file.writing() as registry:
            if _found(registry, partner_id):
                raise BadInput("there is a partner of that identifier already")
            (pending,) = registry.execute(
                "SELECT count(*) FROM partner WHERE state = 'pending'"
            ).fetchone()
            if pending >= MOST_PENDING:
                raise TooManyRequests("too many partners wait for approval", _RETRY_AFTER_S)
            _write(registry, partner)
        return partner

    def approve(
        self,
        partner_id: str,
        plan: str | None = None,
        agreement: str | None = None,
        quota: Quota | None = None,
    ) -> Partner:
        """Let a partner in, or in again; what is not said stays as it is.

        Raises
        ------
        NotFound
            There is no such partner.
        """
        return self._changed(
            partner_id, state="active", plan=plan, agreement=agreement, quota=quota
        )

    def suspend(self, partner_id: str) -> Partner:
        """Let a partner have no more answers.

        Raises
        ------
        NotFound
            There is no such partner.
        IllegalTransition
            It was never let in.
        """
        if self.partner(partner_id).state == "pending":
            raise IllegalTransition("a partner that is pending cannot be suspended")
        return self._changed(partner_id, state="suspended")

    def set_keys(self, partner_id: str, keys: Mapping[str, Any]) -> Partner:
        """Replace a partner's public keys; what was signed by others is refused at once.

        Raises
        ------
        NotFound
            There is no such partner.
        """
        return self._changed(partner_id, keys=keys)

    def partner(self, partner_id: str) -> Partner:
        """Return a partner.

        Raises
        ------
        NotFound
            There is no such partner.
        """
        if partner := self.find(partner_id):
            return partner
        raise NotFound("there is no partner with that identifier")

    def find(self, partner_id: str) -> Partner | None:
        """Return a partner, or None."""
        with self._file.reading() as registry:
            return _found(registry, partner_id)

    def all(self) -> list[Partner]:
        """Return the partners by identifier."""
        with self._file.reading() as registry:
            return [_partner(*row) for row in registry.execute(f"{_SELECT} ORDER BY partner_id")]

    def is_first_use(self, partner_id: str, jti: str, expires_at: datetime) -> bool:
        """Tell whether an assertion was never shown before; from now on it was."""
        with self._file.writing() as registry:
            now = datetime.now(UTC).isoformat()
            registry.execute("DELETE FROM assertion WHERE expires_at < ?", (now,))
            added = registry.execute(
                "INSERT OR IGNORE INTO assertion VALUES (?, ?, ?)",
                (partner_id, jti, expires_at.isoformat()),
            )
            return added.rowcount == 1

    def let_go(self) -> None:
        """Let the file go."""
        self._file.close()

    def _changed(self, partner_id: str, **changes: Any) -> Partner:
        with self._file.writing() as registry:
            partner = _found(registry, partner_id)
            if partner is None:
                raise NotFound("there is no partner with that identifier")
            said = {name: value for name, value in changes.items() if value is not None}
            changed = replace(partner, **said)
            _write(registry, changed)
        return changed


_SELECT = "SELECT partner_id, name, state, plan, agreement, quota, keys, signed_up_at FROM partner"


def _found(registry: sqlite3.Connection, partner_id: str) -> Partner | None:
    row = registry.execute(f"{_SELECT} WHERE partner_id = ?", (partner_id,)).fetchone()
    return _partner(*row) if row else None


def _partner(
    partner_id: str,
    name: str,
    state: State,
    plan: str,
    agreement: str,
    quota: str,
    keys: str | None,
    signed_up_at: str,
) -> Partner:
    return Partner(
        partner_id,
        name,
        state,
        plan,
        agreement,
        Quota(**json.loads(quota)),
        json.loads(keys) if keys else None,
        datetime.fromisoformat(signed_up_at),
    )


def _write(registry: sqlite3.Connection, partner: Partner) -> None:
    row = (
        partner.partner_id,
        partner.name,
        partner.state,
        partner.plan,
        partner.agreement,
        json.dumps(asdict(partner.quota)),
        json.dumps(partner.keys) if partner.keys else None,
        partner.signed_up_at.isoformat(),
    )
    registry.execute("INSERT OR REPLACE INTO partner VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
