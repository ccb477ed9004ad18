"""Of which ties an analysis of the whole graph was made last, so that it need not be made again."""

import json
from pathlib import Path

from graph.settings import Settings


def is_current(settings: Settings, what: str, version: str) -> bool:
    """Tell whether an analysis has been made of these very ties."""
    return _written(settings).get(what) == version


def write_down(settings: Settings, what: str, version: str) -> None:
    """Write down that an analysis was made, and is in the graph."""
    file = _file(settings)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({**_written(settings), what: version}), encoding="utf-8")
    fresh.replace(file)


def _written(settings: Settings) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_file(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _file(settings: Settings) -> Path:
    return settings.social_folder / "analysed.json"
