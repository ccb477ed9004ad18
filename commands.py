"""The commands: the only module that knows all the others.

What takes long to import, Ibis and graphene above all, is imported by the commands that use it.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import socket
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from graph.database.digest import digest
from graph.database.home import ServerState
from graph.database.schema import prepare
from graph.database.server import leased, start, status, stop
from graph.database.session import Database, Endpoint, opened
from graph.doctor import examine
from graph.errors import BadInput, one_line
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.openness import Openness, Published
from graph.settings import Role, Settings

if TYPE_CHECKING:
    from api.context import Services

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A graph of subscribers: load records, ask GraphQL.",
)
database_app = typer.Typer(no_args_is_help=True, help="The embedded database.")
app.add_typer(database_app, name="database")
records_app = typer.Typer(no_args_is_help=True, help="The record store.")
app.add_typer(records_app, name="records")
sources_app = typer.Typer(invoke_without_command=True)
app.add_typer(sources_app, name="sources")
export_app = typer.Typer(no_args_is_help=True, help="What others take from here.")
app.add_typer(export_app, name="export")

Engine = Annotated[
    Literal["duckdb", "spark"] | None, typer.Option(help="Instead of TIEGRAPH_ENGINE.")
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one.")]
People = Annotated[
    typer.FileText, typer.Argument(help="File with one a line, or - for standard input.")
]
Namespace = Annotated[
    str | None, typer.Option(help="Whose numbering they are; unset: they are pseudonyms.")
]
_out = Console(soft_wrap=True)
_notes = Console(stderr=True, soft_wrap=True)
_SAMPLES = Path(__file__).parent / "loaders" / "samples" / "copenhagen"
_EXAMPLE = "{ subscribers(first: 3) { totalCount nodes { key traffic { events contacts } } } }"
_OPEN = f"All data here is public, so no token is needed as long as that is so. Try: {_EXAMPLE}"
_CLOSED = "Ask with a token from `tiegraph token --role analyst`."


def run() -> None:
    """Run the command line; a failure that we foresee is one line and exit status 1."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if "TIEGRAPH_TRACEBACK" in os.environ:
            raise
        _notes.print(f"tiegraph: {one_line(error)}", style="red", markup=False, highlight=False)
        sys.exit(1)


@app.command("load")
def load_command(
    source: Annotated[str, typer.Argument(help="A source, see `tiegraph sources`; or a mapping.")],
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs.")],
    table: Annotated[
        str | None, typer.Option(help="The source's table, where name and header do not tell.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")
    ] = False,
    engine: Engine = None,
) -> None:
    """Load files into the record store and the graph."""
    from loaders.load import load
    from loaders.progress import watched
    from loaders.rehearsal import rehearse
    from loaders.report import told

    settings = Settings(engine=engine) if engine else Settings()
    if dry_run:
        with watched() as watch:
            rehearsed = rehearse(source, paths, settings, watch, table)
        _out.print(told("Dry run: nothing was changed", rehearsed.report, rehearsed.skipped))
        return
    with leased(settings) as locate, watched() as watch:
        loaded = load(source, paths, settings, locate, watch, table)
    _out.print(told(f"Load {loaded.load_id}", loaded.report, loaded.skipped))


@sources_app.callback()
def sources_command(context: typer.Context) -> None:
    """List the sources that can be loaded by name."""
    if context.invoked_subcommand is not None:
        return
    from loaders.mapping import read_source, source_names
    from loaders.report import plain

    listing = Table("source", "what it is", "tables", "licence")
    for name in source_names():
        source = read_source(name)
        listing.add_row(*plain(name, source.title, ", ".join(source.tables), source.licence))
    _out.print(listing)


@sources_app.command("draft")
def draft_command(
    file: Annotated[Path, typer.Argument(help="A file as it will be loaded.")],
) -> None:
    """Propose a mapping for a file, to be completed by hand."""
    from loaders.draft import draft

    print(draft(file), end="")


@app.command("generate")
def generate_command(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder for the files.")],
    people: Annotated[int, typer.Option(help="How many subscribers.")] = 10_000,
    days: Annotated[int, typer.Option(help="How many days of records.")] = 7,
    seed: Annotated[int, typer.Option(help="Equal seeds and options, equal files.")] = 1,
    start: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day, UTC.")
    ] = datetime(2026, 1, 5),  # noqa: DTZ001 (a day, without a time)
    records: Annotated[
        int | None, typer.Option(help="About how many in all; unset: as people live.")
    ] = None,
    homophily: Annotated[float, typer.Option(help="0 to 1: how alike friends are.")] = 0.6,
    contagion: Annotated[
        float, typer.Option(help="0 to 10: how leaving spreads; 0: no way.")
    ] = 0.5,
    discontent: Annotated[float, typer.Option(help="0 to 1: hazard a day of the upset.")] = 0.02,
    churn: Annotated[float, typer.Option(help="0 to 1: hazard in 30 days of the others.")] = 0.02,
    problems: Annotated[int, typer.Option(help="How many are planted in the network.")] = 6,
    file_format: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="Of the files.")
    ] = "csv",
) -> None:
    """Write the records of a synthetic population, and the truth about it beside them."""
    from loaders.generate.generate import generate
    from loaders.generate.options import Options

    options = Options(
        people=people,
        days=days,
        seed=seed,
        start=start.date(),
        records=records,
        homophily=homophily,
        contagion=contagion,
        discontent=discontent,
        churn=churn,
        problems=problems,
        file_format=file_format,
    )
    with _notes.status("Settling people") as status:
        generated = generate(folder, options, lambda day: status.update(f"Day {day} of {days}"))
    listing = Table("records", "rows", title=str(folder))
    for kind, rows in generated.rows.items():
        listing.add_row(kind, f"{rows:,}")
    _out.print(listing)
    _out.print(f"Load them: tiegraph load generated {folder}", markup=False, highlight=False)


