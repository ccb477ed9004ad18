"""What is held of a person beside records and graph: consents, readers, campaigns, deliveries."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import orjson

from graph.audience.delivery import Deliveries
from graph.audit import AuditLog
from graph.consent.book import ConsentBook
from graph.consent.consent import Entry
from graph.retention.campaigns import Campaigns
from graph.rights.parcel import Sheet
from graph.settings import Settings


def holding_sheets(settings: Settings, pseudonym: str) -> Iterator[Sheet]:
    """Yield the sheets; what there is nothing of is an empty one, which says so."""
    yield consent_sheet(settings, pseudonym)
    yield "readers.jsonl", [*map(_line, _readers(settings, pseudonym))]
    campaigns = Campaigns(settings.campaigns_file)
    yield "campaigns.jsonl", [*map(_line, campaigns.of(pseudonym))]
    deliveries = Deliveries(settings.deliveries_file, ConsentBook(settings.consents_file))
    yield "deliveries.jsonl", [*map(_line, deliveries.of(pseudonym))]


def consent_sheet(settings: Settings, pseudonym: str) -> Sheet:
    """Return what a person opened to partners, act by act."""
    entries: list[bytes] = []
    if settings.consents_file.is_file():
        entries = [*map(_act, ConsentBook(settings.consents_file).history(pseudonym))]
    return "consents.jsonl", entries


def _act(entry: Entry) -> bytes:
    told = {name: it for name, it in entry.content.items() if name != "subject"}
    return _line({"consent": entry.consent_id, "act": entry.act, "at": entry.at, **told})


def _readers(settings: Settings, pseudonym: str) -> Iterator[dict[str, Any]]:
    """Yield who read what of somebody, without who else was read of in the same request."""
    if settings.audit_folder.is_dir():
        for access in AuditLog.of(settings).accesses(pseudonym):
            yield {name: told for name, told in asdict(access).items() if name != "keys"}


def _line(told: Any) -> bytes:
    return orjson.dumps(told)
