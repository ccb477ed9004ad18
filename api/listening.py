"""The socket that the service listens on, taken before anything slow begins."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from graph.errors import BadInput


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a listening socket; port 0 is any free one.

    Raises
    ------
    BadInput
        The address or the port cannot be had.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(f"cannot listen on {host}, port {port}: {reason}; see --port") from error
    with listener:
        yield listener
