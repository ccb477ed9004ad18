"""What happens to problems, told to a ticket system: signed, in order, and again until it listens.

Messages wait in the graph, where they are written in one transaction with what they tell of. A
restart loses none, and a message whose answer was lost comes again with the same identifier. The
headers are those of Standard Webhooks [1]_::

    webhook-id          the event's identifier
    webhook-timestamp   when it is sent, in seconds since 1970
    webhook-signature   v1, and the HMAC-SHA256 of "id.timestamp.body" in base64

References
----------
.. [1] https://www.standardwebhooks.com
"""

import hashlib
import hmac
import os
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
from tenacity import AsyncRetrying, RetryError, retry_if_exception_type, stop_after_attempt
from tenacity import wait_random_exponential as wait

from cypher import statement
from graph.database.session import Database, Row
from graph.secrets import secret
from graph.settings import Settings

_UNTOLD = statement("problem/untold")
_TOLD = statement("problem/told")

_AT_ONCE = 100
_ATTEMPTS = 4
_LONGEST_WAIT_S = 8.0
_TIMEOUT_S = 10.0
_SECRET_BYTES = 32
GIVES_UP_AFTER = timedelta(days=3)
# Neither who works on it nor what they wrote: nothing in a message is about a person.
_TOLD_OF_PROBLEM = (
    "problem_id",
    "state",
    "domain",
    "department",
    "severity",
    "kind",
    "target",
    "opened_at",
    "due_at",
    "began_on",
    "last_seen_on",
    "fall",
    "samples",
    "reopened",
)


def webhook_secret(settings: Settings) -> bytes:
    """Return the secret that messages are signed with; it is made where there is none."""
    return secret(settings.keys_folder / "webhook.key", lambda: os.urandom(_SECRET_BYTES))


def signature(key: bytes, message_id: str, timestamp_s: int, body: bytes) -> str:
    """Return the signature of a message.

    Examples
    --------
    The example that receivers of Standard Webhooks are tested with:

    >>> from base64 import b64decode
    >>> key = b64decode("plJ3nmyCDGBKInavdOK15jsl")
    >>> body = b'{"event_type":"ping","data":{"success":true}}'
    >>> signature(key, "msg_loFOjxBNrRLzqYUf", 1_731_705_121, body)
    'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0='
    """
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def body_of(event: Mapping[str, Any], problem: Mapping[str, Any]) -> bytes:
    """Return a message about what happened to a problem; it names no person."""
    told = {name: problem.get(name) for name in _TOLD_OF_PROBLEM} | {"state": event["to_state"]}
    if problem["kind"] == "subscriber":
        told["target"] = None
    kind = f"problem.{event['action']}"
    return orjson.dumps({"type": kind, "timestamp": event["at"], "data": told})


async def tell(database: Database, settings: Settings, client: httpx.AsyncClient) -> int:
    """Send what waits, the oldest first, and return how many were taken.

    Each is tried four times, with growing pauses of up to eight seconds. The first that is not
    taken ends the round, so that the order is kept; what is older than three days is given up.

    Raises
    ------
    DatabaseError
        Neo4j failed.
    """
    if settings.webhook_url is None:
        return 0
    taken = 0
    for row in await database.read(_UNTOLD, limit=_AT_ONCE):
        is_old = datetime.now(UTC) - row["event"]["at"] > GIVES_UP_AFTER
        if not is_old and not await _is_taken(client, settings, row):
            break
        await database.write(_TOLD, event_ids=[row["event"]["event_id"]])
        taken += not is_old
    return taken


async def _is_taken(client: httpx.AsyncClient, settings: Settings, row: Row) -> bool:
    event_id, body = str(row["event"]["event_id"]), body_of(row["event"], row["problem"])
    key, url = webhook_secret(settings), str(settings.webhook_url)
    try:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(httpx.HTTPError),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait(multiplier=settings.webhook_pause_s, max=_LONGEST_WAIT_S),
        ):
            with attempt:
                timestamp_s = int(datetime.now(UTC).timestamp())
                headers = {
                    "content-type": "application/json",
                    "webhook-id": event_id,
                    "webhook-timestamp": str(timestamp_s),
                    "webhook-signature": signature(key, event_id, timestamp_s, body),
                }
                response = await client.post(url, content=body, headers=headers, timeout=_TIMEOUT_S)
                response.raise_for_status()
    except RetryError:
        return False
    return True