@app.command("analyse")
def analyse_command(
    domains: Annotated[
        list[str] | None,
        typer.Argument(help="What: behaviour, experience, problems; all where absent."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Version of the experience model.")] = None,
) -> None:
    """Compute from the stored records what takes long to compute."""
    from loaders.analysis import analysed
    from loaders.progress import watched

    with watched() as watch:
        for line in analysed(Settings(), domains or (), model, watch):
            _out.print(line, markup=False, highlight=False)


@app.command("calibrate")
def calibrate_command(
    service: Annotated[str, typer.Argument(help="A service whose sessions were rated.")],
    version: Annotated[str, typer.Argument(help="Name of the new version of the model.")],
    opinion: Annotated[Literal["mos", "nps"], typer.Option(help="Kind of survey.")] = "mos",
    model: Annotated[str, typer.Option(help="Version to begin with.")] = "2026-11",
) -> None:
    """Fit the experience model to what people said, as a new version with its report."""
    from loaders.calibrate import calibrate_service, told

    _out.print(told(*calibrate_service(Settings(), model, service, opinion, version)))


@app.command("query")
def query_command(
    document: Annotated[str, typer.Argument(help="GraphQL, a file with it, or - for stdin.")],
    variables: Annotated[str, typer.Option(help="Variables as a JSON object.")] = "{}",
    role: Annotated[Role, typer.Option("--as", help="Role to ask as.")] = "analyst",
) -> None:
    """Answer a GraphQL document with one JSON document on standard output."""
    from api.execution import answer
    from api.tokens import Viewer

    settings = Settings()
    asked = _document(document), _variables(variables)

    async def ask(database: Database) -> dict[str, Any]:
        return await answer(_services(settings, database), *asked, Viewer(role, "local"))

    with leased(settings) as locate:
        response = asyncio.run(_with_database(locate, settings, ask))
    print(json.dumps(response, ensure_ascii=False, indent=2))
    if response.get("errors"):
        raise typer.Exit(1)


@app.command("serve")
def serve_command(
    port: Port = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve GraphQL until interrupted."""
    _serve(Settings(), host, port)


@app.command("demo")
def demo_command(port: Port = 8000) -> None:
    """Load the bundled data, which real people's phones recorded, and serve it."""
    from loaders.load import load
    from loaders.progress import watched
    from loaders.report import told

    settings = Settings()
    with leased(settings) as locate, watched() as watch:
        loaded = load("copenhagen", [str(_SAMPLES)], settings, locate, watch)
        _out.print(told(f"Load {loaded.load_id}", loaded.report, loaded.skipped))
        # What somebody else's server holds, nobody here can vouch for.
        _serve(settings, "127.0.0.1", port, None if settings.neo4j_uri else _published())


@app.command("token")
def token_command(
    role: Annotated[Role, typer.Option(help="What the bearer may do.")],
    subject: Annotated[str, typer.Option(help="Who the bearer is, for the audit log.")] = "local",
) -> None:
    """Print an access token for `Authorization: Bearer`."""
    from api.tokens import issue_token

    print(issue_token(Settings(), role, subject))


@app.command("doctor")
def doctor_command() -> None:
    """Examine the installation and say in plain words what is wrong."""
    findings = examine(Settings())
    for finding in findings:
        mark = "[green]ok[/]" if finding.is_ok else "[red]wrong[/]"
        _out.print(f"{mark:>14}  [bold]{finding.check}[/]: ", end="")
        _out.print(finding.explanation, markup=False, highlight=False)
        if not finding.is_ok:
            _out.print(f"       → {finding.remedy}", markup=False, highlight=False)
    if not all(finding.is_ok for finding in findings):
        raise typer.Exit(1)


@records_app.command("compact")
def compact_command() -> None:
    """Write the many small files of the record store as few large ones."""
    from loaders.compaction import compact

    for table in compact(Settings()):
        print(f"{table.kind}: {table.files_before} files, now {table.files_after}")


@records_app.command("erase")
def erase_command(file: People, namespace: Namespace = None) -> None:
    """Erase people from the record store, the quarantine and the graph."""
    from loaders.erasure import erase, people
    from loaders.progress import watched

    settings = Settings()
    pseudonyms = people(file, settings, namespace)
    with leased(settings) as locate, watched() as watch:
        done = erase(pseudonyms, settings, locate, watch)
    for kind, rows in done.rows.items():
        print(f"{kind}: {rows:,} erased")
    print(f"proof: {done.erasure_id}; nothing of them is left in the record store")
    print("Loads leave their rows out from now on; `tiegraph records readmit` ends that.")


@records_app.command("readmit")
def readmit_command(file: People, namespace: Namespace = None) -> None:
    """Let people who were erased, and are customers again, be loaded again."""
    from loaders.erasure import people, readmit

    settings = Settings()
    print(f"{readmit(people(file, settings, namespace), settings):,} readmitted")


@export_app.command("tables")
def export_tables_command(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")], engine: Engine = None
) -> None:
    """Write every table of the graph as Parquet, for Neo4j's importer and Spark connector."""
    from loaders.export import export_tables
    from loaders.progress import watched

    with watched() as watch:
        done = export_tables(folder, Settings(engine=engine) if engine else Settings(), watch)
    tables = f"{len(done.nodes)} of nodes, {len(done.relationships)} of relationships"
    _out.print(f"{tables} in {folder}", markup=False, highlight=False)


@database_app.command("start")
def start_command() -> None:
    """Start the embedded database and keep it running until `stop`."""
    _print_server(start(Settings()))


@database_app.command("stop")
def stop_command() -> None:
    """Stop the embedded database."""
    print("stopped" if stop(Settings()) else "was not running")


@database_app.command("status")
def status_command() -> None:
    """Tell whether the embedded database runs; exit status 1 where it does not."""
    state = status(Settings())
    if state is None:
        print("not running")
        raise typer.Exit(1)
    _print_server(state)


@database_app.command("digest")
def digest_command() -> None:
    """Print a digest of the whole graph: two graphs with equal digests are the same."""
    settings = Settings()
    with leased(settings) as locate:
        found = asyncio.run(_with_database(locate, settings, digest))
    print(f"{found.sha256}  {found.nodes} nodes, {found.relationships} relationships")


def _published() -> Published:
    sha256 = frozenset(hashlib.sha256(file.read_bytes()).hexdigest() for file in _SAMPLES.iterdir())
    # The figures are those of SOURCE.md: each text message counts once.
    return Published("copenhagen", sha256, 844, events=3_600 + 24_333 - 21, friendships=6_429)


def _serve(settings: Settings, host: str, port: int, published: Published | None = None) -> None:
    from api.listening import listening

    async def serve(database: Database) -> None:
        await _run_server(settings, database, listener, published)

    # Ctrl-C is how it ends, and all requests have been answered by then.
    ends_well = contextlib.suppress(KeyboardInterrupt)
    with leased(settings) as locate, listening(host, port) as listener, ends_well:
        asyncio.run(_with_database(locate, settings, serve))


async def _run_server(
    settings: Settings, database: Database, listener: socket.socket, published: Published | None
) -> None:
    import uvicorn

    from api.application import create_application
    from api.warmup import warm_up

    await prepare(database, IdentityKey.of(settings))
    services = _services(settings, database)
    openness = Openness(database, services.ledger, published) if published else None
    is_open = openness is not None and await openness.is_all_public()
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    _notes.print(
        f"Tiegraph answers at http://{shown}:{port}/graphql (Ctrl-C stops it).", markup=False
    )
    _notes.print(_OPEN if is_open else _CLOSED, markup=False, highlight=False)
    application = create_application(
        settings, database, services.ledger, services.key, openness=openness
    )
    config = uvicorn.Config(application, log_level="warning", access_log=False)
    warming = asyncio.ensure_future(warm_up(services))
    await uvicorn.Server(config).serve(sockets=[listener])
    warming.cancel()


async def _with_database(
    locate: Callable[[], Endpoint], settings: Settings, work: Callable[[Database], Any]
) -> Any:
    async with opened(locate, settings) as database:
        return await work(database)


def _services(settings: Settings, database: Database) -> "Services":
    from api.context import Services

    return Services(settings, database, Ledger(settings.ledger_file), IdentityKey.of(settings))


def _document(text_or_file: str) -> str:
    if text_or_file == "-":
        return sys.stdin.read()
    if "{" in text_or_file:
        return text_or_file
    try:
        return Path(text_or_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{text_or_file}: neither GraphQL nor a readable file") from error


def _variables(text: str) -> dict[str, Any]:
    try:
        variables = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"--variables is not JSON (column {error.colno})") from error
    if not isinstance(variables, dict):
        raise BadInput("--variables is not a JSON object")
    return variables


def _print_server(state: ServerState) -> None:
    print(f"running at {state.uri} as process {state.process_id}")
