"""What a load's records are like: advisory counts, which never stop a load.

The checks are those that FlowKit's FlowETL runs on its tables (``flowetl/qa_checks``), told in the
words of canonical records, and the reporting variables that bandicoot returns with every indicator.
Nothing in them is about one person: they are counts, shares, times and lengths.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True)
class Meaning:
    """What a check's value says, and in which unit."""

    unit: str
    text: str


MEANINGS: Mapping[str, Meaning] = {
    "records_made": Meaning("records", "records that the rows of the load's files made"),
    "records": Meaning("records", "records of the load that were new to the record store"),
    "duplicates": Meaning("records", "further copies of records that stood in the load before"),
    "duplicated": Meaning("records", "records that stood in the load more than once"),
    "known": Meaning("records", "records that the record store had before the load"),
    "garbage_positions": Meaning("rows", "rows rejected because of their latitude or longitude"),
    "missing": Meaning("records", "records in which the column is empty"),
    "distinct": Meaning("values", "different values of the column"),
    "earliest_at": Meaning("instant", "earliest time"),
    "latest_at": Meaning("instant", "latest time"),
    "median_duration_s": Meaning("s", "median duration of those records that have one"),
    "max_duration_s": Meaning("s", "longest duration"),
    "subscribers": Meaning("subscribers", "different subscribers, at whichever end"),
    "subscribers_outgoing": Meaning("subscribers", "different subscribers who called or sent"),
    "subscribers_incoming": Meaning(
        "subscribers", "different subscribers who were called or sent to"
    ),
    "onnet_subscribers": Meaning("subscribers", "those whom a cell of this network saw"),
    "onnet_subscribers_outgoing": Meaning(
        "subscribers", "those whom a cell of this network saw calling or sending"
    ),
    "onnet_subscribers_incoming": Meaning(
        "subscribers", "those whom a cell of this network saw being called or sent to"
    ),
    "outgoing_records": Meaning("records", "records that name the cell of who called or sent"),
    "cells": Meaning("cells", "different cells that records name"),
    "locatable_cells": Meaning("cells", "those of which the record store has a position"),
    "locatable_records": Meaning("records", "records with such a cell, or a position of their own"),
    "unlocated_share": Meaning("share", "share of the records that are not locatable; 0 to 1"),
    "max_subscribers_per_device": Meaning(
        "subscribers", "most subscribers who were seen with one and the same device"
    ),
    "repeated_cell_ids": Meaning("records", "further records of cells that the load names before"),
    "new_cell_ids": Meaning("cells", "cells that no earlier load has named"),
}


class QualityCheck(BaseModel):
    """One check on the records of one kind.

    Attributes
    ----------
    column : str or None
        What ``missing`` and ``distinct`` are about.
    value : int, float or None
        In the unit of the check; None where there is nothing to tell it from.
    at : datetime or None
        In its place where the unit is an instant.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    name: str
    column: str | None = None
    value: int | float | None = None
    at: datetime | None = None

    @property
    def meaning(self) -> Meaning:
        """What the value says."""
        return MEANINGS[self.name]


class DayCount(BaseModel):
    """How many records of a kind are of one day (UTC): gaps and spikes show."""

    model_config = ConfigDict(frozen=True)

    kind: str
    day: date
    records: int


class QualityReport(BaseModel):
    """What a load's records are like."""

    model_config = ConfigDict(frozen=True)

    checks: tuple[QualityCheck, ...] = ()
    days: tuple[DayCount, ...] = ()
