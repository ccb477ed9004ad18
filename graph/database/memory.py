"""How much memory the embedded server may take."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.settings import Settings

_MIB = 1024 * 1024
_SHARE = 4  # the heap and the page cache get a quarter of the machine each, the rest stays free
_HEAP_MIB = (512, 8_192)
_PAGE_CACHE_MIB = (128, 16_384)
_OUTSIDE_MIB = 384  # classes, compiled code, threads and network buffers; 300 were seen


@dataclass(frozen=True)
class MemoryPlan:
    """Java heap and page cache of the server, in MiB."""

    heap_mb: int
    page_cache_mb: int

    @property
    def total_mb(self) -> int:
        """Most that the process will take, in MiB."""
        return self.heap_mb + self.page_cache_mb + _OUTSIDE_MIB


def plan(settings: Settings, machine_mb: int | None = None) -> MemoryPlan:
    """Return what the settings say, and where they say nothing a share of the machine.

    Examples
    --------
    >>> plan(Settings(), machine_mb=8_192)
    MemoryPlan(heap_mb=2048, page_cache_mb=2048)
    >>> plan(Settings(heap_mb=700), machine_mb=1_024)
    MemoryPlan(heap_mb=700, page_cache_mb=256)
    """
    share = (machine_mb or limit_mb()) // _SHARE
    return MemoryPlan(
        settings.heap_mb or min(max(share, _HEAP_MIB[0]), _HEAP_MIB[1]),
        settings.page_cache_mb or min(max(share, _PAGE_CACHE_MIB[0]), _PAGE_CACHE_MIB[1]),
    )


def limit_mb() -> int:
    """Return the memory that processes here may take together, in MiB: a container's, if in one."""
    limits = [psutil.virtual_memory().total, *_control_group_limits()]
    return min(limits) // _MIB


def free_mb() -> int:
    """Return the memory that is free for one more process, in MiB."""
    return min(psutil.virtual_memory().available // _MIB, limit_mb())


def _control_group_limits(
    membership: Path = Path("/proc/self/cgroup"), mount: Path = Path("/sys/fs/cgroup")
) -> list[int]:
    """Return the limits of our control group and all around it, of either kernel interface."""
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return []  # not Linux
    limits: list[int | None] = []
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            root, name = mount, "memory.max"
        elif "memory" in controllers.split(","):
            root, name = mount / "memory", "memory.limit_in_bytes"
        else:
            continue
        folder = root / group.lstrip("/")
        levels = (level for level in (folder, *folder.parents) if level.is_relative_to(root))
        limits.extend(_limit(level / name) for level in levels)
    return [limit for limit in limits if limit is not None]


def _limit(file: Path) -> int | None:
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None  # "max" is no limit
