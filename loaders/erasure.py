"""Take people out of the record store and the graph, and prove that they are gone.

Whoever shares a record with them is told to the graph anew from the records that are left, so that
the graph is what it would be had the erased records never come.
"""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportOperatorIssue=false
# pyright: reportReturnType=false

import asyncio
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import ibis
import pyarrow.parquet as pq
from deltalake import DeltaTable
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table, Value

from cypher import statement
from graph.audience.delivery import Deliveries
from graph.consent.book import ConsentBook
from graph.consent.capture import Requests
from graph.crowd.record import CrowdRecord
from graph.database.importer import clear_drafts
from graph.database.schema import prepare
from graph.database.session import Database, Endpoint, opened
from graph.errors import BadInput, TiegraphError
from graph.geofence.store import Geofences
from graph.identity import IdentityKey, spellings
from graph.ledger import Ledger
from graph.raster import COARSEST_RESOLUTION, FINEST_RESOLUTION
from graph.retention.campaigns import Campaigns
from graph.rights.requests import ErasureRequests
from graph.settings import Settings
from graph.suppression import Erasure, Suppression, suppress, unsuppress
from loaders.changes import changes
from loaders.engine import connect, count
from loaders.files import LABEL_DIGITS
from loaders.kinds import KINDS, identities
from loaders.parts import Part, files_between, replace
from loaders.progress import Watch
from loaders.store import QUARANTINE, RecordStore, load_ids, read, time_column
from loaders.totals import totals_of_all
from loaders.turn import writing_turn
from loaders.writer import write

_ERASE = statement("subscriber/erase")
_ERASE_UNNAMED = statement("subscriber/erase_unnamed")
_ACQUAINTANCES = statement("subscriber/acquaintances")
_FORGET_SCORES = statement("experience/forget_all")
_BARE_PLACES = statement("load/bare_places")
_GRAPH_IDENTITY = statement("database/identity")
_RETOLD = "retold"
_PERSONAL = tuple(kind for kind in KINDS if identities(kind))
# What nobody names any more goes: parameter of the statement, and where it is named.
_NAMED_BY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "package_ids": (("packages", "package_id"), ("subscriptions", "package_id")),
    "tacs": (("devices", "tac"), ("ownerships", "tac"), ("sessions", "tac")),
    "app_ids": (("apps", "app_id"), ("sessions", "app_id"), ("surveys", "app_id")),
    "service_ids": (("sessions", "service"), ("surveys", "service")),
}
# Of these, two people may state the same one, and only one of them counts.
_SHARED = (("payments", "payment_id"), ("touchpoints", "touchpoint_id"))


def people(lines: Iterable[str], settings: Settings, namespace: str | None) -> frozenset[str]:
    """Return the pseudonyms of people who are named one a line.

    Parameters
    ----------
    namespace : str or None
        Whose numbering the lines are of; None: they are pseudonyms already.

    Raises
    ------
    BadInput
        There is nobody, or a line is not what it should be.
    """
    named = [line.strip() for line in lines if line.strip()]
    if not named:
        raise BadInput("nobody is named: give one identity or pseudonym a line")
    if namespace is None:
        if not all(re.fullmatch("[0-9a-f]{32}", name) for name in named):
            raise BadInput("a line is no pseudonym: give --namespace for identities")
        return frozenset(named)
    key = IdentityKey.of(settings)
    return frozenset(key.pseudonym(namespace, text) for name in named for text in spellings(name))


def erase(
    pseudonyms: frozenset[str],
    settings: Settings,
    locate: Callable[[], Endpoint],
    watch: Watch,
) -> Erasure:
    """Erase people from the record store, the quarantine and the graph.

    What is cut short is completed by erasing them again. Before anything else they are put on the
    list of those whose rows no load stores any more: see ``readmit``.

    Parameters
    ----------
    pseudonyms : frozenset of str
        At least one.

    Returns
    -------
    Erasure
        The proof, which is in the ledger, too.

    Raises
    ------
    LocalTimeError
        The graph was computed in another time zone; nothing is erased.
    TiegraphError
        Something of them is still there after all; the message names the file.
    """
    with writing_turn(settings):
        ledger, key = Ledger(settings.ledger_file), IdentityKey.of(settings)
        ledger.bind(key)
        shutil.rmtree(settings.home_dir / "staging", ignore_errors=True)
        consents = _erase_consents(settings, pseudonyms)
        rows = asyncio.run(_erase(sorted(pseudonyms), settings, ledger, locate, watch)) | consents
        CrowdRecord(settings.crowd_file).forget(pseudonyms)
        Campaigns(settings.campaigns_file).forget(pseudonyms)
        book = ConsentBook(settings.consents_file)
        Deliveries(settings.deliveries_file, book).forget(pseudonyms)
        Requests.at(settings.consent_requests_file).forget(pseudonyms)
        if settings.sinks_file.is_file():
            Geofences(settings.sinks_file, key).forget(pseudonyms)
        ledger.relabel({pseudonym[:LABEL_DIGITS] for pseudonym in pseudonyms})
        for folder in (
            settings.behaviour_folder,
            settings.experience_folder,
            settings.social_folder,
            settings.density_folder,
        ):
            if any(_naming(folder, pseudonyms)):
                # What is computed about others, or about all, tells of them, too.
                shutil.rmtree(folder)
        _verify(settings, pseudonyms)
        proof = ledger.erased(_digests(key, pseudonyms), rows)
        requests = ErasureRequests.at(settings.erasure_requests_file)
        requests.done(pseudonyms, proof.erased_at, proof.erasure_id)
        return proof


