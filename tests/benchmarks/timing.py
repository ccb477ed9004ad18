"""Two ways of the same work, timed in turn, so that a slow moment of the machine hits both."""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass
class Comparison:
    """Times of ours and of a peer, a pair a round, told in a unit of which a second has many.

    By another clock than the wall's, such as that of the processor, others do not disturb them.
    """

    work: str
    our_name: str
    peer_name: str
    unit: str = "ms"
    units_a_second: float = 1e3
    clock: Callable[[], float] = time.perf_counter
    our_s: list[float] = field(default_factory=list)
    peer_s: list[float] = field(default_factory=list)

    def ours(self, run: Callable[..., object], *arguments: object) -> None:
        """Time one run of ours."""
        self.our_s.append(self._seconds(run, arguments))

    def peer(self, run: Callable[..., object], *arguments: object) -> None:
        """Time one run of the peer."""
        self.peer_s.append(self._seconds(run, arguments))

    async def ours_async(self, run: Callable[..., Awaitable[object]], *arguments: object) -> None:
        """Time one run of ours that is awaited."""
        self.our_s.append(await self._seconds_async(run, arguments))

    async def peer_async(self, run: Callable[..., Awaitable[object]], *arguments: object) -> None:
        """Time one run of the peer that is awaited."""
        self.peer_s.append(await self._seconds_async(run, arguments))

    def __str__(self) -> str:
        ours, peer = statistics.median(self.our_s), statistics.median(self.peer_s)
        return (
            f"{self.work}\n"
            f"  {self.our_name:<40} {ours * self.units_a_second:10.1f} {self.unit}\n"
            f"  {self.peer_name:<40} {peer * self.units_a_second:10.1f} {self.unit}\n"
            f"  {self.verdict()}"
        )

    def verdict(self) -> str:
        """Return how many times as long ours took."""
        ratios = [ours / peer for ours, peer in zip(self.our_s, self.peer_s, strict=True)]
        return (
            f"ratio {statistics.median(ratios):.2f}, in {len(ratios)} rounds "
            f"from {min(ratios):.2f} to {max(ratios):.2f}"
        )

    def _seconds(self, run: Callable[..., object], arguments: tuple[object, ...]) -> float:
        started_s = self.clock()
        run(*arguments)
        return self.clock() - started_s

    async def _seconds_async(
        self, run: Callable[..., Awaitable[object]], arguments: tuple[object, ...]
    ) -> float:
        started_s = self.clock()
        await run(*arguments)
        return self.clock() - started_s
