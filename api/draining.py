"""The end of the service, told before its connections are waited for."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def told_of_the_end(closing: asyncio.Event) -> Iterator[None]:
    """Set an event when the process is asked to end, and let the server's handler follow.

    The server waits for every open answer before it ends the application. A subscription is one
    that never comes to an end of its own, so it has to hear of it earlier.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals; whoever runs us there ends us himself
        return
    loop = asyncio.get_running_loop()
    former: dict[int, Any] = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(closing.set)
        if callable(former[number]):
            former[number](number, frame)

    for number in _SIGNALS:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for known, handler in former.items():
            signal.signal(known, handler)
