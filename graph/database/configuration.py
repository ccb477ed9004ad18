"""What an embedded server is told before it starts: its settings and its password."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

from graph.database.home import DatabaseHome
from graph.database.java import command, environment
from graph.database.memory import plan
from graph.database.ports import LOOPBACK
from graph.database.session import Endpoint
from graph.errors import RuntimeFault
from graph.secrets import secret
from graph.settings import Settings

_USER = "neo4j"
_PASSWORD_BYTES = 32


def password_file(settings: Settings) -> Path:
    """Return the file that holds the embedded server's password."""
    return settings.keys_folder.resolve() / "neo4j.password"


def endpoint(settings: Settings, port: int) -> Endpoint:
    """Return how to speak to the embedded server on a port.

    Raises
    ------
    RuntimeFault
        Its password is gone.
    """
    file = password_file(settings)
    try:
        password = file.read_text()
    except OSError as error:
        raise RuntimeFault(_gone(file)) from error
    return Endpoint(f"bolt://{LOOPBACK}:{port}", _USER, password, settings.neo4j_database)


def configure(settings: Settings, home: DatabaseHome, port: int) -> None:
    """Write the server's configuration, and keep the port for later starts."""
    lines = {
        "initial.dbms.default_database": settings.neo4j_database,
        "server.default_listen_address": LOOPBACK,
        "server.bolt.listen_address": f"{LOOPBACK}:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "dbms.security.auth_enabled": "true",
        # 256 random bits cannot be guessed, but a lock-out after three wrong guesses would let
        # any user of this machine keep us out.
        "dbms.security.auth_max_failed_attempts": "0",
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "dbms.usage_report.enabled": "false",
        "dbms.fleet_manager.enabled": "false",
        "server.fleet_discovery.enabled": "false",
        # Else clients are told to time each piece that they read, which takes the driver a task for
        # each. A dead server on this machine closes its connections, and of a frozen one
        # `Database` looks for a sign of life.
        "server.bolt.connection_keep_alive_for_requests": "OFF",
        "db.transaction.monitor.check.interval": "500ms",  # how late a time limit may strike
        "server.memory.pagecache.size": f"{plan(settings).page_cache_mb}m",
        "server.logs.debug.enabled": "false",
        "db.tx_log.preallocate": "false",  # else each database begins with a file of 256 MB
        # Two waits of 5 s at a stop, after the databases have long been closed.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
    }
    conf = home.server / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    (conf / "neo4j.conf").write_text(text)
    home.port.write_text(str(port))


def set_password(settings: Settings, home: DatabaseHome, jars: Sequence[Path]) -> None:
    """Give a server that was never started its password, so that no other ever opens it.

    Raises
    ------
    RuntimeFault
        The server was started before, but its password is gone.
    """
    file = password_file(settings)
    if home.has_data():
        if not file.is_file():
            raise RuntimeFault(_gone(file))
        return
    password = secret(file, lambda: token_hex(_PASSWORD_BYTES).encode()).decode()
    (home.server / "conf").mkdir(parents=True, exist_ok=True)
    # The arguments come through a pipe: a command line could be read by every user of the machine.
    done = subprocess.run(
        command(jars, ("-XX:TieredStopAtLevel=1",), ("org.neo4j.cli.AdminTool", "@/dev/stdin")),
        input=f"dbms set-initial-password {password}",
        env=environment(NEO4J_HOME=str(home.server), NEO4J_CONF=str(home.server / "conf")),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip().replace(password, "***")
        raise RuntimeFault(f"the database's password could not be set: {said}")


def _gone(file: Path) -> str:
    return (
        f"{file} is gone or cannot be read, and with it the database's password: bring the file "
        "back, or see 'Recovery' in docs/operations.md"
    )
