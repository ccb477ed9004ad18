"""Memory of the server: the machine's share, a container's limit, the user's word."""

from pathlib import Path

import pytest

from graph.database.memory import MemoryPlan, _control_group_limits, plan
from graph.settings import Settings

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("machine_mb", "heap_mb", "page_cache_mb"),
    [
        (1_024, 512, 256),  # the heap's least, and a quarter
        (4_096, 1_024, 1_024),  # a quarter each
        (262_144, 8_192, 16_384),  # the most of both
    ],
)
def test_a_share_of_the_machine(machine_mb: int, heap_mb: int, page_cache_mb: int) -> None:
    settings = Settings(heap_mb=None, page_cache_mb=None)
    assert plan(settings, machine_mb) == MemoryPlan(heap_mb, page_cache_mb)


def test_the_users_word_counts() -> None:
    said = plan(Settings(heap_mb=300, page_cache_mb=64), machine_mb=262_144)
    assert said == MemoryPlan(300, 64)
    assert said.total_mb == 300 + 64 + 384


def test_limits_of_a_control_group_and_of_those_around_it(tmp_path: Path) -> None:
    """Laid out as the kernel documents both interfaces (cgroup-v2 and cgroup-v1/memory)."""
    membership = tmp_path / "cgroup"
    membership.write_text("5:cpu,memory:/job\n1:name=systemd:/\n0::/user/app\n")
    for path, text in {
        "memory.max": "max",
        "user/memory.max": str(900 * MIB),
        "user/app/memory.max": "max",
        "memory/job/memory.limit_in_bytes": str(700 * MIB),
    }.items():
        file = tmp_path / "mount" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    limits = _control_group_limits(membership, tmp_path / "mount")
    assert sorted(limits) == [700 * MIB, 900 * MIB]
    assert _control_group_limits(tmp_path / "nothing", tmp_path) == []
