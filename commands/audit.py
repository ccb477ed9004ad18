"""Who read what of whom, as the audit log has it."""

from datetime import date, datetime
from typing import Annotated

import orjson
import typer

from commands.terminal import OUT
from graph.audit import AuditLog
from graph.settings import Settings


def show_command(
    subscriber: Annotated[
        str | None, typer.Option(help="Pseudonym of whom it is about; unset: of everybody.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day, UTC; unset: all.")
    ] = None,
) -> None:
    """Print who read what of whom: one JSON object a line, the oldest first."""
    first = since.date() if since else date.min
    for access in AuditLog.of(Settings()).accesses(subscriber, first):
        print(orjson.dumps(access).decode())


def verify_command() -> None:
    """Check that the audit log is as it was written; print how long it is, and its last signature.

    Whoever keeps this elsewhere can tell later whether lines were cut off the end.
    """
    count, signature = AuditLog.of(Settings()).verify()
    OUT.print(f"{count} lines, {signature}", markup=False, highlight=False)
