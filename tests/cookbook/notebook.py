"""The notebook docs/cookbook.ipynb, run as a reader runs it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "docs" / "cookbook.ipynb"
_LIMIT_S = 240


def shown_and_found() -> tuple[list[str], list[str]]:
    """Return what the notebook's cells show, and what they show when they are run."""
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    shown = [*_texts(notebook)]
    NotebookClient(notebook, timeout=_LIMIT_S, kernel_name="python3").execute()
    return shown, [*_texts(notebook)]


def _texts(notebook: Any) -> Iterator[str]:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            yield output["data"]["text/plain"]
