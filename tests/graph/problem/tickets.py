"""A ticket system on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from pydantic import AnyHttpUrl


class Tickets(HTTPServer):
    """Answers with the statuses it is given, then with 204, and keeps what it accepted."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.asked = 0
        self.accepted: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> AnyHttpUrl:
        return AnyHttpUrl(f"http://127.0.0.1:{self.server_port}/tickets")


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        tickets, body = self.server, self.rfile.read(int(self.headers["content-length"]))
        assert isinstance(tickets, Tickets)
        tickets.asked += 1
        status = tickets.statuses.pop(0) if tickets.statuses else 204
        if status == 204:
            headers = {name.lower(): value for name, value in self.headers.items()}
            tickets.accepted.append((headers, body))
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def listening() -> Iterator[Tickets]:
    """Let one listen on a free port."""
    with Tickets() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
