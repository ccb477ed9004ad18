"""How often, and how many at once, one asker is answered by this process."""

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from api.tokens import Viewer
from graph.errors import TooManyRequests
from graph.settings import Role

# Requests a second, over time; roles that are not named have no such limit.
RATES: Mapping[Role, float] = {"partner": 20.0}
AT_ONCE: Mapping[Role, int] = {
    "analyst": 64,
    "retention": 64,
    "care": 64,
    "partner": 8,
    "admin": 64,
}
_BURST_S = 2.0  # so much of its rate an asker who was silent may spend at once
_REMEMBERED = 10_000  # askers; who was silent longest is forgotten first
_SOON_S = 1


@dataclass
class _Bucket:
    tokens: float
    filled_s: float


class Admission:
    """Lets requests of one asker in, or says when to come again.

    Parameters
    ----------
    rates : Mapping[Role, float]
        Requests a second, above 0, where they differ from ``RATES``.
    at_once : Mapping[Role, int]
        Requests that may run at the same time, where they differ from ``AT_ONCE``.
    clock : callable
        Seconds that never go back.
    """

    def __init__(
        self,
        rates: Mapping[Role, float],
        at_once: Mapping[Role, int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rates = {**RATES, **rates}
        self._at_once = {**AT_ONCE, **at_once}
        self._clock = clock
        self._running: Counter[tuple[Role, str]] = Counter()
        self._buckets: OrderedDict[tuple[Role, str], _Bucket] = OrderedDict()

    @contextmanager
    def admitted(self, viewer: Viewer) -> Iterator[None]:
        """Count a request as long as it runs.

        Raises
        ------
        TooManyRequests
            The asker has as many under way as the role may, or asks too often.
        """
        asker = (viewer.role, viewer.subject)
        if self._running[asker] >= self._at_once[viewer.role]:
            most = self._at_once[viewer.role]
            raise TooManyRequests(f"more than {most} of your requests at once", _SOON_S)
        self._spend(asker)
        self._running[asker] += 1
        try:
            yield
        finally:
            self._running[asker] -= 1
            if not self._running[asker]:
                del self._running[asker]

    def _spend(self, asker: tuple[Role, str]) -> None:
        rate = self._rates.get(asker[0])
        if rate is None:
            return
        now_s, most = self._clock(), max(rate * _BURST_S, 1.0)
        bucket = self._buckets.setdefault(asker, _Bucket(most, now_s))
        self._buckets.move_to_end(asker)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.tokens = min(most, bucket.tokens + (now_s - bucket.filled_s) * rate)
        bucket.filled_s = now_s
        if bucket.tokens < 1:
            wait_s = math.ceil((1 - bucket.tokens) / rate)
            raise TooManyRequests(f"more than {rate:g} requests a second", wait_s)
        bucket.tokens -= 1
