"""The same work done by us and by several peers in turn, by the processor time that it takes.

Processor time of all threads, of which each contestant is told to have one, as on a machine that
others use too the clock says little.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

_Answer = TypeVar("_Answer")


@dataclass
class Contest(Generic[_Answer]):
    """Who took how long, and how good the answers are.

    Attributes
    ----------
    work : str
        What was to be done.
    quality : callable
        Says of an answer how good it is.
    """

    work: str
    quality: Callable[[_Answer], str]
    times_s: dict[str, list[float]] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)

    def run(
        self,
        ours: Callable[[], _Answer],
        peers: Mapping[str, Callable[[], _Answer]],
        rounds: int = 3,
    ) -> "Contest[_Answer]":
        """Let everybody do it in turn, some rounds long."""
        for _ in range(rounds):
            for name, compute in {"Tiegraph": ours, **peers}.items():
                began_s = time.process_time()
                answer = compute()
                self.add(name, time.process_time() - began_s, answer)
        return self

    def add(self, name: str, seconds: float, answer: _Answer) -> None:
        """Note what somebody took, and answered."""
        self.times_s.setdefault(name, []).append(seconds)
        self.told[name] = self.quality(answer)

    def __str__(self) -> str:
        medians = {name: statistics.median(times) for name, times in self.times_s.items()}
        ours = medians["Tiegraph"]
        lines = [
            f"  {name:<34} {seconds:8.2f} s  {ours / seconds:5.2f}  {self.told[name]}"
            for name, seconds in medians.items()
        ]
        heading = f"{'':<36} {'processor':>8}    ours/theirs"
        return "\n".join([self.work, heading, *lines])
