"""Messages go to their sinks in order, and again until they are taken."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx
from anyio import create_task_group
from anyio.to_thread import run_sync

from graph.consent.book import ConsentBook
from graph.sink.address import Networks, look_up
from graph.sink.message import Message, Waiting
from graph.sink.outbox import Outbox

_AT_ONCE = 32
_TIMEOUT_S = 5.0
_LONGEST_PAUSE_S = 300.0
GIVES_UP_AFTER = timedelta(days=1)
_UNREACHED = 503


class Till(Protocol):
    """Where messages are paid for."""

    async def admits(self, message: Message) -> bool:
        """Tell whether a message may go, as far as its partner's agreement goes."""
        ...

    async def charge(self, message: Message) -> None:
        """Write down that a message was taken; a second time changes nothing."""


@dataclass(frozen=True)
class Delivery:
    """What sends messages.

    Attributes
    ----------
    drop : callable
        Takes a stream away that nobody listens to any more.
    inside : sequence of networks
        Those that messages may go to although they are no public ones.
    """

    client: httpx.AsyncClient
    outbox: Outbox
    consents: ConsentBook
    till: Till
    drop: Callable[[str], None]
    inside: Networks

    async def deliver(self) -> int:
        """Send what is due, one message of each stream, and return how many were taken.

        What is not taken comes again after pauses that grow to five minutes, for a day. Whoever
        answers 410 listens no more, and whatever waits of that stream goes. What the person has
        taken the consent back for is not sent.
        """
        due = await run_sync(self.outbox.due, datetime.now(UTC), _AT_ONCE)
        taken: list[Message] = []

        async def send(waiting: Waiting) -> None:
            if await self._sent(waiting):
                taken.append(waiting.message)

        async with create_task_group() as tasks:
            for waiting in due:
                tasks.start_soon(send, waiting)
        return len(taken)

    async def _sent(self, waiting: Waiting) -> bool:
        message = waiting.message
        if not await run_sync(self._is_open, message) or not await self.till.admits(message):
            await run_sync(self.outbox.done, message)
            return False
        status = await self._posted(waiting)
        if httpx.codes.is_success(status):
            await self.till.charge(message)
            await run_sync(self.outbox.done, message)
            return True
        now = datetime.now(UTC)
        if status == httpx.codes.GONE:
            await run_sync(self.drop, message.stream)
        elif now - message.at > GIVES_UP_AFTER:
            await run_sync(self.outbox.done, message)
        else:
            pause_s = min(_LONGEST_PAUSE_S, 2.0 ** min(waiting.attempts, 10))
            await run_sync(self.outbox.put_off, message, now + timedelta(seconds=pause_s))
        return False

    def _is_open(self, message: Message) -> bool:
        about = message.about
        if about is None or about.item is None:
            return True
        now = datetime.now(UTC)
        opened = self.consents.opens(message.partner, about.subject, about.purpose, now)
        return about.item in opened

    async def _posted(self, waiting: Waiting) -> int:
        """Return the status that a sink answered; 503 where it could not be reached."""
        message, sink = waiting.message, waiting.sink
        url = httpx.URL(sink.address)
        found = await look_up(url, self.inside)
        if found is None:
            return _UNREACHED
        headers = {
            **sink.headers,
            "content-type": message.content_type,
            "host": url.netloc.decode("ascii"),
        }
        if sink.token:
            headers["authorization"] = f"Bearer {sink.token}"
        try:
            response = await self.client.post(
                url.copy_with(host=found),
                content=message.content,
                headers=headers,
                timeout=_TIMEOUT_S,
                follow_redirects=False,
                # The certificate must be that of the name, although the address is asked.
                extensions={"sni_hostname": url.host},
            )
        except httpx.HTTPError:
            return _UNREACHED
        return response.status_code


def refused_headers(names: Iterable[str]) -> list[str]:
    """Return which headers a sink may not ask for: those that the delivery itself needs."""
    return [name for name in names if name.lower() in _OURS]


_OURS = {
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