def _erase_consents(settings: Settings, pseudonyms: frozenset[str]) -> dict[str, int]:
    """Close what people opened to partners, and delete what their consents said."""
    if not settings.consents_file.is_file():
        return {}
    book = ConsentBook(settings.consents_file)
    erased = sum(map(book.erase, sorted(pseudonyms)))
    book.verify()
    return {"consents": erased} if erased else {}


def readmit(pseudonyms: frozenset[str], settings: Settings) -> int:
    """Let people who were erased be loaded again, and return how many of them had been.

    The list is changed after it is written down who is taken off it.
    """
    with writing_turn(settings):
        ledger, key = Ledger(settings.ledger_file), IdentityKey.of(settings)
        ledger.bind(key)
        erased = Suppression.of(settings, key).people & pseudonyms
        if erased:
            ledger.readmitted(_digests(key, erased))
            unsuppress(settings, key, erased)
        return len(erased)


def _digests(key: IdentityKey, pseudonyms: frozenset[str]) -> list[str]:
    return sorted(key.digest(pseudonym.encode()) for pseudonym in pseudonyms)


async def _erase(
    pseudonyms: Sequence[str],
    settings: Settings,
    ledger: Ledger,
    locate: Callable[[], Endpoint],
    watch: Watch,
) -> dict[str, int]:
    store = RecordStore(settings.records_folder)
    engine = connect(settings.home_dir / "staging" / "spill")
    async with opened(locate, settings) as database:
        await prepare(database, IdentityKey.of(settings))
        graph = str((await database.read(_GRAPH_IDENTITY))[0]["graph"])
        ledger.bind_local_time(graph, settings.local_time_zone)
        suppress(settings, IdentityKey.of(settings), frozenset(pseudonyms))
        found = await database.read(_ACQUAINTANCES, subscriber_ids=list(pseudonyms))
        tables = store.tables(engine)
        others = {row["subscriber_id"] for row in found} | _sharing(tables, pseudonyms)
        others -= set(pseudonyms)
        candidates = _named(_of(tables, pseudonyms))
        applied = ledger.applied_to(graph)
        has_everything = load_ids(tables) <= applied  # else the next load tells it anyway
        ledger.forget(graph)  # so that a load tells everything, should this be cut short
        ledger.bind_local_time(graph, settings.local_time_zone)  # which it still is
        # The graph first: once the records are gone, nobody knows what else in it was theirs.
        tables = {
            kind: rows.filter(~_names(rows, kind, pseudonyms)) if kind in _PERSONAL else rows
            for kind, rows in tables.items()
        }
        while (await database.write(_FORGET_SCORES, limit=settings.batch_rows))[0]["forgotten"]:
            pass  # of everybody: what is computed about all tells of them, too
        await database.write(_ERASE, subscriber_ids=[*pseudonyms, *sorted(others)])
        await _tell_anew(database, engine, tables, sorted(others), settings, watch)
        named = _named(tables)
        unnamed = {name: sorted(candidates[name] - named[name]) for name in candidates}
        await database.write(_ERASE_UNNAMED, **unnamed)
        for resolution in range(FINEST_RESOLUTION, COARSEST_RESOLUTION - 1, -1):
            await database.write(_BARE_PLACES, resolution=resolution)
        if settings.neo4j_uri is None:
            clear_drafts(settings)
        totals = totals_of_all(tables)
        watch.begin("Erasing records", len(_PERSONAL) + 1)
        rows = {}
        for kind in (*_PERSONAL, QUARANTINE):
            rows[kind] = erase_rows(engine, store.folder / kind, kind, pseudonyms)
            watch.advance(1)
        if has_everything:
            ledger.applied(graph, applied, totals)
    return {kind: count for kind, count in rows.items() if count}


