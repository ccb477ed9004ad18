"""The socket that the service listens on, taken before anything slow begins."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from graph.errors import BadInput


@contextmanager
def listening(host: str, port: int, *, is_shared: bool = False) -> Iterator[socket.socket]:
    """Yield a listening socket; port 0 is any free one.

    A shared port may be listened on by several services of one user at the same time, so that a
    new one takes over before the old one goes down. Its socket is only bound, and listens once
    there is somebody to answer: nobody is made to wait for a service that is still starting.

    Raises
    ------
    BadInput
        The address or the port cannot be had.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        if is_shared:
            listener = _bound((host, port), family)
        else:
            listener = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(f"cannot listen on {host}, port {port}: {reason}; see --port") from error
    with listener:
        yield listener


def _bound(address: tuple[str, int], family: socket.AddressFamily) -> socket.socket:
    bound = socket.socket(family)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
