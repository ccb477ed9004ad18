"""Which process did something, and whether it still lives."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Self

import psutil


@dataclass(frozen=True)
class Process:
    """A process of this machine: its number alone may be given to another later."""

    process_id: int
    started_s: float

    @classmethod
    def own(cls) -> Self:
        """Return the process that asks."""
        return cls(os.getpid(), _started_s(os.getpid()))

    @property
    def is_alive(self) -> bool:
        """Whether the very process lives."""
        try:
            return abs(psutil.Process(self.process_id).create_time() - self.started_s) < 1
        except psutil.Error:
            return False


@cache
def _started_s(process_id: int) -> float:
    return psutil.Process(process_id).create_time()