async def _tell_anew(
    database: Database,
    engine: Backend,
    tables: Mapping[str, Table],
    people: Sequence[str],
    settings: Settings,
    watch: Watch,
) -> None:
    """Tell the graph all that is left of people, as if it had come by one new load."""
    if not people:
        return
    marked = dict(tables)
    for kind in _PERSONAL:
        rows = tables[kind]
        load_id = ibis.ifelse(_names(rows, kind, people), ibis.literal(_RETOLD), rows.load_id)
        marked[kind] = rows.mutate(load_id=load_id)
    zone = settings.local_time_zone
    rows = changes(engine, marked, frozenset({_RETOLD}), local_zone=zone)
    await write(database, rows, settings.batch_rows, watch)


def erase_rows(engine: Backend, folder: Path, kind: str, pseudonyms: Sequence[str]) -> int:
    """Write the files that name people anew, without them, and delete all that is left over."""
    erased = 0
    former: list[str] = []
    parts: list[Part] = []
    time = time_column(kind)
    for number, file in enumerate(files_between(folder)):
        rows = read(engine, [file], kind, f"{kind}_{number}")
        theirs = _names(rows, kind, pseudonyms)
        found = count(rows.filter(theirs))
        if found:
            path = folder / f"anew-{number}.parquet"
            engine.to_parquet(rows.filter(~theirs), path, compression="zstd")
            erased += found
            former.append(Path(file).name)
            parts.append(Part.of(path, time))
    if former:
        replace(folder, former, parts)
    if DeltaTable.is_deltatable(str(folder)):
        # In full, because what a cut-off append left behind is named by no version of the table.
        DeltaTable(folder).vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
    return erased


def _names(rows: Table, kind: str, people: Sequence[str]) -> Value:
    """Tell which rows are about any of the people."""
    if kind == QUARANTINE:
        return ibis.or_(*(rows.subjects.contains(person) for person in people)).fill_null(False)
    named = (rows[name].isin(people).fill_null(False) for name in identities(kind))
    return ibis.or_(*named)


def _of(tables: Mapping[str, Table], people: Sequence[str]) -> dict[str, Table]:
    """Return the records of every kind that name any of the people, and all impersonal ones."""
    return {
        kind: rows.filter(_names(rows, kind, people)) if kind in _PERSONAL else rows
        for kind, rows in tables.items()
    }


def _sharing(tables: Mapping[str, Table], people: Sequence[str]) -> set[str]:
    """Return everybody whom a record names together with the people, or who states their keys."""
    theirs = _of(tables, people)
    found: set[str] = set()
    for kind in _PERSONAL:
        for name in identities(kind):
            found |= _values(theirs[kind], name)
    for kind, key in _SHARED:
        found |= _values(tables[kind].semi_join(theirs[kind], key), "subscriber_id")
    return found


def _named(tables: Mapping[str, Table]) -> dict[str, set[str]]:
    return {
        name: set().union(*(_values(tables[kind], column) for kind, column in places))
        for name, places in _NAMED_BY.items()
    }


def _values(rows: Table, column: str) -> set[str]:
    distinct = rows.select(column).distinct().to_pyarrow()[column].to_pylist()
    return {value for value in distinct if value is not None}


def _verify(settings: Settings, pseudonyms: frozenset[str]) -> None:
    """Search consents, and whatever is of records, for the people, byte by byte and unpacked."""
    consents = f"{settings.consents_file.name}*"
    for folder, files in (
        (settings.records_folder, "*"),
        (settings.home_dir / "derived", "*"),
        (settings.home_dir, consents),
    ):
        for path in _naming(folder, pseudonyms, files):
            where = path.relative_to(settings.home_dir)
            raise TiegraphError(f"{where} still names somebody who was to be erased")


def _naming(folder: Path, pseudonyms: frozenset[str], files: str = "*") -> Iterator[Path]:
    """Yield the files, of such names, in which any of the people stands."""
    wanted = [pseudonym.encode() for pseudonym in pseudonyms]
    for path in sorted(folder.rglob(files)):
        if path.is_file() and any(
            text in content for content in _contents(path) for text in wanted
        ):
            yield path


def _contents(path: Path) -> Sequence[bytes]:
    contents = [path.read_bytes()]
    if path.suffix == ".parquet":
        with pq.ParquetFile(path) as file:
            contents += [str(batch.to_pydict()).encode() for batch in file.iter_batches()]
    return contents
