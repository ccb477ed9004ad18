"""Correct what is known of people: a statement of their own, which counts from now on.

The latest statement of an attribute counts, so a correction is one more record, and what it
corrects stays in the store as what was once stated. A later delivery that states the wrong again
counts again: where that is to be expected, the source has to be corrected, too.
"""

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from graph.database.session import Endpoint
from graph.errors import BadInput, SourceError
from graph.identity import IdentityKey, spellings
from graph.settings import Settings
from loaders.load import Loaded, load
from loaders.progress import Watch
from loaders.rehearsal import rehearse
from loaders.rights import known
from loaders.transforms.subscriber import ATTRIBUTES

WHO = "subscriber_id"
_NAME = "rectification"


def rectify(
    lines: Iterable[str],
    namespace: str,
    settings: Settings,
    locate: Callable[[], Endpoint],
    watch: Watch,
) -> Loaded:
    """Load corrections, given as CSV with ``subscriber_id`` and any attributes of subscribers.

    An empty field leaves what is known as it is.

    Parameters
    ----------
    namespace : str
        Whose numbering the identities are of.

    Returns
    -------
    Loaded
        The load that it is, which the ledger keeps as the proof.

    Raises
    ------
    BadInput
        A column is none that can be corrected, a row says nothing or names nobody who is known, or
        a value is not one of the column's; with the line. Nothing is stored.
    """
    rows = [*_rows(lines)]
    identities = _known(settings, namespace, rows)
    columns, now = [*rows[0], "as_of"], datetime.now(UTC).isoformat()
    with tempfile.TemporaryDirectory(prefix="tiegraph-") as folder:
        mapping, file = Path(folder) / f"{_NAME}.yaml", Path(folder) / f"{_NAME}.csv"
        mapping.write_text(yaml.safe_dump(_mapping(namespace, columns)), encoding="utf-8")
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns)
            writer.writeheader()
            for row, identity in zip(rows, identities, strict=True):
                writer.writerow({**row, WHO: identity, "as_of": now})
        _refuse_faults(mapping, file, settings, watch)
        return load(str(mapping), [str(file)], settings, locate, watch)


def _refuse_faults(mapping: Path, file: Path, settings: Settings, watch: Watch) -> None:
    """Refuse corrections of which any cannot be read."""
    try:
        rejections = rehearse(str(mapping), [str(file)], settings, watch).report.rejections
    except SourceError as error:
        raise BadInput(str(error).removeprefix(f"{file}: ")) from error
    for rejection in rejections:
        raise BadInput(f"{rejection.reason}; nothing was corrected")


def _rows(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the corrections, which are all or none."""
    reader = csv.DictReader(lines, restkey="", restval="")
    columns = reader.fieldnames or ()
    if WHO not in columns or len(set(columns)) != len(columns) or len(columns) == 1:
        raise BadInput(f"line 1: name {WHO} and at least one attribute, each once")
    for name in columns:
        if name not in (WHO, *ATTRIBUTES):
            raise BadInput(f"line 1: a column is none of {WHO}, {', '.join(ATTRIBUTES)}")
    found = False
    for row in reader:
        if "" in row or not row[WHO].strip() or not any(row[it].strip() for it in columns[1:]):
            raise BadInput(f"line {reader.line_num}: says nothing, of nobody, or too much")
        found = True
        yield row
    if not found:
        raise BadInput("there is no correction")


def _known(settings: Settings, namespace: str, rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Return how the source spells each person's identity."""
    key = IdentityKey.of(settings)
    spelt = [{key.pseudonym(namespace, text): text for text in spellings(row[WHO])} for row in rows]
    people = known(settings, {pseudonym for one in spelt for pseudonym in one})
    found = []
    for line, one in enumerate(spelt, start=2):
        identities = [text for pseudonym, text in one.items() if pseudonym in people]
        if not identities:
            raise BadInput(f"row {line}: no record names this person; nothing was corrected")
        found.append(identities[0])
    return found


def _mapping(namespace: str, columns: Sequence[str]) -> dict[str, Any]:
    """Return the mapping by which a correction is loaded as any file is."""
    read: dict[str, Any] = {name: name for name in columns}
    read["as_of"] = {"column": "as_of", "format": "iso", "time_zone": "UTC"}
    if "joined_on" in read:
        read["joined_on"] = {"column": "joined_on", "format": "iso"}
    record = {"kind": "subscribers", "columns": read}
    return {
        "title": "Corrections that subscribers asked for",
        "licence": "internal",
        "identities": {"namespace": namespace},
        "tables": {"corrections": {"files": f"{_NAME}*", "records": [record]}},
    }
