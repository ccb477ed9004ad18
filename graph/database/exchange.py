"""Exchanging the store of the embedded server for one that was built beside it.

Two folders have to change places, which no file system does at once. So the intention is written
down first, in one step (``offer``); from then on whoever starts the server completes it before
(``complete_exchange``), as often as it takes.
"""

import shutil
from pathlib import Path

from graph.database.home import DatabaseHome

_FOLDERS = ("databases", "transactions")


def offer(home: DatabaseHome, draft: Path) -> None:
    """Declare that the graph in a draft folder counts from now on."""
    note = home.folder / "exchange.draft"
    note.write_text(str(draft.relative_to(home.folder)))
    note.replace(_note(home))


def complete_exchange(home: DatabaseHome, database: str) -> None:
    """Put a graph that was offered into its place; without one, do nothing.

    The caller holds the right to decide, and the server is not running.
    """
    note = _note(home)
    if not note.is_file():
        return
    draft = home.folder / note.read_text()
    for folder in _FOLDERS:
        new, present = draft / "data" / folder / database, home.server / "data" / folder / database
        if new.is_dir():  # else it is in its place already
            shutil.rmtree(present, ignore_errors=True)
            present.parent.mkdir(parents=True, exist_ok=True)
            new.rename(present)
    note.unlink()
    shutil.rmtree(draft, ignore_errors=True)


def _note(home: DatabaseHome) -> Path:
    return home.folder / "exchange"
