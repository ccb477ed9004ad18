"""One embedded server per home folder, shared by every command that needs it.

A command that finds no server starts it; the last command to leave stops it, unless it was started
to stay. Nothing has to be cleaned up after a command that was killed: its locks went with it, and
the next command takes over the server that it left behind.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from rich.console import Console

from graph.database.configuration import endpoint
from graph.database.home import DatabaseHome, ServerState, is_locked
from graph.database.jars import ensure_jars
from graph.database.launch import await_answer, halt, launch
from graph.database.session import Endpoint
from graph.errors import BadInput, DatabaseUnavailable, RuntimeFault
from graph.settings import Settings

_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


@contextmanager
def leased(settings: Settings, *, when_asked: bool = False) -> Iterator[Callable[[], Endpoint]]:
    """Have a database while the block runs: the one that the settings name, or the embedded one.

    Parameters
    ----------
    when_asked : bool
        Whether a server that was never started is only started once somebody asks where it is: a
        first load builds its graph without one.

    Yields
    ------
    callable
        Returns where the database answers now (see ``locate``).

    Raises
    ------
    RuntimeFault
        The embedded server cannot be set up or started; the message says why.
    BadInput
        The settings name a server, but not completely.
    """
    if settings.neo4j_uri:
        locate(settings)  # refuses half a configuration before any work is done
        yield partial(locate, settings)
        return
    home = _made_home(settings)
    with home.lease.open("a") as lease:
        with home.deciding():
            fcntl.flock(lease, fcntl.LOCK_SH)
            if home.has_data() or not when_asked:
                _ensure(settings, home, is_kept=False)
            else:
                ensure_jars(settings, Console(stderr=True))  # not when all the work is done
        try:
            yield FirstStart(settings) if when_asked else partial(locate, settings)
        finally:
            with home.deciding():
                state = home.read_state()
                is_last = is_locked(lease, fcntl.LOCK_EX)
                if state and is_last and not state.is_kept:
                    halt(home, state)


def start(settings: Settings) -> ServerState:
    """Start the embedded server to stay; one that runs already will stay from now on.

    Raises
    ------
    RuntimeFault
        It cannot be set up or started, or the settings name another server.
    """
    _refuse_external(settings)
    home = _made_home(settings)
    with home.deciding():
        return _ensure(settings, home, is_kept=True)


def stop(settings: Settings) -> bool:
    """Stop the embedded server, also under commands that are using it.

    Returns
    -------
    bool
        Whether there was one.
    """
    _refuse_external(settings)
    home = DatabaseHome.of(settings)
    if not home.folder.is_dir():
        return False
    with home.deciding():
        state = home.read_state() or home.find_left_over()
        if state:
            halt(home, state)
        return state is not None


def status(settings: Settings) -> ServerState | None:
    """Return the embedded server that runs for this home folder, if there is one."""
    home = DatabaseHome.of(settings)
    return home.read_state() or home.find_left_over()


def locate(settings: Settings) -> Endpoint:
    """Return where the database answers, without starting it.

    Raises
    ------
    DatabaseUnavailable
        The embedded server is not running.
    BadInput
        The settings name a server, but not completely.
    """
    if settings.neo4j_uri:
        return _external(settings)
    state = DatabaseHome.of(settings).read_state()
    if state is None:
        raise DatabaseUnavailable("the database is not running")
    return endpoint(settings, state.port)


@dataclass(frozen=True)
class FirstStart:
    """Returns where the embedded server answers, and starts it if that never happened before."""

    settings: Settings

    def __call__(self) -> Endpoint:
        """Return it; the lease of whoever asks is what stops the server again."""
        if not was_started(self):
            home = DatabaseHome.of(self.settings)
            with home.deciding():
                _ensure(self.settings, home, is_kept=False)
        return locate(self.settings)


def was_started(where: Callable[[], Endpoint]) -> bool:
    """Tell whether there may be a graph where somebody was told to look for one."""
    return not isinstance(where, FirstStart) or DatabaseHome.of(where.settings).has_data()


def _ensure(settings: Settings, home: DatabaseHome, *, is_kept: bool) -> ServerState:
    state = home.read_state() or home.find_left_over()
    if state is None or not _is_usable(settings, home, state):
        return launch(settings, home, is_kept=is_kept)
    state = state.model_copy(update={"is_kept": state.is_kept or is_kept, "has_answered": True})
    home.write_state(state)
    return state


def _is_usable(settings: Settings, home: DatabaseHome, state: ServerState) -> bool:
    """Wait for a server that runs: its starter may have been killed before it was ready."""
    try:
        await_answer(settings, home, state)
    except RuntimeFault:
        if state.process():
            raise
        return False  # it was dying already
    return True


def _made_home(settings: Settings) -> DatabaseHome:
    home = DatabaseHome.of(settings)
    try:
        home.make()
    except OSError as error:
        raise RuntimeFault(
            f"the home folder {home.folder.parent} cannot be used: {error.strerror}; set "
            "TIEGRAPH_HOME_DIR to a folder that you may write"
        ) from error
    return home


def _external(settings: Settings) -> Endpoint:
    uri, password = settings.neo4j_uri, settings.neo4j_password
    if uri is None or uri.scheme not in _SCHEMES or not uri.host:
        raise BadInput(f"TIEGRAPH_NEO4J_URI must begin with one of {', '.join(_SCHEMES)}")
    if uri.username or uri.password:
        raise BadInput(
            "TIEGRAPH_NEO4J_URI holds a user or password: set TIEGRAPH_NEO4J_USER and "
            "TIEGRAPH_NEO4J_PASSWORD instead"
        )
    if password is None:
        raise BadInput("TIEGRAPH_NEO4J_URI is set, but TIEGRAPH_NEO4J_PASSWORD is not")
    return Endpoint(
        str(uri), settings.neo4j_user, password.get_secret_value(), settings.neo4j_database
    )


def _refuse_external(settings: Settings) -> None:
    if settings.neo4j_uri:
        raise BadInput(
            "TIEGRAPH_NEO4J_URI is set: that server is not ours to start or stop; unset it to "
            "manage the embedded one"
        )
