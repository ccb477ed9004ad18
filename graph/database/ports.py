"""Ports of the loopback interface: which are free, and who has the others."""

import socket
import time

import psutil

LOOPBACK = "127.0.0.1"
_GIVEN_BACK_WITHIN_S = 1.0


def is_free(port: int) -> bool:
    """Tell whether a server can listen on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
        return True


def becomes_free(port: int) -> bool:
    """Tell whether a server can listen on a port within a second.

    The system gives a port back a moment after the process is gone that had it.
    """
    deadline_s = time.monotonic() + _GIVEN_BACK_WITHIN_S
    while not is_free(port):
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.05)
    return True


def is_listening(port: int) -> bool:
    """Tell whether something accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def taken(port: int) -> str:
    """Say by whom a port is taken, as far as the system tells, and what to do about it."""
    who = "another program"
    try:
        for connection in psutil.net_connections("tcp"):
            is_it = connection.laddr and connection.laddr.port == port
            if is_it and connection.status == psutil.CONN_LISTEN:
                name = psutil.Process(connection.pid).name()
                who = f"{name} (process {connection.pid})"
    except psutil.Error:
        pass  # another user's process
    return f"port {port} is taken by {who}: end it, or set TIEGRAPH_BOLT_PORT to another or to 0"
